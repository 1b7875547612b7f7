#include "plan/journal.h"

#include <fmt/format.h>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "plan/journal_lines.h"
#include "plan/json_fields.h"

namespace flotsam {
namespace {

constexpr std::string_view kSumOpening = ",\"sum\":\"";
constexpr std::string_view kSumClosing = "\"}";
constexpr std::size_t kSumDigits = 32;
constexpr std::size_t kSealSize = kSumOpening.size() + kSumDigits + kSumClosing.size();

/// The sum of a line: it covers the sum of the line before, and so all lines before.
std::string sum_of(std::string_view sum_before_and_object) {
  return to_hex(std::string_view(sha256(sum_before_and_object)).substr(0, kSumDigits / 2));
}

/// Follows the sums from line to line.
class Chain {
 public:
  /// The line's object without its sum, borrowed until the next call; nothing where the sum is wrong.
  std::optional<std::string_view> object_of(std::string_view line) {
    if (line.size() <= kSealSize || !line.ends_with(kSumClosing)) return std::nullopt;
    const std::string_view body = line.substr(0, line.size() - kSealSize);
    const std::string_view seal = line.substr(body.size());
    if (!seal.starts_with(kSumOpening)) return std::nullopt;
    scratch_.assign(sum_).append(body).append("}");
    std::string sum = sum_of(scratch_);
    if (seal.substr(kSumOpening.size(), kSumDigits) != sum) return std::nullopt;
    const std::size_t before = sum_.size();
    sum_ = std::move(sum);
    return std::string_view(scratch_).substr(before);
  }
  const std::string& sum() const { return sum_; }

