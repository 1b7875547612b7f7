#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/command_line.h"

namespace flotsam::test {
namespace {

TEST(Scan, FindsNoOrphan) {
  CommandLine line;
  with_images(line, 0).expect_golden("scan-nothing", {"scan", "--exit-code", "--plan", "plan.ndjson"});
}

TEST(Scan, FindsOrphans) {
  CommandLine line;
  with_images(line, 2);
  const auto before = store_listing(line);
  line.expect_golden("scan-orphans", {"scan", "--plan", "plan.ndjson"});
  EXPECT_EQ(store_listing(line), before);
  EXPECT_EQ(line.run({"scan", "--exit-code"}), 3) << line.err;
  EXPECT_EQ(line.run({"scan", "--json", "--exit-code"}), 3) << line.err;
  const auto report = nlohmann::json::parse(line.out);
  EXPECT_EQ(report["orphans_found"], 2);
  EXPECT_EQ(report["plan"]["objects"], 2);
  EXPECT_EQ(line.err, "");
}

TEST(Scan, IsRefusedByGuards) {
  CommandLine line;
  with_images(line, 0, "{s3_key}");
  line.expect_golden("scan-refused", {"scan", "--plan", "plan.ndjson"});
  EXPECT_EQ(line.run({"scan", "--json", "--exit-code"}), 4) << "a refusal is stronger than --exit-code";
  EXPECT_EQ(nlohmann::json::parse(line.out)["status"], "refused");
  EXPECT_TRUE(std::filesystem::exists(line.folder / "plan.ndjson")) << "a refused plan is still written";
}

TEST(Scan, QuietIsTheVerdictOnly) {
  CommandLine line;
  with_images(line, 2).expect_golden("scan-quiet", {"scan", "-q", "--plan", "plan.ndjson"});
}

TEST(Scan, WritesPlansIntoTheStateAndListsWhereAsked) {
  CommandLine line;
  with_images(line, 2);
  EXPECT_EQ(line.run({"scan", "--list", "orphan=out/orphans.ndjson", "--list", "referenced=live.ndjson",
                      "--list", "dangling=dangling.ndjson"}),
            0)
      << line.err;
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(line.folder / "state/plans"), {}), 1);
  const std::string orphans = content_of(line.folder / "out/orphans.ndjson");
  EXPECT_EQ(std::count(orphans.begin(), orphans.end(), '\n'), 2);
  EXPECT_NE(orphans.find("\"key\":\"books/600/left_0.jpg\""), std::string::npos) << orphans;
  const std::string live = content_of(line.folder / "live.ndjson");
  EXPECT_EQ(std::count(live.begin(), live.end(), '\n'), 20);
  EXPECT_EQ(content_of(line.folder / "dangling.ndjson"), "");
}

TEST(Scan, ListsDanglingKeys) {
  CommandLine line;
  with_images(line, 0);
  std::filesystem::remove(line.folder / "media/books/515/image_10.webp");
  EXPECT_EQ(line.run({"scan", "--list", "dangling=dangling.ndjson"}), 0) << line.err;
  EXPECT_EQ(content_of(line.folder / "dangling.ndjson"),
            "{\"key\":\"books/515/image_10.webp\",\"source\":\"book images\"}\n");
}

TEST(Scan, RefusesFilesInsideTheStore) {
  CommandLine line;
  with_images(line, 0);
  std::filesystem::create_directory_symlink(line.folder / "media/books", line.folder / "link");
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"scan", "--plan", "media/plan.ndjson"},
        {"scan", "--list", "orphan=media/x/../o"},
        {"scan", "--plan", "link/plan.ndjson"}}) {
    EXPECT_EQ(line.run(args), 2);
    EXPECT_NE(
        line.err.find("lies inside the store, where the next scan would judge it\n  Name a file elsewhere."),
        std::string::npos)
        << line.err;
  }
  EXPECT_EQ(line.run({"scan", "--plan", "media/.flotsam-plans/plan.ndjson"}), 0) << line.err;
}

