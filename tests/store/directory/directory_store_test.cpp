// What a directory does as a store. What every store must do is in store_contract_test.cpp.

#include "store/directory/directory_store.h"

#include <algorithm>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <set>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/directory/tree.h"

namespace flotsam::test {
namespace {

using Keys = std::vector<std::string>;

TEST(DirectoryStore, OrdersByTheBytesOfTheWholeKey) {
  const Tree tree;
  Keys keys = {"a.txt",  "a/1",    "a/z",   "a0", "a!b",    "A",      "a-b/c",     "a-b.c",
               "ab/c/d", "ab/c.d", "ab/c0", "ab", "\xFF/1", "\x01/1", "z\xC3\xA9", "z~"};
  std::erase(keys, "ab");  // it is a folder
  for (const std::string& key : keys) tree.file(key);
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(tree.keys(), keys);
  const auto at = [&](const char* key) { return std::find(keys.begin(), keys.end(), key) - keys.begin(); };
  EXPECT_LT(at("a.txt"), at("a/1"));
  EXPECT_LT(at("a/1"), at("a0"));
}

TEST(DirectoryStore, OrdersNamesThatBeginAlike) {
  const Tree tree;
  Keys keys;
  for (int i = 0; i < 300; ++i) keys.push_back("a_long_common_beginning_" + std::to_string(i * 7919 % 1000));
  for (const std::string& key : keys) tree.file(key);
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(tree.keys(), keys);
}

TEST(DirectoryStore, CarriesNamesOfAnyBytes) {
  const Tree tree;
  Keys keys = {"line\nbreak",
               "not utf-8 \xFF\xFE",
               "caf\xC3\xA9",
               "cafe\xCC\x81",
               "\xC0\xAF",
               "back\\slash",
               "esc\x1b[2J/x",
               "...",
               "..x/.y",
               " ",
               "%2F",
               "*?",
               std::string(255, 'n') + "/" + std::string(255, '\xFE')};
  for (const std::string& key : keys) tree.file(key);
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(tree.keys(), keys);
}

RC_GTEST_PROP(DirectoryStore, GivesEveryFileOnceInByteOrder, ()) {
  const auto part = rc::gen::map(
      rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 9)), [](const std::vector<int>& letters) {
        std::string name = "n";
        for (const int letter : letters)
          name += std::string_view("a.-0_\x01\xFF~A")[static_cast<std::size_t>(letter)];
        return name.substr(0, 200);
      });
  const auto parts = *rc::gen::container<std::vector<Keys>>(
      rc::gen::resize(4, rc::gen::nonEmpty(rc::gen::container<Keys>(part))));
  const Tree tree;
  std::set<std::string> expected;
  for (const Keys& one : parts) {
    std::string key;
    for (const std::string& name : one) key += (key.empty() ? "" : "/") + name;
    struct stat status;
    const auto blocked = [&] {  // a part is a file already, or the whole is a folder
      for (std::size_t at = key.find('/'); at != std::string::npos; at = key.find('/', at + 1))
        if (expected.contains(key.substr(0, at))) return true;
      return lstat(tree.path(key).c_str(), &status) == 0;
    };
    if (blocked()) continue;
    tree.file(key);
    expected.insert(key);
  }
  const auto page_objects = *rc::gen::inRange<std::size_t>(1, 5);
  RC_ASSERT(tree.keys(Scope::whole_bucket(), page_objects) == Keys(expected.begin(), expected.end()));
}

TEST(DirectoryStore, KnowsNoFolderAsAnObject) {
  const Tree tree;
  tree.folder("empty/deeper");
  tree.file("full/1");
  EXPECT_EQ(tree.keys(), (Keys{"full/1"}));
}

