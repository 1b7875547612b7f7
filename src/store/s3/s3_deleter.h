#pragma once

#include <span>
#include <string>
#include <vector>

#include "store/remover.h"
#include "store/s3/absence_proof.h"
#include "store/s3/removal_outcome.h"
#include "store/s3/s3_holdings.h"

namespace flotsam {

/// One deletion: the object under a key as it stands now.
struct Deletion {
  Key key;
  std::string etag;  ///< what it must be, where a condition is asked for; empty: no condition
};

/// Sends deletions, each once: in batches (S3 API: DeleteObjects), or one by one (DeleteObject) where a key
/// does not fit into XML, the condition works only there, or the store has no batches. Never names a version.
class S3Deleter {
 public:
  /// Which bucket of the holdings.
  enum class Where { store, quarantine };
  S3Deleter(S3Holdings& holdings, Where where) : holdings_(holdings), where_(where) {}

  struct Manner {
    DeleteCondition condition = DeleteCondition::none;
    BucketLock lock = BucketLock::none;
    AbsenceProof* absence = nullptr;  ///< of the store; nothing: HEAD alone is believed
  };
  /// One outcome a deletion, in the same order. Of `removed` ones the marker id, where the store tells one.
  std::vector<RemoveOutcome> remove(std::span<const Deletion> deletions, const Manner& manner);

  /// A single deletion; from any thread, with clients of the thread's own.
  RemoveOutcome remove_one(S3Hands& hands, const Deletion& deletion, const Manner& manner) const;

  /// From now on one by one: the answers to batches were seen to hide what is needed.
  void avoid_batches() { batches_work_ = false; }

 private:
  using Numbers = std::vector<std::size_t>;
  S3Client& client_of(S3Hands& hands) const {
    return where_ == Where::store ? hands.store() : hands.quarantine();
  }
  void one_by_one(const Numbers& numbers, const Manner& manner);
  /// Those of `numbers` that have to go one by one after all.
  Numbers in_batch(const Numbers& numbers, const Manner& manner);

  S3Holdings& holdings_;
  Where where_;
  bool batches_work_ = true;
  std::span<const Deletion> deletions_;
  std::vector<RemoveOutcome> outcomes_;
};

}  // namespace flotsam
