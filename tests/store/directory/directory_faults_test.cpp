// A directory that cannot be read, or that changes while it is being listed.

#include <fcntl.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/directory/folder_entries.h"
#include "store/directory/tree.h"

namespace flotsam::test {
namespace {

using Keys = std::vector<std::string>;

void expect_error(const Result<ListingProof>& proof, ErrorCode code, const std::string& path) {
  ASSERT_FALSE(proof);
  EXPECT_EQ(proof.error().code, code) << to_text(proof.error());
  EXPECT_NE(proof.error().message.find("'" + path + "'"), std::string::npos) << to_text(proof.error());
  ASSERT_FALSE(proof.error().context.empty());
  EXPECT_NE(proof.error().context.back().find("while listing the directory"), std::string::npos);
}

TEST(DirectoryFaults, AMissingRootIsNotFound) {
  const Tree tree;
  const auto store = tree.open(1000, "/nowhere");
  CollectingSink sink;
  expect_error(store->list(scope_of({"a/"}), {}, sink), ErrorCode::not_found, tree.path("nowhere"));
  const auto facts = store->facts();
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, ErrorCode::not_found);
  EXPECT_FALSE(facts.error().hint.empty());
}

TEST(DirectoryFaults, AFileAsRootIsAMistakeOfTheConfiguration) {
  const Tree tree;
  tree.file("file");
  for (const char* suffix : {"/file", "/file/"}) {
    const auto facts = tree.open(1000, suffix)->facts();
    ASSERT_FALSE(facts) << suffix;
    EXPECT_EQ(facts.error().code, ErrorCode::invalid_argument) << to_text(facts.error());
    CollectingSink sink;
    expect_error(tree.open(1000, suffix)->list(Scope::whole_bucket(), {}, sink), ErrorCode::invalid_argument,
                 tree.path("file"));
  }
}

TEST(DirectoryFaults, ARelativeRootIsAMistakeOfTheConfiguration) {
  const Environment environment;
  WakefulClock clock;
  NullLog log;
  const auto store = open_directory_store("media", {&environment, &clock, &log});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::invalid_argument);
}

/// What is closed to the user who lists: its name and mode, and the scope that meets it.
struct ClosedRow {
  const char* name;
  const char* folder;
  unsigned mode;
  const char* path;
  Scope scope;
};

TEST(DirectoryFaults, AFolderThatCannotBeReadFailsTheListing) {
  const ClosedRow rows[] = {
      {"not at all", "a/closed", 0, "a/closed", Scope::whole_bucket()},
      {"not its names", "a/closed", 0311, "a/closed", Scope::whole_bucket()},
      {"not its files", "a/closed", 0644, "a/closed/1", Scope::whole_bucket()},
      {"a prefix itself", "a/closed", 0, "a/closed", scope_of({"a/closed/"})},
      {"above a prefix", "a", 0644, "a/closed", scope_of({"a/closed/"})},
  };
  for (const ClosedRow& row : rows) {
    Tree tree;
    tree.file("a/0");
    tree.file("a/closed/1");
    tree.file("b/2");
    tree.mode(row.folder, row.mode);
    CollectingSink sink;
    Result<ListingProof> proof;
    as_ordinary_user([&] { proof = tree.list(sink, row.scope); });
    SCOPED_TRACE(row.name);
    expect_error(proof, ErrorCode::permission_denied, tree.path(row.path));
    EXPECT_FALSE(proof.error().hint.empty());
    CollectingSink beside;
    Result<ListingProof> other;
    as_ordinary_user([&] { other = tree.list(beside, scope_of({"b/"})); });
    ASSERT_TRUE(other) << "a prefix beside it can be listed: " << to_text(other.error());
    EXPECT_EQ(beside.keys(), (Keys{"b/2"}));
  }
}

TEST(DirectoryFaults, AFolderThatMayBeEnteredButNotListedCanLeadToAPrefix) {
  Tree tree;
  tree.file("a/open/1");
  tree.mode("a", 0311);
  CollectingSink sink;
  Result<ListingProof> proof;
  as_ordinary_user([&] { proof = tree.list(sink, scope_of({"a/open/"})); });
  ASSERT_TRUE(proof) << to_text(proof.error());
  EXPECT_EQ(sink.keys(), (Keys{"a/open/1"}));
}

/// Something that happens between the reading of the root, with its entries a/, b and c/, and the look at b
/// or c/.
struct ChangeRow {
  const char* name;
  void (*change)(const Tree& tree);
  Keys expected;  ///< empty: an error
  std::uint64_t symlinks = 0;
  std::uint64_t special = 0;
};

void replace(const Tree& tree, const std::string& name) {
  std::filesystem::rename(tree.path(name), tree.root() + "-moved");
}

