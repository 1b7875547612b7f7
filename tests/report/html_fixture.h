#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/fixture.h"
#include "report/html_report.h"

namespace flotsam::test {

/// What a scan's plan would hold: as many objects as it counts, in key order.
std::vector<PlannedObject> planned_objects(const ScanResult& result);
std::vector<PlannedObject> planned_objects(const std::vector<std::string>& keys);
EachPlannedObject stream_of(const std::vector<PlannedObject>& objects);

/// The HTML report of a scan with the objects of its plan.
std::string html_of(const ScanResult& result, const HtmlOptions& options = {});
/// The same of JSON that was changed by hand, and of other objects.
Result<std::string> html_of(std::string_view report, std::string_view evidence, const EachPlannedObject& orphans,
                            const HtmlOptions& options = {});

/// The incident with the diagnosis that a scan makes of it, and with all that its guards say.
std::string diagnosed_incident_report();

/// Text that would break out of every place of a page, marked with its own place's name: "[place]".
std::string hostile_text(std::string_view place);
/// A report whose every text is `text_of` of its place; `places` are their names.
struct HostileReport {
  std::string report, evidence;
  std::vector<PlannedObject> orphans;
  HtmlOptions options;
  std::vector<std::string> places;
};
HostileReport hostile_report(std::string (*text_of)(std::string_view place) = hostile_text);

/// 5,000 orphans, of which the page lists some.
std::string large_html();

}  // namespace flotsam::test
