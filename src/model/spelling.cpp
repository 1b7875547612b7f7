#include "model/spelling.h"

#include "base/bytes.h"
#include "model/unicode.h"

namespace flotsam {
namespace {

/// Several slashes become one; those at the start go.
void collapse_slashes(std::string& text) {
  std::size_t out = 0;
  for (const char c : text) {
    if (c == '/' && (out == 0 || text[out - 1] == '/')) continue;
    text[out++] = c;
  }
  text.resize(out);
}

}  // namespace

void CanonicalSpelling::of(std::string_view bytes, std::string& out) const {
  std::string_view text = trimmed(bytes);
  if (const UrlPath url = path_of_url(text); url.is_url) text = url.path;
  out.assign(text);
  for (char& c : out)
    if (c == '+') c = ' ';
  if (out.find('%') != std::string::npos) out = percent_decoded(out);
  collapse_slashes(out);
  if (!bucket_.empty() && out.size() > bucket_.size() && out[bucket_.size()] == '/' && out.starts_with(bucket_))
    out.erase(0, bucket_.size() + 1);
  if (const std::string_view inner = trimmed(out); inner.size() != out.size()) out = std::string(inner);
  fold(out);
}

void loose_form_of(std::string_view key, std::string& out) {
  std::size_t start = key.rfind('/');
  if (start != std::string_view::npos && start > 0) start = key.rfind('/', start - 1);
  std::string_view parts = start == std::string_view::npos ? key : key.substr(start + 1);
  if (parts.starts_with('/')) parts.remove_prefix(1);
  parts.remove_suffix(extension_with_dot_of(parts).size());
  out.assign(parts);
  fold(out);
}

}  // namespace flotsam
