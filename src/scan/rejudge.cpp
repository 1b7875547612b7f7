#include "scan/rejudge.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/hash.h"
#include "scan/cutoff.h"
#include "scan/findings.h"
#include "scan/guards.h"
#include "scan/judge.h"
#include "scan/read_references.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kObjectsACheck = 4096;

std::uint64_t loose_hash_of(KeyView key, const ReferenceHashes& hashes, std::string& loose) {
  loose_form_of(key.bytes(), loose);
  return hashes.loose(loose);
}

// Notes the loose form of every planned object; how many there are.
Result<std::uint64_t> note_planned(const PlannedObjects& planned, const ReferenceHashes& hashes,
                                   const Cancel& cancel, PlannedLooseForms& forms) {
  std::uint64_t objects = 0;
  std::string loose;
  const auto note = [&](const ObjectView& object) -> Result<void> {
    if (++objects % kObjectsACheck == 0) FLOTSAM_TRY(cancel.check());
    forms.add(loose_hash_of(object.key, hashes, loose));
    return {};
  };
  if (planned) FLOTSAM_TRY(planned(note));
  forms.freeze();
  return objects;
}

}  // namespace

struct Rejudge::Impl {
  Impl(const ScanRules& scan_rules, std::uint64_t seed)
      : rules(scan_rules), hashes(seed), spelling(scan_rules.bucket) {}

  const ScanRules& rules;
  ReferenceHashes hashes;
  CanonicalSpelling spelling;
  PlannedLooseForms forms{PlannedLooseForms::Limits{}};
  ReadReferences references;
  std::optional<Judge> judge;
  Judge::Scratch scratch;
  std::vector<std::uint64_t> matches, derived;  // counted, and of no use here
  std::string loose;
  Timestamp started_at, finished_at, cutoff;
  std::vector<SourceFindings> sources;
  std::vector<GuardRuling> guards;

  void rule(const Request& request, std::uint64_t planned) {
    ScanResult found;
    found.store_url = rules.store_url;
    found.prefixes = rules.scope.prefixes();
    found.sources = sources;
    found.plan.objects = planned;
    guards = rule_on_reading({.rules = rules,
                              .found = found,
                              .baseline = request.plan_counts,
                              .cliff = {},
                              .pairs = {},
                              .ruled_at = RuledAt::apply});
  }

  // Of objects in scope.
  void judge_run(std::span<const ObjectView> objects, std::vector<Verdict>& verdicts) {
    judge->page(objects, scratch, matches, derived);
    for (std::size_t i = 0; i < objects.size(); ++i) {
      Verdict verdict = scratch.judgements[i].verdict;
      if (verdict == Verdict::orphan && forms.makes_suspect(loose_hash_of(objects[i].key, hashes, loose)))
        verdict = Verdict::suspect;
      verdicts.push_back(verdict);
    }
  }
};

Rejudge::Rejudge(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Rejudge::~Rejudge() = default;
Rejudge::Rejudge(Rejudge&&) noexcept = default;
Rejudge& Rejudge::operator=(Rejudge&&) noexcept = default;

Result<Rejudge> Rejudge::read(const Request& request, ScanWorld& world) {
  CHECK(request.rules != nullptr && world.clock != nullptr && world.log != nullptr &&
        world.progress != nullptr && world.cancel != nullptr);
  CHECK(!request.planned || request.find_absent);
  FLOTSAM_TRY(check_clock(request.store));
  auto impl = std::make_unique<Impl>(*request.rules, world.hash_seed ? *world.hash_seed : random_seed());
  FLOTSAM_ASSIGN(const std::uint64_t planned,
                 note_planned(request.planned, impl->hashes, *world.cancel, impl->forms));
  ScanWorld reading = world;
  reading.on_dangling = nullptr;  // nothing is listed here
  impl->started_at = world.clock->now();
  FLOTSAM_ASSIGN(impl->references,
                 read_references(impl->rules, reading, impl->hashes, impl->spelling, &impl->forms));
  impl->finished_at = world.clock->now();
  if (impl->forms.is_over()) {
    world.log->warn(
        "very many needed keys differ from objects of the plan in folder, case or extension alone; which of "
        "them "
        "exist is not asked, and all these objects are kept as suspects");
  } else if (request.planned) {
    if (auto asked = impl->forms.ask(request.find_absent, *world.cancel); !asked)
      return fail(std::move(asked).error(),
                  "while looking whether needed keys that resemble planned ones exist");
  }
  impl->cutoff =
      std::min(request.plan_cutoff, cutoff_of(request.store, impl->references.sources, impl->rules.min_age));
  impl->sources = sources_of_reading(impl->references);
  impl->rule(request, planned);
  impl->judge.emplace(impl->rules, impl->references.index, impl->hashes, impl->spelling, impl->cutoff);
  impl->matches.resize(impl->judge->rule_count());
  impl->derived.resize(impl->references.index.sets().size());
  return Rejudge(std::move(impl));
}

const std::vector<GuardRuling>& Rejudge::guards() const {
  return impl_->guards;
}

std::vector<Verdict> Rejudge::judge(std::span<const ObjectView> objects) {
  const Scope& scope = impl_->rules.scope;
  std::vector<Verdict> verdicts;
  verdicts.reserve(objects.size());
  while (verdicts.size() < objects.size()) {
    const auto rest = objects.subspan(verdicts.size());
    std::size_t run = 0;
    while (run < rest.size() && scope.contains(rest[run].key)) ++run;
    impl_->judge_run(rest.first(run), verdicts);
    if (run < rest.size()) verdicts.push_back(Verdict::unrecognised);
  }
  return verdicts;
}

Timestamp Rejudge::started_at() const {
  return impl_->started_at;
}
Timestamp Rejudge::finished_at() const {
  return impl_->finished_at;
}
Timestamp Rejudge::cutoff() const {
  return impl_->cutoff;
}
const std::vector<SourceFindings>& Rejudge::sources() const {
  return impl_->sources;
}

}  // namespace flotsam
