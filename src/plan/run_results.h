#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/delete_method.h"
#include "model/key.h"

namespace flotsam {

/// Why apply left a planned object alone, in the order of the results (SPEC §7).
enum class SkipReason {
  referenced,
  derived,
  protected_,
  unrecognised,
  young,
  suspect,
  changed,
  gone,
  settling
};
inline constexpr std::size_t kSkipReasons = 9;
std::string_view to_string(SkipReason reason);  ///< "referenced", …, "protected", …
std::optional<SkipReason> skip_reason_of(std::string_view name);

struct FailedObject {
  Key key;
  std::string code;
  std::string message;
};

enum class RunStatus { ok, partial, failed, refused };
std::string_view to_string(RunStatus status);

/// One guard as apply ruled on it, for the report.
struct AppliedGuard {
  std::string id;
  bool overridden = false;
  std::string message;
};

/// What an apply did: the whole journal, earlier runs included.
struct ApplyResult {
  std::string plan_id;
  std::uint64_t planned = 0;
  std::uint64_t deleted = 0;
  std::uint64_t bytes = 0;  ///< of the deleted: freed, or recoverable until `recoverable_until`
  std::array<std::uint64_t, kSkipReasons> skipped{};
  std::vector<FailedObject> failed;  ///< at most 1,000 of them
  std::uint64_t failed_count = 0;
  std::uint64_t left = 0;  ///< not tried yet: of partial and failed
  DeleteMethod method = DeleteMethod::none;
  std::optional<Timestamp> recoverable_until;  ///< nothing: cannot be undone, or the date is not known
  std::string recoverable_note;                ///< where the date is not known or does not hold: why
  std::optional<Timestamp> retry_after;        ///< of settling objects
  std::string journal;                         ///< its place
  std::vector<AppliedGuard> guards;            ///< those that were overridden or that refused
  std::string stopped_by;                      ///< of partial and failed: a sentence
  RunStatus status = RunStatus::ok;
};

/// What undo, rescue or purge did.
struct RestoreResultSummary {
  std::uint64_t restored = 0;  ///< purge: keys that went back because they are referenced again
  std::uint64_t purged = 0;
  std::uint64_t bytes = 0;
  std::vector<Key> superseded;  ///< at most 1,000
  std::uint64_t superseded_count = 0;
  std::uint64_t lost = 0;  ///< their bytes are nowhere any more
  std::vector<FailedObject> failed;
  std::uint64_t failed_count = 0;
  std::uint64_t left = 0;
  std::string journal;
  std::string stopped_by;
  RunStatus status = RunStatus::ok;
};

}  // namespace flotsam
