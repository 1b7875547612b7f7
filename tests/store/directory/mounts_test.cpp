#include "store/directory/mounts.h"

#include <gtest/gtest.h>

namespace flotsam::test {
namespace {

using Paths = std::vector<std::string>;

struct MountRow {
  const char* name;
  const char* mountinfo;
  const char* folder;
  Paths below;
  std::vector<std::pair<std::string, std::string>> twice;
};

const MountRow kRows[] = {
    {"none", "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n", "/srv/media", {}, {}},
    {"no text", "", "/srv/media", {}, {}},
    {"another disk below",
     "21 1 8:1 / / rw - ext4 x rw\n30 21 8:2 / /srv/media/books rw - ext4 y rw\n",
     "/srv/media",
     {"/srv/media/books"},
     {}},
    {"a neighbour with the same beginning",
     "21 1 8:1 / / rw\n30 21 8:2 / /srv/media2 rw - ext4 y rw\n",
     "/srv/media",
     {},
     {}},
    {"the folder is a mount point itself",
     "21 1 8:1 / / rw - ext4\n30 21 8:2 / /srv/media rw - ext4 y rw\n",
     "/srv/media",
     {},
     {}},
    {"the root as store", "21 1 8:1 / / rw - ext4\n30 21 0:5 / /proc rw - proc\n", "", {"/proc"}, {}},
    {"a name with a blank",
     "21 1 8:1 / / rw - ext4\n30 21 8:2 / /srv/media/old\\040books rw - ext4\n",
     "/srv/media",
     {"/srv/media/old books"},
     {}},
    {"a bind mount of a folder of the store",
     "21 1 8:1 / / rw - ext4\n30 21 8:1 /srv/media/books /srv/media/old rw - ext4\n",
     "/srv/media",
     {"/srv/media/old"},
     {{"/srv/media/books", "/srv/media/old"}}},
    {"a bind mount of a folder outside",
     "21 1 8:1 / / rw - ext4\n30 21 8:1 /home/books /srv/media/old rw - ext4\n",
     "/srv/media",
     {"/srv/media/old"},
     {}},
    {"a bind mount of a folder above",
     "21 1 8:1 / / rw - ext4\n30 21 8:1 /srv /srv/media/all rw - ext4\n",
     "/srv/media",
     {"/srv/media/all"},
     {{"/srv/media/all/media", "/srv/media"}}},
    {"one disk mounted twice",
     "21 1 8:1 / / rw - ext4\n30 21 8:2 / /srv/media/a rw - xfs\n31 21 8:2 /sub /srv/media/b rw - xfs\n",
     "/srv/media",
     {"/srv/media/a", "/srv/media/b"},
     {{"/srv/media/a/sub", "/srv/media/b"}}},
    {"two parts of one disk",
     "21 1 8:1 / / rw - ext4\n30 21 8:2 /one /srv/media/a rw - xfs\n31 21 8:2 /one2 /srv/media/b rw - xfs\n",
     "/srv/media",
     {"/srv/media/a", "/srv/media/b"},
     {}},
    {"a bind mount whose original is mounted over",
     "21 1 8:1 / / rw - ext4\n30 21 8:1 /srv/media/books /srv/media/old rw - ext4\n31 21 8:3 / "
     "/srv/media/books rw - ext4\n",
     "/srv/media",
     {"/srv/media/books", "/srv/media/old"},
     {}},
    {"a mount that hides an earlier one at its place",
     "21 1 8:1 / / rw - ext4\n30 21 8:1 /srv/media/a /srv/media/b rw\n31 30 8:9 / /srv/media/b rw\n",
     "/srv/media",
     {"/srv/media/b"},
     {}},
    {"the store on a subvolume",
     "21 1 0:30 /@ / rw - btrfs\n22 21 0:30 /@home /home rw - btrfs\n30 21 0:30 /@home/x /home/x/y rw - "
     "btrfs\n",
     "/home",
     {"/home/x/y"},
     {{"/home/x", "/home/x/y"}}},
    {"lines that are none", "garbage\n\n1 2 3\n21 1 8:1 x y z\n", "/srv", {}, {}},
};

TEST(Mounts, SayWhatStandsBelowAFolderAndWhatStandsThereTwice) {
  for (const MountRow& row : kRows) {
    const MountFindings findings = find_mounts(row.mountinfo, row.folder);
    EXPECT_EQ(findings.below, row.below) << row.name;
    std::vector<std::pair<std::string, std::string>> twice;
    for (const auto& one : findings.twice) twice.emplace_back(one.one, one.other);
    EXPECT_EQ(twice, row.twice) << row.name;
  }
}

}  // namespace
}  // namespace flotsam::test
