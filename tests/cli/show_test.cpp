#include <fstream>
#include <gtest/gtest.h>

#include "cli/command_line.h"

namespace flotsam::test {
namespace {

/// Scans a store with one orphan into plan.ndjson.
void scan(CommandLine& line) {
  std::vector<std::string> keys = {"books/9/left.jpg"};
  std::vector<std::string> rows;
  for (int i = 10; i < 30; ++i) {
    rows.push_back("515/image_" + std::to_string(i) + ".webp");
    keys.push_back("books/" + rows.back());
  }
  make_directory_and_database(line.folder, keys, rows);
  line.folder.write("flotsam.toml", directory_config());
  ASSERT_EQ(line.run({"scan", "--plan", "plan.ndjson"}), 0) << line.err;
}

TEST(Show, WritesTheHtmlReportThatTheScanWrote) {
  CommandLine line;
  scan(line);
  ASSERT_EQ(line.run({"scan", "--plan", "plan.ndjson", "--html", "scan.html"}), 0) << line.err;
  ASSERT_EQ(line.run({"show", "plan.ndjson", "--html", "show.html"}), 0) << line.err;
  EXPECT_EQ(line.out, "");
  const auto content = [&](const char* name) {
    std::ifstream file(line.folder / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::string of_scan = content("scan.html"), of_show = content("show.html");
  EXPECT_TRUE(of_scan.starts_with("<!DOCTYPE html>"));
  EXPECT_NE(of_scan.find("books/9/left.jpg"), std::string::npos);
  EXPECT_NE(of_show.find("books/9/left.jpg"), std::string::npos);
  EXPECT_EQ(std::filesystem::status(line.folder / "scan.html").permissions(), std::filesystem::perms(0600));
  // Again: a report of ours is replaced, another file is not.
  EXPECT_EQ(line.run({"scan", "--plan", "plan.ndjson", "--html", "scan.html"}), 0) << line.err;
  EXPECT_EQ(line.run({"scan", "--html", "flotsam.toml"}), 2);
  EXPECT_EQ(line.run({"scan", "--plan", "x", "--html", "x"}), 2);
  EXPECT_EQ(line.run({"show", "plan.ndjson", "--html", "a", "--json"}), 2);
  EXPECT_EQ(line.run({"show", "plan.ndjson", "--html", ""}), 2);
}

TEST(Show, PrintsWhatTheScanPrinted) {
  CommandLine line;
  scan(line);
  const std::string text = line.out;
  EXPECT_EQ(line.run({"show", "plan.ndjson"}), 0) << line.err;
  const auto section = [](const std::string& whole) {
    const std::size_t start = whole.find("\nReferences\n");
    return whole.substr(start, whole.find("\nWhere this comes from\n") - start);
  };
  EXPECT_EQ(section(line.out), section(text));
  EXPECT_EQ(line.out.find("xit code"), std::string::npos) << line.out;
  EXPECT_NE(line.out.find("    flotsam show plan.ndjson --csv\n"), std::string::npos) << line.out;
  EXPECT_EQ(line.err, "");
  ASSERT_EQ(line.run({"scan", "--json", "--plan", "plan.ndjson"}), 0);
  const std::string json = line.out;
  EXPECT_EQ(line.run({"show", "plan.ndjson", "--json"}), 0);
  EXPECT_EQ(line.out, json);
}

TEST(Show, NeedsNoConfiguration) {
  CommandLine line;
  scan(line);
  std::filesystem::remove(line.folder / "flotsam.toml");
  EXPECT_EQ(line.run({"show", "plan.ndjson"}), 0) << line.err;
}

TEST(Show, PrintsTheObjectsAsCsv) {
  CommandLine line;
  scan(line);
  EXPECT_EQ(line.run({"show", "plan.ndjson", "--csv"}), 0) << line.err;
  EXPECT_EQ(std::count(line.out.begin(), line.out.end(), '\n'), 2) << line.out;
  EXPECT_NE(line.out.find("books/9/left.jpg"), std::string::npos) << line.out;
}

TEST(Show, OfAMissingPlanIsExitSix) {
  CommandLine().expect_golden("show-missing", {"show", "nowhere.ndjson"});
}

TEST(Show, OfAChangedPlanIsExitSix) {
  CommandLine line;
  scan(line);
  const std::string plan = content_of(line.folder / "plan.ndjson");
  for (const std::size_t at : {std::size_t{0}, plan.size() / 2, plan.size() - 3}) {
    std::string changed = plan;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    line.folder.write("plan.ndjson", changed);
    for (const std::vector<std::string>& args : {std::vector<std::string>{"show", "plan.ndjson"},
                                                 {"show", "plan.ndjson", "--json"},
                                                 {"show", "plan.ndjson", "--csv"}}) {
      EXPECT_EQ(line.run(args), 6) << at;
      EXPECT_EQ(line.out, "") << "nothing of it is believed";
      EXPECT_TRUE(line.err.starts_with("error: ")) << line.err;
    }
  }
}

TEST(Show, OfAFolderOrAnEmptyFileIsExitSix) {
  CommandLine line;
  line.folder.write("empty", "");
  std::filesystem::create_directory(line.folder / "folder");
  EXPECT_EQ(line.run({"show", "empty"}), 6);
  EXPECT_EQ(line.run({"show", "folder"}), 6);
}

TEST(Show, CanBeInterrupted) {
  CommandLine line;
  scan(line);
  line.cancel.request();
  EXPECT_EQ(line.run({"show", "plan.ndjson", "--csv"}), 130);
}

}  // namespace
}  // namespace flotsam::test
