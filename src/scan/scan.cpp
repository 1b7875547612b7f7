#include "scan/scan.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"
#include "model/shape.h"
#include "scan/cutoff.h"
#include "scan/findings.h"
#include "scan/guards.h"
#include "scan/judge.h"
#include "scan/listing_judge.h"
#include "scan/read_references.h"
#include "scan/sample_objects.h"

namespace flotsam {
namespace {

constexpr std::size_t kCutPoints = 4096;
constexpr Seconds kOldSource{86400};
constexpr std::uint64_t kSpoolMemoryMax = 64U << 20U;

// The spool of a scan as its result hands it out.
class SpooledObjects final : public UnreferencedObjects {
 public:
  SpooledObjects(std::shared_ptr<Spool> spool, int shape_level)
      : spool_(std::move(spool)), shape_level_(shape_level) {}

  Result<void> for_each(
      Verdict verdict,
      const std::function<Result<void>(const ObjectView&, std::string_view shape)>& use) const override {
    CHECK(is_unreferenced(verdict));
    return for_each_record([&](const Spool::Record& record, std::string_view shape) -> Result<void> {
      if (record.verdict != verdict) return {};
      return use(record.object, shape);
    });
  }

  Result<void> for_each_record(
      const std::function<Result<void>(const Spool::Record&, std::string_view shape)>& use) const {
    std::string shape;
    return spool_->for_each([&](const Spool::Record& record) -> Result<void> {
      shape_of(record.object.key, shape);
      if (shape_level_ > 0) shape = coarser_shape(shape, shape_level_);
      return use(record, shape);
    });
  }

 private:
  std::shared_ptr<Spool> spool_;
  int shape_level_;
};

Result<void> check_rules(const ScanRules& rules, const ScanWorld& world, const StoreFacts& facts) {
  CHECK(world.lister != nullptr && world.clock != nullptr && world.log != nullptr &&
        world.progress != nullptr && world.cancel != nullptr);
  if (rules.limits.sightings > 1 && world.sightings == nullptr)
    return fail(ErrorCode::internal, "guard sightings needs a record of earlier scans, and there is none");
  FLOTSAM_TRY(check_clock(facts));
  if (rules.deletion.method == "permanent" && facts.versioning == Versioning::enabled)
    return fail(
        ErrorCode::invalid_argument,
        "delete.method is \"permanent\", but the bucket keeps versions: a deletion could be undone, and this "
        "method would give that away",
        "set method = \"version\" or \"auto\" in [delete]");
  return {};
}

// Judges again what only a whole listing can tell, and takes the samples: the loose forms of dangling keys,
// and how often earlier scans saw the object.
class AfterListing {
 public:
  AfterListing(const ScanRules& rules, ScanWorld& world, const ReferenceHashes& hashes,
               FingerprintSet dangling)
      : rules_(rules), world_(world), hashes_(hashes), dangling_(std::move(dangling)) {}

  Result<void> revise(Spool& spool, Tally& tally, ObjectSamples& samples) {
    std::string shape;
    const int level = tally.shape_level();
    std::uint64_t since_check = 0;
    return spool.revise([&](Spool::Record& record) -> Result<void> {
      if (!is_unreferenced(record.verdict)) return {};
      if (++since_check % 4096 == 0) FLOTSAM_TRY(world_.cancel->check());
      FLOTSAM_TRY(judge_again(record, tally));
      if (!is_unreferenced(record.verdict)) return {};
      shape_of(record.object.key, shape);
      if (level > 0) shape = coarser_shape(shape, level);
      samples.offer(record.object, record.verdict, shape);
      return {};
    });
  }

  std::uint64_t held_back() const { return held_back_; }

