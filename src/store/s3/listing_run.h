#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "http/transport.h"
#include "store/lister.h"
#include "store/s3/range_lister.h"
#include "store/s3/range_queue.h"
#include "store/s3/s3_client.h"

namespace flotsam {

/// One listing of a scope by several workers: one plain thread and one connection each. The first page of
/// every prefix is listed as it is; where more follows, the rest is split into ranges once.
class ListingRun {
 public:
  /// `factory` makes transports that watch stop(): one failure ends every exchange.
  ListingRun(S3Session& session, const Scope& scope, const ListingOptions& options, ListingSink& sink);

  const Cancel* stop() const { return &stop_; }
  /// Lists. Call once.
  Result<ListingProof> run(TransportFactory& factory);

 private:
  void work(RangeLister& lister);
  Result<void> list_one(RangeLister& lister, const KeyRange& range);
  Result<void> split(RangeLister& lister, KeyRange& range, const PageSample& sample);
  Result<std::vector<std::string>> find_cuts(RangeLister& lister, const KeyRange& range,
                                             const PageSample& sample);
  Result<bool> start_after_works(RangeLister& lister, const KeyRange& range, const PageSample& sample);
  Result<bool> probe(RangeLister& lister, const KeyRange& range, const PageSample::Neighbours& neighbours);
  Result<void> start_workers(TransportFactory& factory);
  Result<void> check_cuts();
  void fail_with(Error error);
  void add_heads();

  S3Session& session_;
  const Scope& scope_;
  const ListingOptions& options_;
  ListingSink& sink_;
  const unsigned connections_;
  std::size_t threads_max_;  ///< connections_, or what the machine gives; only run()'s thread uses it
  Cancel stop_;
  RangeQueue queue_;
  std::vector<std::unique_ptr<RangeLister>> listers_;
  std::vector<std::thread> threads_;

  std::mutex mutex_;  ///< error_, ends_
  std::optional<Error> error_;
  std::vector<RangeEnds> ends_;

  std::mutex probe_mutex_;
  std::optional<bool> start_after_works_;
};

}  // namespace flotsam
