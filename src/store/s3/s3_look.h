#pragma once

#include <span>
#include <vector>

#include "base/error.h"
#include "model/object.h"
#include "store/remover.h"
#include "store/s3/absence_proof.h"
#include "store/s3/object_head.h"
#include "store/s3/s3_holdings.h"

namespace flotsam {

/// What HEAD of an object shows against what was planned; never `held`.
Look look_of(const Object& planned, const Result<std::optional<ObjectHead>>& head);

/// Looks at many objects, in rising key order and each key once: by listing pages where many stand close
/// together, else by HEAD over several connections; with retention and legal hold of each unless the bucket
/// is proved to have no object lock. Errors: Remover::look().
class S3Look {
 public:
  S3Look(S3Holdings& holdings, ObjectLock lock) : holdings_(holdings), absence_(holdings), lock_(lock) {}
  Result<std::vector<Look>> look(std::span<const Object> objects);

 private:
  void by_pages();
  std::size_t take_page(std::size_t from);
  void by_heads();
  void look_at_lock(S3Client& client, std::size_t number);
  Result<void> stop_where_refused();

  S3Holdings& holdings_;
  AbsenceProof absence_;
  ObjectLock lock_;
  std::span<const Object> objects_;
  std::vector<Look> looks_;
  std::vector<char> is_open_;  ///< still to be looked at by HEAD
};

}  // namespace flotsam
