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

std::optional<Config> WorkflowFixture::config() {
  ConfigInputs inputs;
  inputs.file = folder_ / "flotsam.toml";
  inputs.environment = &environment_;
  inputs.working_folder = folder_.path();
  inputs.machine_memory_bytes = 1ULL << 30U;
  auto config = load_config(inputs);
  if (config) return *std::move(config);
  for (const ConfigProblem& problem : config.error())
    ADD_FAILURE() << problem.where << ": " << problem.message;
  return std::nullopt;
}

World WorkflowFixture::world() {
  return {&environment_, &clock_, &log_, &progress_, &cancel_, std::nullopt, on_step_};
}

Result<ScanOutcome> WorkflowFixture::scan(const ScanRequest& request) {
  const auto loaded = config();
  if (!loaded) return fail(ErrorCode::invalid_argument, "the configuration has problems");
  World around = world();
  return run_scan(*loaded, request, around);
}

Result<ApplyResult> WorkflowFixture::apply(const std::string& plan, std::optional<std::uint64_t> expect,
                                           std::vector<std::string> overrides) {
  const auto loaded = config();
  if (!loaded) return fail(ErrorCode::invalid_argument, "the configuration has problems");
  World around = world();
  ApplyRequest request;
  request.plan = plan;
  request.working_folder = folder_.path();
  request.expect = expect;
  request.overrides = std::move(overrides);
  return run_apply(*loaded, request, around);
}

Result<RestoreResultSummary> WorkflowFixture::undo(const std::string& journal, bool dry_run) {
  const auto loaded = config();
  if (!loaded) return fail(ErrorCode::invalid_argument, "the configuration has problems");
  World around = world();
  return run_undo(*loaded, {journal, folder_.path(), dry_run}, around);
}

std::map<std::string, std::string> WorkflowFixture::tree(const std::string& below) const {
  std::map<std::string, std::string> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / below, none)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files[entry.path().lexically_relative(folder_ / below).native()] =
        std::string(std::istreambuf_iterator<char>(file), {});
  }
  return files;
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
