#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/key.h"

namespace flotsam {

/// What may be listed for judgement, planned or deleted: prefixes of one store, never nothing, never
/// "everything" by an accident of an empty string.
class Scope {
 public:
  /// The given prefixes, sorted. Errors (invalid_argument, naming the prefix): none at all, an empty one, one
  /// without
  /// "/" at its end, one that contains another or stands twice, one with a part that begins ".flotsam-".
  static Result<Scope> of_prefixes(std::vector<std::string> prefixes);
  /// The whole bucket, by name only.
  static Scope whole_bucket();

  /// Sorted bytewise; {""} for the whole bucket.
  const std::vector<std::string>& prefixes() const { return prefixes_; }
  bool is_whole_bucket() const { return prefixes_.size() == 1 && prefixes_.front().empty(); }
  /// True where the key begins with a prefix and has no part that begins ".flotsam-" (those are in no scope).
  bool contains(KeyView key) const;
  /// The prefix that the key begins with; empty for the whole bucket. Only for keys that the scope contains.
  std::string_view prefix_of(KeyView key) const;

 private:
  Scope() = default;
  std::vector<std::string> prefixes_;
};

/// True where a path part of the key begins ".flotsam-": flotsam's own quarantine, state and probes.
bool is_own(KeyView key);

/// The first path part with its slash ("books/"), or "(root)" for a key without one.
std::string_view first_part_of(KeyView key);

}  // namespace flotsam
