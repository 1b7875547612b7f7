#include "report/html_fixture.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/bytes.h"

namespace flotsam::test {
namespace {

using Json = nlohmann::ordered_json;

/// What guards say in full: as much as they say of a real incident.
struct Saying {
  const char* guard;
  const char* message;
};
const Saying kSayings[] = {
    {"resolution",
     "Of 5,089 keys that 'book images' needs, 0 (0.0 %) exist in the store; the limit is 90 %. It needs "
     "655/image_04.webp; the store has books/655/image_04.webp. Most likely its templates spell keys "
     "otherwise than "
     "the store does: correct objects in its [[references]] block and scan again. Nothing has been deleted. "
     "Below 50 "
     "% no override exists."},
    {"unexpected-prefix",
     "No reference needs or explains anything under books/ (5,089 objects), listings/ (1,486 objects), "
     "images/ (300 "
     "objects), prompts/ (12 objects) and packages/ (5 objects). Most likely these objects belong to another "
     "application, to a table that is not configured, or the references spell their keys otherwise. Name "
     "only your "
     "own folders in prefixes or candidates, or add the [[references]] block that is missing, and scan "
     "again. If all "
     "of them may really go: flotsam apply PLAN --expect 1803 --override unexpected-prefix. Nothing has been "
     "deleted."},
    {"orphan-percent",
     "6,892 of 6,892 judged objects (100.0 %) are unreferenced; the limit is 10 %. So large a share is "
     "mostly a "
     "mistake in the references, sometimes a true backlog: the tables of shapes and groups tell which. If "
     "these "
     "objects may really go: flotsam apply PLAN --expect 1803 --override orphan-percent. Nothing has been "
     "deleted."},
    {"shape-percent",
     "All 5,089 objects like books/#/image_#.webp are unreferenced; the limit is 90 %. So are those like "
     "listings/item_#.html and images/header_#.png. A kind of object that nothing refers to is mostly one "
     "that the "
     "application derives from others, or of a table that is not configured: add a derived template or the "
     "[[references]] block that is missing and scan again; a kind that is never referenced belongs into "
     "disposable. "
     "If they may really go: flotsam apply PLAN --expect 1803 --override shape-percent. Nothing has been "
     "deleted."},
    {"suspects",
     "Of 5,089 of 6,892 judged objects (73.8 %) another spelling is referenced; the limit is 1 %. A row "
     "needs "
     "655/image_04.webp; the store has books/655/image_04.webp. Most likely rows and store spell keys "
     "differently (a "
     "prefix, upper case, percent-encoding, Unicode form, an extension), so these objects are in use. None "
     "of them is "
     "in the plan; correct objects in the [[references]] block and scan again. Nothing has been deleted."},
    {"max-deletions",
     "The plan holds 1,803 orphans; the limit is 1,000. If you have looked at them and all may go, name the "
     "count: "
     "flotsam apply PLAN --expect 1803. Nothing has been deleted."},
};

/// Names what it makes hostile, so that a test knows which places there are.
class Hostile {
 public:
  Hostile(std::string (*text_of)(std::string_view), std::vector<std::string>& places)
      : text_of_(text_of), places_(places) {}
  std::string operator()(const std::string& place) {
    places_.push_back(place);
    return text_of_(place);
  }

