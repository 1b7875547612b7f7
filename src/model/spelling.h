#pragma once

#include <string>
#include <string_view>

namespace flotsam {

/// The canonical spelling of a key or of a row's raw value (SPEC §4): trimmed, scheme, host and bucket stripped, percent-
/// and plus-decoded, lower case and NFC, slashes collapsed (a leading one goes). Bytes that are not UTF-8 stay as they
/// are. Idempotent for what real keys look like; pure.
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

/// The loose form (SPEC §4): the last two path parts, lower case, without the last part's extension. `out` is cleared.
void loose_form_of(std::string_view key, std::string& out);

}  // namespace flotsam
