#pragma once

#include <string>

#include "diagnosis/draft.h"
#include "diagnosis/subject.h"

namespace flotsam {

/// What the whole sample says of a template.
struct Confirmation {
  bool accepted = false;
  std::string reason;  ///< why not, for a person; without the template
  Score score;
};

/// How many references a template gives each new key, at most: more is no mapping.
inline constexpr double kReferencesAKeyMax = 1.2;
double references_a_key(const Subject& subject, const KeyTemplate& one, std::size_t rows_max = SIZE_MAX);
bool is_one_to_one(const Subject& subject, const Draft& draft);

/// The share of invented non-references that hit as well: what coincidence gives.
struct Control {
  std::uint64_t tried = 0;
  std::uint64_t hits = 0;
  double rate() const { return tried == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(tried); }
};
Control control_of(const Subject& subject, const Draft& draft, const KeyTemplate& one);

/// True where what tells the new keys apart is more than small numbers: letters that differ, or a long run of
/// letters and digits of the value.
bool has_telling_names(const Subject& subject, const KeyTemplate& one);

/// Gain, support, one-to-one and control, on every sampled row (the four tests of a mapping).
Confirmation confirm_mapping(const Subject& subject, const Draft& draft);

}  // namespace flotsam