 private:
  Result<void> judge_again(Spool::Record& record, Tally& tally) {
    if (record.verdict == Verdict::orphan && dangling_.size() > 0) {
      loose_form_of(record.object.key.bytes(), loose_);
      // As in ReferenceIndex::dangling_loose_forms.
      if (dangling_.contains(hashes_.loose(loose_) << 17U)) {
        tally.move(record.object.size_bytes, Verdict::orphan, Verdict::suspect);
        record.verdict = Verdict::suspect;
      }
    }
    if (rules_.limits.sightings <= 1) return {};
    FLOTSAM_ASSIGN(const std::uint64_t sighted, world_.sightings->sighted(record.object));
    if (record.verdict != Verdict::orphan || sighted >= rules_.limits.sightings) return {};
    tally.count({&record.object, Verdict::orphan, record.disposable}, Tally::Direction::out);
    tally.count({&record.object, Verdict::young, record.disposable, true});
    record.verdict = Verdict::young;
    ++held_back_;
    return {};
  }

  const ScanRules& rules_;
  ScanWorld& world_;
  const ReferenceHashes& hashes_;
  FingerprintSet dangling_;
  std::string loose_;
  std::uint64_t held_back_ = 0;
};

void check_sums(const ScanResult& result) {
  Count sum;
  for (const Count& count : result.verdicts) {
    sum.objects += count.objects;
    sum.bytes += count.bytes;
  }
  CHECK(sum == result.scanned);
  const auto check_rows = [&](const std::vector<TallyRow>& rows) {
    Count all, orphans;
    for (const TallyRow& row : rows) {
      all.objects += row.all.objects;
      all.bytes += row.all.bytes;
      orphans.objects += row.orphans.objects;
      orphans.bytes += row.orphans.bytes;
    }
    const Count& suspect = result.of(Verdict::suspect);
    const Count& orphan = result.of(Verdict::orphan);
    CHECK(all == result.scanned);
    CHECK(orphans.objects == suspect.objects + orphan.objects &&
          orphans.bytes == suspect.bytes + orphan.bytes);
  };
  check_rows(result.shapes);
  check_rows(result.groups);
  check_rows(result.prefixes_found);
  if (!result.scope_prefixes.empty()) check_rows(result.scope_prefixes);
  for (const SourceFindings& source : result.sources)
    CHECK(source.resolved + source.dangling == source.distinct_keys);
}

Result<void> give_dangling(ReadReferences& references, const ReferenceHashes& hashes, const ScanRules& rules,
                           ScanWorld& world) {
  if (!world.on_dangling) return {};
  SortedKeys keys(std::max<std::uint64_t>(rules.memory_bytes / 2, 1U << 20U));
  FLOTSAM_TRY(
      references.needed_spool->for_each([&](std::uint32_t source, std::string_view key) -> Result<void> {
        const std::size_t entry = references.index.find(hashes.key(key));
        if (entry != ReferenceIndex::kAbsent && references.index.seen(entry)) return {};
        return keys.add(source, key);
      }));
  return keys.for_each([&](std::uint32_t source, std::string_view key) {
    return world.on_dangling(key, references.sources[source].rules->query.name);
  });
}

// One run: what the steps hand to each other.
class Scan {
 public:
  Scan(const ScanRules& rules, ScanWorld& world)
      : rules_(rules),
        world_(world),
        hashes_(world.hash_seed ? *world.hash_seed : random_seed()),
        spelling_(rules.bucket) {}

  Result<ScanResult> run() {
    result_.started_at = world_.clock->now();
    result_.store_url = rules_.store_url;
    result_.prefixes = rules_.scope.prefixes();
    result_.min_age = rules_.min_age;
    // The order is the argument that no live object is taken: the store's clock, then all references, then
    // the listing.
    if (world_.store) {
      result_.store = *world_.store;
    } else {
      FLOTSAM_ASSIGN(result_.store, world_.lister->facts());
    }
    FLOTSAM_TRY(check_rules(rules_, world_, result_.store));
    FLOTSAM_ASSIGN(ReadReferences references, read_references(rules_, world_, hashes_, spelling_));
    result_.cutoff = cutoff_of(result_.store, references.sources, rules_.min_age);
    tell_of_old_sources(references.sources);
    FLOTSAM_ASSIGN(const std::unique_ptr<Tally> tally, list(references));
    FLOTSAM_TRY(find(references, *tally));
    result_.finished_at = world_.clock->now();
    return std::move(result_);
  }

