#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace flotsam {

/// A report and its evidence as the text report needs them, read from their JSON.
struct ReportView {
  struct Row {
    std::string name;
    std::uint64_t objects = 0, orphans = 0, bytes = 0, orphan_bytes = 0;
    std::uint64_t known = 0;
  };
  struct VerdictRow {
    std::string name;
    std::uint64_t objects = 0, bytes = 0;
  };
  struct Bin {
    std::optional<std::uint64_t> from, to;
    std::uint64_t objects = 0, orphans = 0, bytes = 0;
  };
  struct TemplateRow {
    std::string text;
    std::uint64_t distinct_keys = 0, resolved = 0;
  };
  struct Source {
    std::string name;
    std::uint64_t rows = 0, empty = 0, unmatched = 0, distinct_keys = 0, outside = 0, resolved = 0,
                  dangling = 0;
    std::optional<std::string> resolution;  ///< the number's own text; nothing without `objects`
    std::vector<TemplateRow> templates;
    std::vector<std::string> sample_dangling;
  };
  struct Guard {
    std::string id, ruling, message;
    std::optional<std::string> value, limit;  ///< the number's own text
    bool overridable = true;
  };
  struct Diagnosis {
    std::string source, message, proposal;
  };
  struct Sample {
    std::string key, verdict, near_reference;
    std::uint64_t size_bytes = 0;
    std::optional<Timestamp> last_modified;
  };
  /// A source as the evidence tells of it.
  struct Reading {
    std::string name, database;
    std::uint64_t rows = 0, non_text_values = 0, invalid_utf8 = 0;
    std::optional<Timestamp> true_at;
    Timestamp started_at;
    std::vector<std::pair<std::string, std::string>> identity, evidence;
    std::vector<std::string> warnings;
  };

  // The report.
  std::vector<std::string> prefixes;
  std::uint64_t scanned = 0, needed_keys = 0, unreferenced = 0;
  std::string unreferenced_percentage, warning, status, store_url, versioning;
  std::vector<std::string> sample_keys;
  Timestamp started_at, finished_at, cutoff;
  std::vector<VerdictRow> verdicts;
  std::vector<Row> shapes, groups;
  std::vector<Bin> ages, sizes;
  std::vector<Source> sources;
  std::vector<Guard> guards;
  std::vector<Diagnosis> diagnosis;
  std::string plan_path, plan_id;
  std::uint64_t plan_objects = 0, plan_bytes = 0;
  Timestamp plan_expires_at;
  bool plan_applicable = false;

  // The evidence.
  std::string store_identity, region, credentials, method;
  Timestamp store_clock, local_clock;
  std::uint64_t min_age_seconds = 0;
  std::uint64_t listed = 0, requests = 0, retries = 0, skipped_special = 0, skipped_symlinks = 0,
                skipped_own = 0;
  std::vector<std::string> store_warnings;
  std::vector<Reading> readings;
  std::vector<Row> first_parts;
  std::vector<Sample> samples, suspects;

  const VerdictRow* verdict(std::string_view name) const;
  std::uint64_t objects_of(std::string_view verdict_name) const;
};

/// Errors: corrupt, naming what is missing or wrong.
Result<ReportView> parse_report_view(std::string_view report, std::string_view evidence);

}  // namespace flotsam
