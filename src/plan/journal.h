#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/hash.h"
#include "base/state.h"
#include "base/time.h"
#include "model/delete_method.h"
#include "model/object.h"

namespace flotsam {

/// What a journal is of.
enum class JournalKind { apply, undo, rescue, purge };
std::string_view to_string(JournalKind kind);
std::optional<JournalKind> journal_kind_of(std::string_view name);

/// The first line of a journal.
struct JournalHeader {
  static constexpr int kFormat = 1;
  JournalKind kind = JournalKind::apply;
  std::string
      id;  ///< apply: the plan's id. undo: the apply journal's id + ".undo". rescue, purge: 32 hex digits
  Timestamp created_at;     ///< machine's clock
  std::string plan_digest;  ///< apply: of the plan; else empty
  std::string of_journal;   ///< undo: the id of the journal that is undone
  std::string store_url;
  std::string store_identity;
  std::vector<std::string> prefixes;
  std::string config_digest;
  DeleteMethod method = DeleteMethod::none;  ///< apply: the one that was used
  std::string quarantine;                    ///< URL or path, where the method is quarantine
  std::string condition;                     ///< "none" | "single" | "batch": on deletions (store/remover.h)
  int undo_days = 0;
  std::uint64_t expected = 0;          ///< --expect; objects that it is about
  std::vector<std::string> overrides;  ///< guard ids
};

/// What is about to be done to one object.
struct JournalIntent {
  std::uint64_t number =
      0;  ///< apply: the object's number in its plan from 0; else counted from 0. Each once, but for retries
  Object object;       ///< its identity
  std::string detail;  ///< undo, rescue: "marker ID", "version ID", "quarantine RUN_ID"; purge: "discard
                       ///< RUN_ID" | "return RUN_ID"
};

/// What became of it.
struct JournalOutcome {
  std::uint64_t number = 0;
  std::string
      result;  ///< "removed", "gone", "changed", "held", "failed", "restored", "superseded", "lost", "purged"
  std::string marker_id;      ///< apply by version
  std::string version_id;     ///< the version below, where known
  std::string code, message;  ///< of failed; of removed where the deletion may be for good
};

/// An object that apply left alone without trying: "referenced", "derived", "protected", "unrecognised",
/// "young", "suspect", "changed", "gone", "held", "settling". All but "settling" are final.
struct JournalSkip {
  std::uint64_t number = 0;
  std::string why;
};

/// The last line of a run; a later run of the same journal may follow.
struct JournalEnd {
  std::string status;  ///< "ok" | "partial" | "failed"
  Timestamp at;
};

/// Writes a journal: NDJSON, the header first, each line with a last field "sum": the first 32 hex digits of
/// the SHA-256 of the sum of the line before (nothing before the header) and the line's object without that
/// field. So a line that is changed, lost or out of place is found. Intents are on stable storage when
/// intend() returns, outcomes when settle() returns; skips and notes with the next of these or with end().
/// Errors: those of AppendLog; internal for what no journal may hold; after either the writer is of no use.
/// One thread.
class JournalWriter {
 public:
  /// Begins a journal ("journals/ID.ndjson" in the state), or goes on with the one that is there: its header
  /// must be of the same kind, id, plan digest, journal and store. Errors: corrupt, and refused where it is
  /// of another (both with service_code "Plan": exit 6); refused where another run is writing it.
  static Result<JournalWriter> open(State& state, const JournalHeader& header);

  /// One batch: what will be done next. `at`: this machine's clock.
  Result<void> intend(std::span<const JournalIntent> batch, Timestamp at);
  Result<void> settle(std::span<const JournalOutcome> batch);
  Result<void> skip(std::span<const JournalSkip> batch);
  /// Evidence as a JSON object on one line: what a reading of the references saw.
  Result<void> note(std::string_view kind, std::string_view json);
  Result<void> end(const JournalEnd& end);

  /// The one that the journal begins with: of its first run.
  const JournalHeader& header() const { return header_; }

 private:
  JournalWriter() = default;
  std::string& begin();  ///< an empty line to append to
  Result<void> add();
  Result<void> sync();
  Result<void> checked(Result<void> answer);
  JournalHeader header_;
  std::unique_ptr<AppendLog> log_;  ///< nothing after an error
  std::string chain_;               ///< the sum of the line before
  std::string scratch_;             ///< that sum and the line
};

/// Receives a journal in the order of its lines. What is not overridden is passed over.
class JournalVisitor {
 public:
  virtual ~JournalVisitor() = default;
  virtual Result<void> header(const JournalHeader& /*header*/) { return {}; }
  virtual Result<void> batch(Timestamp /*at*/, std::uint64_t /*objects*/) { return {}; }
  virtual Result<void> intent(const JournalIntent& /*intent*/) { return {}; }
  virtual Result<void> outcome(const JournalOutcome& /*outcome*/) { return {}; }
  virtual Result<void> skip(const JournalSkip& /*skip*/) { return {}; }
  virtual Result<void> note(std::string_view /*kind*/, std::string_view /*json*/) { return {}; }
  virtual Result<void> end(const JournalEnd& /*end*/) { return {}; }
};

/// Reads a journal line by line in constant memory, each line checked. A torn last line is passed over. What
/// a visitor was given before an error may be believed: sums run from the first line on. False: there is no
/// such journal, or nothing of it ever came to stand (not even the header: then nothing was done). Errors:
/// corrupt with the line's number and service_code "Plan" (exit 6); those of the state and of the visitor.
Result<bool> read_journal(State& state, const std::string& name, JournalVisitor& visitor);

/// "journals/ID.ndjson"
std::string journal_name(std::string_view id);

}  // namespace flotsam
