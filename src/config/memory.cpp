#include "config/memory.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/file.h"
#include "config/config.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kUnknown = 1ULL << 30U;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

/// Calls `use` for every line.
template <typename Use>
void for_each_line(std::string_view text, const Use& use) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.size(), text.find('\n'));
    use(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
}

std::optional<std::uint64_t> total_memory(const std::filesystem::path& root) {
  const auto content = read_file(root / "proc/meminfo");
  if (!content) return std::nullopt;
  std::optional<std::uint64_t> bytes;
  for_each_line(*content, [&](std::string_view line) {
    if (!line.starts_with("MemTotal:") || !line.ends_with(" kB")) return;
    const auto kib = parse_unsigned(trimmed(line.substr(9, line.size() - 12)));
    if (kib) bytes = *kib * 1024;
  });
  return bytes;
}

/// Lowers `least` to the limits in `file` of the group's folder and of all folders above it. "max" and v1's
/// huge numbers are no limits.
void apply_limits(const std::filesystem::path& mount, std::string_view group, const char* file,
                  std::uint64_t& least) {
  std::filesystem::path folder = std::filesystem::path(group).relative_path();
  while (true) {
    const auto content = read_file(mount / folder / file, 1U << 12U);
    const auto limit = content ? parse_unsigned(trimmed(*content)) : std::nullopt;
    if (limit && *limit > 0) least = std::min(least, *limit);
    if (folder.empty()) return;
    folder = folder.parent_path();
  }
}

bool names_memory(std::string_view controllers) {
  while (true) {
    const std::size_t comma = controllers.find(',');
    if (controllers.substr(0, comma) == "memory") return true;
    if (comma == std::string_view::npos) return false;
    controllers.remove_prefix(comma + 1);
  }
}

}  // namespace

std::uint64_t granted_memory_bytes(const std::filesystem::path& root) {
  constexpr std::uint64_t kNone = ~0ULL;
  std::uint64_t least = total_memory(root).value_or(kNone);
  const std::filesystem::path mount = root / "sys/fs/cgroup";
  // Lines of /proc/self/cgroup are "ID:CONTROLLERS:GROUP"; v2 has the id 0 and no controllers (cgroups(7)).
  const auto groups = read_file(root / "proc/self/cgroup", 1U << 16U);
  for_each_line(groups ? *groups : std::string(), [&](std::string_view line) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos) return;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view group = line.substr(second + 1);
    if (controllers.empty()) {
      apply_limits(mount, group, "memory.max", least);
      apply_limits(mount / "unified", group, "memory.max", least);
    } else if (names_memory(controllers)) {
      apply_limits(mount / "memory", group, "memory.limit_in_bytes", least);
    }
  });
  return least == kNone ? kUnknown : least;
}

std::uint64_t granted_memory_bytes() {
  return granted_memory_bytes("/");
}

}  // namespace flotsam
