#include "report/report_view.h"

#include "plan/json_fields.h"

namespace flotsam {
namespace {

using View = ReportView;

/// Reads fields one after the other; the first error stays and is what the whole reading gives.
class Reader {
 public:
  explicit Reader(JsonFields fields, std::optional<Error>& error)
      : fields_(std::move(fields)), error_(error) {}

  std::string text(std::string_view name) { return kept(fields_.bytes(name)); }
  std::uint64_t number(std::string_view name) { return kept(fields_.number(name)); }
  Timestamp time(std::string_view name) { return kept(fields_.time(name)); }
  std::vector<std::string> list(std::string_view name) { return kept(fields_.list(name)); }
  std::string raw(std::string_view name) { return std::string(kept(fields_.raw(name))); }
  bool boolean(std::string_view name) { return raw(name) == "true"; }
  bool has(std::string_view name) const { return fields_.has(name); }
  bool is_null(std::string_view name) { return raw(name) == "null"; }

  /// A number in the spelling that the report gave it.
  std::string number_text(std::string_view name) {
    std::string text = raw(name);
    if (text.find_first_not_of("0123456789.eE+-") != std::string::npos)
      kept(Result<bool>(fail(ErrorCode::corrupt, "its field '" + std::string(name) + "' is not a number")));
    return text;
  }
  std::optional<std::string> optional_number_text(std::string_view name) {
    if (is_null(name)) return std::nullopt;
    return number_text(name);
  }
  std::optional<std::uint64_t> optional_number(std::string_view name) {
    if (is_null(name)) return std::nullopt;
    return number(name);
  }
  std::optional<Timestamp> optional_time(std::string_view name) {
    if (is_null(name)) return std::nullopt;
    return time(name);
  }
  Reader object(std::string_view name) { return Reader(kept(fields_.object(name)), error_); }
  template <typename Use>
  void each(std::string_view name, const Use& use) {
    for (JsonFields& item : kept(fields_.objects(name))) {
      Reader reader(std::move(item), error_);
      use(reader);
    }
  }
  const auto& all() const { return fields_.all(); }

