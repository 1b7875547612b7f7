#include "plan/restored_keys.h"

#include <string_view>

#include "plan/journal.h"

namespace flotsam {
namespace {

/// Takes the keys that one journal brought back, or was about to. An apply brings nothing back: its journal
/// is left after its header.
class RestoredKeysOfJournal final : public JournalVisitor {
 public:
  RestoredKeysOfJournal(RestoredKeys& keys, Timestamp since) : keys_(keys), since_(since) {}

  Result<void> header(const JournalHeader& header) override {
    is_of_apply_ = header.kind == JournalKind::apply;
    // An error is the only way to stop a reader; the caller looks at is_of_apply() first.
    if (is_of_apply_) return fail(ErrorCode::interrupted, "nothing is read of the journal of an apply");
    return {};
  }
  Result<void> batch(Timestamp at, std::uint64_t /*objects*/) override {
    counts_ = at > since_;
    return {};
  }
  Result<void> intent(const JournalIntent& intent) override {
    if (counts_ && !intent.detail.starts_with("discard")) keys_.add(intent.object.key.bytes());
    return {};
  }
  bool is_of_apply() const { return is_of_apply_; }

 private:
  RestoredKeys& keys_;
  Timestamp since_;
  bool is_of_apply_ = false;
  bool counts_ = false;
};

}  // namespace

Result<RestoredKeys> read_restored_keys(State& state, Timestamp now, int undo_days) {
  const Timestamp since = now - std::chrono::days(undo_days);
  RestoredKeys keys;
  FLOTSAM_ASSIGN(const auto names, state.list("journals"));
  for (const std::string& name : names) {
    if (!name.ends_with(".ndjson")) continue;
    RestoredKeysOfJournal visitor(keys, since);
    const auto read = read_journal(state, name, visitor);
    if (!read && !visitor.is_of_apply()) return std::unexpected(read.error());
  }
  keys.sort();
  return keys;
}

}  // namespace flotsam
