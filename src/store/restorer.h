#pragma once

/// What brings objects back. Only src/apply/ may include this header (tools/check_layers.py).

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/error.h"
#include "base/time.h"
#include "model/object.h"
#include "store/lister.h"
#include "store/open.h"
#include "store/quarantine.h"

namespace flotsam {

/// Where the bytes of an object that does not stand under its key still are.
struct Remains {
  enum class Place {
    marker,      ///< under the delete marker `marker_id`, which must still be the newest
    version,     ///< an older version, `version_id`, with more than one marker (or one that has no id of its
                 ///< own) above
    quarantine,  ///< QUARANTINE/run_id/key
  };
  Place place = Place::marker;
  Object object;  ///< key; size, etag, time and version id as they were, where known
  std::string marker_id;
  std::string version_id;  ///< the version that comes back, where known
  std::string run_id;
};
std::string_view to_string(Remains::Place place);

enum class RestoreResult {
  restored,    ///< it stands again, looked at
  standing,    ///< it stands already, as it was: nothing was done
  superseded,  ///< something newer stands there, or the marker is not the newest any more: left alone
  lost,        ///< proved: the bytes are nowhere any more
  failed,      ///< code and message say why; may be repeated
};
std::string_view to_string(RestoreResult result);

struct RestoreOutcome {
  RestoreResult result = RestoreResult::failed;
  std::string code;
  std::string message;  ///< a sentence without secrets; also of superseded and lost
};

/// Brings objects back and never over anything newer: it looks first, and creates only if absent where the
/// store has that. Repeatable. Threads: one at a time; an implementation may use many inside.
class Restorer {
 public:
  virtual ~Restorer() = default;
  virtual Result<StoreFacts> facts() = 0;

  enum class Mode { really, dry_run };  ///< dry_run: `restored` says that it would be
  /// One outcome each, in the same order. Place::marker: removes exactly that marker, or, where that right is
  /// missing, copies the version below forward. Place::quarantine: S3 copies back with metadata, content type
  /// and tags, verifies, then removes the quarantined copy; a directory renames back, folders made again
  /// where they are missing.
  virtual std::vector<RestoreOutcome> restore(std::span<const Remains> remains, Mode mode) = 0;

  /// For each key under which nothing stands: where its bytes still are (the newest that can be brought back;
  /// versions before quarantine), or nothing: proved nowhere. Whoever removed it. A key under which an object
  /// stands gives nothing. Errors: what cannot be read; then nothing is proved.
  virtual Result<std::vector<std::optional<Remains>>> find(std::span<const Key> keys) = 0;

  /// Everything in the quarantine in rising order of (run_id, key); nothing where none is configured. Errors
  /// of `use` end it and come back.
  virtual Result<void> list_quarantine(const std::function<Result<void>(const QuarantinedObject&)>& use,
                                       const Cancel& cancel) = 0;
};

/// Opens the store for bringing back; `quarantine` as of open_remover().
Result<std::unique_ptr<Restorer>> open_restorer(const StoreOptions& options,
                                                const std::optional<std::string>& quarantine,
                                                const StoreContext& context);

}  // namespace flotsam
