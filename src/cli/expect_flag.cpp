#include "cli/expect_flag.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"

namespace flotsam::cli {
namespace {

/// The digits of a number that was typed for people ("1,000", "1 000", "+5"), where that is what it is.
std::string digits_of(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (c != ',' && c != '_' && c != '\'' && c != ' ' && c != '+') {
      return {};
    }
  }
  return digits;
}

}  // namespace

Result<std::optional<std::uint64_t>> parse_expect(const ParsedFlags& flags) {
  if (!flags.has("--expect")) return std::nullopt;
  const std::vector<std::string>& values = flags.values("--expect");
  if (values.size() > 1 && std::any_of(values.begin(), values.end(),
                                       [&](const std::string& value) { return value != values.front(); }))
    return fail(ErrorCode::invalid_argument,
                fmt::format("--expect is given twice: {} and {}", in_quotes(values.front()),
                            in_quotes(values.back())));
  const auto number = parse_unsigned(values.back());
  if (number) return number;
  const std::string digits = digits_of(values.back());
  const bool is_typable = parse_unsigned(digits).has_value();
  return fail(ErrorCode::invalid_argument,
              fmt::format("--expect {} is no plain number; {}", in_quotes(values.back()),
                          is_typable ? fmt::format("type --expect {}", digits)
                                     : std::string("type digits alone, like --expect 15")));
}

}  // namespace flotsam::cli
