#pragma once

/// What deletes. Only src/apply/ may include this header (tools/check_layers.py): a scan is handed
/// store/lister.h.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/error.h"
#include "base/time.h"
#include "model/delete_method.h"
#include "model/object.h"
#include "store/lister.h"
#include "store/open.h"
#include "store/quarantine.h"

namespace flotsam {

/// What a look at one key showed, against the identity that the plan saw.
enum class LookState {
  same,     ///< it stands and has the planned etag, size and time (in whole seconds; the version id too where
            ///< both are known)
  changed,  ///< something else stands there
  gone,     ///< proved: nothing stands there (or a delete marker does)
  held,     ///< it stands unchanged, and a legal hold or a retention protects it, or these could not be read
  unknown,  ///< it could not be told (permission, an answer that cannot be trusted): keep it
};
std::string_view to_string(LookState state);

struct Look {
  LookState state = LookState::unknown;
  Object now;          ///< what stands there: of same, changed and held
  std::string reason;  ///< of held and unknown: for a person, without secrets
};

/// Which conditions on a deletion the store is known to honour (by the recorded `check --probe`).
enum class DeleteCondition {
  none,    ///< nothing is known: the look just before is all
  single,  ///< If-Match on DeleteObject
  batch,   ///< the per-key ETag of DeleteObjects, too
};
std::string_view to_string(DeleteCondition condition);

struct RemoveOptions {
  DeleteMethod method = DeleteMethod::none;  ///< never `none` when remove() is called
  DeleteCondition condition = DeleteCondition::none;
  /// Of the journal: what is quarantined lies at QUARANTINE/run_id/KEY, so that an intent alone says where to
  /// look.
  std::string run_id;
};

enum class RemoveResult {
  removed,  ///< confirmed
  gone,     ///< nothing stood there any more: nothing was done
  changed,  ///< the store's condition or the last look said so: left alone
  held,     ///< the store's lock forbids it: left alone, nothing half done
  failed,   ///< confirmed not removed; code and message say why
  unknown,  ///< no believable answer: reconcile() before anything else is tried
};
std::string_view to_string(RemoveResult result);

struct RemoveOutcome {
  RemoveResult result = RemoveResult::unknown;
  std::string marker_id;   ///< of `version`: the delete marker that this deletion made
  std::string version_id;  ///< the version below it, where the store tells
  /// Of failed and unknown: the store's error code, or "KeyTooLong", …; of removed: the deletion may be for
  /// good although the method keeps what it deletes ("NoVersionLeft", …), and nothing more is to be deleted.
  std::string code;  ///< of failed and unknown: the store's error code, "KeyTooLong", …; of the others where
                     ///< something is to be said: "NoVersionLeft", "VersioningSuspended" (removed, perhaps
                     ///< for good), "VersionKept" (removed, a version stays), "CopyLeft" (in the quarantine)
  std::string message;     ///< a sentence without secrets, where there is a code
  bool throttled = false;  ///< the store asked for less: not to count as a failure, to be tried again later
  bool retryable = false;  ///< the same object may be tried again (a server's fault)
};

/// Deletes objects, one identity at a time, and never what is not exactly that object as far as can be known.
/// Never removes a version by id, never bypasses a lock, never follows a link out of a directory's root.
///
/// Every call sends each deletion once: a lost answer is `unknown`, never sent again by itself.
/// Threads: one at a time; an implementation may use many inside.
class Remover {
 public:
  virtual ~Remover() = default;

  /// Those of Lister::facts(), asked now.
  virtual Result<StoreFacts> facts() = 0;

  /// What must hold before anything is deleted in this way: the bucket keeps versions (`version`), the
  /// quarantine is there, lies on the same file system, is no part of the scope. Changes nothing that a
  /// lister would see. Errors: refused or invalid_argument with what to do; those of facts().
  virtual Result<void> prepare(const RemoveOptions& options) = 0;

  /// Looks at each object now (S3: HEAD, or listing pages where many stand close together; on a bucket with
  /// object lock also retention and hold). In the order of `objects`, which are in rising key order. Errors:
  /// only what stops everything (interrupted, credentials refused); one object's failure is `unknown`.
  virtual Result<std::vector<Look>> look(std::span<const Object> objects) = 0;

  /// Deletes up to 1,000 objects that were just looked at. One outcome an object, in the same order, whatever
  /// happens: after a cut connection the rest is `unknown`, and what was not sent is `failed` and retryable.
  ///
  /// version     a delete marker on each
  /// quarantine  S3: copy, verify (size; etag where it survives), delete. Directory: rename, then verify what
  /// was moved permanent   on a bucket without versions, or a directory
  virtual std::vector<RemoveOutcome> remove(std::span<const Object> objects,
                                            const RemoveOptions& options) = 0;

  /// What became of deletions whose outcome is not known: after a lost answer, or a crash between intent and
  /// outcome. `since` is when the intent was written, by this machine's clock. `removed`: it is told that it
  /// was (version: the newest is a marker and below it stands the planned version; quarantine: the copy is
  /// whole and the original is away; permanent: nothing stands there). `failed` and retryable: it still
  /// stands unchanged (an unfinished copy is finished by the next remove()). Deletes nothing.
  virtual std::vector<RemoveOutcome> reconcile(std::span<const Object> objects, const RemoveOptions& options,
                                               Timestamp since) = 0;

  /// Removes quarantined objects for good (purge). `objects` as Quarantine::list() gave them, identity
  /// checked again just before. Outcomes as of remove(). Never touches a key outside the quarantine.
  virtual std::vector<RemoveOutcome> discard(std::span<const QuarantinedObject> objects) = 0;
};

/// Opens the store for deleting. `quarantine`: SPEC §2's URL or absolute path, ends in "/"; nothing: none is
/// configured. Errors: those of open_store().
Result<std::unique_ptr<Remover>> open_remover(const StoreOptions& options,
                                              const std::optional<std::string>& quarantine,
                                              const StoreContext& context);

}  // namespace flotsam
