#include "references/open.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/bytes.h"
#include "base/check.h"
#include "references/kinds.h"

namespace flotsam {
namespace {

struct Kind {
  std::string_view scheme;
  Result<std::unique_ptr<ReferenceDatabase>> (*open)(const DatabaseOptions&, const DatabaseContext&);
};

/// One line a kind of source: add the next one here.
constexpr std::array kKinds = {
    Kind{"postgresql", open_postgresql}, Kind{"postgres", open_postgresql}, Kind{"mysql", open_mysql},
    Kind{"mariadb", open_mysql},         Kind{"sqlite", open_sqlite},       Kind{"csv", open_csv},
};

constexpr auto kSchemes = [] {
  std::array<std::string_view, kKinds.size()> names;
  for (std::size_t i = 0; i < kKinds.size(); ++i) names[i] = kKinds[i].scheme;
  return names;
}();

bool is_scheme_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
         c == '.';
}

}  // namespace

std::string_view database_scheme_of(std::string_view url) {
  const std::size_t colon = url.find(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view scheme = url.substr(0, colon);
  return std::all_of(scheme.begin(), scheme.end(), is_scheme_part) ? scheme : std::string_view();
}

std::span<const std::string_view> database_schemes() {
  return kSchemes;
}

Result<std::unique_ptr<ReferenceDatabase>> open_database(const DatabaseOptions& options,
                                                         const DatabaseContext& context) {
  CHECK(context.clock != nullptr);
  const std::string scheme = to_ascii_lower(database_scheme_of(options.url.reveal()));
  for (const Kind& kind : kKinds)
    if (kind.scheme == scheme) return kind.open(options, context);
  std::string message = scheme.empty()
                            ? std::string("the database has no scheme")
                            : fmt::format("{} is no kind of database that flotsam reads", in_quotes(scheme));
  if (const std::string near = nearest_of(scheme, kSchemes); !scheme.empty() && !near.empty())
    message += fmt::format("; did you mean {}?", in_quotes(near));
  return fail(
      ErrorCode::invalid_argument, std::move(message),
      fmt::format("Known are {}: postgresql://user@host/db, mysql://user@host/db, sqlite:FILE, csv:FILE.",
                  fmt::join(kSchemes, ", ")));
}

}  // namespace flotsam