 private:
  std::string sum_;
  std::string scratch_;
};

/// An error about the journal itself. The program ends with exit code 6.
std::unexpected<Error> fail_journal(ErrorCode code, std::string message, std::string hint) {
  auto failure = fail(code, std::move(message), std::move(hint));
  failure.error().service_code = "Plan";
  return failure;
}

std::unexpected<Error> corrupt(const std::string& place, std::uint64_t line, std::string_view what) {
  return fail_journal(
      ErrorCode::corrupt,
      fmt::format("the journal {} cannot be believed: line {}: {}", in_quotes(place), line, what),
      "Bring the file back as flotsam left it. Where that cannot be, move it away and look for what is "
      "missing "
      "with: flotsam rescue.");
}

/// Gives every line as an object whose sum was right, from line 1. False: there is no such journal, or its
/// first line never came to stand.
template <typename Use>
Result<bool> read_sealed_lines(State& state, const std::string& name, Chain& chain, const Use& use) {
  std::uint64_t number = 0;
  const auto read = state.read_log(name, [&](std::string_view line) -> Result<void> {
    ++number;
    const auto object = chain.object_of(line);
    if (!object)
      return corrupt(
          state.place_of(name), number,
          "its sum does not fit it and the lines before: a line was changed, lost, added or moved");
    return use(*object, number);
  });
  if (!read) return std::unexpected(read.error());
  return *read && number > 0;
}

Result<JournalHeader> header_of(State& state, const std::string& name, std::string_view object) {
  auto header = parse_journal_header(object);
  if (!header) return corrupt(state.place_of(name), 1, header.error().message);
  if (journal_name(header->id) != name)
    return corrupt(state.place_of(name), 1,
                   fmt::format("it is the journal {} under another name", header->id));
  return header;
}

/// Nothing where a run with the header `ours` may go on in the journal that begins with `theirs`.
Result<void> check_same(const JournalHeader& theirs, const JournalHeader& ours, const std::string& place) {
  const auto differs = [&](std::string_view what, std::string_view there, std::string_view here) {
    return fail_journal(ErrorCode::refused,
                        fmt::format("the journal {} is of another {}: {} there, {} here", in_quotes(place),
                                    what, in_quotes(there), in_quotes(here)),
                        "Nothing was done. Make a new plan: flotsam scan.");
  };
  if (theirs.kind != ours.kind) return differs("kind", to_string(theirs.kind), to_string(ours.kind));
  if (theirs.plan_digest != ours.plan_digest) return differs("plan", theirs.plan_digest, ours.plan_digest);
  if (theirs.of_journal != ours.of_journal) return differs("journal", theirs.of_journal, ours.of_journal);
  if (theirs.store_identity != ours.store_identity)
    return differs("store", theirs.store_identity, ours.store_identity);
  return {};
}

std::unexpected<Error> our_mistake(std::string_view what) {
  return fail(ErrorCode::internal, fmt::format("the journal was not written: {}", what));
}

}  // namespace

std::string_view to_string(JournalKind kind) {
  switch (kind) {
    case JournalKind::apply:
      return "apply";
    case JournalKind::undo:
      return "undo";
    case JournalKind::rescue:
      return "rescue";
    case JournalKind::purge:
      return "purge";
  }
  check_failed("a kind of journal has a name", __FILE__, __LINE__);
}

std::optional<JournalKind> journal_kind_of(std::string_view name) {
  for (const auto kind : {JournalKind::apply, JournalKind::undo, JournalKind::rescue, JournalKind::purge})
    if (to_string(kind) == name) return kind;
  return std::nullopt;
}

std::string journal_name(std::string_view id) {
  return fmt::format("journals/{}.ndjson", id);
}

Result<JournalWriter> JournalWriter::open(State& state, const JournalHeader& header) {
  if (header.id.empty() || header.undo_days < 0) return our_mistake("its header has no id or no undo_days");
  const std::string name = journal_name(header.id);
  const std::string place = state.place_of(name);
  JournalWriter writer;
  auto log = state.open_log(name);
  if (!log)
    return fail(std::move(log).error(), fmt::format("while opening the journal {}", in_quotes(place)));
  writer.log_ = *std::move(log);
  Chain chain;
  std::optional<JournalHeader> found;
  FLOTSAM_TRY(read_sealed_lines(state, name, chain,
                                [&](std::string_view object, std::uint64_t number) -> Result<void> {
                                  if (number > 1) return {};
                                  FLOTSAM_ASSIGN(found, header_of(state, name, object));
                                  return {};
                                }));
  if (found) {
    FLOTSAM_TRY(check_same(*found, header, place));
    writer.header_ = *std::move(found);
    writer.chain_ = chain.sum();
    return writer;
  }
  writer.header_ = header;
  append_line(writer.begin(), header);
  FLOTSAM_TRY(writer.add());
  FLOTSAM_TRY(writer.sync());
  return writer;
}

std::string& JournalWriter::begin() {
  scratch_.assign(chain_);
  return scratch_;
}

Result<void> JournalWriter::add() {
  if (!log_) return our_mistake("an earlier line of it failed");
  scratch_ += '}';
  std::string sum = sum_of(scratch_);
  scratch_.pop_back();
  scratch_.append(kSumOpening).append(sum).append(kSumClosing);
  auto added = log_->append(std::string_view(scratch_).substr(chain_.size()));
  chain_ = std::move(sum);
  return checked(std::move(added));
}

Result<void> JournalWriter::sync() {
  if (!log_) return our_mistake("an earlier line of it failed");
  return checked(log_->sync());
}

Result<void> JournalWriter::checked(Result<void> answer) {
  if (answer) return answer;
  log_.reset();
  return fail(std::move(answer).error(), fmt::format("while writing the journal {}", header_.id));
}

Result<void> JournalWriter::intend(std::span<const JournalIntent> batch, Timestamp at) {
  if (batch.empty()) return {};
  append_line(begin(), at, batch.size());
  FLOTSAM_TRY(add());
  for (const JournalIntent& intent : batch) {
    append_line(begin(), intent);
    FLOTSAM_TRY(add());
  }
  return sync();
}

Result<void> JournalWriter::settle(std::span<const JournalOutcome> batch) {
  for (const JournalOutcome& outcome : batch)
    if (!is_journal_result(outcome.result))
      return our_mistake(fmt::format("it knows no result {}", in_quotes(outcome.result)));
  for (const JournalOutcome& outcome : batch) {
    append_line(begin(), outcome);
    FLOTSAM_TRY(add());
  }
  return batch.empty() ? Result<void>{} : sync();
}

Result<void> JournalWriter::skip(std::span<const JournalSkip> batch) {
  for (const JournalSkip& skip : batch)
    if (!is_journal_skip(skip.why))
      return our_mistake(fmt::format("it knows no reason {} to skip an object", in_quotes(skip.why)));
  for (const JournalSkip& skip : batch) {
    append_line(begin(), skip);
    FLOTSAM_TRY(add());
  }
  return {};
}

Result<void> JournalWriter::note(std::string_view kind, std::string_view json) {
  if (json.find('\n') != std::string_view::npos || !JsonFields::parse(json))
    return our_mistake(fmt::format("the note {} is no JSON object on one line", in_quotes(kind)));
  append_note(begin(), kind, json);
  return add();
}

Result<void> JournalWriter::end(const JournalEnd& end) {
  if (!is_journal_status(end.status))
    return our_mistake(fmt::format("it knows no status {}", in_quotes(end.status)));
  append_line(begin(), end);
  FLOTSAM_TRY(add());
  return sync();
}

Result<bool> read_journal(State& state, const std::string& name, JournalVisitor& visitor) {
  Chain chain;
  JournalLineReader reader;
  return read_sealed_lines(state, name, chain,
                           [&](std::string_view object, std::uint64_t number) -> Result<void> {
                             if (number == 1) {
                               FLOTSAM_ASSIGN(const JournalHeader header, header_of(state, name, object));
                               return visitor.header(header);
                             }
                             auto read = reader.read(object, visitor);
                             if (read || reader.visitor_failed()) return read;
                             return corrupt(state.place_of(name), number, read.error().message);
                           });
}

}  // namespace flotsam
