#pragma once

/// What a bucket says of itself: parsers of three small answers. A parser that meets anything unexpected says
/// "unknown".

#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "store/lister.h"

namespace flotsam {

/// GetBucketVersioning's answer. A missing Status means never enabled; another root (there are stores that
/// answer an unknown sub-resource with a listing) or another word is `unknown`.
Versioning parse_versioning(std::string_view body);

/// The same answer: true where removing a version or a marker needs a code from an MFA device.
bool parse_mfa_delete(std::string_view body);

/// GetBucketLifecycleConfiguration's answer: the enabled rules that remove objects or versions. A date of
/// expiration becomes days from `now`. Nothing where anything in it cannot be read.
std::optional<std::vector<LifecycleRule>> parse_lifecycle(std::string_view body, Timestamp now);

/// GetObjectLockConfiguration's answer: true where it says Enabled.
bool parse_object_lock(std::string_view body);

}  // namespace flotsam