 private:
  std::string (*text_of_)(std::string_view);
  std::vector<std::string>& places_;
};

void spoil_store(ScanResult& result, Hostile& hostile) {
  result.store_url = hostile("store url");
  result.prefixes = {hostile("prefix"), hostile("second prefix")};
  result.store.identity = hostile("store identity");
  result.store.region = hostile("region");
  result.store.credentials = hostile("credentials");
  result.store.warnings = {hostile("store warning")};
  result.store.lifecycle =
      std::vector<LifecycleRule>{{hostile("lifecycle id"), hostile("lifecycle prefix"), true, 30, 90}};
  result.rules = {{"protect", hostile("rule"), 3}};
}

void spoil_source(ScanResult& result, Hostile& hostile) {
  SourceFindings source = result.sources.front();
  source.name = hostile("source");
  source.database = hostile("database");
  source.resolved = 5000;
  source.dangling = 74;
  source.templates = {
      {.text = hostile("template"), .distinct_keys = 5074, .resolved = 5000},
      {.text = hostile("derived template"), .is_derived = true, .distinct_keys = 4, .matched_objects = 3}};
  source.sample_dangling = {hostile("dangling")};
  source.proof.evidence = {{hostile("evidence name"), hostile("evidence value")}};
  source.proof.warnings = {hostile("source warning")};
  source.proof.non_text_values = source.proof.invalid_utf8 = 1;
  source.identity = {{hostile("identity name"), hostile("identity value")}};
  result.sources = {source};
}

void spoil_tables(ScanResult& result, Hostile& hostile) {
  result.shapes.front().name = hostile("shape");
  const std::string part = hostile("first part");
  result.prefixes_found.front().name = part;
  result.groups.front().name = part + hostile("group");
  SampleObject sample = result.sample_unreferenced.front();
  sample.object.key = Key(hostile("sample"));
  sample.near_reference = hostile("sample's reference");
  result.sample_unreferenced = {sample};
  sample.object.key = Key(hostile("suspect"));
  sample.near_reference = hostile("suspect's reference");
  result.sample_suspects = {sample};
  result.guards.front().ruling = Ruling::warn;
  result.guards.front().message = hostile("guard message");
  result.guards.front().id = hostile("guard id");
}

}  // namespace

std::vector<PlannedObject> planned_objects(const std::vector<std::string>& keys) {
  std::vector<PlannedObject> objects;
  for (const std::string& key : keys)
    objects.push_back({{Key(key), 1234, at("2026-11-10T10:00:00Z"), "etag", ""}, "shape"});
  return objects;
}

std::vector<PlannedObject> planned_objects(const ScanResult& result) {
  std::vector<std::string> keys;
  for (std::uint64_t i = 0; i < result.plan.objects; ++i) {
    const std::string number = std::to_string(i);
    keys.push_back(result.plan.objects < 100 ? "books/orphan" + number + "/photo.jpg"
                   : i % 6 == 5              ? "images/header_" + number + ".png"
                                             : "listings/item_" + number + ".html");
  }
  std::sort(keys.begin(), keys.end());
  return planned_objects(keys);
}

EachPlannedObject stream_of(const std::vector<PlannedObject>& objects) {
  return [objects](const std::function<Result<void>(const PlannedObject&)>& use) -> Result<void> {
    for (const PlannedObject& object : objects) FLOTSAM_TRY(use(object));
    return {};
  };
}

Result<std::string> html_of(std::string_view report, std::string_view evidence, const EachPlannedObject& orphans,
                            const HtmlOptions& options) {
  std::string html;
  FLOTSAM_TRY(to_html_report({report, evidence, orphans}, options, [&](std::string_view piece) {
    html += piece;
    return Result<void>();
  }));
  return html;
}

std::string html_of(const ScanResult& result, const HtmlOptions& options) {
  auto html = html_of(to_report(result, plan_reference()), to_evidence(result),
                      stream_of(planned_objects(result)), options);
  EXPECT_TRUE(html.has_value()) << (html ? "" : to_text(html.error()));
  return html.value_or("");
}

std::string diagnosed_incident_report() {
  Json report = Json::parse(to_report(incident_scan(), plan_reference()));
  report["diagnosis"] = Json::parse(
      R"([{"kind":"prefix","source":"book images","message":"Every object key begins with \"books/\" and no )"
      R"(reference does.","proposal":"objects = [\"books/{s3_key}\"]","resolves":5089,"of":5089}])");
  for (Json& guard : report["guards"])
    for (const Saying& saying : kSayings)
      if (guard["id"] == saying.guard) guard["message"] = saying.message;
  return report.dump();
}

std::string hostile_text(std::string_view place) {
  return "[" + std::string(place) +
         "]<script>window.taken=1</script><img src=x onerror=window.taken=1>\" onload=\"window.taken=1\" "
         "' onfocus='window.taken=1' &lt;b&gt; --></title></style></script></svg></pre><!-- "
         "\xe2\x80\xae\xe2\x81\xa6gpj.exe\xe2\x80\xa8\x1b[31m\r\n\t\x7f\xc2\x85\xe2\x80\x8b\xff\xfe";
}

HostileReport hostile_report(std::string (*text_of)(std::string_view)) {
  HostileReport out;
  Hostile hostile(text_of, out.places);
  ScanResult result = healthy_scan();
  spoil_store(result, hostile);
  spoil_source(result, hostile);
  spoil_tables(result, hostile);
  PlanReference plan = plan_reference();
  plan.path = hostile("plan path");
  plan.id = hostile("plan id");
  Json report = Json::parse(to_report(result, plan));
  report["WARNING"] = Json{{"base64", "W3dhcm5pbmddPHNjcmlwdD4="}};  // [warning]<script>
  out.places.push_back("warning");
  // In JSON made by hand bytes that are not UTF-8 would need base64: this one place goes without.
  const auto valid = [&](const std::string& place) {
    std::string text = hostile(place);
    while (!is_utf8(text)) text.pop_back();
    return text;
  };
  report["diagnosis"] = Json::array();
  report["diagnosis"].push_back({{"kind", "prefix"},
                                 {"source", valid("diagnosis source")},
                                 {"message", valid("diagnosis message")},
                                 {"proposal", valid("proposal") + "\nsecond = 2"},
                                 {"resolves", 1},
                                 {"of", 2}});
  out.report = report.dump();
  out.evidence = to_evidence(result);
  std::vector<std::string> keys;
  for (std::uint64_t i = 0; i < result.plan.objects; ++i)
    keys.push_back(i == 0 ? hostile("orphan") : text_of("orphan " + std::to_string(i)));
  out.orphans = planned_objects(keys);
  out.options.version = hostile("version");
  out.options.config_path = "/etc/" + text_of("config");
  out.options.program = "/usr/" + text_of("program");
  return out;
}

std::string large_html() {
  ScanResult result = incident_scan();
  result.plan.objects = 5000;
  return html_of(result);
}

}  // namespace flotsam::test
