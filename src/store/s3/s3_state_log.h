#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/state.h"
#include "store/s3/s3_state_objects.h"

namespace flotsam {

/// A log as numbered segments: BASE00000001, BASE00000002, …; `base` ends in "/".
Result<std::unique_ptr<AppendLog>> open_s3_log(std::shared_ptr<S3StateObjects> objects,
                                               const std::string& base);

/// See State::read_log. Errors: corrupt where a segment is missing between others, or ends inside a line.
Result<bool> read_s3_log(S3StateObjects& objects, const std::string& base,
                         const std::function<Result<void>(std::string_view line)>& use);

/// True for "00000001" and its like.
bool is_segment_number(std::string_view text);

}  // namespace flotsam
