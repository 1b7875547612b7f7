#include "cli/command_line.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <sqlite3.h>

namespace flotsam::test {
namespace {

/// Reports break their lines by the width of what is in them: all folders of these tests have names of one
/// length.
const bool kHasPlainTemporaryFolder = setenv("TMPDIR", "/tmp", 1) == 0;

}  // namespace

int CommandLine::run(const std::vector<std::string>& args) {
  EXPECT_TRUE(kHasPlainTemporaryFolder);
  out.clear();
  err.clear();
  cli::Io io;
  io.out = [this](std::string_view text) { out += text; };
  io.err = [this](std::string_view text) { err += text; };
  io.read_line = [this]() -> std::optional<std::string> {
    if (typed.empty()) return std::nullopt;
    std::string text = typed.front();
    typed.erase(typed.begin());
    return text;
  };
  io.on_step = on_step;
  io.in_is_terminal = in_is_terminal;
  io.out_is_terminal = out_is_terminal;
  io.err_is_terminal = err_is_terminal;
  io.width = width;
  io.environment = Environment(variables);
  io.working_folder = folder.path();
  io.clock = &clock;
  io.cancel = &cancel;
  io.machine_memory_bytes = 8ULL << 30U;
  io.hash_seed = 1;
  return cli::run(args, io);
}

std::string CommandLine::normalised(std::string text) const {
  const std::string path = folder.path().native();
  for (std::size_t at = text.find(path); at != std::string::npos; at = text.find(path, at))
    text.replace(at, path.size(), "FOLDER");
  text = std::regex_replace(text, std::regex("[0-9a-f]{32,64}"), "ID");
  // What was written to the disk just now has the machine's time; the test's clock stands in the year 2100.
  text = std::regex_replace(text, std::regex("20[2-9][0-9]-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"), "TIME");
  text = std::regex_replace(text, std::regex("filesystem [0-9a-z-]+ inode [0-9a-f]+"), "filesystem F inode I");
  text = std::regex_replace(text, std::regex("7[0-9] y"), "7# y");
  text = std::regex_replace(text, std::regex("machine( +)[^,\n]+, process [0-9]+"), "machine$1M, process P");
  return text;
}

void CommandLine::expect_golden(const std::string& name, const std::vector<std::string>& args) {
  const int code = run(args);
  std::string text = "$ flotsam";
  for (const std::string& arg : args) text += " " + arg;
  text += "\nexit " + std::to_string(code) + "\n--- stdout\n" + out + "--- stderr\n" + err;
  expect_equals_file(normalised(text),
                     std::filesystem::path(FLOTSAM_SOURCE_DIR) / "tests/cli/golden" / (name + ".txt"));
}

std::string directory_config(std::string_view objects, std::string_view rest) {
  return "[store]\nurl = \"file://media\"\nprefixes = [\"books/\"]\nmin_age = \"0s\"\nallow_short_min_age = "
         "true\n"
         "[[references]]\nname = \"book images\"\ndatabase = \"sqlite:app.db\"\nquery = \"SELECT s3_key FROM "
         "book_images\"\n"
         "objects = [\"" +
         std::string(objects) +
         "\"]\n[delete]\nquarantine = \"media/.flotsam-quarantine\"\n[state]\ndir = \"state\"\n" +
         std::string(rest);
}

CommandLine& with_images(CommandLine& line, int orphans, std::string_view objects, std::string_view rest) {
  std::vector<std::string> keys, rows;
  for (int i = 10; i < 30; ++i) {
    rows.push_back("515/image_" + std::to_string(i) + ".webp");
    keys.push_back("books/" + rows.back());
  }
  for (int i = 0; i < orphans; ++i) keys.push_back("books/600/left_" + std::to_string(i) + ".jpg");
  make_directory_and_database(line.folder, keys, rows);
  line.folder.write("flotsam.toml", directory_config(objects, rest));
  return line;
}

std::vector<std::string> store_listing(const CommandLine& line) {
  std::vector<std::string> found;
  std::filesystem::recursive_directory_iterator entries(line.folder / "media");
  for (const auto& entry : entries) {
    if (entry.path().filename().native().starts_with(".flotsam-")) {
      entries.disable_recursion_pending();
      continue;
    }
    found.push_back(entry.path().native() +
                    (entry.is_regular_file() ? "\n" + content_of(entry.path()) : std::string()));
  }
  std::sort(found.begin(), found.end());
  return found;
}

namespace {

void run_sql(const std::filesystem::path& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
}

}  // namespace

void insert_row(const TemporaryFolder& folder, const std::string& row) {
  run_sql(folder / "app.db", "INSERT INTO book_images VALUES ('" + row + "');");
}

void delete_rows(const TemporaryFolder& folder) {
  run_sql(folder / "app.db", "DELETE FROM book_images;");
}

void make_directory_and_database(const TemporaryFolder& folder, const std::vector<std::string>& keys,
                                 const std::vector<std::string>& rows) {
  std::filesystem::create_directories(folder / "media");
  for (const std::string& key : keys) folder.write("media/" + key, "0123456789");
  std::string sql = "CREATE TABLE book_images (s3_key TEXT);";
  for (const std::string& row : rows) sql += "INSERT INTO book_images VALUES ('" + row + "');";
  run_sql(folder / "app.db", sql);
}

bool accepts_changes() {
  const char* accept = std::getenv("FLOTSAM_TEST_ACCEPT");
  return accept != nullptr && std::string_view(accept) == "1";
}

void expect_equals_file(const std::string& text, const std::filesystem::path& path) {
  if (accepts_changes()) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    return;
  }
  ASSERT_TRUE(std::filesystem::exists(path))
      << path << ": run once with FLOTSAM_TEST_ACCEPT=1 and read what it wrote";
  EXPECT_EQ(text, content_of(path))
      << "differs from " << path
      << "; if that is meant, run with FLOTSAM_TEST_ACCEPT=1 and read the difference";
}

}  // namespace flotsam::test
