#include "options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace flotsam::bench {
namespace {

struct Share {
  std::string text;
  std::uint64_t* count;
};

std::uint64_t count_of(const std::string& text, std::uint64_t objects) {
  const bool is_share = text.ends_with('%');
  double value = 0;
  const char* end = text.data() + text.size() - (is_share ? 1 : 0);
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < 0)
    throw CLI::ValidationError("'" + text + "' is neither a count nor a share like 0.1%");
  return static_cast<std::uint64_t>(
      std::llround(is_share ? value / 100 * static_cast<double>(objects) : value));
}

}  // namespace

void add_dataset_options(CLI::App& app, DatasetParameters& parameters) {
  static std::string shape = "incident", orphans = "0.1%", dangling = "0.05%";
  std::vector<std::string> names(shape_names().begin(), shape_names().end());
  app.add_option("--shape", shape, "what the keys look like")
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  app.add_option("--objects", parameters.objects, "how many")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--orphans", orphans, "objects without a reference: count or share")->capture_default_str();
  app.add_option("--dangling", dangling, "references without an object: count or share")
      ->capture_default_str();
  app.add_option("--seed", parameters.seed, "of all that is random")->capture_default_str();
  app.final_callback([&parameters] {
    parameters.shape = *shape_of_name(shape);
    parameters.orphans = count_of(orphans, parameters.objects);
    parameters.dangling = count_of(dangling, parameters.objects);
    if (parameters.orphans > parameters.objects)
      throw CLI::ValidationError("there are more orphans than objects");
  });
}

int parse_and_run(CLI::App& app, int argc, char** argv, const std::function<int()>& run) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  try {
    return run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", app.get_name().c_str(), error.what());
    return 1;
  }
}

}  // namespace flotsam::bench
