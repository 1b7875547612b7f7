#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "cli/flags.h"

namespace flotsam::cli {

/// --expect N; nothing where it was not given. Errors: invalid_argument, with what to type, for what is no
/// plain number.
Result<std::optional<std::uint64_t>> parse_expect(const ParsedFlags& flags);

}  // namespace flotsam::cli