 private:
  template <typename T>
  T kept(Result<T> result) {
    if (result) return *std::move(result);
    if (!error_) error_ = std::move(result).error();
    return T{};
  }
  JsonFields fields_;
  std::optional<Error>& error_;
};

View::Row row_of(Reader& json, std::string_view name) {
  View::Row row;
  row.name = json.text(name);
  row.objects = json.number("objects");
  row.orphans = json.number("orphans");
  row.orphan_bytes = json.number("orphan_bytes");
  if (json.has("bytes")) row.bytes = json.number("bytes");
  if (json.has("known")) row.known = json.number("known");
  return row;
}

View::Bin bin_of(Reader& json) {
  return {json.optional_number("from"), json.optional_number("to"), json.number("objects"),
          json.number("orphans"), json.number("bytes")};
}

View::Source source_of(Reader& json) {
  View::Source source;
  source.name = json.text("name");
  source.rows = json.number("rows");
  source.empty = json.number("empty");
  source.unmatched = json.number("unmatched");
  source.distinct_keys = json.number("distinct_keys");
  source.outside = json.number("outside");
  source.resolved = json.number("resolved");
  source.dangling = json.number("dangling");
  source.resolution = json.optional_number_text("resolution_percentage");
  json.each("templates", [&](Reader& item) {
    source.templates.push_back(
        {item.text("template"), item.number("distinct_keys"), item.number("resolved")});
  });
  source.sample_dangling = json.list("sample_dangling");
  return source;
}

View::Guard guard_of(Reader& json) {
  View::Guard guard;
  guard.id = json.text("id");
  guard.ruling = json.text("ruling");
  guard.message = json.text("message");
  guard.value = json.optional_number_text("value");
  guard.limit = json.optional_number_text("limit");
  guard.overridable = json.boolean("overridable");
  return guard;
}

void read_report(Reader json, View& view) {
  view.scanned = json.number("total_objects_scanned");
  view.needed_keys = json.number("objects_in_database");
  view.unreferenced = json.number("orphans_found");
  view.unreferenced_percentage = json.number_text("orphan_percentage");
  view.sample_keys = json.list("sample_orphan_keys");
  if (json.has("WARNING")) view.warning = json.text("WARNING");
  view.status = json.text("status");
  Reader store = json.object("store");
  view.store_url = store.text("url");
  view.prefixes = store.list("prefixes");
  view.versioning = store.text("versioning");
  view.started_at = json.time("started_at");
  view.finished_at = json.time("finished_at");
  view.cutoff = json.time("cutoff");
  Reader verdicts = json.object("verdicts");
  for (const auto& [name, text] : verdicts.all()) {
    Reader verdict = verdicts.object(name);
    view.verdicts.push_back({name, verdict.number("objects"), verdict.number("bytes")});
  }
  json.each("shapes", [&](Reader& item) { view.shapes.push_back(row_of(item, "shape")); });
  json.each("groups", [&](Reader& item) { view.groups.push_back(row_of(item, "group")); });
  json.each("age_histogram", [&](Reader& item) { view.ages.push_back(bin_of(item)); });
  json.each("size_histogram", [&](Reader& item) { view.sizes.push_back(bin_of(item)); });
  json.each("references", [&](Reader& item) { view.sources.push_back(source_of(item)); });
  json.each("guards", [&](Reader& item) { view.guards.push_back(guard_of(item)); });
  json.each("diagnosis", [&](Reader& item) {
    const bool in_store = item.is_null("source");
    const bool silent = item.is_null("proposal");
    view.diagnosis.push_back(
        {in_store ? "" : item.text("source"), item.text("message"), silent ? "" : item.text("proposal")});
  });
  Reader plan = json.object("plan");
  view.plan_path = plan.text("path");
  view.plan_id = plan.text("id");
  view.plan_objects = plan.number("objects");
  view.plan_bytes = plan.number("bytes");
  view.plan_expires_at = plan.time("expires_at");
  view.plan_applicable = plan.boolean("applicable");
}

std::vector<std::pair<std::string, std::string>> pairs_of(Reader& json, std::string_view name) {
  std::vector<std::pair<std::string, std::string>> pairs;
  json.each(name, [&](Reader& item) { pairs.emplace_back(item.text("name"), item.text("value")); });
  return pairs;
}

View::Reading reading_of(Reader& json) {
  View::Reading reading;
  reading.name = json.text("name");
  reading.database = json.text("database");
  reading.rows = json.number("rows");
  reading.non_text_values = json.number("non_text_values");
  reading.invalid_utf8 = json.number("invalid_utf8");
  reading.true_at = json.optional_time("true_at");
  reading.started_at = json.time("started_at");
  reading.identity = pairs_of(json, "identity");
  reading.evidence = pairs_of(json, "evidence");
  reading.warnings = json.list("warnings");
  return reading;
}

View::Sample sample_of(Reader& json) {
  View::Sample sample;
  sample.key = json.text("key");
  sample.size_bytes = json.number("size");
  sample.last_modified = json.optional_time("last_modified");
  sample.verdict = json.text("verdict");
  sample.near_reference = json.text("near_reference");
  return sample;
}

void read_evidence(Reader json, View& view) {
  Reader store = json.object("store");
  view.store_identity = store.text("identity");
  view.region = store.text("region");
  view.credentials = store.text("credentials");
  view.store_clock = store.time("clock");
  view.local_clock = store.time("local_clock");
  view.store_warnings = store.list("warnings");
  view.method = json.text("method");
  view.min_age_seconds = json.number("min_age_seconds");
  Reader listing = json.object("listing");
  view.listed = listing.number("objects");
  view.requests = listing.number("requests");
  view.retries = listing.number("retries");
  view.skipped_special = listing.number("skipped_special");
  view.skipped_symlinks = listing.number("skipped_symlinks");
  view.skipped_own = listing.number("skipped_own");
  json.each("sources", [&](Reader& item) { view.readings.push_back(reading_of(item)); });
  json.each("first_parts", [&](Reader& item) { view.first_parts.push_back(row_of(item, "name")); });
  json.each("samples", [&](Reader& item) { view.samples.push_back(sample_of(item)); });
  json.each("suspects", [&](Reader& item) { view.suspects.push_back(sample_of(item)); });
}

}  // namespace

const ReportView::VerdictRow* ReportView::verdict(std::string_view name) const {
  for (const VerdictRow& row : verdicts)
    if (row.name == name) return &row;
  return nullptr;
}

std::uint64_t ReportView::objects_of(std::string_view verdict_name) const {
  const VerdictRow* row = verdict(verdict_name);
  return row == nullptr ? 0 : row->objects;
}

Result<ReportView> parse_report_view(std::string_view report, std::string_view evidence) {
  auto report_fields = JsonFields::parse(report);
  if (!report_fields) return fail(std::move(report_fields).error(), "while reading the report");
  auto evidence_fields = JsonFields::parse(evidence);
  if (!evidence_fields)
    return fail(std::move(evidence_fields).error(), "while reading the report's evidence");
  ReportView view;
  std::optional<Error> error;
  read_report(Reader(*std::move(report_fields), error), view);
  if (error) return fail(*std::move(error), "while reading the report");
  read_evidence(Reader(*std::move(evidence_fields), error), view);
  if (error) return fail(*std::move(error), "while reading the report's evidence");
  return view;
}

}  // namespace flotsam
