#include "base/blank.h"

#include "base/secret.h"

namespace flotsam {

void blank(std::string& text, std::string_view secret) {
  if (secret.empty()) return;
  const std::string_view shown = Secret::shown();
  for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + shown.size()))
    text.replace(at, secret.size(), shown);
}

void blank_expansion(std::string& text, std::string_view expansion) {
  constexpr std::size_t kShortest = 4;
  if (expansion.size() >= kShortest) blank(text, expansion);
}

}  // namespace flotsam
