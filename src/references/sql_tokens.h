#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace flotsam {

/// How one database reads quotes and comments. What differs between them decides whether a word is a word.
struct SqlDialect {
  std::string_view name;
  bool backslash_escapes = false;    ///< 'a\'b' is one string (MySQL)
  bool hash_comments = false;        ///< # to the end of the line (MySQL)
  bool dashes_need_blank = false;    ///< "--x" is no comment, "-- x" is (MySQL)
  bool nested_comments = false;      ///< /* /* */ */ (PostgreSQL)
  bool dollar_quotes = false;        ///< $tag$…$tag$ and E'…' (PostgreSQL)
  bool bracket_identifiers = false;  ///< [name] (SQLite)
};

inline constexpr SqlDialect kPostgresqlDialect{
    .name = "PostgreSQL", .nested_comments = true, .dollar_quotes = true};
inline constexpr SqlDialect kMysqlDialect{
    .name = "MySQL", .backslash_escapes = true, .hash_comments = true, .dashes_need_blank = true};
/// MySQL under sql_mode NO_BACKSLASH_ESCAPES or ANSI_QUOTES.
inline constexpr SqlDialect kMysqlPlainDialect{
    .name = "MySQL", .hash_comments = true, .dashes_need_blank = true};
inline constexpr SqlDialect kSqliteDialect{.name = "SQLite", .bracket_identifiers = true};

enum class TokenKind { word, quoted_name, string, number, symbol };

struct Token {
  TokenKind kind = TokenKind::symbol;
  std::string text;  ///< words in upper case; quoted names without their quotes; strings empty; one symbol
  std::string spelling;  ///< a word as written
};

/// The tokens of a query, comments left out.
/// Errors: invalid_argument for a quote or comment that does not end, a NUL byte, or an executable comment
/// (/*! … */).
Result<std::vector<Token>> tokens_of(std::string_view query, const SqlDialect& dialect);

/// The query without the semicolons, blanks and comments behind its last token: what can stand in brackets.
/// Errors: as tokens_of().
Result<std::string> without_end(std::string_view query, const SqlDialect& dialect);

}  // namespace flotsam
