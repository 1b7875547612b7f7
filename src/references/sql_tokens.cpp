#include "references/sql_tokens.h"

#include <fmt/format.h>

#include "base/bytes.h"

namespace flotsam {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_word_part(char c) {
  return is_word_start(c) || is_digit(c) || c == '$';
}

std::string to_upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

class Tokenizer {
 public:
  Tokenizer(std::string_view text, const SqlDialect& dialect) : text_(text), dialect_(dialect) {}

  Result<void> run() {
    FLOTSAM_TRY(check_characters());
    while (at_ < text_.size()) FLOTSAM_TRY(step());
    return {};
  }

  std::vector<Token> tokens;
  std::size_t end_of_last = 0;  ///< behind the last token that is no semicolon

 private:
  /// Databases differ in which control characters are blanks and which end a comment: none is let through but
  /// tabs and line breaks of both kinds.
  Result<void> check_characters() const {
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      const bool line_end = c == '\n' || (c == '\r' && i + 1 < text_.size() && text_[i + 1] == '\n');
      if (c == '\t' || line_end || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F)) continue;
      if (c == '\0') return fail(ErrorCode::invalid_argument, "the query holds a NUL byte");
      return fail(ErrorCode::invalid_argument,
                  fmt::format("the query holds the control character {}, which databases read differently",
                              in_quotes(text_.substr(i, 1))),
                  "Remove it; lines end in LF or CR LF.");
    }
    return {};
  }

  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  void add(TokenKind kind, std::string text, std::string spelling = {}) {
    if (kind != TokenKind::symbol || text != ";") end_of_last = at_;
    tokens.push_back({kind, std::move(text), std::move(spelling)});
  }

  Result<void> step() {
    const char c = peek();
    if (is_blank(c)) {
      ++at_;
      return {};
    }
    if (starts("--") && (!dialect_.dashes_need_blank || at_ + 2 >= text_.size() || is_blank(peek(2)))) {
      skip_line();
      return {};
    }
    if (c == '#' && dialect_.hash_comments) {
      skip_line();
      return {};
    }
    if (starts("/*")) return comment();
    if (c == '\'') return string('\'', dialect_.backslash_escapes);
    if (c == '"') return quoted_name('"', dialect_.backslash_escapes);
    if (c == '`') return quoted_name('`', false);
    if (c == '[' && dialect_.bracket_identifiers) return bracketed();
    if (c == '$' && dialect_.dollar_quotes && is_dollar_quote()) return dollar_quoted();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
      return number();
    }
    if (is_word_start(c)) return word();
    ++at_;
    add(TokenKind::symbol, std::string(1, c));
    return {};
  }

  void skip_line() {
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
  }

  Result<void> comment() {
    if (starts("/*!") || starts("/*M!"))
      return fail(ErrorCode::invalid_argument,
                  "the query holds a comment that MySQL executes (\"/*!\"): it can hide any word",
                  "Write what the comment holds as plain SQL, or remove it.");
    std::size_t depth = 1;
    at_ += 2;
    while (depth > 0) {
      if (at_ >= text_.size())
        return fail(ErrorCode::invalid_argument, "a comment (\"/*\") of the query does not end");
      if (starts("*/")) {
        --depth;
        at_ += 2;
      } else if (dialect_.nested_comments && starts("/*")) {
        ++depth;
        at_ += 2;
      } else {
        ++at_;
      }
    }
    return {};
  }

  /// Moves behind a quoted text; a doubled quote belongs to it.
  Result<std::string> quoted(char quote, bool backslash) {
    std::string out;
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '\\' && backslash && at_ < text_.size()) {
        out += text_[at_++];
      } else if (c == quote) {
        if (peek() != quote) return out;
        out += quote;
        ++at_;
      } else {
        out += c;
      }
    }
    return fail(ErrorCode::invalid_argument, fmt::format("a quote ({}) of the query does not end", quote));
  }

  Result<void> string(char quote, bool backslash) {
    FLOTSAM_TRY(quoted(quote, backslash));
    add(TokenKind::string, "");
    return {};
  }

  Result<void> quoted_name(char quote, bool backslash) {
    FLOTSAM_ASSIGN(std::string name, quoted(quote, backslash));
    add(TokenKind::quoted_name, std::move(name));
    return {};
  }

  Result<void> bracketed() {
    const std::size_t close = text_.find(']', at_);
    if (close == std::string_view::npos)
      return fail(ErrorCode::invalid_argument, "a bracket ([) of the query does not end");
    const std::string name(text_.substr(at_ + 1, close - at_ - 1));
    at_ = close + 1;
    add(TokenKind::quoted_name, name);
    return {};
  }

  /// "$$" or "$tag$" begins here ("$1" does not).
  bool is_dollar_quote() const {
    std::size_t end = at_ + 1;
    if (end < text_.size() && is_digit(text_[end])) return false;
    while (end < text_.size() && text_[end] != '$' && is_word_part(text_[end])) ++end;
    return end < text_.size() && text_[end] == '$';
  }

  Result<void> dollar_quoted() {
    const std::size_t tag_end = text_.find('$', at_ + 1) + 1;
    const std::string_view tag = text_.substr(at_, tag_end - at_);
    const std::size_t close = text_.find(tag, tag_end);
    if (close == std::string_view::npos)
      return fail(ErrorCode::invalid_argument,
                  fmt::format("a quote ({}) of the query does not end", to_printable(tag)));
    at_ = close + tag.size();
    add(TokenKind::string, "");
    return {};
  }

  /// Some databases end a number where letters begin ("1LIMIT 5"), others do not: letters must not touch it.
  Result<void> number() {
    const std::size_t start = at_;
    while (at_ < text_.size() && (is_word_part(text_[at_]) || text_[at_] == '.')) ++at_;
    const std::string_view text = text_.substr(start, at_ - start);
    if (!is_plain_number(text))
      return fail(ErrorCode::invalid_argument,
                  fmt::format("letters touch a number of the query ({}), which databases read differently",
                              in_quotes(text)),
                  "Put a blank between them, or the name into quotes.");
    add(TokenKind::number, "");
    return {};
  }

  /// Digits, "0x" and hex digits, or a decimal number with an exponent (whose sign is not in the text any
  /// more).
  static bool is_plain_number(std::string_view text) {
    const auto all = [](std::string_view part, std::string_view of) {
      return part.find_first_not_of(of) == std::string_view::npos;
    };
    if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
      return all(text.substr(2), "0123456789abcdefABCDEF_");
    const std::size_t exponent = text.find_first_of("eE");
    if (exponent != std::string_view::npos && !all(text.substr(exponent + 1), "0123456789")) return false;
    return all(text.substr(0, exponent), "0123456789._");
  }

  Result<void> word() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_word_part(text_[at_])) ++at_;
    const std::string_view spelling = text_.substr(start, at_ - start);
    const std::string upper = to_upper(spelling);
    if (upper == "E" && dialect_.dollar_quotes && peek() == '\'') return string('\'', true);
    // U&"na\006de" is a name of PostgreSQL; its escapes can spell any word.
    if (upper == "U" && dialect_.dollar_quotes && peek() == '&' && peek(1) == '"')
      return fail(ErrorCode::invalid_argument, "the query holds a name with Unicode escapes (U&\"…\")",
                  "Write the name itself.");
    add(TokenKind::word, upper, std::string(spelling));
    return {};
  }

  std::string_view text_;
  const SqlDialect& dialect_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<Token>> tokens_of(std::string_view query, const SqlDialect& dialect) {
  Tokenizer tokenizer(query, dialect);
  FLOTSAM_TRY(tokenizer.run());
  return std::move(tokenizer.tokens);
}

Result<std::string> without_end(std::string_view query, const SqlDialect& dialect) {
  Tokenizer tokenizer(query, dialect);
  FLOTSAM_TRY(tokenizer.run());
  return std::string(query.substr(0, tokenizer.end_of_last));
}

}  // namespace flotsam
