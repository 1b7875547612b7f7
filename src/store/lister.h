#pragma once

/// store/: where objects live. This header is all that a scan sees of it: it can list and look, and cannot
/// delete. `s3/` and `directory/` implement it; open_store() in store/open.h chooses.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/check.h"
#include "base/error.h"
#include "base/time.h"
#include "model/object.h"
#include "model/scope.h"

namespace flotsam {

/// Whether deletions in the store leave something to come back to.
enum class Versioning {
  enabled,    ///< a deletion puts a marker over the object
  suspended,  ///< counts as none
  none,       ///< never enabled, or a directory
  unknown,    ///< could not be read (permission, not implemented): treated as none, and said
};

inline std::string_view to_string(Versioning versioning) {
  switch (versioning) {
    case Versioning::enabled:
      return "enabled";
    case Versioning::suspended:
      return "suspended";
    case Versioning::none:
      return "none";
    case Versioning::unknown:
      return "unknown";
  }
  check_failed("a state of versioning has a name", __FILE__, __LINE__);
}

/// A lifecycle rule that removes something of the scope or the quarantine by itself.
struct LifecycleRule {
  std::string id;
  std::string prefix;                             ///< "" : whole bucket
  bool has_other_filter = false;                  ///< tags or sizes: it may not apply to all
  std::optional<int> expiration_days;             ///< current objects
  std::optional<int> noncurrent_expiration_days;  ///< older versions: the bucket's own undo deadline
};

/// What the store says of itself before anything is listed.
struct StoreFacts {
  Timestamp clock;        ///< the store's own "now": an answer's Date; a directory: the machine's clock
  Timestamp local_clock;  ///< the machine's clock at that moment: a difference is said to the person
  Versioning versioning = Versioning::unknown;
  std::optional<std::vector<LifecycleRule>> lifecycle;  ///< nothing: could not be read
  bool object_lock = false;                             ///< known to be on
  /// What makes it this store and no other: endpoint and bucket, or file system and inode.
  std::string identity;
  std::string region;       ///< S3; the one that answered
  std::string credentials;  ///< which provider won, e.g. "environment", "profile cleanup"; never a secret
  std::vector<std::string> warnings;  ///< sentences for the report
};

/// The proof that a listing is complete; only a complete listing has one.
struct ListingProof {
  std::uint64_t objects = 0;   ///< given to the sinks
  std::uint64_t requests = 0;  ///< pages asked for (S3), folders read (directory)
  std::uint64_t retries = 0;
  std::uint64_t skipped_special = 0;   ///< directory: sockets, fifos, devices
  std::uint64_t skipped_symlinks = 0;  ///< directory: links, which are never followed
  std::uint64_t skipped_own = 0;       ///< keys with a ".flotsam-" part, in no scope
  Timestamp started_at, finished_at;   ///< machine's clock
};

/// Takes the objects of one range of keys, in strictly rising key order, from one thread at a time. Pages are
/// borrowed.
class RangeSink {
 public:
  virtual ~RangeSink() = default;
  /// Errors end the listing and come back from list().
  virtual Result<void> page(std::span<const ObjectView> objects) = 0;
};

/// Hands out a sink for each range into which a lister splits its scope. Ranges are disjoint; put in the
/// order of `lower_bound` their pages are the whole scope in key order, whatever was split when. Called from
/// any thread.
class ListingSink {
 public:
  virtual ~ListingSink() = default;
  /// A range of keys > lower_bound (or all, where it is the first). It lives until list() returns.
  virtual RangeSink& open_range(KeyView lower_bound) = 0;
};

struct ListingOptions {
  unsigned connections = 0;             ///< 0: the store's own default
  std::vector<std::string> cut_points;  ///< sorted keys that split the scope evenly, if any are known: a hint
                                        ///< that shapes the work and never the result
  const Cancel* cancel = nullptr;
};

/// Lists a store. Cannot delete.
class Lister {
 public:
  virtual ~Lister() = default;

  /// Asks the store for its clock and settings: proves that it is reachable, exists and belongs to whom it
  /// should. Errors: not_found (no such bucket or folder), permission_denied, unavailable.
  virtual Result<StoreFacts> facts() = 0;

  /// Gives every object of the scope to the sinks exactly once and returns the proof that nothing is missing.
  /// On an error nothing that was given may be believed. Keys with a ".flotsam-" part are left out and
  /// counted. Errors: those of facts(); corrupt for an answer that cannot be trusted (order, prefix, echo,
  /// truncation); interrupted; whatever a sink returned. Threads: the sinks are called from several.
  virtual Result<ListingProof> list(const Scope& scope, const ListingOptions& options, ListingSink& sink) = 0;
};

}  // namespace flotsam
