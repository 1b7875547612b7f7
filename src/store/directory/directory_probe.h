#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/error.h"
#include "store/prober.h"

namespace flotsam {

/// "a", "A", and "é" as one code point and as two.
std::vector<std::string> names_to_tell_apart();

/// Probes what the file system of a folder does with names, links and renames (store/prober.h), in a folder
/// ".flotsam-probe-ID" of its own below `prefix` ("" or with a slash at its end), or below the nearest folder
/// above it that is there; removes what it wrote.
///
/// create_if_absent  a name that is taken can be neither created nor linked to
/// distinct_keys     the `names` are names of their own and list byte for byte
/// the others        replace_if_match and versions_kept are no, for a directory has neither; conditions on
///                   deletion and the owner are not asked
/// steps             also say whether a rename can be told to replace nothing (RENAME_NOREPLACE)
///
/// Errors: as open_directory_store(); permission_denied where nothing can be written there, and others of a
/// full or broken disk: the message names what was left behind; refused where a link stands on the way to
/// the prefix.
/// `names`: those that must be told apart; a test has others.
Result<ProbeFindings> probe_directory(const std::filesystem::path& root, const std::string& prefix,
                                      const Cancel& cancel,
                                      const std::vector<std::string>& names = names_to_tell_apart());

}  // namespace flotsam
