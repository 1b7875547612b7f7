#pragma once

/// The objects of a state in a bucket: read whole, written on conditions, and known again where an answer was
/// lost.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/state.h"
#include "store/s3/object_head.h"
#include "store/s3/s3_client.h"
#include "store/s3/s3_place.h"

namespace flotsam {

/// Whether the bucket's store honours If-None-Match: * and If-Match on PUT: seen on an object of its own,
/// which is removed again with all its versions.
struct ConditionProof {
  bool bare_etags = false;             ///< it takes an etag without quotes alone (Ceph 16)
  bool delete_takes_condition = true;  ///< DELETE with the right If-Match went through
};

/// Threads: any. Keys are whole keys of the bucket. Errors: unavailable, permission_denied, corrupt, refused
/// as of S3Client; what writes on a condition also those of prove_conditions().
class S3StateObjects {
 public:
  /// `prefix`: below it the conditions are proved.
  S3StateObjects(std::unique_ptr<S3Place> place, std::string prefix);

  const std::string& bucket() const { return place_->bucket(); }

  /// The whole object and its etag, or nothing. `refused` where it is larger than `limit_bytes`.
  Result<std::optional<State::Entry>> get(const std::string& key, std::uint64_t limit_bytes);
  /// The same in one request, for an object of at most 32 MiB.
  Result<std::optional<State::Entry>> get_small(const std::string& key);
  /// Gives the bytes in order, all of one object. False: there is none.
  using Use = std::function<Result<void>(std::string_view)>;
  Result<bool> get_in_pieces(const std::string& key, const Use& use);
  /// All keys that begin with the prefix, sorted.
  Result<std::vector<std::string>> list(const std::string& prefix);

  /// False: an object stands there that this call did not write.
  Result<bool> create(const std::string& key, std::string_view bytes);
  /// False: what stands there has another etag, or nothing does.
  Result<bool> replace(const std::string& key, std::string_view bytes, const std::string& etag);
  Result<void> put(const std::string& key, std::string_view bytes);
  /// Puts in a file of any size, in parts where it is large.
  Result<void> put_file(const std::string& key, const std::filesystem::path& file);
  /// False: what stands there has another etag, or nothing does.
  Result<bool> remove(const std::string& key, const std::string& etag);

 private:
  /// A client for one call.
  class Lent {
   public:
    explicit Lent(S3StateObjects& owner) : owner_(owner), client_(owner.take()) {}
    ~Lent() { owner_.give_back(std::move(client_)); }
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;
    S3Client& operator*() const { return *client_; }
    S3Client* operator->() const { return client_.get(); }

   private:
    S3StateObjects& owner_;
    std::unique_ptr<S3Client> client_;
  };
  std::unique_ptr<S3Client> take();
  void give_back(std::unique_ptr<S3Client> client);

  /// The etag of what was read, or nothing.
  Result<std::optional<std::string>> fetch(const std::string& key, std::uint64_t limit_bytes, const Use& use);
  Result<void> fetch_pieces(S3Client& client, const ObjectHead& head, const Use& use);
  /// Neither a write nor a HEAD can put a wrong region right (the one must not be sent again, the other's
  /// answer has no body that names it): a GET comes first, once.
  Result<void> ensure_region();
  Result<void> ensure_proven();
  /// `etag`: the one that must stand; empty: nothing must.
  Result<bool> put_on_condition(const std::string& key, std::string_view bytes, const std::string& etag);
  Result<bool> is_ours(S3Client& client, const ObjectHead& now, std::string_view bytes,
                       std::string_view writer);
  Result<bool> remove_seen(const std::string& key, const std::string& etag);
  Result<void> put_in_parts(const std::string& key, int fd, std::uint64_t size,
                            const std::filesystem::path& file);
  Result<void> complete(S3Client& client, const std::string& key, const std::string& upload_id,
                        const std::string& parts, std::string_view writer);

  std::unique_ptr<S3Place> place_;
  std::string prefix_;
  std::unique_ptr<TransportFactory> transports_;
  std::mutex clients_mutex_;
  std::vector<std::unique_ptr<S3Client>> idle_;
  std::mutex region_mutex_;
  bool region_known_ = false;
  std::mutex proof_mutex_;
  bool proven_ = false;
  std::optional<Error> disproven_;  ///< the store ignores conditions: not asked again
  ConditionProof proof_;
};

/// The metadata by which a write whose answer was lost is known again.
inline constexpr std::string_view kWriterHeader = "x-amz-meta-flotsam-write";

/// `key`: one that nobody else uses. Errors: refused where the store ignores a condition or does not know it;
/// those of settle(). What could not be removed is logged.
Result<ConditionProof> prove_conditions(S3Session& session, S3Client& client, const std::string& key);

}  // namespace flotsam
