#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "plan/plan.h"

namespace flotsam {

/// Calls what it is given for every object of a plan in key order, as Plan::for_each does.
using EachPlannedObject = std::function<Result<void>(const std::function<Result<void>(const PlannedObject&)>&)>;

/// What the HTML report is made of.
struct HtmlInput {
  std::string_view report;    ///< the object of SPEC §6, JSON
  std::string_view evidence;  ///< to_evidence(), JSON
  EachPlannedObject orphans;     ///< empty: the report lists none and says so
};

struct HtmlOptions {
  std::string program = "flotsam";
  std::string version;      ///< of the program, for the provenance; empty: not said
  std::string config_path;  ///< for the exact next command; empty: default
  std::string shown_plan;   ///< the plan's path as it was given to `show` (TextStyle::shown_plan)
  /// How many of the orphans are listed at most; of more, as many are listed as spread evenly over all.
  std::size_t orphans_max = 2000;
};

/// The report as one HTML file for a browser, from disk or by mail: it needs no network and no script, shows
/// itself light or dark and on paper, and nothing in it runs but the one script that it is written with (a
/// Content-Security-Policy of hashes).
///
/// Shape    UTF-8, below 3 MB whatever the plan's size: what is left out of a table or list is said
/// write    receives the file in pieces, in order. Keys may hold personal data: the file's mode (0600) is
///          the caller's
/// Errors   corrupt where the JSON is not a report, or where the objects are not as many as it says; those of
///          `orphans` and of `write`. What was written before is then no report
/// Same input, same bytes. (WHATWG HTML, CSP 3)
Result<void> to_html_report(const HtmlInput& input, const HtmlOptions& options,
                            const std::function<Result<void>(std::string_view)>& write);

}  // namespace flotsam
