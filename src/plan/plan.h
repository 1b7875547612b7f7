#pragma once

/// plan/: the files between deciding and doing. The plan that a scan writes, the journal of an apply, the
/// history of runs, the lock of a scope, and what earlier scans sighted.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "model/object.h"
#include "plan/sealed_file.h"

namespace flotsam {

/// One source as the plan saw it. Where it is another now, apply refuses (exit 6).
struct SourceIdentity {
  std::string name;
  std::string rules_digest;  ///< hex SHA-256 of query, columns, extract, objects, derived
  std::vector<std::pair<std::string, std::string>> database;  ///< ReferenceDatabase::identity(), in its order
  std::uint64_t distinct_keys = 0;                            ///< what reference-drop compares
  friend bool operator==(const SourceIdentity&, const SourceIdentity&) = default;
};

/// The first line of a plan. `report` and `evidence` are JSON objects as text: the report of SPEC §6 as it
/// was shown, and what it rests on (store identity, database identities and proofs, configuration digest's
/// parts, assumptions).
struct PlanHeader {
  static constexpr int kFormat = 1;
  int format = kFormat;
  std::string id;        ///< 32 hex digits
  Timestamp created_at;  ///< machine's clock
  Timestamp expires_at;  ///< created_at + guard plan-age
  std::string store_url;
  std::string store_identity;  ///< StoreFacts::identity
  std::vector<std::string> prefixes;
  std::string config_digest;  ///< hex SHA-256 of what decides (store, prefixes, rules, sources; not limits)
  Timestamp cutoff;           ///< SPEC §4: apply judges by the earlier of this and its own
  std::string method;         ///< the one in force at the scan: "version", "quarantine", "permanent", "none"
  std::vector<SourceIdentity> sources;  ///< in the order of the configuration
  std::string report;                   ///< JSON object on one line
  std::string evidence;                 ///< JSON object on one line
};

/// One orphan: a line of the plan.
struct PlannedObject {
  Object object;
  std::string shape;
};

/// Writes a plan: header, one line an orphan in key order, last line with count and digest. Nothing stands
/// under the path before commit(). Errors: those of AtomicFile (a full disk: unavailable, and no plan);
/// internal for an object that no plan may hold: out of order, outside the prefixes or of unknown time. The
/// writer is of no use afterwards.
class PlanWriter {
 public:
  static Result<PlanWriter> create(const std::filesystem::path& path, const PlanHeader& header);
  Result<void> add(const ObjectView& object, std::string_view shape);
  Result<void> commit();

 private:
  PlanWriter(SealedWriter file, std::vector<std::string> prefixes)
      : file_(std::move(file)), prefixes_(std::move(prefixes)) {}
  SealedWriter file_;
  std::vector<std::string> prefixes_;
  std::string last_key_;
  bool failed_ = false;
};

/// A plan whose digest was checked: no byte of it was changed since it was written.
class Plan {
 public:
  /// Reads and checks the whole file before anything of it is believed; constant memory.
  /// Errors: not_found; corrupt (digest, count, order or form is wrong, an object stands outside the plan's
  /// prefixes, or a newer flotsam wrote it: exit code 6 of the program).
  static Result<Plan> load(const std::filesystem::path& path);
  const PlanHeader& header() const { return header_; }
  std::uint64_t objects() const { return objects_; }
  std::uint64_t bytes() const { return bytes_; }
  const std::filesystem::path& path() const { return path_; }
  /// Hex SHA-256 of the plan, as its last line names it.
  const std::string& digest() const { return digest_; }
  /// Every planned object in key order, read from the file again (and its digest checked again). An error at
  /// the end says that the file was changed meanwhile: then nothing that was given may be believed.
  Result<void> for_each(const std::function<Result<void>(const PlannedObject&)>& use) const;

 private:
  Plan() = default;
  std::filesystem::path path_;
  PlanHeader header_;
  std::uint64_t objects_ = 0;
  std::uint64_t bytes_ = 0;
  std::string digest_;
};

/// One object as a JSON line of a plan or of `scan --list`, without the line break.
std::string to_json_line(const ObjectView& object, std::string_view shape);
/// A key as JSON text: a string, or {"base64": "…"} where it is not UTF-8 (SPEC §6).
std::string to_json_key(std::string_view key);

}  // namespace flotsam
