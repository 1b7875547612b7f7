#pragma once

/// report/: one value, several renderers. to_report() makes the JSON object of SPEC §6 from a ScanResult; the
/// text report, `--json`, `--csv` and `show` all render that object, so that no layer drops a figure.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "plan/plan.h"
#include "scan/result.h"

namespace flotsam {

/// Where the plan of a report stands.
struct PlanReference {
  std::string path;
  std::string id;
  Timestamp expires_at;
};

/// The object of SPEC §6 as JSON text, compact, fields in SPEC's order (docs/schema/scan-report.schema.json).
/// Keys, and what is made of them (shapes, groups, prefixes), are UTF-8 strings or {"base64"}. `templates` of
/// a source lists its `objects`; its `derived` stand in the evidence. The plan is `applicable` where no guard
/// refuses.
std::string to_report(const ScanResult& result, const PlanReference& plan);

/// What the report rests on, for the plan's header and the text report's last section, as JSON text:
/// identities, proofs, listing, method, assumptions. No secret.
std::string to_evidence(const ScanResult& result);

/// How the text report is drawn.
struct TextStyle {
  unsigned width = 80;  ///< columns of the terminal
  bool colour = false;
  bool unicode = true;  ///< signs ✓ ! ✗ and bars, else ASCII
  bool quiet = false;   ///< the verdict sentence and refusals only
  std::string program = "flotsam";
  std::string config_path;  ///< for the exact next command; empty: default
  /// The plan's path as it was given to `show`, for a report that is printed again: commands name this path,
  /// nothing is said of an exit code that is not this command's, and no scan is proposed from a folder that
  /// may not be the scan's. Empty: the report of the scan itself.
  std::string shown_plan;
};

/// The report for a person (people.md §1): verdict sentence, references, refusals and warnings, verdicts with
/// a total, shapes, samples, ages, provenance, next command. Errors: corrupt where the JSON is not a report.
Result<std::string> to_text_report(std::string_view report, std::string_view evidence,
                                   const TextStyle& style);

/// The report as `--json` prints it: indented, one object, a final line break.
Result<std::string> to_pretty_json(std::string_view report);

/// A CSV (RFC 4180) of a plan's objects: header line, then one line an object. Fields that a spreadsheet
/// would run get an apostrophe; bytes that are not UTF-8 or that a terminal must not see come as \xNN (the
/// plan itself has them exactly). `write` receives whole lines.
Result<void> to_csv(const Plan& plan, const std::function<Result<void>(std::string_view)>& write);

}  // namespace flotsam
