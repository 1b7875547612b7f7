#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "support/temporary_folder.h"

namespace flotsam::test {

/// A configuration file in a folder of its own, with the environment and flags that go with it.
struct Loading {
  TemporaryFolder folder;
  std::map<std::string, std::string> variables = {{"HOME", "/home/someone"}};
  std::vector<std::string> assignments;
  std::uint64_t machine_memory_bytes = 8ULL << 30U;

  std::expected<Config, std::vector<ConfigProblem>> load(std::string_view text) const;
  /// The configuration; the test fails where there is none.
  Config valid(std::string_view text) const;
  /// Every problem as "where: message"; empty where the configuration is valid.
  std::vector<std::string> problems(std::string_view text) const;
};

inline constexpr std::string_view kStore = "url = \"s3://my-bucket\"\nprefixes = [\"books/\"]\n";
inline constexpr std::string_view kSource =
    "name = \"book images\"\ndatabase = \"postgresql://app@db/app\"\nquery = \"SELECT s3_key FROM "
    "book_images\"\n"
    "objects = [\"books/{s3_key}\"]\n";

/// A file of [store], one [[references]] and what follows.
std::string config_text(std::string_view store = kStore, std::string_view source = kSource,
                        std::string_view rest = {});

/// The value that is shown for a setting, and where it came from; "?" where there is no such setting.
std::string shown(const Config& config, std::string_view name);
std::string origin(const Config& config, std::string_view name);

}  // namespace flotsam::test
