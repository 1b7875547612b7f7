#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apply/intents.h"
#include "base/error.h"
#include "base/state.h"
#include "plan/journal.h"
#include "plan/plan.h"
#include "plan/run_results.h"

namespace flotsam {

/// What became of each object of a plan, over all runs of its journal: a byte an object. The counts add up:
/// planned = deleted + skipped + failed + left.
class Ledger {
 public:
  explicit Ledger(std::uint64_t planned);

  /// Takes over what the journal of this plan says. False: there is none yet. Errors: those of
  /// read_journal(); corrupt with service_code "Plan" for a journal of another plan or store.
  Result<bool> read(State& state, const Plan& plan);

  /// True for what this run may try: never tried, failed and known to stand, or left to settle.
  bool is_to_do(std::uint64_t number) const;
  /// True where nothing is to do and no outcome is open.
  bool is_finished() const;

  /// `code`: not empty where the deletion may be for good, and `message` says why.
  void removed(std::uint64_t number, std::uint64_t size_bytes, std::string_view code = {},
               std::string_view message = {});
  void skipped(std::uint64_t number, SkipReason reason);
  void failed(std::uint64_t number, FailedObject failure);
  /// May be tried again later in this run.
  void put_back(std::uint64_t number);

  std::uint64_t planned() const { return fates_.size(); }
  std::uint64_t deleted() const { return count_of(Fate::removed); }
  /// Of the deleted: those that may be for good although the method keeps what it deletes, and why the first.
  std::uint64_t for_good() const { return for_good_; }
  const std::string& why_for_good() const { return why_for_good_; }
  std::uint64_t failed_count() const { return count_of(Fate::failed) + count_of(Fate::unknown); }
  std::uint64_t left() const { return count_of(Fate::untried) + count_of(Fate::intended); }
  /// What is to do for this run: an object whose outcome is open counts.
  std::uint64_t to_do() const;
  /// Writes the counts and the failures into a result.
  void fill(ApplyResult& result) const;

  /// Of the journal as it was read: deletions of which nobody knows what became, by number.
  const std::map<std::uint64_t, Intent>& unsettled() const { return unsettled_; }
  const std::optional<JournalHeader>& header() const { return header_; }
  std::optional<Timestamp> first_batch() const { return first_batch_; }
  void note_batch(Timestamp at) {
    if (!first_batch_) first_batch_ = at;
  }
  /// Status of the journal's last line where that ends a run; else empty.
  const std::string& last_end() const { return last_end_; }

 private:
  enum class Fate : unsigned char {
    untried,
    intended,  ///< in the journal without an outcome
    removed,
    failed,
    unknown,  ///< failed, and nobody knows what became of it: asked about again before it is tried again
    skipped   ///< the reason is added to this
  };
  static constexpr std::size_t kFates = static_cast<std::size_t>(Fate::skipped) + kSkipReasons;
  class Reader;

  std::uint64_t count_of(Fate fate) const { return counts_[static_cast<std::size_t>(fate)]; }
  static Fate fate_of(SkipReason reason);
  void set(std::uint64_t number, Fate fate);

  std::vector<unsigned char> fates_;
  std::array<std::uint64_t, kFates> counts_{};
  std::uint64_t bytes_ = 0;
  std::uint64_t for_good_ = 0;
  std::string why_for_good_;
  std::map<std::uint64_t, FailedObject> failures_;  ///< at most kFailuresShown
  std::map<std::uint64_t, Intent> unsettled_;
  std::optional<JournalHeader> header_;
  std::optional<Timestamp> first_batch_;
  std::string last_end_;
};

/// How many failures a result names; the rest is counted.
inline constexpr std::size_t kFailuresShown = 1000;

/// The result's reason for an outcome or a skip of the journal that left an object alone, or nothing.
std::optional<SkipReason> reason_of_journal(std::string_view word);

}  // namespace flotsam