const ChangeRow kChanges[] = {
    {"nothing", [](const Tree&) {}, {"a/1", "b", "c/2"}},
    {"a file vanished", [](const Tree& tree) { replace(tree, "b"); }, {"a/1", "c/2"}},
    {"a folder vanished", [](const Tree& tree) { replace(tree, "c"); }, {"a/1", "b"}},
    {"a folder became a link to the outside",
     [](const Tree& tree) {
       replace(tree, "c");
       tree.link("c", tree.root() + "-moved");
     },
     {"a/1", "b"},
     1},
    {"a file became a link",
     [](const Tree& tree) {
       replace(tree, "b");
       tree.link("b", tree.root() + "-moved");
     },
     {"a/1", "c/2"},
     1},
    {"a file became a fifo",
     [](const Tree& tree) {
       replace(tree, "b");
       tree.fifo("b");
     },
     {"a/1", "c/2"},
     0,
     1},
    {"a folder became a fifo",
     [](const Tree& tree) {
       replace(tree, "c");
       tree.fifo("c");
     },
     {"a/1", "b"},
     0,
     1},
    {"a file became a folder",
     [](const Tree& tree) {
       replace(tree, "b");
       tree.file("b/3");
     },
     {}},
    {"a folder became a file",
     [](const Tree& tree) {
       replace(tree, "c");
       tree.file("c");
     },
     {}},
};

TEST(DirectoryFaults, WhatChangesWhileItListsNeverLeadsOutAndNeverHides) {
  for (const ChangeRow& row : kChanges) {
    SCOPED_TRACE(row.name);
    const Tree tree;
    tree.file("a/1");
    tree.file("b");
    tree.file("c/2");
    CollectingSink sink;
    sink.on_page = [&](std::size_t number) {
      if (number == 1) row.change(tree);
      return Result<void>{};
    };
    const auto proof = tree.list(sink);
    if (row.expected.empty()) {
      ASSERT_FALSE(proof);
      EXPECT_EQ(proof.error().code, ErrorCode::unavailable) << to_text(proof.error());
      EXPECT_NE(proof.error().message.find("while the store was being listed"), std::string::npos);
      continue;
    }
    ASSERT_TRUE(proof) << to_text(proof.error());
    EXPECT_EQ(sink.keys(), row.expected);
    EXPECT_EQ(proof->skipped_symlinks, row.symlinks);
    EXPECT_EQ(proof->skipped_special, row.special);
  }
}

TEST(DirectoryFaults, AFolderThatIsRemovedWhileItIsOpenHasNoMoreEntries) {
  const Tree tree;
  tree.file("a/b/1");
  tree.file("a/c/2");
  CollectingSink sink;
  sink.on_page = [&](std::size_t) {
    std::filesystem::remove_all(tree.path("a"));
    return Result<void>{};
  };
  const auto proof = tree.list(sink);
  ASSERT_TRUE(proof) << to_text(proof.error());
  EXPECT_EQ(sink.keys(), (Keys{"a/b/1"}));
}

TEST(DirectoryFaults, ADeepTreeIsListedOrSaidToBeTooDeep) {
  const Tree tree;
  std::string key;
  for (int depth = 0; depth < 150; ++depth) key += "d/";
  key += "file";
  tree.file(key);
  EXPECT_EQ(tree.keys(), (Keys{key}));
}

TEST(DirectoryFaults, AReadThatFailsIsNoEnd) {
  FolderEntries entries;
  ListingProof proof;
  const auto read = entries.read(-1, {"/srv/media", "books/"}, proof);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::unavailable);
  EXPECT_NE(read.error().message.find("'/srv/media/books'"), std::string::npos) << read.error().message;
}

TEST(DirectoryFaults, AFolderThatIsRemovedBeforeItIsReadHasNoEntries) {
  const Tree tree;
  tree.folder("a");
  const FileDescriptor fd(open(tree.path("a").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(rmdir(tree.path("a").c_str()), 0);
  FolderEntries entries;
  ListingProof proof;
  const auto read = entries.read(fd.get(), {tree.root(), "a/"}, proof);
  ASSERT_TRUE(read) << to_text(read.error());
  EXPECT_TRUE(entries.at_end());
}

TEST(DirectoryFaults, LeavesNoFileOpen) {
  const Tree tree;
  for (int i = 0; i < 20; ++i) tree.file("f" + std::to_string(i) + "/g/h");
  const auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                         std::filesystem::directory_iterator());
  };
  const auto before = open_files();
  tree.file("z");
  CollectingSink all;
  all.on_page = [&](std::size_t number) {
    EXPECT_LE(open_files(), before + (number <= 20 ? 3 : 1)) << "only the folders on the path are open";
    return Result<void>{};
  };
  ASSERT_TRUE(tree.list(all));
  CollectingSink failing;
  failing.on_page = [](std::size_t) { return Result<void>(fail(ErrorCode::unavailable, "full")); };
  EXPECT_FALSE(tree.list(failing));
  EXPECT_EQ(open_files(), before);
}

}  // namespace
}  // namespace flotsam::test
