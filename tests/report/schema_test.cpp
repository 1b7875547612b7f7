#include <cstdio>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "report/fixture.h"
#include "report/run_fixture.h"
#include "support/temporary_folder.h"

namespace flotsam::test {
namespace {

struct Validation {
  int status = -1;
  std::string output;
};

enum class Expected { all_fit, none_fits };

Validation validate(const std::string& schema, const std::filesystem::path& file,
                    Expected expected = Expected::all_fit) {
  const std::string root = FLOTSAM_SOURCE_DIR;
  const std::string command = "python3 " + shell_quoted(root + "/tests/report/validate.py") +
                              (expected == Expected::none_fits ? " --none " : " ") +
                              shell_quoted(root + "/docs/schema/" + schema) + " " +
                              shell_quoted(file.native()) + " 2>&1";
  Validation validation;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return validation;
  char buffer[512];
  while (const std::size_t got = fread(buffer, 1, sizeof buffer, pipe)) validation.output.append(buffer, got);
  validation.status = pclose(pipe);
  return validation;
}

TEST(Schema, HoldsForTheReportsOfAllKindsOfScans) {
  const TemporaryFolder folder;
  std::string reports;
  for (const auto scan : {healthy_scan, incident_scan, empty_scan, several_prefixes_scan, hostile_scan})
    reports += to_report(scan(), plan_reference()) + "\n";
  const auto validation = validate("scan-report.schema.json", folder.write("reports.ndjson", reports));
  EXPECT_EQ(validation.status, 0) << validation.output;
}

TEST(Schema, AllowsNoOtherField) {
  const TemporaryFolder folder;
  auto report = nlohmann::json::parse(to_report(healthy_scan(), plan_reference()));
  // Every object of the report, one after the other, gets a field that no contract knows.
  for (const char* place :
       {"", "/store", "/verdicts", "/verdicts/orphan", "/shapes/0", "/groups/0", "/age_histogram/0",
        "/references/0", "/references/0/templates/0", "/guards/0", "/plan"}) {
    auto changed = report;
    changed[nlohmann::json::json_pointer(place)]["surprise"] = 1;
    const auto validation = validate("scan-report.schema.json", folder.write("report.json", changed.dump()));
    EXPECT_NE(validation.status, 0) << place;
    EXPECT_NE(validation.output.find("surprise"), std::string::npos) << place << validation.output;
  }
}

TEST(Schema, HoldsForEachLineOfAPlan) {
  const TemporaryFolder folder;
  PlanHeader header;
  header.id = "7f3a00000000000000000000000000c4";
  header.prefixes = {"books/"};
  header.cutoff = at("2026-11-16T06:41:02Z");
  header.method = "version";
  header.sources = {{"images\xff", std::string(64, 'a'), {{"system", "7"}, {"name", "app"}}, 5074}};
  header.report = to_report(hostile_scan(), plan_reference());
  header.evidence = to_evidence(hostile_scan());
  auto writer = PlanWriter::create(folder / "plan.ndjson", header);
  ASSERT_TRUE(writer.has_value()) << to_text(writer.error());
  Object object{Key("books/caf\xe9"), 3, at("2026-11-10T10:00:00.000000001Z"), "etag", "v1"};
  ASSERT_TRUE(writer->add(object.view(), "books/#").has_value());
  ASSERT_TRUE(writer->commit().has_value());
  const auto validation = validate("plan-line.schema.json", folder / "plan.ndjson");
  EXPECT_EQ(validation.status, 0) << validation.output;
  const auto wrong = validate(
      "plan-line.schema.json",
      folder.write("x.ndjson", R"({"key":"a","size":-1,"etag":"","last_modified":null,"shape":""})"));
  EXPECT_NE(wrong.status, 0);
}

TEST(Schema, HoldsForWhatRunsSay) {
  struct Case {
    const char* schema;
    std::vector<std::string> texts;
  };
  RescueReport rescued = found_rescue();
  rescued.restored = partial_restore();
  PurgeReport purged = due_purge();
  purged.done = partial_restore();
  purged.guards = {{"resolution", false, "m"}};
  LockReport none;
  const Case cases[] = {
      {"apply.schema.json",
       {to_json(done_apply()), to_json(skipping_apply()), to_json(partial_apply()), to_json(refused_apply()),
        to_json(permanent_apply()), to_json(ApplyResult{})}},
      {"restore.schema.json",
       {to_json(UndoReport{partial_restore(), true, ""}), to_json(UndoReport{}), to_json(found_rescue()),
        to_json(rescued), to_json(due_purge()), to_json(purged), to_json(PurgeReport{})}},
      {"history.schema.json", {to_json(busy_history()), to_json(HistoryReport{})}},
      {"locks.schema.json", {to_json(two_locks()), to_json(none)}},
  };
  const TemporaryFolder folder;
  for (const Case& each : cases) {
    std::string lines;
    for (const std::string& text : each.texts) lines += text + "\n";
    const auto validation = validate(each.schema, folder.write("runs.ndjson", lines));
    EXPECT_EQ(validation.status, 0) << each.schema << validation.output;
  }
}

TEST(Schema, AllowsNoOtherFieldInWhatRunsSay) {
  struct Case {
    const char* schema;
    std::string text;
    std::vector<const char*> places;
  };
  RescueReport rescued = found_rescue();
  rescued.restored = partial_restore();
  PurgeReport purged = due_purge();
  purged.guards = {{"resolution", false, "m"}};
  ApplyResult applied = partial_apply();
  applied.guards = {{"recheck", true, "m"}};
  const Case cases[] = {
      {"apply.schema.json", to_json(applied), {"", "/skipped", "/failed/0", "/guards/0"}},
      {"restore.schema.json", to_json(UndoReport{partial_restore(), true, ""}), {"", "/failed/0"}},
      {"restore.schema.json", to_json(rescued), {"", "/failed/0", "/sample/0"}},
      {"restore.schema.json", to_json(purged), {"", "/sample/0", "/guards/0"}},
      {"history.schema.json", to_json(busy_history()), {"", "/runs/0"}},
      {"locks.schema.json", to_json(two_locks()), {"", "/holders/0"}},
  };
  const TemporaryFolder folder;
  for (const Case& each : cases) {
    const auto whole = nlohmann::json::parse(each.text);
    std::string lines;
    for (const char* place : each.places) {
      auto changed = whole;
      changed[nlohmann::json::json_pointer(place)]["surprise"] = 1;
      lines += changed.dump() + "\n";
    }
    // Nor may one be missing.
    for (const auto& [field, value] : whole.items()) {
      auto changed = whole;
      changed.erase(field);
      lines += changed.dump() + "\n";
    }
    const auto validation = validate(each.schema, folder.write("runs.ndjson", lines), Expected::none_fits);
    EXPECT_EQ(validation.status, 0) << each.schema << validation.output;
  }
}

}  // namespace
}  // namespace flotsam::test
