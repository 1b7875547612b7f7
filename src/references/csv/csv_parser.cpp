#include "references/csv/csv_parser.h"

#include <fmt/format.h>

namespace flotsam {
namespace {

constexpr std::size_t kRecordBytesMax = 16U << 20U;

}  // namespace

std::unexpected<Error> CsvParser::broken(std::string what, std::string hint) const {
  return fail(ErrorCode::corrupt, fmt::format("line {}: {}", line_, what), std::move(hint));
}

void CsvParser::end_field() {
  ends_.push_back(text_.size());
}

Result<void> CsvParser::end_record() {
  end_field();
  fields_.clear();
  std::size_t start = 0;
  for (const std::size_t end : ends_) {
    fields_.push_back(std::string_view(text_).substr(start, end - start));
    start = end;
  }
  FLOTSAM_TRY(use_(CsvRecord{fields_, record_line_}));
  text_.clear();
  ends_.clear();
  record_open_ = false;
  ++line_;
  record_line_ = line_;
  state_ = State::field_start;
  return {};
}

/// Behind a quote inside a quoted field: it is doubled, or it closed the field.
Result<void> CsvParser::quoted_end(char c) {
  switch (c) {
    case '"':
      text_ += '"';
      state_ = State::quoted;
      return {};
    case ',':
      end_field();
      state_ = State::field_start;
      return {};
    case '\r':
      state_ = State::carriage_return;
      return {};
    case '\n':
      return end_record();
    default:
      return broken("text follows a closing quote", "A quote inside a quoted field is written twice (\"\").");
  }
}

Result<void> CsvParser::step(char c) {
  switch (state_) {
    case State::field_start:
      if (c == '"') {
        state_ = State::quoted;
        return {};
      }
      state_ = State::unquoted;
      [[fallthrough]];
    case State::unquoted:
      if (c == ',') {
        end_field();
        state_ = State::field_start;
      } else if (c == '\n') {
        return end_record();
      } else if (c == '\r') {
        state_ = State::carriage_return;
      } else if (c == '"') {
        return broken("a quote stands inside a field that does not begin with one",
                      "Put the whole field in quotes, and write the quote twice (\"\").");
      } else {
        text_ += c;
      }
      return {};
    case State::quoted:
      if (c == '"') {
        state_ = State::quote_in_quoted;
      } else {
        text_ += c;
        if (c == '\n') ++line_;
      }
      return {};
    case State::quote_in_quoted:
      return quoted_end(c);
    case State::carriage_return:
      if (c == '\n') return end_record();
      return broken("a carriage return without a line feed stands outside quotes",
                    "Lines end in LF or CRLF; inside a value, put the field in quotes.");
  }
  return {};
}

Result<void> CsvParser::feed(std::string_view bytes) {
  for (const char c : bytes) {
    record_open_ = true;
    FLOTSAM_TRY(step(c));
    if (text_.size() > kRecordBytesMax)
      return fail(ErrorCode::refused,
                  fmt::format("the record that begins on line {} has more than {} MiB", record_line_,
                              kRecordBytesMax >> 20U),
                  "Perhaps a quote was opened and never closed.");
  }
  return {};
}

Result<void> CsvParser::finish() {
  if (!record_open_) return {};
  if (state_ == State::quoted)
    return fail(
        ErrorCode::corrupt,
        fmt::format("the record that begins on line {} opens a quote that does not end", record_line_),
        "The file may have been cut short: export it again.");
  return broken("the last record does not end in a line break",
                "The file may have been cut short, and half a key protects nothing: export it again. If it "
                "is whole, add "
                "the line break.");
}

}  // namespace flotsam
