#include "store/s3/page_walk.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"

namespace flotsam {

PageWalk::PageWalk(S3Client& client, const std::string& bucket, ListObjectsAsk ask, unsigned empty_pages_max)
    : client_(client),
      parser_(bucket),
      ask_(std::move(ask)),
      empty_pages_max_(empty_pages_max),
      last_(ask_.start_after) {}

Result<const ListingPage*> PageWalk::next() {
  CHECK(!done_);
  FLOTSAM_TRY(client_.get(list_objects_parameters(ask_), response_,
                          [&](HttpResponse& answer) { return parser_.parse(ask_, answer.body, page_); }));
  auto& objects = page_.objects;
  // Some stores take start-after as inclusive.
  if (first_ && !objects.empty() && !last_.empty() && objects.front().key.bytes() == last_)
    objects.erase(objects.begin());
  first_ = false;
  if (!objects.empty() && !last_.empty() && objects.front().key.bytes() <= last_)
    return fail(ErrorCode::corrupt,
                fmt::format("key {} comes in a page behind {}: keys must rise",
                            in_quotes(objects.front().key.bytes()), in_quotes(last_)),
                "the listing cannot be trusted: check the store, and any proxy before it");
  empty_pages_ = objects.empty() && page_.common_prefixes.empty() ? empty_pages_ + 1 : 0;
  if (empty_pages_ > empty_pages_max_)
    return fail(ErrorCode::corrupt,
                fmt::format("the store sent {} empty pages in a row and says that more follow", empty_pages_),
                "the listing cannot be trusted: check the store, and any proxy before it");
  if (!objects.empty()) last_.assign(objects.back().key.bytes());
  ask_.token = page_.token;
  done_ = !page_.truncated;
  return &page_;
}

}  // namespace flotsam
