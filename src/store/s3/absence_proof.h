#pragma once

#include <mutex>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "store/s3/object_head.h"
#include "store/s3/s3_holdings.h"

namespace flotsam {

/// An answer to HEAD has no body: 404 says the same of an object that is not there, of a bucket that is not
/// there, and of a proxy that knows neither. This looks at objects for one call of a Remover or Restorer and
/// believes that one is not there only once a page of the bucket has shown that the bucket is.
///
/// Asks for that page at most once a bucket, and only where nothing stands under a key. Threads:
/// from several at once, each with hands of its own.
class AbsenceProof {
 public:
  explicit AbsenceProof(S3Holdings& holdings) : holdings_(holdings) {}

  /// head_object() in the bucket. Errors: its own; what the page was answered, where nothing stands there.
  Result<std::optional<ObjectHead>> head(S3Hands& hands, KeyView key, std::string_view version_id = {});
  /// The same in the quarantine's bucket.
  Result<std::optional<ObjectHead>> head_quarantined(S3Hands& hands, KeyView place);
  /// The caller has had a page of the bucket itself, checked, during the same call.
  void note_page();

 private:
  struct Proof {
    std::mutex mutex;
    std::optional<Result<void>> told;
  };
  Result<std::optional<ObjectHead>> head_in(S3Place& place, S3Client& client, Proof& proof, KeyView key,
                                            std::string_view version_id) const;

  S3Holdings& holdings_;
  Proof store_, quarantine_;
};

}  // namespace flotsam
