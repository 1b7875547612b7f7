#include "scan/listing_judge.h"

#include <algorithm>
#include <fmt/format.h>
#include <thread>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/text.h"

namespace flotsam {

class ListingJudge::LentDesk {
 public:
  explicit LentDesk(ListingJudge& all) : all_(all) {
    std::unique_lock lock(all_.mutex_);
    if (all_.free_desks_.empty() && all_.desks_.size() < desks_max())
      all_.free_desks_.push_back(all_.desks_.emplace_back(std::make_unique<Desk>(all_.setup_.tally)).get());
    all_.desk_is_free_.wait(lock, [&] { return !all_.free_desks_.empty(); });
    desk_ = all_.free_desks_.back();
    all_.free_desks_.pop_back();
  }
  ~LentDesk() {
    {
      const std::lock_guard lock(all_.mutex_);
      all_.free_desks_.push_back(desk_);
    }
    all_.desk_is_free_.notify_one();
  }
  LentDesk(const LentDesk&) = delete;
  LentDesk& operator=(const LentDesk&) = delete;
  Desk& desk() const { return *desk_; }

 private:
  // Judging waits for nothing but the processor.
  static std::size_t desks_max() { return std::max(2U, std::thread::hardware_concurrency()); }

  ListingJudge& all_;
  Desk* desk_ = nullptr;
};

class ListingJudge::Range final : public RangeSink {
 public:
  Range(ListingJudge& all, KeyView after, Spool::Part& part) : lower_bound(after), all_(all), part_(part) {}

  Result<void> page(std::span<const ObjectView> objects) override {
    if (objects.empty()) return {};
    FLOTSAM_TRY(all_.setup_.cancel->check());
    FLOTSAM_TRY(check(objects));
    FLOTSAM_TRY(judge(objects));
    if (!has_keys) first_key = Key(objects.front().key);
    has_keys = true;
    last_key = Key(objects.back().key);
    count += objects.size();
    all_.setup_.progress->advance(objects.size());
    return {};
  }

  Spool::Part& part() { return part_; }

  const Key lower_bound;
  Key first_key, last_key;
  bool has_keys = false;
  std::uint64_t count = 0;

 private:
  // The lister has checked all this already; a plan is worth looking twice.
  Result<void> check(std::span<const ObjectView> objects) const {
    KeyView before = has_keys ? last_key.view() : KeyView();
    bool is_first = !has_keys;
    for (const ObjectView& object : objects) {
      if (!is_first && !(before < object.key))
        return fail(ErrorCode::corrupt,
                    fmt::format("the listing gave {} after {}: keys must rise", in_quotes(object.key.bytes()),
                                in_quotes(before.bytes())));
      if (!all_.setup_.scope->contains(object.key))
        return fail(ErrorCode::corrupt, fmt::format("the listing gave {}, which is outside the scope",
                                                    in_quotes(object.key.bytes())));
      before = object.key;
      is_first = false;
    }
    return {};
  }

  Result<void> judge(std::span<const ObjectView> objects) {
    const LentDesk lent(all_);
    auto& [tally, scratch] = lent.desk();
    all_.setup_.judge->page(objects, scratch, tally.rule_matches, tally.derived_by_set);
    for (std::size_t i = 0; i < objects.size(); ++i) {
      const Judgement& judgement = scratch.judgements[i];
      tally.count({&objects[i], judgement.verdict, judgement.disposable});
      if (all_.setup_.spooled[static_cast<std::size_t>(judgement.verdict)])
        FLOTSAM_TRY(part_.add({objects[i], judgement.verdict, judgement.disposable}));
    }
    return {};
  }

  ListingJudge& all_;
  Spool::Part& part_;
};

ListingJudge::ListingJudge(const Setup& setup) : setup_(setup) {}
ListingJudge::~ListingJudge() = default;

RangeSink& ListingJudge::open_range(KeyView lower_bound) {
  Spool::Part& part = setup_.spool->open_part();
  const std::lock_guard lock(mutex_);
  return *ranges_.emplace_back(std::make_unique<Range>(*this, lower_bound, part));
}

Result<std::unique_ptr<Tally>> ListingJudge::finish(const ListingProof& proof) {
  std::vector<Range*> order;
  for (const auto& range : ranges_) order.push_back(range.get());
  std::stable_sort(order.begin(), order.end(), [](const Range* a, const Range* b) {
    return std::pair(a->lower_bound.view(), a->first_key.view()) <
           std::pair(b->lower_bound.view(), b->first_key.view());
  });
  std::vector<Spool::Part*> parts;
  const Range* before = nullptr;
  std::uint64_t count = 0;
  for (Range* range : order) {
    parts.push_back(&range->part());
    if (!range->has_keys) continue;
    count += range->count;
    if (before != nullptr && !(before->last_key < range->first_key))
      return fail(ErrorCode::corrupt,
                  fmt::format("two ranges of the listing overlap: {} and {}",
                              in_quotes(before->last_key.bytes()), in_quotes(range->first_key.bytes())));
    if (range->first_key < range->lower_bound)
      return fail(ErrorCode::corrupt,
                  fmt::format("a range of the listing that begins after {} gave {}",
                              in_quotes(range->lower_bound.bytes()), in_quotes(range->first_key.bytes())));
    before = range;
  }
  if (count != proof.objects)
    return fail(ErrorCode::corrupt, fmt::format("the listing says that it gave {}, and {} arrived",
                                                counted(proof.objects, "object"), with_separators(count)));
  setup_.spool->seal(std::move(parts));
  auto sum = std::make_unique<Tally>(setup_.tally);
  for (const auto& desk : desks_) sum->merge(desk->tally);
  free_desks_.clear();
  desks_.clear();
  return sum;
}

}  // namespace flotsam
