#pragma once

/// The probe of `check --probe`: writes and deletes objects of its own and nothing else. Only src/apply/ may
/// include this header (tools/check_layers.py).

#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/error.h"
#include "base/time.h"
#include "store/open.h"

namespace flotsam {

/// What a store was seen to do. nothing: the step could not be made, which counts as no.
struct ProbeFindings {
  std::optional<bool> create_if_absent;  ///< PUT If-None-Match: * refuses an existing key
  std::optional<bool> replace_if_match;  ///< PUT If-Match refuses a wrong etag and takes the right one
  std::optional<bool> delete_if_match;  ///< a DELETE with a wrong etag is refused and the object stands; with
                                        ///< the right one it goes
  std::optional<bool> batch_if_match;   ///< the same in DeleteObjects
  std::optional<bool>
      versions_kept;  ///< a DELETE made a marker with an id, and removing it brought the object back
  std::optional<bool>
      distinct_keys;  ///< "a//b", "a/./b", "a/b" and NFC/NFD spellings are keys of their own and list as such
  std::optional<bool> owner_checked;  ///< a wrong expected owner is refused
  struct Step {
    std::string name;     ///< "delete with a wrong etag"
    std::string outcome;  ///< what the store did
  };
  std::vector<Step> steps;  ///< in order, for a person
};

/// Probes below `prefix` + ".flotsam-probe-ID/", and removes what it wrote. A directory: renames and links of
/// its own kind. Errors: the store cannot be reached or nothing can be written there; what it left behind is
/// named in the message.
Result<ProbeFindings> probe_store(const StoreOptions& options, const std::string& prefix,
                                  const StoreContext& context, const Cancel& cancel);

}  // namespace flotsam
