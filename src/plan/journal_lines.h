#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "plan/journal.h"

namespace flotsam {

// The lines of a journal as JSON objects, without the field that seals them and its closing brace: they are
// not finished before plan/journal.cpp has added both.

void append_line(std::string& out, const JournalHeader& header);
void append_line(std::string& out, Timestamp batch_at, std::uint64_t objects);
void append_line(std::string& out, const JournalIntent& intent);
void append_line(std::string& out, const JournalOutcome& outcome);
void append_line(std::string& out, const JournalSkip& skip);
void append_line(std::string& out, const JournalEnd& end);
/// `json`: a JSON object.
void append_note(std::string& out, std::string_view kind, std::string_view json);

/// The first line, a whole JSON object. Errors: corrupt.
Result<JournalHeader> parse_journal_header(std::string_view object);

/// Gives one line after the first to the visitor. Keeps its buffers from line to line.
class JournalLineReader {
 public:
  /// `object`: a whole JSON object. Errors: corrupt; those of the visitor are kept apart in
  /// `visitor_failed()`.
  Result<void> read(std::string_view object, JournalVisitor& visitor);
  /// True where the last error was the visitor's.
  bool visitor_failed() const { return visitor_failed_; }

 private:
  Result<void> told(Result<void> answer);
  bool visitor_failed_ = false;
  JournalIntent intent_;
  JournalOutcome outcome_;
};

/// True where an outcome, a skip or an end may say so (plan/journal.h lists them).
bool is_journal_result(std::string_view result);
bool is_journal_skip(std::string_view why);
bool is_journal_status(std::string_view status);

}  // namespace flotsam
