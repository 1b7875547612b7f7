#pragma once

#include <string>
#include <string_view>

namespace flotsam {

/// The canonical spelling of a key or of a row's raw value (SPEC §4): trimmed, scheme, host and bucket
/// stripped (also "arn:aws:s3:::"), percent- and then plus-decoded, once each, lower case and NFC, slashes
/// collapsed (a leading one goes). A query goes only where a host stood before. What is not UTF-8 afterwards
/// is folded in ASCII alone. Idempotent for what real keys look like; pure: equal bytes have equal spellings,
/// on both sides.
class CanonicalSpelling {
 public:
  /// `bucket` as in the store's URL; empty for a directory.
  explicit CanonicalSpelling(std::string bucket) : bucket_(std::move(bucket)) {}
  /// Writes the spelling to `out` (cleared first).
  void of(std::string_view bytes, std::string& out) const;
  std::string of(std::string_view bytes) const {
    std::string out;
    of(bytes, out);
    return out;
  }

 private:
  std::string bucket_;
};

/// The loose form (SPEC §4): the last two path parts, lower case, without the last part's extension. `out` is
/// cleared.
void loose_form_of(std::string_view key, std::string& out);

}  // namespace flotsam
