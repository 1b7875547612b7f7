#pragma once

#include <array>
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
  /// Tallies are handed out for a page at a time: there are as many as pages are judged at once.
  std::unique_ptr<Tally> take_tally();
  void give_back(std::unique_ptr<Tally> tally);

  Setup setup_;
  std::mutex mutex_;
  std::deque<std::unique_ptr<Range>> ranges_;
  std::vector<std::unique_ptr<Tally>> tallies_;
};

}  // namespace flotsam
