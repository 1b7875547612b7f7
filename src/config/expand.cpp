#include "config/expand.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/file.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kFileLimit = 1U << 20U;

bool is_name(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  for (const char c : text)
    if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
      return false;
  return true;
}

std::string percent_encoded(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const bool is_safe = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                         std::string_view("-._~").find(c) != std::string_view::npos;
    out += is_safe ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

/// The value of one expansion, or nothing with a mistake noted.
class Evaluator {
 public:
  Evaluator(const ExpansionWorld& world, Expanded& result) : world_(world), result_(result) {}

  std::string of(std::string_view inner) {
    if (inner.starts_with("file:")) return of_file(inner.substr(5));
    if (inner.starts_with("secret:"))
      return mistake(
          fmt::format("${{{}}} is resolved by flotsam-lambda only; here use ${{NAME}} or ${{file:/path}}",
                      to_printable(inner)));
    const std::size_t sign = inner.find(":-");
    const std::string_view name = inner.substr(0, sign);
    if (!is_name(name))
      return mistake(
          fmt::format("{} is no expansion: write ${{NAME}}, ${{NAME:-default}} or ${{file:/path}}, and $${{ "
                      "for a literal ${{",
                      in_quotes(fmt::format("${{{}}}", inner))));
    const auto value = world_.environment->get(name);
    if (sign != std::string_view::npos && (!value || value->empty()))
      return std::string(inner.substr(sign + 2));
    if (!value)
      return mistake(fmt::format(
          "the environment variable {} is not set; set it, or give a default: ${{NAME:-default}}", name));
    return *value;
  }

 private:
  std::string of_file(std::string_view name) {
    if (name.empty()) return mistake("${file:} names no file");
    auto content = read_file(world_.folder / std::filesystem::path(name), kFileLimit);
    if (!content)
      return mistake(fmt::format("${{file:{}}}: {}", to_printable(name), content.error().message));
    if (content->ends_with('\n')) content->pop_back();
    if (content->ends_with('\r')) content->pop_back();
    result_.file_contents.push_back(*content);
    return *content;
  }

  std::string mistake(std::string sentence) {
    result_.mistakes.push_back(std::move(sentence));
    return {};
  }

  const ExpansionWorld& world_;
  Expanded& result_;
};

}  // namespace

Expanded expand(std::string_view text, const ExpansionWorld& world, Escaping escaping) {
  Expanded result;
  Evaluator evaluator(world, result);
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("$${")) {
      result.text += "${";
      at += 3;
      continue;
    }
    if (!rest.starts_with("${")) {
      result.text += text[at++];
      continue;
    }
    const std::size_t close = rest.find('}');
    if (close == std::string_view::npos) {
      result.mistakes.push_back(
          fmt::format("{} has no closing brace; write $${{ for a literal ${{", in_quotes(rest)));
      return result;
    }
    const std::string value = evaluator.of(rest.substr(2, close - 2));
    const bool is_whole = at == 0 && close + 1 == text.size();
    const std::string put = escaping == Escaping::percent && !is_whole ? percent_encoded(value) : value;
    result.values.push_back(value);
    if (put != value) result.values.push_back(put);
    result.text += put;
    at += close + 1;
  }
  return result;
}

}  // namespace flotsam