TEST(DirectoryStore, FollowsNoLink) {
  const Tree tree;
  const TemporaryFolder outside;
  outside.write("secret", "x");
  tree.file("a/real");
  tree.link("a/outside", outside.path().string());
  tree.link("a/outside-file", outside.path().string() + "/secret");
  tree.link("a/loop", ".");
  tree.link("a/up", "..");
  tree.link("a/to-file", "real");
  tree.link("a/broken", "nowhere");
  CollectingSink sink;
  const auto proof = tree.list(sink);
  ASSERT_TRUE(proof) << to_text(proof.error());
  EXPECT_EQ(sink.keys(), (Keys{"a/real"}));
  EXPECT_EQ(proof->skipped_symlinks, 6U);
  EXPECT_EQ(proof->skipped_special, 0U);
}

TEST(DirectoryStore, SkipsAndCountsSpecialFiles) {
  const Tree tree;
  tree.file("1");
  tree.fifo("fifo");
  tree.socket("socket");
  CollectingSink sink;
  const auto proof = tree.list(sink);
  ASSERT_TRUE(proof) << to_text(proof.error());
  EXPECT_EQ(sink.keys(), (Keys{"1"}));
  EXPECT_EQ(proof->skipped_special, 2U);
  EXPECT_EQ(proof->skipped_symlinks, 0U);
}

TEST(DirectoryStore, DoesNotEnterWhatIsFlotsamsOwn) {
  Tree tree;
  tree.file(".flotsam-state/plans/1");
  tree.file("a/.flotsam-quarantine/j/2");
  tree.file("a/.flotsam-x");
  tree.file("a/.flotsam");
  tree.link("a/.flotsam-link", ".");
  tree.mode("a/.flotsam-quarantine", 0);
  CollectingSink sink;
  Result<ListingProof> proof;
  as_ordinary_user([&] { proof = tree.list(sink); });
  ASSERT_TRUE(proof) << to_text(proof.error());
  EXPECT_EQ(sink.keys(), (Keys{"a/.flotsam"}));
  EXPECT_EQ(proof->skipped_own, 4U);
}

