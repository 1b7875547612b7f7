#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "references/sql_tokens.h"

namespace flotsam {

/// lint_query() with the quotes and comments of one database. The lint is help; snapshot, end code, prepared
/// statement and privileges are the protection.
Result<std::vector<std::string>> lint_query(std::string_view query, const SqlDialect& dialect);

}  // namespace flotsam
