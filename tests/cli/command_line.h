#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/time.h"
#include "cli/cli.h"
#include "support/temporary_folder.h"

namespace flotsam::test {

/// A clock that a test moves; safe from several threads, for a lock's own thread reads it, too.
class HeldClock final : public Clock {
 public:
  explicit HeldClock(Timestamp start) : ticks_(start.time_since_epoch().count()) {}
  Timestamp now() const override { return Timestamp(std::chrono::nanoseconds(ticks_)); }
  std::chrono::nanoseconds monotonic() const override { return std::chrono::nanoseconds(ticks_); }
  void sleep_for(std::chrono::nanoseconds duration) override { ticks_ += duration.count(); }
  void set(Timestamp moment) { ticks_ = moment.time_since_epoch().count(); }

 private:
  std::atomic<std::int64_t> ticks_;
};

/// Whole command lines in-process, in a folder of their own, with a clock that stands still.
struct CommandLine {
  TemporaryFolder folder;
  std::map<std::string, std::string> variables = {{"LANG", "C.UTF-8"}};
  HeldClock clock{*parse_rfc3339("2100-01-01T00:00:00Z")};
  Cancel cancel;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  unsigned width = 100;

  CommandLine() { variables["HOME"] = folder.path().native(); }

  std::vector<std::string> typed;                 ///< the lines of stdin, taken one by one
  std::function<void(const char* step)> on_step;  ///< as of Io

  std::string out, err;
  /// Runs `flotsam ARGS…`; `out` and `err` are what it wrote.
  int run(const std::vector<std::string>& args);

  /// Runs it and compares exit code, stdout and stderr with golden/NAME.txt, byte for byte, after the
  /// folder's path, ids, times and ages that no clock of ours rules are replaced. FLOTSAM_TEST_ACCEPT=1
  /// writes the file anew.
  void expect_golden(const std::string& name, const std::vector<std::string>& args);

  /// The text with those replacements.
  std::string normalised(std::string text) const;
};

/// A configuration of a directory store "media" and a SQLite database "app.db", which are in the folder.
std::string directory_config(std::string_view objects = "books/{s3_key}", std::string_view rest = {});

/// Makes them: `keys` as objects of 10 bytes, `rows` as book_images.s3_key.
void make_directory_and_database(const TemporaryFolder& folder, const std::vector<std::string>& keys,
                                 const std::vector<std::string>& rows);

/// A folder with twenty live images, their rows, `orphans` objects without a row, and the configuration.
CommandLine& with_images(CommandLine& line, int orphans, std::string_view objects = "books/{s3_key}",
                         std::string_view rest = {});

/// Every file and folder below the store, with content: what a run that must change nothing leaves as it is.
/// What is flotsam's own there (".flotsam-…") is left out.
std::vector<std::string> store_listing(const CommandLine& line);

/// One more row in app.db: from now on this key of the application is needed.
void insert_row(const TemporaryFolder& folder, const std::string& row);
/// No row is left in app.db.
void delete_rows(const TemporaryFolder& folder);

/// True where tests are asked to write their expectations anew.
bool accepts_changes();
/// Compares a text with a file of the repository, or writes it where changes are accepted.
void expect_equals_file(const std::string& text, const std::filesystem::path& path);

}  // namespace flotsam::test
