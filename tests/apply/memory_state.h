#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/state.h"

namespace flotsam::test {

/// A state in memory that forgets at a crash what was not synced. Copies are other machines' views of what
/// was on stable storage at that moment.
class MemoryState final : public State {
 public:
  Result<std::optional<Entry>> read(const std::string& name, std::uint64_t limit_bytes) override;
  Result<bool> create(const std::string& name, std::string_view bytes) override;
  Result<bool> replace(const std::string& name, std::string_view bytes, const std::string& tag) override;
  Result<void> put(const std::string& name, std::string_view bytes) override;
  Result<bool> remove(const std::string& name, const std::string& tag) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<std::unique_ptr<AppendLog>> open_log(const std::string& name) override;
  Result<bool> read_log(const std::string& name,
                        const std::function<Result<void>(std::string_view line)>& use) override;
  Result<std::optional<std::filesystem::path>> local_copy(const std::string& name) override;
  Result<void> take_file(const std::string& name, const std::filesystem::path& local) override;
  std::string place_of(const std::string& name) const override { return "/state/" + name; }
  std::optional<std::string> name_of(const std::string& place) const override;

  /// What a crash now leaves: synced lines, and of the lines behind them so many more.
  std::unique_ptr<MemoryState> after_crash(std::size_t unsynced_lines_kept = 0) const;
  /// Lines of a log as they stand; those not synced, too.
  std::vector<std::string> lines_of(const std::string& name) const;
  void set_lines(const std::string& name, std::vector<std::string> lines);
  bool has(const std::string& name) const;
  bool is_empty() const;
  /// From this write on (counting appends, syncs and entries from 0) every write fails.
  std::optional<std::uint64_t> fail_writes_from;
  std::uint64_t writes() const { return writes_; }
  /// Called at each sync of a log, with its name, before it counts.
  std::function<void(const std::string&)> on_sync;

 private:
  struct Log {
    std::vector<std::string> lines;
    std::size_t synced = 0;
    bool is_open = false;
  };
  class Appender;
  Result<void> write_allowed();

  mutable std::recursive_mutex mutex_;
  std::map<std::string, std::string> entries_;
  std::map<std::string, Log> logs_;
  std::map<std::string, std::filesystem::path> files_;
  std::uint64_t writes_ = 0;
};

}  // namespace flotsam::test
