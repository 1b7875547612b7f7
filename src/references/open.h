#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/secret.h"
#include "base/time.h"
#include "references/source.h"

namespace flotsam {

struct DatabaseOptions {
  Secret url;  ///< expanded: postgresql://, postgres://, mysql://, mariadb://, sqlite:FILE, csv:FILE
  std::filesystem::path base;       ///< relative file paths count from here
  Seconds statement_timeout{3600};  ///< a deadline of our own for one query
};

struct DatabaseContext {
  Clock* clock = nullptr;
  Log* log = nullptr;
};

/// Opens the database that the URL names; connects to nothing yet.
/// Errors: invalid_argument for an unknown scheme (the message lists the known ones, never the URL's
/// password).
Result<std::unique_ptr<ReferenceDatabase>> open_database(const DatabaseOptions& options,
                                                         const DatabaseContext& context);

/// The scheme of a database URL ("postgresql", "csv", …); empty where there is none.
std::string_view database_scheme_of(std::string_view url);
/// The known schemes, for messages and the documentation's test.
std::span<const std::string_view> database_schemes();

/// Looks at a query's words before any server does (references.md §7). Errors: invalid_argument that names
/// the word and why (a LIMIT at the end, INTO, FOR UPDATE, GROUP_CONCAT, two statements, a first word other
/// than SELECT, WITH, VALUES, TABLE). The value: sentences that warn (DISTINCT, a soft-delete predicate, …).
Result<std::vector<std::string>> lint_query(std::string_view query);

}  // namespace flotsam
