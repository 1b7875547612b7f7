#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/diagnosis_sample.h"

namespace flotsam {

/// A cause in a sentence, and the change that was tested where there is one.
struct Proposal {
  std::string
      kind;  ///< "prefix", "mapping", "extract", "derived", "unexplained", "nothing_shared", "backlog"
  std::optional<std::string> source;  ///< the name of its block; nothing: [store]
  std::string message;                ///< values and keys in it are escaped
  std::string proposal;  ///< TOML lines that replace their namesakes in that block; empty where nothing fits
  std::uint64_t resolves = 0;  ///< references that resolve with it (derived: objects that it explains) …
  std::uint64_t of = 0;        ///< … of so many that were tried
  bool sampled = false;        ///< these are counts over a sample
};

/// What did not pass, and what the caller alone knows.
struct DiagnosisQuestion {
  bool references = true;  ///< resolution, suspects or orphan-percent: look for a better mapping
  bool shapes = true;      ///< shape-percent, orphan-percent or unexpected-prefix: look for derived templates
  /// Whether any source needs or explains exactly this key (a look into the index of all references, not a
  /// sample).
  std::function<bool(std::string_view key)> is_reference;
};

/// Says which change would make the references resolve, or that none was found. Freezes sample.keys(): after
/// the last KeySampler is gone. Every count was made by running the proposed templates on the sample. Sources
/// in their order, each source's mapping before its derived templates. One thread; the same input, the same
/// answer.
std::vector<Proposal> diagnose(DiagnosisSample& sample, const DiagnosisQuestion& question);

}  // namespace flotsam
