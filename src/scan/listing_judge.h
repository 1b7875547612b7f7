#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/progress.h"
#include "scan/judge.h"
#include "scan/spool.h"
#include "scan/tally.h"
#include "store/lister.h"

namespace flotsam {

/// Where a listing goes: every page is judged, tallied and, as far as it is wanted, spooled. No lock is held
/// while a page is judged.
class ListingJudge final : public ListingSink {
 public:
  struct Setup {
    const Judge* judge = nullptr;
    const Scope* scope = nullptr;
    TallyRules tally;
    Spool* spool = nullptr;
    std::array<bool, kVerdictCount> spooled{};  ///< by verdict
    Progress* progress = nullptr;
    const Cancel* cancel = nullptr;
  };
  explicit ListingJudge(const Setup& setup);
  ~ListingJudge() override;

  /// The sink of a range checks that keys rise and lie in the scope (corrupt where not).
  RangeSink& open_range(KeyView lower_bound) override;

  /// After the listing: proves that the ranges do not overlap and that as many objects came as the lister
  /// says, puts the spool into key order and gives the sum of all tallies. Errors: corrupt.
  Result<std::unique_ptr<Tally>> finish(const ListingProof& proof);

 private:
  class Range;
  /// What judging a page needs, lent for that page: a lister may have many more ranges and workers than there
  /// are processors, and the tables of each tally may be large. A page waits where all are lent.
  struct Desk {
    explicit Desk(const TallyRules& rules) : tally(rules) {}
    Tally tally;
    Judge::Scratch scratch;
  };
  class LentDesk;

  Setup setup_;
  std::mutex mutex_;
  std::deque<std::unique_ptr<Range>> ranges_;
  std::condition_variable desk_is_free_;
  std::vector<std::unique_ptr<Desk>> desks_;
  std::vector<Desk*> free_desks_;
};

}  // namespace flotsam
