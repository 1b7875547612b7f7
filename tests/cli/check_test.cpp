#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/command_line.h"

namespace flotsam::test {
namespace {

TEST(Check, SaysThatAConfigurationIsValid) {
  CommandLine line;
  line.folder.write("flotsam.toml", directory_config());
  line.expect_golden("check-valid", {"check"});
  line.expect_golden("check-valid-json", {"check", "--json"});
}

TEST(Check, ShowsEverySettingWithItsOrigin) {
  CommandLine line;
  line.folder.write(
      "flotsam.toml",
      directory_config("books/{s3_key}",
                       "[guards]\nsuspects = 0.5\n[notify]\nurl = \"https://h.example/secret\"\n"));
  line.variables["FLOTSAM_GUARDS_MAX_DELETIONS"] = "5";
  line.expect_golden("check-show-config", {"check", "--show-config", "--set", "delete.undo_days=7"});
  line.expect_golden("check-show-config-json",
                     {"check", "--show-config", "--json", "--set", "delete.undo_days=7"});
}

TEST(Check, SaysEveryProblemAtOnce) {
  CommandLine line;
  line.folder.write("flotsam.toml",
                    "[store]\nurl = \"s3://b\"\nprefixes = [\"books\"]\nmin_age = \"1h\"\nregon = \"x\"\n");
  line.variables["FLOTSAM_MEMRY"] = "1";
  line.expect_golden("check-problems", {"check", "--set", "guards.resolution=10"});
  line.expect_golden("check-problems-json",
                     {"check", "--set", "guards.resolution=10", "--log-format", "json"});
}

TEST(Check, NamesTheFileThatIsMissing) {
  CommandLine line;
  line.expect_golden("check-no-file", {"check"});
  line.expect_golden("check-no-named-file", {"check", "-c", "conf/x.toml"});
}

TEST(Check, PrintsNoSecret) {
  CommandLine line;
  line.variables["DB_PASSWORD"] = "canary7secret";
  line.folder.write("flotsam.toml",
                    "[store]\nurl = \"s3://b\"\nprefixes = [\"a/\"]\n[[references]]\nname = \"x\"\n"
                    "database = \"postgresql://app:${DB_PASSWORD}@db/app?password=canary7secret\"\nquery = "
                    "'SELECT a FROM t WHERE password=\"canary7secret'\n"
                    "objects = [\"{a}\"]\n[notify]\nurl = \"https://canary7secret@h/canary7secret\"\n");
  for (const std::vector<std::string>& args : {std::vector<std::string>{"check", "--show-config"},
                                               {"check", "--show-config", "--json"},
                                               {"check", "-vv"}}) {
    EXPECT_EQ(line.run(args), 0) << line.err;
    EXPECT_EQ((line.out + line.err).find("canary7secret"), std::string::npos) << line.out;
    if (args.back() == "--json") {
      EXPECT_TRUE(nlohmann::json::accept(line.out)) << line.out;
    }
  }
}

}  // namespace
}  // namespace flotsam::test
