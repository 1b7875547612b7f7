#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/state.h"
#include "plan/lock.h"

namespace flotsam {

/// The name of the one entry that holds all leases of a store: "locks/" and 32 hex digits of the SHA-256 of
/// its identity.
std::string lock_name(std::string_view store_identity);

/// The entry's text, and what it says. Errors: corrupt, with what to do.
std::string to_lock_entry(std::string_view store_identity, const std::vector<LockHolder>& holders);
Result<std::vector<LockHolder>> parse_lock_entry(std::string_view text, std::string_view store_identity,
                                                 const std::string& place);

/// True where a prefix of one begins with a prefix of the other.
bool overlap(const std::vector<std::string>& some, const std::vector<std::string>& others);

/// Reads the holders; none where there is no entry.
Result<std::vector<LockHolder>> read_leases(State& state, std::string_view store_identity);

/// Changes the holders by compare and swap: `change` is called with those of now, as often as another run was
/// quicker, and says false where nothing is to be written. An entry without holders is removed. Errors: those
/// of the state and of `change`; unavailable where others were quicker again and again.
Result<void> change_leases(State& state, std::string_view store_identity,
                           const std::function<Result<bool>(std::vector<LockHolder>& holders)>& change);

}  // namespace flotsam
