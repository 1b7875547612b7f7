// bench_check: holds what a scan wrote against the truth of its data set. Exit code 1 where anything differs.

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "options.h"
#include "truth.h"

namespace flotsam::bench {
namespace {

struct CheckOptions {
  std::string report, plan, dangling, orphan_verdict = "orphan";
  std::vector<std::string> objects;
};

bool differs = false;

template <typename Value>
void expect(const std::string& what, const Value& found, const Value& wanted) {
  if (found == wanted) return;
  differs = true;
  if constexpr (std::is_same_v<Value, KeySum>)
    fmt::print(stderr, "bench_check: {}: found {}, true is {}\n", what, found.text(), wanted.text());
  else
    fmt::print(stderr, "bench_check: {}: found {}, true is {}\n", what, found, wanted);
}

/// The sum of all keys in a file of JSON lines. `has_frame`: a first and a last line without a key.
void add_keys(const std::string& path, KeySum& sum) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line);
    if (json.contains("key")) sum.add(json.at("key").get<std::string>());
  }
}

void check_report(const CheckOptions& options, const Dataset& dataset) {
  std::ifstream file(options.report);
  const auto report = nlohmann::json::parse(file);
  const auto count = [&](const std::string& verdict) {
    return report.at("verdicts").at(verdict).at("objects").get<std::uint64_t>();
  };
  expect("objects scanned", report.at("total_objects_scanned").get<std::uint64_t>(), dataset.objects());
  expect("keys in the database", report.at("objects_in_database").get<std::uint64_t>(), dataset.references());
  expect("referenced", count("referenced"), dataset.objects() - dataset.orphans());
  expect(options.orphan_verdict, count(options.orphan_verdict), dataset.orphans());
  expect("dangling", report.at("references").at(0).at("dangling").get<std::uint64_t>(), dataset.dangling());
}

int check(const CheckOptions& options, const DatasetParameters& parameters) {
  const Dataset dataset(parameters);
  if (!options.report.empty()) check_report(options, dataset);
  if (options.plan.empty() && options.dangling.empty() && options.objects.empty()) return differs ? 1 : 0;
  KeySum orphans, dangling, objects;
  std::string key;
  if (!options.plan.empty()) {
    KeySum planned;
    add_keys(options.plan, planned);
    for (std::uint64_t rank = 0; rank < dataset.objects(); ++rank) {
      if (!dataset.is_orphan(rank)) continue;
      dataset.object_key(rank, key);
      orphans.add(key);
    }
    expect("plan", planned, options.orphan_verdict == "orphan" ? orphans : KeySum{});
  }
  if (options.dangling.empty() && options.objects.empty()) return differs ? 1 : 0;
  const Truth truth = truth_of(dataset);
  if (!options.dangling.empty()) {
    add_keys(options.dangling, dangling);
    expect("dangling keys", dangling, truth.dangling);
  }
  for (const std::string& path : options.objects) add_keys(path, objects);
  if (!options.objects.empty()) expect("keys of all objects", objects, truth.objects);
  return differs ? 1 : 0;
}

}  // namespace
}  // namespace flotsam::bench

int main(int argc, char** argv) {
  using namespace flotsam::bench;
  CLI::App app("Holds what a scan wrote against the truth of its data set.", "bench_check");
  DatasetParameters parameters;
  CheckOptions options;
  add_dataset_options(app, parameters);
  app.add_option("--report", options.report, "what `flotsam scan --json` printed");
  app.add_option("--plan", options.plan, "the plan: its keys are the orphans");
  app.add_option("--list-objects", options.objects, "files of `scan --list` that together hold all objects");
  app.add_option("--list-dangling", options.dangling, "file of `scan --list dangling=`");
  app.add_option("--orphan-verdict", options.orphan_verdict,
                 "what the scan must call objects without a reference")
      ->capture_default_str();
  return parse_and_run(app, argc, argv, [&] { return check(options, parameters); });
}