TEST(Scan, NamesItsConfigurationInTheNextCommand) {
  CommandLine line;
  with_images(line, 0, "{s3_key}");
  std::filesystem::rename(line.folder / "flotsam.toml", line.folder / "other.toml");
  EXPECT_EQ(line.run({"scan", "-c", "other.toml"}), 4) << line.err;
  EXPECT_NE(line.out.find("flotsam scan -c other.toml"), std::string::npos) << line.out;
}

TEST(Scan, WithoutConfigurationIsExitTwo) {
  CommandLine().expect_golden("scan-no-config", {"scan"});
}

TEST(Scan, OfAMissingStoreFailsWithoutPlan) {
  CommandLine line;
  with_images(line, 0);
  std::filesystem::remove_all(line.folder / "media");
  EXPECT_EQ(line.run({"scan", "--plan", "plan.ndjson"}), 1);
  EXPECT_EQ(line.out, "");
  EXPECT_TRUE(line.err.starts_with("error: ")) << line.err;
  EXPECT_FALSE(std::filesystem::exists(line.folder / "plan.ndjson"));
}

TEST(Scan, OfAMissingDatabaseFailsWithoutPlanOrLists) {
  CommandLine line;
  with_images(line, 0);
  std::filesystem::remove(line.folder / "app.db");
  EXPECT_EQ(line.run({"scan", "--plan", "plan.ndjson", "--list", "orphan=orphans.ndjson"}), 1);
  EXPECT_EQ(line.out, "");
  EXPECT_FALSE(std::filesystem::exists(line.folder / "plan.ndjson"));
  EXPECT_FALSE(std::filesystem::exists(line.folder / "orphans.ndjson"));
  for (const auto& entry : std::filesystem::directory_iterator(line.folder.path()))
    EXPECT_EQ(entry.path().native().find(".tmp"), std::string::npos) << entry.path();
  EXPECT_FALSE(std::filesystem::exists(line.folder / "app.db")) << "it was not made, either";
}

TEST(Scan, OfABadQueryIsExitTwoOrOne) {
  CommandLine line;
  with_images(line, 0);
  std::string text = directory_config();
  const std::string query = "SELECT s3_key FROM book_images";
  text.replace(text.find(query), query.size(), query + " LIMIT 5");
  line.folder.write("flotsam.toml", text);
  EXPECT_EQ(line.run({"scan"}), 2) << "the lint refuses before anything is opened";
  EXPECT_NE(line.err.find("LIMIT"), std::string::npos) << line.err;
}

TEST(Scan, ThatIsInterruptedIsExit130) {
  CommandLine line;
  with_images(line, 2);
  line.cancel.request();
  EXPECT_EQ(line.run({"scan", "--plan", "plan.ndjson"}), 130);
  EXPECT_EQ(line.out, "");
  EXPECT_TRUE(line.err.starts_with("error: interrupted")) << line.err;
  EXPECT_FALSE(std::filesystem::exists(line.folder / "plan.ndjson"));
}

TEST(Scan, ShowsProgressOnATerminalOnly) {
  CommandLine line;
  with_images(line, 0);
  EXPECT_EQ(line.run({"scan"}), 0);
  EXPECT_EQ(line.err, "");
  line.err_is_terminal = true;
  EXPECT_EQ(line.run({"scan"}), 0);
  EXPECT_TRUE(line.err.starts_with("\r\x1b[K")) << line.err;
  EXPECT_TRUE(line.err.ends_with("\r\x1b[K")) << "it wipes itself";
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"scan", "-q"}, {"scan", "--no-progress"}}) {
    EXPECT_EQ(line.run(args), 0);
    EXPECT_EQ(line.err, "");
  }
  EXPECT_EQ(line.run({"scan", "--log-format", "json"}), 0);
  EXPECT_EQ(line.err.find('\x1b'), std::string::npos);
  line.variables["TERM"] = "dumb";
  EXPECT_EQ(line.run({"scan"}), 0);
  EXPECT_EQ(line.err.find('\x1b'), std::string::npos);
}