 private:
  // A source that shows a moment long past keeps everything written since: right, and easily overlooked.
  void tell_of_old_sources(std::vector<ReadSource>& sources) const {
    for (ReadSource& source : sources) {
      if (!source.proof.true_at) continue;
      const auto age = std::chrono::floor<Seconds>(result_.store.clock - *source.proof.true_at);
      if (age < kOldSource) continue;
      source.proof.warnings.push_back(fmt::format(
          "it shows the references of {}, {} ago: objects written since then are kept as young",
          to_rfc3339(*source.proof.true_at), counted(static_cast<std::uint64_t>(age / kOldSource), "day")));
    }
  }

  std::array<bool, kVerdictCount> spooled_verdicts() const {
    std::array<bool, kVerdictCount> spooled{};
    for (const Verdict verdict : kAllVerdicts)
      spooled[static_cast<std::size_t>(verdict)] = is_unreferenced(verdict);
    for (const Verdict verdict : world_.wanted) spooled[static_cast<std::size_t>(verdict)] = true;
    return spooled;
  }

  Result<std::unique_ptr<Tally>> list(ReadReferences& references) {
    const Judge judge(rules_, references.index, hashes_, spelling_, result_.cutoff);
    spool_ =
        std::make_shared<Spool>(world_.spool_folder, std::min(kSpoolMemoryMax, rules_.memory_bytes / 16));
    ListingJudge::Setup setup;
    setup.judge = &judge;
    setup.scope = &rules_.scope;
    setup.tally = {&rules_.scope, result_.store.clock, result_.cutoff, judge.rule_count(),
                   references.index.sets().size()};
    setup.spool = spool_.get();
    setup.spooled = spooled_verdicts();
    setup.progress = world_.progress;
    setup.cancel = world_.cancel;
    ListingJudge sink(setup);
    ListingOptions options;
    options.connections = rules_.connections;
    options.cut_points = cut_points_of(references.sources, kCutPoints);
    options.cancel = world_.cancel;
    world_.progress->phase("listing", "objects", std::nullopt);
    FLOTSAM_ASSIGN(result_.listing, world_.lister->list(rules_.scope, options, sink));
    return sink.finish(result_.listing);
  }

  Result<void> find(ReadReferences& references, Tally& tally) {
    world_.progress->phase("ruling", "objects", std::nullopt);
    AfterListing after(rules_, world_, hashes_, references.index.dangling_loose_forms());
    ObjectSamples samples(spelling_, references.sources);
    FLOTSAM_TRY(after.revise(*spool_, tally, samples));
    result_.scanned.objects = result_.listing.objects;
    tally.write(result_);
    for (const Count& count : result_.verdicts) result_.scanned.bytes += count.bytes;
    write_sources(references, hashes_, tally, result_);
    write_rules(rules_, tally, result_);
    samples.write(result_);
    result_.plan = result_.of(Verdict::orphan);
    check_sums(result_);
    const auto objects = std::make_shared<const SpooledObjects>(spool_, tally.shape_level());
    result_.unreferenced = objects;
    result_.method = method_in_force(rules_.deletion, result_.store);
    result_.guards =
        rule_on({rules_, result_, world_.baseline, tally.cliff(), samples.pairs(), after.held_back()});
    if (world_.on_object) {
      FLOTSAM_TRY(
          objects->for_each_record([&](const Spool::Record& record, std::string_view shape) -> Result<void> {
            if (std::find(world_.wanted.begin(), world_.wanted.end(), record.verdict) == world_.wanted.end())
              return {};
            return world_.on_object(record.verdict, record.object, shape);
          }));
    }
    return give_dangling(references, hashes_, rules_, world_);
  }

  const ScanRules& rules_;
  ScanWorld& world_;
  ReferenceHashes hashes_;
  CanonicalSpelling spelling_;
  std::shared_ptr<Spool> spool_;
  ScanResult result_;
};

}  // namespace

Result<ScanResult> scan(const ScanRules& rules, ScanWorld& world) {
  return Scan(rules, world).run();
}

}  // namespace flotsam
