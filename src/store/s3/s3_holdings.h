#pragma once

/// A bucket, its quarantine, and connections to both: what Remover and Restorer have in common.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/object.h"
#include "store/open.h"
#include "store/quarantine.h"
#include "store/s3/s3_client.h"
#include "store/s3/s3_place.h"

namespace flotsam {

/// "s3://bucket/a/.flotsam-quarantine/" taken apart.
struct QuarantineAddress {
  std::string bucket;
  std::string prefix;  ///< ends in "/" and has a part that begins ".flotsam-"
};

/// Errors: invalid_argument for anything that is not that.
Result<QuarantineAddress> parse_quarantine_url(std::string_view url);

/// The clients of one thread: one a bucket, which is one where the quarantine lies in the same bucket.
class S3Hands {
 public:
  S3Hands(std::unique_ptr<S3Client> store, std::unique_ptr<S3Client> quarantine)
      : store_(std::move(store)), quarantine_(std::move(quarantine)) {}
  S3Client& store() { return *store_; }
  S3Client& quarantine() { return quarantine_ ? *quarantine_ : *store_; }

 private:
  std::unique_ptr<S3Client> store_, quarantine_;
};

class S3Holdings {
 public:
  /// Errors: those of open_store(); invalid_argument for a quarantine URL that is none.
  static Result<std::unique_ptr<S3Holdings>> open(const StoreOptions& options,
                                                  const std::optional<std::string>& quarantine,
                                                  const StoreContext& context, const S3Tuning& tuning);

  S3Place& place() { return *place_; }
  const std::string& bucket() const { return place_->bucket(); }
  const S3Tuning& tuning() { return place_->session().tuning(); }
  Clock& clock() { return place_->session().clock(); }
  Log& log() { return place_->session().log(); }

  /// Lister::facts() of the bucket; keeps how far the store's clock is ahead.
  Result<StoreFacts> facts();
  /// Of the bucket, as the last facts() showed it.
  ObjectLock object_lock() const { return object_lock_; }
  /// The store's clock less this machine's, as the last facts() showed it; negative where it is behind.
  std::chrono::nanoseconds clock_ahead() const { return clock_ahead_; }

  bool has_quarantine() const { return quarantine_.has_value(); }
  const QuarantineAddress& quarantine() const;
  S3Place& quarantine_place() { return other_ ? *other_ : *place_; }
  /// Where a key of this run is quarantined: PREFIX RUN_ID / KEY. Nothing: longer than S3 allows.
  std::optional<Key> quarantined_key(std::string_view run_id, KeyView key) const;
  /// The same for what lies there already: of any length.
  Key key_in_quarantine(std::string_view run_id, KeyView key) const;
  /// True for keys below the quarantine: what alone our own copies may be deleted of.
  bool is_in_quarantine(KeyView key) const;

  /// Asks both buckets something that an answer with a body follows, once: a HEAD that goes to a wrong region
  /// cannot be told so, and a write is not put right. What is answered does not matter.
  void find_regions();

  /// Hands of the calling thread. Keeps connections from call to call. One thread at a time.
  S3Hands& hands() { return hands_of(0); }
  /// Calls `work` for every number below `count`, over up to S3Tuning::connections threads, and returns when
  /// all are done. One thread at a time.
  void for_each(std::size_t count, const std::function<void(S3Hands&, std::size_t)>& work);

  /// Everything in the quarantine in rising order of (run_id, key), by checked pages. Errors of `use` come
  /// back.
  Result<void> list_quarantine(const std::function<Result<void>(const QuarantinedObject&)>& use,
                               const Cancel* cancel);

 private:
  S3Holdings() = default;
  S3Hands& hands_of(std::size_t number);
  Result<std::vector<std::string>> runs_in_quarantine(S3Client& client);
  Result<void> list_run(S3Client& client, const std::string& run,
                        const std::function<Result<void>(const QuarantinedObject&)>& use);

  std::unique_ptr<S3Place> place_;
  std::unique_ptr<S3Place> other_;  ///< the quarantine's bucket, where it is another
  std::optional<QuarantineAddress> quarantine_;
  std::chrono::nanoseconds clock_ahead_{0};
  ObjectLock object_lock_ = ObjectLock::unknown;
  bool regions_found_ = false;
  std::unique_ptr<TransportFactory> transports_, other_transports_;
  std::vector<std::unique_ptr<S3Hands>> hands_;
};

/// The longest key that S3 allows.
inline constexpr std::size_t kKeyBytesMax = 1024;

}  // namespace flotsam