TEST(DirectoryStore, TakesTheLaterOfBothTimes) {
  const Tree tree;
  tree.file("past", 10);
  tree.file("future", 20);
  const timespec past[2] = {{0, UTIME_OMIT}, {1'000'000'000, 123'456'789}};
  const timespec future[2] = {{0, UTIME_OMIT}, {4'000'000'000, 5}};
  ASSERT_EQ(utimensat(AT_FDCWD, tree.path("past").c_str(), past, 0), 0);
  ASSERT_EQ(utimensat(AT_FDCWD, tree.path("future").c_str(), future, 0), 0);
  struct stat status;
  ASSERT_EQ(lstat(tree.path("past").c_str(), &status), 0);
  CollectingSink sink;
  ASSERT_TRUE(tree.list(sink));
  const auto objects = sink.objects();
  ASSERT_EQ(objects.size(), 2U);
  EXPECT_EQ(objects[0].last_modified, Timestamp(std::chrono::nanoseconds(4'000'000'000'000'000'005)));
  EXPECT_EQ(objects[0].size_bytes, 20U);
  // The change time: set by the kernel when the file was given its old mtime.
  EXPECT_EQ(objects[1].last_modified, Timestamp(std::chrono::seconds(status.st_ctim.tv_sec) +
                                                std::chrono::nanoseconds(status.st_ctim.tv_nsec)));
  EXPECT_EQ(objects[1].size_bytes, 10U);
}

TEST(DirectoryStore, ReadsAnEmptyFileAsAnObjectOfNoBytes) {
  const Tree tree;
  tree.file("0", 0);
  CollectingSink sink;
  ASSERT_TRUE(tree.list(sink));
  ASSERT_EQ(sink.objects().size(), 1U);
  EXPECT_EQ(sink.objects()[0].size_bytes, 0U);
}

TEST(DirectoryStore, StaysInItsPrefixes) {
  const Tree tree;
  for (const char* key :
       {"images/1", "images/sub/2", "images2/3", "images.txt", "image", "zoo/4", "zoo/deep/5"})
    tree.file(key);
  EXPECT_EQ(tree.keys(scope_of({"images/"})), (Keys{"images/1", "images/sub/2"}));
  EXPECT_EQ(tree.keys(scope_of({"zoo/deep/", "images2/"})), (Keys{"images2/3", "zoo/deep/5"}));
  CollectingSink sink;
  ASSERT_TRUE(tree.list(sink, scope_of({"images/", "nothing/", "zoo/"})));
  EXPECT_EQ(sink.range_count(), 3U);
}

TEST(DirectoryStore, ProvesPrefixesEmptyThatItCannotHold) {
  const Tree tree;
  tree.file("a/1");
  tree.file("file");
  const struct {
    const char* name;
    std::string prefix;
  } rows[] = {
      {"not there", "b/"},
      {"not there, deeper", "a/b/c/"},
      {"a file", "file/"},
      {"below a file", "file/x/"},
      {"an empty part", "a//"},
      {"a slash in front", "/a/"},
      {"the folder itself", "./"},
      {"through a dot", "a/./"},
      {"upwards", "../"},
      {"up and down", "a/../a/"},
      {"a name too long", std::string(300, 'x') + "/"},
      {"a NUL", std::string("a\0/", 3)},
  };
  for (const auto& row : rows) EXPECT_EQ(tree.keys(scope_of({row.prefix})), Keys{}) << row.name;
}

TEST(DirectoryStore, RefusesAPrefixThatLeadsThroughALink) {
  const Tree tree;
  tree.file("real/deep/1");
  tree.link("linked", "real");
  for (const char* prefix : {"linked/", "linked/deep/"}) {
    CollectingSink sink;
    const auto proof = tree.list(sink, scope_of({prefix}));
    ASSERT_FALSE(proof) << prefix;
    EXPECT_EQ(proof.error().code, ErrorCode::refused);
    EXPECT_NE(proof.error().message.find(tree.path("linked")), std::string::npos) << to_text(proof.error());
    EXPECT_TRUE(sink.objects().empty());
  }
}

TEST(DirectoryStore, TakesARootWithSlashesOrBehindALink) {
  const Tree tree;
  tree.file("a/1");
  ASSERT_EQ(symlink(tree.root().c_str(), (tree.root() + "-link").c_str()), 0);
  const auto identity = tree.open()->facts()->identity;
  for (const char* suffix : {"/", "///", "/a/..", "-link", "-link/"}) {
    const auto store = tree.open(1000, suffix);
    CollectingSink sink;
    const auto proof = store->list(Scope::whole_bucket(), {}, sink);
    ASSERT_TRUE(proof) << suffix << to_text(proof.error());
    EXPECT_EQ(sink.keys(), (Keys{"a/1"})) << suffix;
    EXPECT_EQ(store->facts()->identity, identity) << suffix;
  }
}

TEST(DirectoryStore, SaysWhatItIs) {
  const Tree tree;
  struct stat status;
  ASSERT_EQ(stat(tree.root().c_str(), &status), 0);
  const Environment environment;
  ManualClock clock(Timestamp(std::chrono::seconds(1'700'000'000)));
  NullLog log;
  const auto facts = (*open_directory_store(tree.root(), {&environment, &clock, &log}))->facts();
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->clock, clock.now());
  EXPECT_EQ(facts->local_clock, clock.now());
  EXPECT_EQ(facts->versioning, Versioning::none);
  ASSERT_TRUE(facts->lifecycle);
  EXPECT_TRUE(facts->lifecycle->empty());
  EXPECT_FALSE(facts->object_lock);
  char expected[64];
  struct statvfs system;
  ASSERT_EQ(statvfs(tree.root().c_str(), &system), 0);
  ASSERT_NE(system.f_fsid, 0U);
  std::snprintf(expected, sizeof expected, "filesystem %llx inode %llx",
                static_cast<unsigned long long>(system.f_fsid),
                static_cast<unsigned long long>(status.st_ino));
  EXPECT_EQ(facts->identity, expected) << "the device's number is another after a restart";
  EXPECT_TRUE(facts->warnings.empty());
}

TEST(DirectoryStore, IsNamedByItsDeviceOnlyWhereItsFileSystemHasNoId) {
  struct stat root {};
  root.st_dev = 0x803;
  root.st_ino = 0x2a;
  EXPECT_EQ(to_directory_identity(0xFEDCBA9876543210U, root), "filesystem fedcba9876543210 inode 2a");
  EXPECT_EQ(to_directory_identity(0, root), "filesystem device-803 inode 2a");
}

/// A store over a/1 and b/2 on a machine that has these mounts besides its root file system.
struct MountRow {
  const char* name;
  const char* mounts;   ///< ROOT stands for the store's path
  const char* prefix;   ///< "" for the whole bucket
  const char* refused;  ///< what the refusal names, or null: it lists
  const char* warning;  ///< what a warning of facts() names, or null
};

TEST(DirectoryStore, SaysWhatIsMountedAndRefusesFilesUnderTwoKeys) {
  const MountRow rows[] = {
      {"nothing", "", "", nullptr, nullptr},
      {"another disk", "30 21 9:2 / ROOT/a rw - ext4 x rw\n", "", nullptr, "/a' is a mount point"},
      {"a bind mount of a as b", "30 21 8:1 ROOT/a ROOT/b rw - ext4 x rw\n", "", "/b'",
       "/b' is a mount point"},
      {"the same, listing the copy", "30 21 8:1 ROOT/a ROOT/b rw - ext4 x rw\n", "b/", "/a'", "/b'"},
      {"the same, listing the original", "30 21 8:1 ROOT/a ROOT/b rw - ext4 x rw\n", "a/", "/b'", "/b'"},
      {"the same, listing beside it", "30 21 8:1 ROOT/a ROOT/b rw - ext4 x rw\n", "c/", nullptr, "/b'"},
      {"the same, listing below it", "30 21 8:1 ROOT/a ROOT/b rw - ext4 x rw\n", "a/x/", "/b'", "/b'"},
  };
  for (const MountRow& row : rows) {
    SCOPED_TRACE(row.name);
    Tree tree;
    tree.file("a/1");
    tree.file("b/2");
    const TemporaryFolder folder;
    std::string text = std::string("21 1 8:1 / / rw - ext4 x rw\n") + row.mounts;
    const std::string root = std::filesystem::canonical(tree.root()).string();
    for (std::size_t at = text.find("ROOT"); at != std::string::npos; at = text.find("ROOT"))
      text.replace(at, 4, root);
    tree.mountinfo = folder.write("mountinfo", text);
    CollectingSink sink;
    const auto proof = tree.list(sink, *row.prefix == '\0' ? Scope::whole_bucket() : scope_of({row.prefix}));
    if (row.refused == nullptr) {
      EXPECT_TRUE(proof) << to_text(proof.error());
    } else {
      ASSERT_FALSE(proof);
      EXPECT_EQ(proof.error().code, ErrorCode::refused);
      EXPECT_NE(proof.error().message.find(row.refused), std::string::npos) << to_text(proof.error());
      EXPECT_TRUE(sink.objects().empty());
    }
    const auto facts = tree.open()->facts();
    ASSERT_TRUE(facts);
    ASSERT_EQ(facts->warnings.size(), row.warning == nullptr ? 0U : 1U);
    if (row.warning != nullptr) {
      EXPECT_NE(facts->warnings[0].find(row.warning), std::string::npos) << facts->warnings[0];
    }
  }
}

TEST(DirectoryStore, ListsWhereTheMountsOfTheMachineCannotBeRead) {
  Tree tree;
  tree.file("a/1");
  tree.mountinfo = tree.path("no such file");
  EXPECT_EQ(tree.keys(), (Keys{"a/1"}));
  const auto facts = tree.open()->facts();
  ASSERT_TRUE(facts);
  ASSERT_EQ(facts->warnings.size(), 1U);
  EXPECT_NE(facts->warnings[0].find("mounts cannot be read"), std::string::npos);
}

}  // namespace
}  // namespace flotsam::test
