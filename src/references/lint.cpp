#include "references/lint.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/bytes.h"
#include "references/open.h"

namespace flotsam {
namespace {

template <std::size_t Size>
bool is_one_of(std::string_view word, const std::array<std::string_view, Size>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 4> kFirstWords = {"SELECT", "WITH", "VALUES", "TABLE"};
constexpr std::array<std::string_view, 6> kAggregates = {"GROUP_CONCAT", "STRING_AGG",    "LISTAGG",
                                                         "ARRAY_AGG",    "JSON_ARRAYAGG", "JSON_OBJECTAGG"};
constexpr std::array<std::string_view, 15> kWriteWords = {"INSERT", "UPDATE", "DELETE", "MERGE",    "REPLACE",
                                                          "CREATE", "DROP",   "ALTER",  "TRUNCATE", "GRANT",
                                                          "REVOKE", "COPY",   "CALL",   "DO",       "LOAD"};
constexpr std::array<std::string_view, 4> kSetOperators = {"UNION", "EXCEPT", "INTERSECT", "MINUS"};
constexpr std::array<std::string_view, 6> kFoldingFunctions = {"LOWER", "UPPER", "TRIM",
                                                               "LTRIM", "RTRIM", "LCASE"};
constexpr std::array<std::string_view, 14> kSoftDelete = {
    "DELETED",     "DELETED_AT",  "IS_DELETED", "DELETEDAT",  "DELETED_ON", "DATE_DELETED", "ARCHIVED",
    "ARCHIVED_AT", "IS_ARCHIVED", "TRASHED",    "TRASHED_AT", "IS_ACTIVE",  "DISCARDED_AT", "REMOVED_AT"};
/// Functions that act although the transaction is read-only. Privileges are the fence; this is a sign before
/// it.
constexpr std::array<std::string_view, 22> kActingFunctions = {"NEXTVAL",
                                                               "SETVAL",
                                                               "LOWRITE",
                                                               "SET_CONFIG",
                                                               "PG_NOTIFY",
                                                               "PG_RELOAD_CONF",
                                                               "PG_PROMOTE",
                                                               "PG_SWITCH_WAL",
                                                               "PG_ROTATE_LOGFILE",
                                                               "PG_TERMINATE_BACKEND",
                                                               "PG_CANCEL_BACKEND",
                                                               "PG_CREATE_RESTORE_POINT",
                                                               "PG_LOGICAL_EMIT_MESSAGE",
                                                               "PG_DROP_REPLICATION_SLOT",
                                                               "PG_REPLICATION_SLOT_ADVANCE",
                                                               "PG_WAL_REPLAY_PAUSE",
                                                               "LOAD_EXTENSION",
                                                               "WRITEFILE",
                                                               "SYS_EXEC",
                                                               "SYS_EVAL",
                                                               "RELEASE_ALL_LOCKS",
                                                               "MASTER_POS_WAIT"};
constexpr std::array<std::string_view, 6> kActingPrefixes = {"LO_",        "DBLINK",        "PG_FILE_",
                                                             "PG_CREATE_", "PG_STAT_RESET", "PG_BACKUP_"};

bool acts(const std::string& name) {
  if (is_one_of(name, kActingFunctions)) return true;
  return std::any_of(kActingPrefixes.begin(), kActingPrefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

/// Walks over the tokens with the knowledge of brackets: which of them hold the outermost select, or an arm
/// of it.
class Linter {
 public:
  explicit Linter(const std::vector<Token>& tokens) : tokens_(tokens) {}

  Result<std::vector<std::string>> run() {
    if (tokens_.empty()) return refuse("nothing", "the query is empty");
    FLOTSAM_TRY(first_word());
    outer_.push_back(true);
    for (at_ = 0; at_ < tokens_.size(); ++at_) {
      const Token& token = tokens_[at_];
      if (token.kind == TokenKind::symbol) {
        FLOTSAM_TRY(symbol(token.text));
      } else if (token.kind == TokenKind::quoted_name) {
        FLOTSAM_TRY(function_name(to_upper(token.text)));
      } else if (token.kind == TokenKind::word && !is_symbol(-1, ".")) {
        FLOTSAM_TRY(word(token.text));
      } else if (token.kind == TokenKind::word) {
        FLOTSAM_TRY(function_name(token.text));
      }
    }
    return std::move(warnings_);
  }

 private:
  static std::string to_upper(std::string text) {
    for (char& c : text)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
  }

  const Token* token(int ahead) const {
    const auto index = static_cast<std::ptrdiff_t>(at_) + ahead;
    if (index < 0 || index >= static_cast<std::ptrdiff_t>(tokens_.size())) return nullptr;
    return &tokens_[static_cast<std::size_t>(index)];
  }
  bool is_word(int ahead, std::string_view text) const {
    const Token* found = token(ahead);
    return found != nullptr && found->kind == TokenKind::word && found->text == text;
  }
  bool is_symbol(int ahead, std::string_view text) const {
    const Token* found = token(ahead);
    return found != nullptr && found->kind == TokenKind::symbol && found->text == text;
  }
  bool is_number(int ahead) const {
    const Token* found = token(ahead);
    return found != nullptr && found->kind == TokenKind::number;
  }

  static std::unexpected<Error> refuse(std::string_view word, std::string reason) {
    return fail(ErrorCode::invalid_argument, fmt::format("the query is refused for its {}: {}", word, reason),
                "A reference query is one plain SELECT that gives every row.");
  }
  void warn(std::string_view word, std::string_view reason) {
    std::string line = fmt::format("the query uses {}: {}", word, reason);
    if (std::find(warnings_.begin(), warnings_.end(), line) == warnings_.end())
      warnings_.push_back(std::move(line));
  }

  Result<void> first_word() {
    std::size_t first = 0;
    while (first < tokens_.size() && tokens_[first].kind == TokenKind::symbol && tokens_[first].text == "(")
      ++first;
    if (first < tokens_.size() && tokens_[first].kind == TokenKind::word &&
        is_one_of(tokens_[first].text, kFirstWords))
      return {};
    const std::string word = first < tokens_.size() && tokens_[first].kind == TokenKind::word
                                 ? in_quotes(tokens_[first].spelling)
                                 : std::string("first word");
    return refuse(word, "it must begin with SELECT, WITH, VALUES or TABLE");
  }

  Result<void> symbol(const std::string& text) {
    if (text == "(") {
      outer_.push_back(outer_.back() && opens_outer_select());
    } else if (text == ")") {
      if (outer_.size() > 1) outer_.pop_back();
    } else if (text == ";") {
      for (int ahead = 1; token(ahead) != nullptr; ++ahead)
        if (!is_symbol(ahead, ";"))
          return refuse("\";\"", "there are two statements, and one is what can be read");
    }
    return {};
  }

  /// A bracket at the start, behind a set operator, or behind the list of WITH holds an arm of the outermost
  /// select.
  bool opens_outer_select() const {
    const Token* before = token(-1);
    if (before == nullptr) return true;
    if (before->kind == TokenKind::symbol) {
      if (before->text == "(") return true;
      int ahead = 1;
      while (is_symbol(ahead, "(")) ++ahead;
      return before->text == ")" &&
             (is_word(ahead, "SELECT") || is_word(ahead, "TABLE") || is_word(ahead, "VALUES"));
    }
    if (before->kind != TokenKind::word) return false;
    if (is_one_of(before->text, kSetOperators)) return true;
    return (before->text == "ALL" || before->text == "DISTINCT") && at_ >= 2 &&
           tokens_[at_ - 2].kind == TokenKind::word && is_one_of(tokens_[at_ - 2].text, kSetOperators);
  }

  Result<void> function_name(const std::string& name) {
    if (!is_symbol(1, "(")) return {};
    if (is_one_of(name, kAggregates))
      return refuse(
          name, "it joins many rows into one text, which servers cut at a length of theirs; select the rows");
    if (acts(name)) return refuse(name + "()", "it acts on the server even in a read-only transaction");
    return {};
  }

  Result<void> word(const std::string& text) {
    FLOTSAM_TRY(function_name(text));
    FLOTSAM_TRY(writing(text));
    if (outer_.back())
      FLOTSAM_TRY(cutting(text));
    else if (text == "LIMIT" && !is_word(1, "ALL"))
      warn("LIMIT in a subquery", "rows beyond it protect nothing");
    advise(text);
    return {};
  }

  Result<void> writing(const std::string& text) {
    if (text == "INTO") {
      const bool to_file = is_word(1, "OUTFILE") || is_word(1, "DUMPFILE");
      return refuse(to_file ? "INTO " + token(1)->text : "INTO", "it writes its rows somewhere");
    }
    if (text == "OUTFILE" || text == "DUMPFILE") return refuse(text, "it writes a file");
    if (text == "FOR" &&
        (is_word(1, "UPDATE") || is_word(1, "SHARE") || is_word(1, "NO") || is_word(1, "KEY")))
      return refuse("FOR " + token(1)->text, "it locks the rows that it reads");
    if (text == "LOCK" && is_word(1, "IN"))
      return refuse("LOCK IN SHARE MODE", "it locks the rows that it reads");
    if (text == "NEXT" && is_word(1, "VALUE") && is_word(2, "FOR"))
      return refuse("NEXT VALUE FOR", "it moves a sequence on, even in a read-only transaction");
    // As a statement in brackets or behind the list of WITH; elsewhere the word may be a function or a
    // column.
    const Token* next = token(1);
    const bool statement = (is_symbol(-1, "(") || is_symbol(-1, ")")) && next != nullptr &&
                           (next->kind == TokenKind::word || next->kind == TokenKind::quoted_name);
    if (statement && is_one_of(text, kWriteWords) && !is_word(1, "AS") && !is_word(1, "IS"))
      return refuse(text, "it writes");
    return {};
  }

  /// Whether the word at hand, which some databases allow as a column's name, is one: told by what follows.
  bool is_column_here() const {
    constexpr std::array<std::string_view, 17> kBehindColumn = {
        "FROM", "AS",   "IS",    "IN",     "NOT",   "LIKE",  "BETWEEN", "AND",    "OR",
        "ASC",  "DESC", "GROUP", "HAVING", "ORDER", "UNION", "LIMIT",   "COLLATE"};
    const Token* next = token(1);
    if (next == nullptr) return true;
    if (next->kind == TokenKind::symbol)
      return std::string_view("=<>!,);").find(next->text) != std::string_view::npos;
    return next->kind == TokenKind::word && is_one_of(next->text, kBehindColumn);
  }

  /// What ends the outermost select early.
  Result<void> cutting(const std::string& text) {
    constexpr const char* kReason = "it cuts rows off, and every row that is not read protects nothing";
    if (text == "LIMIT" && !is_word(1, "ALL")) return refuse("LIMIT", kReason);
    if (text == "FETCH" && (is_word(1, "FIRST") || is_word(1, "NEXT")))
      return refuse("FETCH " + token(1)->text, kReason);
    const bool selected = is_word(-1, "SELECT") || is_symbol(-1, ",") || is_symbol(-1, ".");
    if (text == "OFFSET" && !selected && !is_column_here()) return refuse("OFFSET", kReason);
    const bool after_select =
        is_word(-1, "SELECT") || ((is_word(-1, "DISTINCT") || is_word(-1, "ALL")) && is_word(-2, "SELECT"));
    if (text == "TOP" && after_select && (is_number(1) || is_symbol(1, "("))) return refuse("TOP", kReason);
    return {};
  }

  void advise(const std::string& text) {
    if (text == "DISTINCT" && !is_word(-1, "IS") && !is_word(-1, "NOT"))
      warn("DISTINCT",
           "databases compare by collation and stores by bytes, so that spellings may vanish; leave it out");
    if (text == "GROUP" && is_word(1, "BY"))
      warn("GROUP BY", "databases compare by collation and stores by bytes, so that spellings may vanish");
    if (is_one_of(text, kSetOperators) && !is_word(1, "ALL"))
      warn(text == "UNION" ? "UNION without ALL" : text,
           "databases compare by collation and stores by bytes, so that spellings may vanish; write UNION "
           "ALL, or "
           "several [[references]] blocks");
    if (text == "ORDER" && is_word(1, "BY") && outer_.back())
      warn("ORDER BY", "the order is not used, and sorting costs the database time");
    if (is_one_of(text, kFoldingFunctions) && is_symbol(1, "("))
      warn(text + "()", "a key that is changed on the way may be another key; use the templates' filters");
    if (text == "TABLESAMPLE") warn("TABLESAMPLE", "rows outside the sample protect nothing");
    if (text == "WHERE") behind_where_ = true;
    if (behind_where_ && is_one_of(text, kSoftDelete))
      warn(fmt::format("a condition on {}", in_quotes(token(0)->spelling)),
           "soft-deleted rows that it hides protect nothing, although they may come back");
  }

  const std::vector<Token>& tokens_;
  std::size_t at_ = 0;
  std::vector<bool>
      outer_;  ///< for each open bracket, and the whole: does it hold an arm of the outermost select?
  bool behind_where_ = false;
  std::vector<std::string> warnings_;
};

}  // namespace

Result<std::vector<std::string>> lint_query(std::string_view query, const SqlDialect& dialect) {
  FLOTSAM_ASSIGN(const std::vector<Token> tokens, tokens_of(query, dialect));
  return Linter(tokens).run();
}

/// Which database will read the query is not known here: what any of them would read without a finding
/// passes, and the reading itself lints again with the right quotes and comments.
Result<std::vector<std::string>> lint_query(std::string_view query) {
  auto first = lint_query(query, kPostgresqlDialect);
  if (first) return first;
  for (const SqlDialect& dialect : {kMysqlDialect, kSqliteDialect})
    if (auto other = lint_query(query, dialect)) return other;
  return first;
}

}  // namespace flotsam
