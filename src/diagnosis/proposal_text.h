#pragma once

#include <string>
#include <vector>

#include "diagnosis/derived.h"
#include "diagnosis/diagnose.h"
#include "diagnosis/extraction.h"
#include "diagnosis/mapping.h"

namespace flotsam {

/// "5,089 of 5,089 references", "… sampled references"
std::string of_references(const Score& score, bool sampled);

/// The proposal of a mapping: which change, in words where there are any, and how many resolve. `texts`: all
/// templates of the source's `objects`, the changed ones too.
Proposal mapping_proposal(const Subject& subject, const KeyTemplate& before, const Candidate& found,
                          const Score& score);

/// The proposal of a pattern for `extract`.
Proposal extraction_proposal(const ReferenceRows& rows, const Extraction& extraction);

/// The proposal of derived templates, added to those of the source.
Proposal derived_proposal(const DiagnosisSample& sample, const ReferenceRows& rows,
                          const DerivedShapes& shapes);

/// That nothing fits, the three nearest pairs and what was nearly right.
Proposal unexplained_proposal(const Subject& subject, const Mapping& mapping);

/// That the references resolve and what is unreferenced is no kind of derived object.
Proposal backlog_proposal(std::uint64_t unreferenced);

}  // namespace flotsam
