#include "scan/tally.h"

#include <algorithm>
#include <span>

#include "base/check.h"
#include "model/shape.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kDay = 86400;
constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr std::uint64_t kCliffDays = 30;

// Lower ends; the last bin has no upper end.
constexpr std::array<std::uint64_t, 6> kAgeBins = {0, kDay, 7 * kDay, 30 * kDay, 90 * kDay, 365 * kDay};
constexpr std::array<std::uint64_t, 8> kSizeBins = {0,          1,        kKiB,      16 * kKiB,
                                                    256 * kKiB, 4 * kMiB, 64 * kMiB, 1024 * kMiB};
constexpr std::size_t kUnknownAge = kAgeBins.size();
constexpr std::string_view kOther = "(other)";
constexpr std::string_view kRoot = "(root)";

std::size_t bin_of(std::uint64_t value, std::span<const std::uint64_t> bins) {
  return static_cast<std::size_t>(std::upper_bound(bins.begin(), bins.end(), value) - bins.begin()) - 1;
}

void coarsen_shape(std::string_view name, int level, std::string& out) {
  out = coarser_shape(name, level);
}

// Level 1: the first path part. Level 2: its shape. Level 3: one row.
void coarsen_group(std::string_view name, int level, std::string& out) {
  if (level >= 3) {
    out.assign(kOther);
    return;
  }
  const std::string_view part = name == kRoot ? name : first_part_of(KeyView(name));
  if (level == 1)
    out.assign(part);
  else
    shape_of(KeyView(part), out);
}

// Level 1: the part's shape. Level 2: one row.
void coarsen_first_part(std::string_view name, int level, std::string& out) {
  if (level >= 2)
    out.assign(kOther);
  else
    shape_of(KeyView(name), out);
}

void count_row(TallyRow& row, const Tally::Observation& seen, std::uint64_t one, std::uint64_t bytes) {
  const bool unreferenced = is_unreferenced(seen.verdict);
  row.all.objects += one;
  row.all.bytes += bytes;
  if (unreferenced) {
    row.orphans.objects += one;
    row.orphans.bytes += bytes;
  }
  if (is_judged(seen.verdict)) {
    row.judged += one;
    if (!unreferenced) row.known += one;
  }
  if (seen.disposable) return;
  if (unreferenced || seen.held_back) row.ruled_orphans += one;
  if (is_judged(seen.verdict) || seen.held_back) row.ruled_judged += one;
}

// A full age in seconds; an object from the future has age 0.
std::uint64_t age_seconds(Timestamp from, Timestamp now) {
  if (from >= now) return 0;
  return static_cast<std::uint64_t>(std::chrono::floor<Seconds>(now).time_since_epoch().count() -
                                    std::chrono::floor<Seconds>(from).time_since_epoch().count());
}

bool more_telling(const TallyRow& a, const TallyRow& b) {
  if (a.orphans.bytes != b.orphans.bytes) return a.orphans.bytes > b.orphans.bytes;
  if (a.orphans.objects != b.orphans.objects) return a.orphans.objects > b.orphans.objects;
  return a.name < b.name;
}

std::vector<TallyRow> telling_rows(const LevelTable& table) {
  std::vector<TallyRow> rows = table.rows();
  std::sort(rows.begin(), rows.end(), more_telling);
  return rows;
}

}  // namespace

bool differ_in_digits_only(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const auto is_digit = [](char byte) { return static_cast<unsigned char>(byte - '0') < 10; };
  bool alike = true;
  for (std::size_t i = 0; i < a.size(); ++i) alike &= a[i] == b[i] || (is_digit(a[i]) && is_digit(b[i]));
  return alike;
}

std::string_view group_of(KeyView key) {
  const std::string_view bytes = key.bytes();
  const std::size_t first = bytes.find('/');
  if (first == std::string_view::npos) return kRoot;
  const std::size_t second = bytes.find('/', first + 1);
  return bytes.substr(0, (second == std::string_view::npos ? first : second) + 1);
}

Tally::Tally(const TallyRules& rules)
    : rule_matches(rules.rule_count),
      derived_by_set(rules.set_count),
      rules_(rules),
      shapes_(coarsen_shape, kCoarsestShape),
      groups_(coarsen_group, 3),
      first_parts_(coarsen_first_part, 2),
      ages_(kAgeBins.size() + 1),
      sizes_(kSizeBins.size()) {
  for (const std::string& prefix : rules.scope->prefixes()) {
    scope_prefixes_.emplace_back();
    scope_prefixes_.back().name = prefix;
  }
}

void Tally::count(const Observation& seen, Direction direction) {
  const ObjectView& object = *seen.object;
  // Unsigned sums wrap, so taking back is adding the complement.
  const bool in = direction == Direction::in;
  const std::uint64_t one = in ? 1 : ~std::uint64_t{0};
  const std::uint64_t bytes = in ? object.size_bytes : ~object.size_bytes + 1;
  Count& verdict = verdicts_[static_cast<std::size_t>(seen.verdict)];
  verdict.objects += one;
  verdict.bytes += bytes;
  shape(object.key);
  count_row(shapes_.row(shape_), seen, one, bytes);
  count_row(groups_.row(group_of(object.key)), seen, one, bytes);
  count_row(first_parts_.row(first_part_of(object.key)), seen, one, bytes);
  if (scope_prefixes_.size() > 1) {
    const std::string_view prefix = rules_.scope->prefix_of(object.key);
    const auto place =
        std::lower_bound(scope_prefixes_.begin(), scope_prefixes_.end(), prefix,
                         [](const TallyRow& row, std::string_view name) { return row.name < name; });
    CHECK(place != scope_prefixes_.end() && place->name == prefix);
    count_row(*place, seen, one, bytes);
  }
  Bin& size = sizes_[bin_of(object.size_bytes, kSizeBins)];
  size.all.objects += one;
  size.all.bytes += bytes;
  if (is_unreferenced(seen.verdict)) size.orphans += one;
  count_age(seen, one, bytes);
}