TEST(Scan, IsColouredOnlyWhereThatIsWanted) {
  struct Row {
    std::string name;
    bool terminal;
    std::map<std::string, std::string> variables;
    std::vector<std::string> flags;
    bool coloured;
  };
  const std::vector<Row> rows = {
      {"a pipe", false, {}, {}, false},
      {"a terminal", true, {}, {}, true},
      {"NO_COLOR", true, {{"NO_COLOR", "1"}}, {}, false},
      {"NO_COLOR that is empty", true, {{"NO_COLOR", ""}}, {}, true},
      {"a dumb terminal", true, {{"TERM", "dumb"}}, {}, false},
      {"never", true, {}, {"--color", "never"}, false},
      {"always", false, {}, {"--color=always"}, true},
      {"always against NO_COLOR", false, {{"NO_COLOR", "1"}}, {"--color", "always"}, true},
      {"auto", true, {}, {"--color", "auto"}, true},
  };
  for (const Row& row : rows) {
    CommandLine line;
    with_images(line, 2);
    line.out_is_terminal = row.terminal;
    line.variables.insert(row.variables.begin(), row.variables.end());
    std::vector<std::string> args = {"scan"};
    args.insert(args.end(), row.flags.begin(), row.flags.end());
    EXPECT_EQ(line.run(args), 0) << line.err;
    EXPECT_EQ(line.out.find("\x1b[") != std::string::npos, row.coloured) << row.name;
  }
}

TEST(Scan, UsesSignsThatTheLocaleKnows) {
  struct Row {
    std::map<std::string, std::string> variables;
    bool unicode;
  };
  const std::vector<Row> rows = {
      {{{"LANG", "en_GB.UTF-8"}}, true},
      {{{"LANG", "en_GB.utf8"}}, true},
      {{{"LANG", "C"}}, false},
      {{{"LANG", ""}}, false},
      {{{"LANG", "C"}, {"LC_CTYPE", "C.UTF-8"}}, true},
      {{{"LANG", "C.UTF-8"}, {"LC_CTYPE", "C"}}, false},
      {{{"LANG", "C.UTF-8"}, {"LC_CTYPE", "C.UTF-8"}, {"LC_ALL", "POSIX"}}, false},
      {{{"LANG", "C"}, {"LC_ALL", ""}, {"LC_CTYPE", "C.UTF-8"}}, true},
  };
  for (const Row& row : rows) {
    CommandLine line;
    with_images(line, 2);
    for (const auto& [name, value] : row.variables) line.variables[name] = value;
    EXPECT_EQ(line.run({"scan"}), 0) << line.err;
    const bool has_others = std::any_of(line.out.begin(), line.out.end(), [](char c) { return c < 0; });
    EXPECT_EQ(has_others, row.unicode) << testing::PrintToString(row.variables);
  }
}

TEST(Scan, SaysThatNotificationsComeLater) {
  CommandLine line;
  with_images(line, 0, "books/{s3_key}",
              "[notify]\nurl = \"https://h.example/canary7secret\"\nmetrics_file = \"m.prom\"\n");
  EXPECT_EQ(line.run({"scan"}), 0);
  EXPECT_EQ(line.err,
            "warning: notify.url is set, but this version sends no notifications\n"
            "warning: notify.metrics_file is set, but this version writes no metrics\n");
}

TEST(Scan, OfHostileKeysKeepsTheTerminalSafe) {
  CommandLine line;
  with_images(line, 1);
  line.folder.write("media/books/600/a\x1b[2J\rb\xff.jpg", "x");
  EXPECT_EQ(line.run({"scan", "--plan", "plan.ndjson"}), 0) << line.err << line.out;
  EXPECT_EQ(line.out.find('\x1b'), std::string::npos);
  EXPECT_EQ(line.out.find('\r'), std::string::npos);
  EXPECT_EQ(line.out.find('\xff'), std::string::npos);
  EXPECT_EQ(line.run({"show", "plan.ndjson"}), 0) << line.err;
  EXPECT_EQ(line.out.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace flotsam::test
