#include "workflow/known_runs.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <map>
#include <vector>

#include "base/bytes.h"
#include "base/text.h"
#include "plan/journal.h"

namespace flotsam {
namespace {

/// Distinct numbers, a bit each.
class Numbers {
 public:
  void add(std::uint64_t number) {
    if (number >= seen_.size()) seen_.resize(number + 1);
    if (!seen_[number]) ++count_;
    seen_[number] = true;
  }
  std::uint64_t count() const { return count_; }

 private:
  std::vector<bool> seen_;
  std::uint64_t count_ = 0;
};

/// How many objects a journal says were about to be deleted or brought back.
class Counted final : public JournalVisitor {
 public:
  Result<void> intent(const JournalIntent& intent) override {
    intended.add(intent.number);
    return {};
  }
  Numbers intended;
};

std::unexpected<Error> is_short(State& state, const std::string& name, std::string_view what,
                                std::uint64_t told, std::uint64_t found, std::string hint) {
  Error error;
  error.code = ErrorCode::corrupt;
  error.message =
      fmt::format("the history tells that {} {}, and {} {}", counted(told, "object"), what,
                  in_quotes(state.place_of(name)),
                  found == 0 ? std::string("is gone or empty") : fmt::format("holds {} of them", found));
  error.hint = std::move(hint);
  error.service_code = "Plan";
  return std::unexpected(std::move(error));
}

}  // namespace

Result<void> check_apply_journal(State& state, const std::string& plan_id) {
  FLOTSAM_ASSIGN(const auto entries, History(state).read());
  std::uint64_t told = 0;
  for (const HistoryEntry& entry : entries)
    if (entry.kind == "apply" && entry.id == plan_id) told = std::max(told, entry.deleted);
  if (told == 0) return {};
  Counted found;
  FLOTSAM_TRY(read_journal(state, journal_name(plan_id), found));
  // An outcome may be missing where writing it failed; what became of the intent is then asked for.
  if (found.intended.count() >= told) return {};
  return is_short(state, journal_name(plan_id), "were deleted by this plan", told, found.intended.count(),
                  "Put the whole journal back. Without it nothing tells what was deleted; a quarantine still "
                  "holds it, under "
                  "the plan's id.");
}

Result<void> check_restorations(State& state, Timestamp now, int undo_days) {
  FLOTSAM_ASSIGN(const auto entries, History(state).read());
  // By journal the most that was told of it.
  std::map<std::string, std::uint64_t> told;
  for (const HistoryEntry& entry : entries) {
    const bool restores = entry.kind == "undo" || entry.kind == "rescue" || entry.kind == "purge";
    if (!restores || entry.restored == 0 || now - entry.at >= std::chrono::hours(24) * undo_days) continue;
    std::uint64_t& most = told[entry.kind == "undo" ? entry.id + ".undo" : entry.id];
    most = std::max(most, entry.restored);
  }
  for (const auto& [id, most] : told) {
    Counted found;
    FLOTSAM_TRY(read_journal(state, journal_name(id), found));
    if (found.intended.count() < most)
      return is_short(state, journal_name(id), "were brought back", most, found.intended.count(),
                      "Put the whole journal back: what it brought back is protected for undo_days, and "
                      "without it nothing tells "
                      "what that is.");
  }
  return {};
}

}  // namespace flotsam