// Neighbours in key order mostly differ in a number alone; comparing is a tenth of the work of blanking.
void Tally::shape(KeyView key) {
  if (!differ_in_digits_only(key.bytes(), shaped_key_)) shape_of(key, shape_);
  shaped_key_.assign(key.bytes());
}

void Tally::count_age(const Observation& seen, std::uint64_t one, std::uint64_t bytes) {
  const ObjectView& object = *seen.object;
  const bool unreferenced = is_unreferenced(seen.verdict);
  const std::uint64_t age = object.last_modified ? age_seconds(*object.last_modified, rules_.clock) : 0;
  Bin& bin = ages_[object.last_modified ? bin_of(age, kAgeBins) : kUnknownAge];
  bin.all.objects += one;
  bin.all.bytes += bytes;
  if (unreferenced) bin.orphans += one;
  const bool ruled_orphan = unreferenced || seen.held_back;
  if (!is_judged(seen.verdict) && !seen.held_back) return;
  if (!object.last_modified || *object.last_modified > rules_.cutoff) return;
  if (age <= kCliffDays * kDay) {
    cliff_.recent_judged += one;
    if (ruled_orphan) cliff_.recent_orphans += one;
  } else {
    cliff_.older_judged += one;
    if (ruled_orphan) cliff_.older_orphans += one;
  }
}

void Tally::move(std::uint64_t size_bytes, Verdict from, Verdict to) {
  CHECK(is_unreferenced(from) && is_unreferenced(to));
  Count& source = verdicts_[static_cast<std::size_t>(from)];
  Count& target = verdicts_[static_cast<std::size_t>(to)];
  --source.objects;
  source.bytes -= size_bytes;
  ++target.objects;
  target.bytes += size_bytes;
}

void Tally::merge(const Tally& other) {
  for (std::size_t i = 0; i < kVerdictCount; ++i) {
    verdicts_[i].objects += other.verdicts_[i].objects;
    verdicts_[i].bytes += other.verdicts_[i].bytes;
  }
  shapes_.merge(other.shapes_);
  groups_.merge(other.groups_);
  first_parts_.merge(other.first_parts_);
  for (std::size_t i = 0; i < scope_prefixes_.size(); ++i) add(scope_prefixes_[i], other.scope_prefixes_[i]);
  const auto add_bins = [](std::vector<Bin>& to, const std::vector<Bin>& from) {
    for (std::size_t i = 0; i < to.size(); ++i) {
      to[i].all.objects += from[i].all.objects;
      to[i].all.bytes += from[i].all.bytes;
      to[i].orphans += from[i].orphans;
    }
  };
  add_bins(ages_, other.ages_);
  add_bins(sizes_, other.sizes_);
  cliff_.recent_judged += other.cliff_.recent_judged;
  cliff_.recent_orphans += other.cliff_.recent_orphans;
  cliff_.older_judged += other.cliff_.older_judged;
  cliff_.older_orphans += other.cliff_.older_orphans;
  for (std::size_t i = 0; i < rule_matches.size(); ++i) rule_matches[i] += other.rule_matches[i];
  for (std::size_t i = 0; i < derived_by_set.size(); ++i) derived_by_set[i] += other.derived_by_set[i];
}

void Tally::write(ScanResult& result) const {
  result.verdicts = verdicts_;
  result.shapes = telling_rows(shapes_);
  result.groups = telling_rows(groups_);
  result.prefixes_found = first_parts_.rows();
  result.first_parts_merged = first_parts_.level() > 0;
  std::sort(result.prefixes_found.begin(), result.prefixes_found.end(),
            [](const TallyRow& a, const TallyRow& b) { return a.name < b.name; });
  if (scope_prefixes_.size() > 1) result.scope_prefixes = scope_prefixes_;
  const auto write_bins = [](std::span<const std::uint64_t> ends, const std::vector<Bin>& bins,
                             std::vector<HistogramBin>& out) {
    for (std::size_t i = 0; i < ends.size(); ++i) {
      HistogramBin& bin = out.emplace_back();
      bin.from = ends[i];
      if (i + 1 < ends.size()) bin.to = ends[i + 1];
      bin.all = bins[i].all;
      bin.orphans = bins[i].orphans;
    }
  };
  write_bins(kAgeBins, ages_, result.age_histogram);
  HistogramBin& unknown = result.age_histogram.emplace_back();
  unknown.all = ages_[kUnknownAge].all;
  unknown.orphans = ages_[kUnknownAge].orphans;
  write_bins(kSizeBins, sizes_, result.size_histogram);
}

}  // namespace flotsam
