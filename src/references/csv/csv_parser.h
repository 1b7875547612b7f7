#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace flotsam {

/// One record: its fields, borrowed, and the line on which it began (from 1).
struct CsvRecord {
  const std::vector<std::string_view>& fields;
  std::uint64_t line;
};

/// A strict reader of RFC 4180 that is fed blocks of any size.
///
/// Records end in LF or CRLF; a comma separates; a quoted field may hold commas, quotes (doubled), CR and LF,
/// all of which belong to the value. Whatever RFC 4180 does not allow is an error with its line: a quote
/// inside an unquoted field, text behind a closing quote, a CR alone, an open quote at the end, and (beyond
/// the RFC) a last record without a line break, because a file that was cut short looks the same.
class CsvParser {
 public:
  using Use = std::function<Result<void>(const CsvRecord&)>;
  explicit CsvParser(Use use) : use_(std::move(use)) {}

  /// Errors: corrupt, with the line; refused for a record of more than 16 MiB; what `use` returned.
  Result<void> feed(std::string_view bytes);
  /// At the end of the text. Errors: corrupt where it ends inside a record.
  Result<void> finish();

 private:
  enum class State { field_start, unquoted, quoted, quote_in_quoted, carriage_return };
  Result<void> step(char c);
  Result<void> quoted_end(char c);
  void end_field();
  Result<void> end_record();
  std::unexpected<Error> broken(std::string what, std::string hint = {}) const;

  Use use_;
  State state_ = State::field_start;
  std::string text_;               ///< all fields of the record, end to end
  std::vector<std::size_t> ends_;  ///< where each ended field ends in text_
  std::vector<std::string_view> fields_;
  std::uint64_t line_ = 1;
  std::uint64_t record_line_ = 1;
  bool record_open_ = false;  ///< some byte of a record was seen since the last line break
};

}  // namespace flotsam
