#pragma once

#include <string>

#include "report/report.h"
#include "scan/result.h"

namespace flotsam::test {

/// The scan of the README: 5,089 objects under books/, 15 of them orphans, no guard refuses.
ScanResult healthy_scan();
/// The incident of 2025-12-30 through flotsam: whole bucket, templates without "books/"; 5,089 suspects,
/// 1,803 orphans.
ScanResult incident_scan();
/// A scope with nothing in it, and references to nothing.
ScanResult empty_scan();
/// Two prefixes, two sources (one with `derived` only), a warning, an exact half unreferenced.
ScanResult several_prefixes_scan();
/// Keys that try to rule the terminal, the JSON and the spreadsheet; wide characters and bytes that are not
/// UTF-8.
ScanResult hostile_scan();

PlanReference plan_reference();
/// The text report of a scan.
std::string text_of(const ScanResult& result, const TextStyle& style);
Timestamp at(const std::string& rfc3339);
TallyRow row(const std::string& name, Count all, Count orphans, std::uint64_t known);

}  // namespace flotsam::test
