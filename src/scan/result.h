#pragma once

/// scan/: reads references, judges every listed object, rules on the guards. It is handed interfaces that
/// cannot delete and its result is a value: the same for the same input, whatever the threads did (times and
/// ids aside).

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/error.h"
#include "base/time.h"
#include "model/delete_method.h"
#include "model/guard_limits.h"
#include "model/object.h"
#include "model/verdict.h"
#include "references/source.h"
#include "store/lister.h"

namespace flotsam {

struct Count {
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
  friend bool operator==(const Count&, const Count&) = default;
};

/// One row of a table by shape, group or first path part. "orphans" counts what is unreferenced (SPEC §6).
struct TallyRow {
  std::string name;  ///< the shape, group or prefix; "(other)" for what a cap leaves out
  Count all;
  Count orphans;                    ///< orphan + suspect
  std::uint64_t judged = 0;         ///< referenced + derived + suspect + orphan
  std::uint64_t known = 0;          ///< referenced + derived
  std::uint64_t ruled_orphans = 0;  ///< unreferenced that `disposable` does not match: what guards count
  std::uint64_t ruled_judged = 0;   ///< judged that `disposable` does not match
};

/// One bin of a histogram: from <= x < to. Ages are seconds before the store's clock, sizes are bytes.
struct HistogramBin {
  std::optional<std::uint64_t> from;  ///< nothing in both: the value is unknown
  std::optional<std::uint64_t> to;    ///< nothing: no upper end
  Count all;
  std::uint64_t orphans = 0;
};

/// An object to show, and the reference that nearly names it.
struct SampleObject {
  Object object;
  Verdict verdict = Verdict::orphan;
  std::string shape;
  std::string
      near_reference;  ///< for a suspect, a needed key with the same canonical spelling, if one was kept
};

struct TemplateFindings {
  std::string text;
  bool is_derived = false;
  std::uint64_t distinct_keys = 0;  ///< in scope; needed ones for `objects`
  std::uint64_t outside = 0;
  std::uint64_t resolved = 0;         ///< of distinct_keys, those under which an object exists
  std::uint64_t matched_objects = 0;  ///< objects with this verdict through it: for derived templates
};

struct SourceFindings {
  std::string name;
  std::string database;  ///< shown(), without secrets
  std::uint64_t rows = 0;
  std::uint64_t empty = 0;
  std::uint64_t unmatched = 0;
  std::uint64_t distinct_keys = 0;  ///< needed, in scope
  std::uint64_t outside = 0;        ///< needed, not in scope
  std::uint64_t explained = 0;      ///< derived keys and folders in scope
  std::uint64_t resolved = 0;
  std::uint64_t dangling = 0;  ///< resolved + dangling = distinct_keys
  bool has_objects = false;
  bool outside_ignored = false;
  bool may_be_empty = false;
  std::vector<TemplateFindings> templates;
  std::vector<std::string> sample_dangling;  ///< at most 10, the same for the same input
  std::vector<std::string> sample_values;    ///< at most 3 raw values, for messages
  ReadProof proof;
  Evidence identity;  ///< of its database

  /// What history remembers of it for reference-drop: the distinct needed keys; of a source that needs none,
  /// those that it explains.
  std::uint64_t keys_to_remember() const { return has_objects ? distinct_keys : explained; }
};

/// How often a rule matched, for rules-unused.
struct RuleUse {
  std::string kind;  ///< "protect", "candidates", "disposable"
  std::string text;
  std::uint64_t matched = 0;
};

enum class Ruling { pass, warn, refuse };

inline std::string_view to_string(Ruling ruling) {
  switch (ruling) {
    case Ruling::pass:
      return "pass";
    case Ruling::warn:
      return "warn";
    case Ruling::refuse:
      return "refuse";
  }
  check_failed("a ruling has a name", __FILE__, __LINE__);
}

/// What one guard says.
struct GuardRuling {
  std::string id;
  Ruling ruling = Ruling::pass;
  std::optional<double> value;  ///< percent, count, bytes or seconds; nothing where it did not rule
  std::optional<double> limit;
  bool overridable = true;
  std::string message;  ///< what it saw and what to do; UTF-8, keys in it escaped
};

/// The unreferenced objects of a scan in key order, kept outside memory. Can be read again and again.
class UnreferencedObjects {
 public:
  virtual ~UnreferencedObjects() = default;
  /// Calls `use` for every object with this verdict (orphan or suspect), in rising key order. Views are
  /// borrowed.
  virtual Result<void> for_each(
      Verdict verdict,
      const std::function<Result<void>(const ObjectView&, std::string_view shape)>& use) const = 0;
};

/// Everything that a scan found. A value: what report, plan and history are made of.
struct ScanResult {
  std::string store_url;
  std::vector<std::string> prefixes;  ///< {""} for the whole bucket
  StoreFacts store;
  Timestamp started_at, finished_at;  ///< machine's clock
  Timestamp cutoff;                   ///< SPEC §4
  Seconds min_age{0};

  Count scanned;
  std::array<Count, kVerdictCount> verdicts;  ///< add up to `scanned`, checked
  std::uint64_t objects_in_database =
      0;  ///< distinct needed keys of all sources, outside ones included (unless ignored)

  std::vector<TallyRow> shapes;  ///< all shapes; most telling first (orphan bytes, then orphans, then name)
  std::vector<TallyRow>
      groups;  ///< by the first two path parts, coarser where there are too many; same order
  std::vector<TallyRow> prefixes_found;  ///< by first path part; sorted by name
  bool first_parts_merged = false;       ///< there were too many of them: the rows are shapes of parts
  std::vector<TallyRow> scope_prefixes;  ///< by configured prefix, where there are several
  std::vector<HistogramBin> age_histogram;
  std::vector<HistogramBin> size_histogram;

  std::vector<SampleObject> sample_unreferenced;  ///< at most 10, spread over shapes and groups
  std::vector<SampleObject> sample_suspects;      ///< at most 5, with near_reference where known

  std::vector<SourceFindings> sources;
  std::vector<RuleUse> rules;
  ListingProof listing;
  std::vector<GuardRuling> guards;  ///< in the order of SPEC §5
  DeleteMethod method = DeleteMethod::none;

  Count plan;  ///< the orphans
  std::shared_ptr<const UnreferencedObjects> unreferenced;

  bool refused() const {
    for (const auto& guard : guards)
      if (guard.ruling == Ruling::refuse) return true;
    return false;
  }
  const Count& of(Verdict verdict) const { return verdicts[static_cast<std::size_t>(verdict)]; }
};

}  // namespace flotsam
