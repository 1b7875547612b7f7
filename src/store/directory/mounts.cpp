#include "store/directory/mounts.h"

#include <algorithm>
#include <array>
#include <optional>

namespace flotsam {
namespace {

struct Mount {
  std::string device;  ///< "8:1"
  std::string shown;   ///< the part of the device's file system that is mounted: "" for all of it
  std::string point;   ///< where, "" for "/"
};

/// Spaces, tabs, line breaks and backslashes stand as \040 and the like.
std::string unescaped(std::string_view text) {
  std::string out;
  const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 3 < text.size() && is_octal(text[at + 1]) && is_octal(text[at + 2]) &&
        is_octal(text[at + 3])) {
      out += static_cast<char>((text[at + 1] - '0') * 64 + (text[at + 2] - '0') * 8 + (text[at + 3] - '0'));
      at += 3;
    } else {
      out += text[at];
    }
  }
  if (out == "/") out.clear();
  return out;
}

std::optional<Mount> parse_mount(std::string_view line) {
  std::array<std::string_view, 5> words;
  for (std::string_view& word : words) {
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    word = line.substr(0, blank);
    line.remove_prefix(blank + 1);
  }
  if (!words[3].starts_with('/') || !words[4].starts_with('/')) return std::nullopt;
  return Mount{std::string(words[2]), unescaped(words[3]), unescaped(words[4])};
}

/// True where `path` is `folder` or stands below it.
bool is_within(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

/// The files of one device that stand in the tree under a path.
struct Shown {
  std::string device, shown, path;
};

void add_twice(const std::vector<Shown>& all, MountFindings& findings) {
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = i + 1; j < all.size(); ++j) {
      const Shown &a = all[i], &b = all[j];
      if (a.device != b.device) continue;
      const bool b_in_a = is_within(b.shown, a.shown);
      if (!b_in_a && !is_within(a.shown, b.shown)) continue;
      const Shown &outer = b_in_a ? a : b, &inner = b_in_a ? b : a;
      std::string same = outer.path + inner.shown.substr(outer.shown.size());
      // What is mounted over the other path hides it.
      const bool hidden = std::any_of(all.begin(), all.end(), [&](const Shown& other) {
        return &other != &outer && is_within(same, other.path) && is_within(other.path, outer.path);
      });
      if (!hidden && same != inner.path) findings.twice.push_back({std::move(same), inner.path});
    }
}

}  // namespace

MountFindings find_mounts(std::string_view mountinfo, std::string_view folder) {
  std::vector<Mount> mounts;
  while (!mountinfo.empty()) {
    const std::size_t end = std::min(mountinfo.find('\n'), mountinfo.size());
    if (auto mount = parse_mount(mountinfo.substr(0, end))) mounts.push_back(std::move(*mount));
    mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
  }
  MountFindings findings;
  std::vector<Shown> shown;
  const Mount* home =
      nullptr;  // the mount on which the folder itself stands: the deepest, and the last of equals
  for (const Mount& mount : mounts)
    if (is_within(folder, mount.point) && (home == nullptr || mount.point.size() >= home->point.size()))
      home = &mount;
  if (home != nullptr)
    shown.push_back(
        {home->device, home->shown + std::string(folder.substr(home->point.size())), std::string(folder)});
  for (const Mount& mount : mounts) {
    if (mount.point == folder || !is_within(mount.point, folder)) continue;
    std::erase_if(shown, [&](const Shown& other) { return other.path == mount.point; });  // mounted over
    shown.push_back({mount.device, mount.shown, mount.point});
  }
  for (std::size_t i = home != nullptr ? 1 : 0; i < shown.size(); ++i)
    findings.below.push_back(shown[i].path);
  std::sort(findings.below.begin(), findings.below.end());
  add_twice(shown, findings);
  return findings;
}

}  // namespace flotsam
