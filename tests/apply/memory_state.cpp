#include "apply/memory_state.h"

#include <algorithm>

#include "base/hash.h"

namespace flotsam::test {

using Guard = std::lock_guard<std::recursive_mutex>;

class MemoryState::Appender final : public AppendLog {
 public:
  Appender(MemoryState& state, std::string name) : state_(state), name_(std::move(name)) {}
  ~Appender() override {
    const Guard guard(state_.mutex_);
    state_.logs_[name_].is_open = false;
  }
  Result<void> append(std::string_view line) override {
    const Guard guard(state_.mutex_);
    FLOTSAM_TRY(state_.write_allowed());
    state_.logs_[name_].lines.emplace_back(line);
    return {};
  }
  Result<void> sync() override {
    const Guard guard(state_.mutex_);
    FLOTSAM_TRY(state_.write_allowed());
    if (state_.on_sync) state_.on_sync(name_);
    Log& log = state_.logs_[name_];
    log.synced = log.lines.size();
    return {};
  }

 private:
  MemoryState& state_;
  std::string name_;
};

Result<void> MemoryState::write_allowed() {
  if (fail_writes_from && writes_ >= *fail_writes_from)
    return fail(ErrorCode::unavailable, "the disk is full");
  ++writes_;
  return {};
}

Result<std::optional<State::Entry>> MemoryState::read(const std::string& name, std::uint64_t /*limit*/) {
  const Guard guard(mutex_);
  const auto found = entries_.find(name);
  if (found == entries_.end()) return std::optional<Entry>();
  return std::optional(Entry{found->second, sha256_hex(found->second)});
}

Result<bool> MemoryState::create(const std::string& name, std::string_view bytes) {
  const Guard guard(mutex_);
  FLOTSAM_TRY(write_allowed());
  return entries_.emplace(name, bytes).second;
}

Result<bool> MemoryState::replace(const std::string& name, std::string_view bytes, const std::string& tag) {
  const Guard guard(mutex_);
  FLOTSAM_TRY(write_allowed());
  const auto found = entries_.find(name);
  if (found == entries_.end() || sha256_hex(found->second) != tag) return false;
  found->second = bytes;
  return true;
}

Result<void> MemoryState::put(const std::string& name, std::string_view bytes) {
  const Guard guard(mutex_);
  FLOTSAM_TRY(write_allowed());
  entries_[name] = bytes;
  return {};
}

Result<bool> MemoryState::remove(const std::string& name, const std::string& tag) {
  const Guard guard(mutex_);
  FLOTSAM_TRY(write_allowed());
  const auto found = entries_.find(name);
  if (found == entries_.end() || sha256_hex(found->second) != tag) return false;
  entries_.erase(found);
  return true;
}

Result<std::vector<std::string>> MemoryState::list(const std::string& folder) {
  const Guard guard(mutex_);
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (name.starts_with(folder + "/")) names.push_back(name);
  };
  for (const auto& [name, bytes] : entries_) add(name);
  for (const auto& [name, log] : logs_) add(name);
  for (const auto& [name, path] : files_) add(name);
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::unique_ptr<AppendLog>> MemoryState::open_log(const std::string& name) {
  const Guard guard(mutex_);
  Log& log = logs_[name];
  if (log.is_open) return fail(ErrorCode::refused, "another writer has it open");
  log.is_open = true;
  return std::make_unique<Appender>(*this, name);
}

Result<bool> MemoryState::read_log(const std::string& name,
                                   const std::function<Result<void>(std::string_view line)>& use) {
  std::vector<std::string> lines;
  {
    const Guard guard(mutex_);
    const auto found = logs_.find(name);
    if (found == logs_.end()) return false;
    lines = found->second.lines;
  }
  for (const std::string& line : lines) FLOTSAM_TRY(use(line));
  return true;
}

Result<std::optional<std::filesystem::path>> MemoryState::local_copy(const std::string& name) {
  const Guard guard(mutex_);
  const auto found = files_.find(name);
  if (found == files_.end()) return std::optional<std::filesystem::path>();
  return std::optional(found->second);
}

Result<void> MemoryState::take_file(const std::string& name, const std::filesystem::path& local) {
  const Guard guard(mutex_);
  FLOTSAM_TRY(write_allowed());
  files_[name] = local;
  return {};
}

std::optional<std::string> MemoryState::name_of(const std::string& place) const {
  if (!place.starts_with("/state/")) return std::nullopt;
  return place.substr(7);
}

std::unique_ptr<MemoryState> MemoryState::after_crash(std::size_t unsynced_lines_kept) const {
  const Guard guard(mutex_);
  auto copy = std::make_unique<MemoryState>();
  copy->entries_ = entries_;
  copy->files_ = files_;
  for (const auto& [name, log] : logs_) {
    Log& left = copy->logs_[name];
    const std::size_t kept = std::min(log.lines.size(), log.synced + unsynced_lines_kept);
    left.lines.assign(log.lines.begin(), log.lines.begin() + static_cast<std::ptrdiff_t>(kept));
    left.synced = kept;
  }
  return copy;
}

std::vector<std::string> MemoryState::lines_of(const std::string& name) const {
  const Guard guard(mutex_);
  const auto found = logs_.find(name);
  return found == logs_.end() ? std::vector<std::string>() : found->second.lines;
}

void MemoryState::set_lines(const std::string& name, std::vector<std::string> lines) {
  const Guard guard(mutex_);
  Log& log = logs_[name];
  log.lines = std::move(lines);
  log.synced = log.lines.size();
}

bool MemoryState::has(const std::string& name) const {
  const Guard guard(mutex_);
  return entries_.contains(name) || logs_.contains(name) || files_.contains(name);
}

bool MemoryState::is_empty() const {
  const Guard guard(mutex_);
  return entries_.empty() && logs_.empty() && files_.empty();
}

}  // namespace flotsam::test
