#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/error.h"
#include "store/lister.h"
#include "store/s3/listing_page.h"
#include "store/s3/range_queue.h"
#include "store/s3/s3_client.h"

namespace flotsam {

/// What the first page of a prefix shows about the rest of it: copies, so that the page may go.
struct PageSample {
  std::string last;        ///< the page's last key
  std::size_t groups = 0;  ///< distinct parts up to the next "/" behind the prefix
  /// Neighbours in the page, the first of each fit to be asked for as start-after.
  struct Neighbours {
    std::string key, next;
  };
  std::vector<Neighbours> probes;
};

/// How a range began and ended: neighbours must agree about the key behind a cut.
struct RangeEnds {
  std::string after;                  ///< its cut on the left; empty: none
  std::optional<std::string> upto;    ///< its cut on the right
  std::optional<std::string> first;   ///< its first key
  std::optional<std::string> beyond;  ///< the first key behind `upto`, where one was seen
};

struct RangeTally {
  std::uint64_t objects = 0;
  std::uint64_t skipped_own = 0;
};

/// One worker: lists ranges, page after page, checks each page against the one before, and gives the keys to
/// a sink.
class RangeLister {
 public:
  RangeLister(S3Session& session, std::unique_ptr<Transport> transport, const Cancel* cancel);

  /// May cut what is left of the range short by setting `upto` (a key behind sample.last) and taking over the
  /// rest.
  using Split = std::function<Result<void>(KeyRange& range, const PageSample& sample)>;

  /// Lists a range whole. `split` is called at most once, after the first page of a prefix, where more
  /// follows. Errors: of the store, of a check, of the sink: nothing of the range may be believed then.
  Result<RangeEnds> list(KeyRange range, RangeSink& sink, const Split& split);

  /// One page outside of any range, for a probe or a hint. Its keys are views that live until the next call.
  Result<const ListingPage*> look(const ListObjectsAsk& ask);
  /// The same with one try and a short deadline: for what can be done without.
  Result<const ListingPage*> glance(const ListObjectsAsk& ask);

  const RangeTally& tally() const { return tally_; }
  std::uint64_t requests() const { return client_.answers(); }

 private:
  Result<void> fetch(const ListObjectsAsk& ask);
  Result<void> admit(const KeyRange& range, std::string_view last, bool is_first_page);
  Result<void> note_progress(bool any_key, const std::string& token);
  Result<void> give(RangeSink& sink);

  S3Session& session_;
  S3Client client_;
  ListingPageParser parser_;
  HttpResponse response_;
  ListingPage page_;
  RangeTally tally_;
  std::unordered_set<std::string> idle_tokens_;  ///< of the pages since the last one with a key
};

}  // namespace flotsam
