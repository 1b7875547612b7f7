#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plan/run_results.h"
#include "report/text_page.h"

namespace flotsam {

// What the pages of runs have in common.

/// What a RunPage refers to; before it, so that it stands first.
struct RunPageParts {
  explicit RunPageParts(const TextStyle& how);
  ReportView no_figures;
  TextStyle used;
};

/// A page that has no scan's figures.
class RunPage : private RunPageParts, public TextPage {
 public:
  explicit RunPage(const TextStyle& how) : RunPageParts(how), TextPage(no_figures, used) {}
};

/// The sign and word that a page begins with: "✓ ", "! PARTIAL: ", "✗ FAILED: ", "✗ REFUSED: ".
std::string lead_of(RunStatus status, const TextStyle& style);
Colour colour_of(RunStatus status);
/// The first sentence, behind its sign.
void write_outcome(TextPage& page, RunStatus status, std::string_view text);

/// Why a run ended early, where it did: a piece of a sentence becomes one.
void write_stop(TextPage& page, std::string_view stopped_by);

/// A count, a word and the sentence that explains it, in columns.
void write_reason(TextPage& page, std::uint64_t count, std::string_view word, std::string_view why);

/// A few keys, one a line, and how many more there are of `count`.
void write_keys(TextPage& page, const std::vector<Key>& keys, std::uint64_t count);

/// What failed: how many with which code, and a few of them.
void write_failed(TextPage& page, const std::vector<FailedObject>& failed, std::uint64_t count);

/// Overridden and refusing guards with their sentences.
void write_guards(TextPage& page, const std::vector<AppliedGuard>& guards);

}  // namespace flotsam
