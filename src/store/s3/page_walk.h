#pragma once

#include <string>

#include "base/error.h"
#include "store/s3/listing_page.h"
#include "store/s3/s3_client.h"

namespace flotsam {

/// A few pages of keys one after another, for what needs no many workers: each checked by itself and against
/// the one before. One thread.
class PageWalk {
 public:
  PageWalk(S3Client& client, const std::string& bucket, ListObjectsAsk ask, unsigned empty_pages_max);

  /// The next page, behind the last one; its keys are views until the next call. Errors: those of
  /// S3Client::read() and of the page's checks; corrupt for keys that do not rise and pages without end.
  Result<const ListingPage*> next();
  bool is_done() const { return done_; }

 private:
  S3Client& client_;
  ListingPageParser parser_;
  ListObjectsAsk ask_;
  unsigned empty_pages_max_;
  unsigned empty_pages_ = 0;
  HttpResponse response_;
  ListingPage page_;
  std::string last_;
  bool first_ = true;
  bool done_ = false;
};

}  // namespace flotsam
