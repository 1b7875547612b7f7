#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "store/quarantine.h"
#include "store/restorer.h"
#include "store/s3/absence_proof.h"
#include "store/s3/key_history.h"
#include "store/s3/s3_holdings.h"

namespace flotsam {

/// Restorer::find(): where the bytes of keys are under which nothing stands.
class S3Finder {
 public:
  explicit S3Finder(S3Holdings& holdings) : holdings_(holdings), absence_(holdings) {}
  Result<std::vector<std::optional<Remains>>> find(std::span<const Key> keys);

 private:
  /// What a look at one key has shown.
  enum class Standing { stands, found, nowhere };
  Result<Standing> look(S3Hands& hands, const Key& key, std::optional<Remains>& found);
  Result<void> search_quarantine(std::span<const Key> keys, const std::vector<Standing>& standing,
                                 std::vector<std::optional<Remains>>& found);

  S3Holdings& holdings_;
  AbsenceProof absence_;
};

/// What can be brought back of a key with this history; nothing: nothing, or an object stands. Pure.
std::optional<Remains> remains_of_history(const std::vector<KeyVersion>& history);

}  // namespace flotsam
