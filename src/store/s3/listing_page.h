#pragma once

/// One page of ListObjectsV2: parsed in place, and believed only after every check that it can be put to by
/// itself.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "http/transport.h"
#include "model/object.h"
#include "store/s3/s3_request.h"

namespace flotsam {

/// Keys and etags are views into the answer's body.
struct ListingPage {
  std::vector<ObjectView> objects;                ///< strictly rising
  std::vector<std::string_view> common_prefixes;  ///< strictly rising; only where a delimiter was asked for
  bool truncated = false;
  std::string token;  ///< how to ask for the next page; set iff truncated
};

/// Parses pages of one bucket. Keeps its memory from page to page. One thread.
class ListingPageParser {
 public:
  explicit ListingPageParser(std::string bucket);
  ~ListingPageParser();
  ListingPageParser(const ListingPageParser&) = delete;
  ListingPageParser& operator=(const ListingPageParser&) = delete;

  /// Reads the answer to `ask`; `body` is overwritten and holds the page's keys from then on. Checked: root,
  /// Name, Prefix, EncodingType, KeyCount and MaxKeys echo what was asked and counted; IsTruncated is there,
  /// and a token exactly with it; every key begins with the prefix and is greater than the one before; sizes
  /// are numbers. Keys are decoded once, as a form, iff the page says EncodingType url. Errors: unavailable
  /// where the answer is no whole ListBucketResult (a server's fault: ask again); corrupt where it is one
  /// that cannot be trusted.
  Result<void> parse(const ListObjectsAsk& ask, std::string& body, ListingPage& page);

 private:
  struct Reading;
  std::string bucket_;
  std::unique_ptr<Reading> reading_;
};

/// The largest size that an object can state, in bytes: ten times what AWS allows.
inline constexpr std::uint64_t kObjectSizeMax = 50'000'000'000'000;

/// Decodes "%XX" and "+" in place and returns the shorter text; nothing where an escape is broken or a byte
/// stands there that an encoder would have escaped (so the text is not encoded, whatever the page says).
std::optional<std::string_view> decode_form_in_place(char* text, std::size_t size);

}  // namespace flotsam
