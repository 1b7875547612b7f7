#include "model/scope.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"

namespace flotsam {
namespace {

constexpr std::string_view kOwnStart = ".flotsam-";

Result<void> check_prefix(const std::string& prefix) {
  if (prefix.empty())
    return fail(ErrorCode::invalid_argument, "an empty prefix would mean the whole bucket",
                "Write whole_bucket = true where that is meant.");
  if (prefix.back() != '/')
    return fail(ErrorCode::invalid_argument,
                fmt::format("the prefix {} does not end in \"/\"", in_quotes(prefix)),
                fmt::format("Write {}: without the slash it would take in its neighbours, too.",
                            in_quotes(prefix + "/")));
  if (is_own(KeyView(prefix)))
    return fail(ErrorCode::invalid_argument,
                fmt::format("the prefix {} has a part that begins \".flotsam-\": such keys are in no scope",
                            in_quotes(prefix)));
  return {};
}

}  // namespace

Result<Scope> Scope::of_prefixes(std::vector<std::string> prefixes) {
  if (prefixes.empty())
    return fail(ErrorCode::invalid_argument, "no prefix is given",
                "Name at least one, or write whole_bucket = true.");
  for (const std::string& prefix : prefixes) FLOTSAM_TRY(check_prefix(prefix));
  std::sort(prefixes.begin(), prefixes.end());
  for (std::size_t i = 1; i < prefixes.size(); ++i)
    if (prefixes[i].starts_with(prefixes[i - 1]))
      return fail(
          ErrorCode::invalid_argument,
          prefixes[i] == prefixes[i - 1]
              ? fmt::format("the prefix {} stands twice", in_quotes(prefixes[i]))
              : fmt::format("the prefix {} contains {}", in_quotes(prefixes[i - 1]), in_quotes(prefixes[i])),
          "Leave one of them out.");
  Scope scope;
  scope.prefixes_ = std::move(prefixes);
  return scope;
}

Scope Scope::whole_bucket() {
  Scope scope;
  scope.prefixes_.emplace_back();
  return scope;
}

std::string_view Scope::prefix_of(KeyView key) const {
  // Sorted and free of nesting: the only prefix that can fit is the last one that is not greater than the
  // key.
  auto next =
      std::upper_bound(prefixes_.begin(), prefixes_.end(), key.bytes(),
                       [](std::string_view bytes, const std::string& prefix) { return bytes < prefix; });
  if (next == prefixes_.begin()) return {};
  --next;
  return key.bytes().starts_with(*next) ? std::string_view(*next) : std::string_view();
}

bool Scope::contains(KeyView key) const {
  if (key.empty() || is_own(key)) return false;
  return is_whole_bucket() || !prefix_of(key).empty();
}

bool is_own(KeyView key) {
  const std::string_view bytes = key.bytes();
  for (std::size_t at = bytes.find(kOwnStart); at != std::string_view::npos;
       at = bytes.find(kOwnStart, at + 1))
    if (at == 0 || bytes[at - 1] == '/') return true;
  return false;
}

std::string_view first_part_of(KeyView key) {
  const std::size_t slash = key.bytes().find('/');
  return slash == std::string_view::npos ? std::string_view("(root)") : key.bytes().substr(0, slash + 1);
}

}  // namespace flotsam
