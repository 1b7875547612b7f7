#pragma once

/// What a bucket says of itself: parsers of three small answers. A parser that meets anything unexpected says
/// "unknown".

#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
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

/// Whether objects of the bucket can be held by a retention or a legal hold.
enum class ObjectLock {
  none,     ///< proved: the bucket, or the store, has no object lock
  on,       ///< objects may be held
  unknown,  ///< could not be read: objects may be held
};

/// GetObjectLockConfiguration's answer of status 200: `on` where it says Enabled, `none` where it is one and
/// says nothing of the kind, `unknown` for anything else.
ObjectLock parse_object_lock(std::string_view body);

/// The same of an answer that is an error: `none` only where it says that there is no such configuration or
/// no such feature.
ObjectLock object_lock_of(const Error& error);

}  // namespace flotsam
