#include "workflow/fixture.h"

#include <fstream>
#include <sqlite3.h>

namespace flotsam::test {

WorkflowFixture::WorkflowFixture() {
  std::filesystem::create_directories(folder_ / "bucket");
}

void WorkflowFixture::sql(const std::string& text) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open((folder_ / "app.db").c_str(), &database), SQLITE_OK);
  char* error = nullptr;
  EXPECT_EQ(sqlite3_exec(database, text.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error;
  sqlite3_free(error);
  sqlite3_close(database);
}

void WorkflowFixture::object(const std::string& key, std::string_view content) {
  const std::filesystem::path path = bucket() / key;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

void WorkflowFixture::configure(const std::string& store_lines, const std::string& rest) {
  folder_.write("flotsam.toml",
                "[store]\nurl = \"file://" + bucket().native() +
                    "\"\nmin_age = \"0s\"\nallow_short_min_age = true\n" + store_lines + "\n" +
                    "[state]\ndir = \"state\"\n[delete]\nquarantine = \"bucket/.flotsam-quarantine/\"\n" +
                    rest);
}

Result<ScanOutcome> WorkflowFixture::scan(const ScanRequest& request) {
  ConfigInputs inputs;
  inputs.file = folder_ / "flotsam.toml";
  inputs.environment = &environment_;
  inputs.working_folder = folder_.path();
  inputs.machine_memory_bytes = 1ULL << 30U;
  const auto config = load_config(inputs);
  if (!config) {
    std::string all;
    for (const ConfigProblem& problem : config.error()) all += problem.where + ": " + problem.message + "\n";
    ADD_FAILURE() << all;
    return fail(ErrorCode::invalid_argument, all);
  }
  World world{&environment_, &clock_, &log_, &progress_, &cancel_, std::nullopt};
  return run_scan(*config, request, world);
}

nlohmann::json WorkflowFixture::report(const ScanRequest& request) {
  const auto outcome = scan(request);
  if (!outcome) {
    ADD_FAILURE() << to_text(outcome.error());
    return {};
  }
  return nlohmann::json::parse(outcome->report);
}

nlohmann::json WorkflowFixture::guard(const nlohmann::json& report, const std::string& id) {
  for (const auto& row : report.at("guards"))
    if (row.at("id") == id) return row;
  ADD_FAILURE() << "no guard " << id;
  return {};
}

}  // namespace flotsam::test
