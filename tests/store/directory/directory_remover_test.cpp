// What removing files of a directory means beyond the contract of every store.

#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>

#include "store/directory/directory_removal_fixture.h"

namespace flotsam::test {
namespace {

constexpr const char* kQuarantined = ".flotsam-quarantine/run/";

TEST_F(DirectoryRemoval, MovesTheFileItselfToItsKeyInTheQuarantine) {
  put("a/b/1", "some bytes");
  struct stat before, after;
  ASSERT_EQ(lstat(tree().path("a/b/1").c_str(), &before), 0);
  remove_well(planned_one("a/b/1"));
  EXPECT_EQ(store_.keys(), Keys{".flotsam-quarantine/run/a/b/1"});
  ASSERT_EQ(lstat((tree().path(kQuarantined) + "a/b/1").c_str(), &after), 0);
  EXPECT_EQ(after.st_ino, before.st_ino);
  EXPECT_EQ(store_.bytes_of(".flotsam-quarantine/run/a/b/1"), "some bytes");
}

TEST_F(DirectoryRemoval, KeepsTheQuarantineToItsOwnerAndTheFoldersInItAsTheyWere) {
  put("a/b/c/1");
  ASSERT_EQ(chmod(tree().path("a").c_str(), 0755), 0);
  ASSERT_EQ(chmod(tree().path("a/b").c_str(), 02750), 0);
  ASSERT_EQ(chmod(tree().path("a/b/c").c_str(), 0077), 0);
  remove_well(planned_one("a/b/c/1"));
  EXPECT_EQ(mode_of(".flotsam-quarantine"), S_IFDIR | 0700U);
  EXPECT_EQ(mode_of(".flotsam-quarantine/run"), S_IFDIR | 0700U);
  EXPECT_EQ(mode_of(".flotsam-quarantine/run/a"), S_IFDIR | 0755U);
  EXPECT_EQ(mode_of(".flotsam-quarantine/run/a/b"), S_IFDIR | 02750U);
  EXPECT_EQ(mode_of(".flotsam-quarantine/run/a/b/c"), S_IFDIR | 0777U)
      << "its owner must be able to write there";
}

TEST_F(DirectoryRemoval, LeavesFoldersThatBecameEmpty) {
  put("a/b/1");
  remove_well(planned_one("a/b/1"));
  EXPECT_EQ(mode_of("a/b"), S_IFDIR | 0755U);
  put("c/d/2");
  EXPECT_EQ(remove(planned_one("c/d/2"), DeleteMethod::permanent).result, RemoveResult::removed);
  EXPECT_EQ(mode_of("c/d"), S_IFDIR | 0755U);
}

TEST_F(DirectoryRemoval, PermanentLeavesNothingBehind) {
  put("a/b/1");
  put("c/2");
  const auto objects = planned({"a/b/1", "c/2"});
  const auto outcomes = (*store_.open_remover())->remove(objects, options(DeleteMethod::permanent));
  for (const RemoveOutcome& outcome : outcomes) EXPECT_EQ(outcome.result, RemoveResult::removed);
  EXPECT_EQ(store_.keys(), Keys{});
  EXPECT_FALSE(is_there(".flotsam-removing-run"));
  EXPECT_FALSE(is_there(".flotsam-quarantine"));
}

/// What is put where an object stood.
struct OtherRow {
  const char* name;
  void (*put)(const Tree& tree);
};

TEST_F(DirectoryRemoval, WhatIsNoFileIsChangedAndLeftAlone) {
  const OtherRow rows[] = {
      {"a link to the very bytes", [](const Tree& t) { t.link("a/1", "beside"); }},
      {"a link to nothing", [](const Tree& t) { t.link("a/1", "nowhere"); }},
      {"a folder", [](const Tree& t) { t.folder("a/1"); }},
      {"a folder with files", [](const Tree& t) { t.file("a/1/x"); }},
      {"a fifo", [](const Tree& t) { t.fifo("a/1"); }},
      {"a socket", [](const Tree& t) { t.socket("a/1"); }},
  };
  for (const OtherRow& row : rows)
    for (const DeleteMethod method : {DeleteMethod::quarantine, DeleteMethod::permanent}) {
      SCOPED_TRACE(row.name);
      put("a/1");
      const Object object = planned_one("a/1");
      ASSERT_EQ(rename(tree().path("a/1").c_str(), tree().path("a/beside").c_str()), 0);
      row.put(tree());
      const auto before = store_.keys();
      EXPECT_EQ(look(object).state, LookState::changed);
      EXPECT_EQ(look(object).now.key, object.key);
      EXPECT_EQ(remove(object, method).result, RemoveResult::changed);
      EXPECT_EQ(reconcile(object, method).result, RemoveResult::changed);
      EXPECT_EQ(store_.keys(), before);
      std::filesystem::remove_all(tree().path("a/1"));
    }
}

TEST_F(DirectoryRemoval, ALinkOnTheWayIsChangedAndNeverFollowed) {
  put("a/b/1");
  const Object object = planned_one("a/b/1");
  ASSERT_EQ(rename(tree().path("a").c_str(), tree().path("moved").c_str()), 0);
  tree().link("a", "moved");
  EXPECT_EQ(look(object).state, LookState::changed);
  EXPECT_EQ(remove(object).result, RemoveResult::changed);
  EXPECT_EQ(store_.bytes_of("moved/b/1"), "bytes");
  // A file on the way proves that nothing is below it.
  ASSERT_EQ(unlink(tree().path("a").c_str()), 0);
  put("a");
  EXPECT_EQ(look(object).state, LookState::gone);
  EXPECT_EQ(remove(object).result, RemoveResult::gone);
}

TEST_F(DirectoryRemoval, TellsEveryChangeOfAFile) {
  const struct {
    const char* name;
    std::function<void(const std::string& path)> change;
  } rows[] = {
      {"written in place",
       [](const std::string& path) {
         const FileDescriptor fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
         EXPECT_EQ(pwrite(fd.get(), "B", 1, 0), 1);
         const timespec times[2] = {{0, UTIME_OMIT}, {1'700'000'000, 2}};
         EXPECT_EQ(futimens(fd.get(), times), 0);
       }},
      {"longer, with the old mtime",
       [](const std::string& path) {
         struct stat status;
         EXPECT_EQ(stat(path.c_str(), &status), 0);
         EXPECT_EQ(truncate(path.c_str(), 6), 0);
         const timespec times[2] = {{0, UTIME_OMIT}, status.st_mtim};
         EXPECT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
       }},
      {"another file with the same bytes and time",
       [](const std::string& path) {
         struct stat status;
         EXPECT_EQ(stat(path.c_str(), &status), 0);
         std::filesystem::copy_file(path, path + ".copy");
         const timespec times[2] = {{0, UTIME_OMIT}, status.st_mtim};
         EXPECT_EQ(utimensat(AT_FDCWD, (path + ".copy").c_str(), times, 0), 0);
         EXPECT_EQ(rename((path + ".copy").c_str(), path.c_str()), 0);
       }},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    put("a/1");
    const Object object = planned_one("a/1");
    EXPECT_EQ(look(object).state, LookState::same);
    row.change(tree().path("a/1"));
    EXPECT_EQ(look(object).state, LookState::changed);
    EXPECT_EQ(remove(object).result, RemoveResult::changed);
    EXPECT_TRUE(is_there("a/1"));
  }
}

TEST_F(DirectoryRemoval, ComparesEtagSizeAndTime) {
  put("a/1");
  ASSERT_TRUE((*store_.open_remover())->prepare(options(DeleteMethod::quarantine)));
  const Object object = planned_one("a/1");
  const struct {
    const char* name;
    std::function<void(Object&)> change;
    LookState expected;
  } rows[] = {
      {"nothing", [](Object&) {}, LookState::same},
      {"etag", [](Object& o) { o.etag.back() = o.etag.back() == '1' ? '2' : '1'; }, LookState::changed},
      {"no etag", [](Object& o) { o.etag.clear(); }, LookState::changed},
      {"size", [](Object& o) { ++o.size_bytes; }, LookState::changed},
      {"another second", [](Object& o) { *o.last_modified -= std::chrono::seconds(1); }, LookState::changed},
      {"the same second",
       [](Object& o) { o.last_modified = std::chrono::floor<std::chrono::seconds>(*o.last_modified); },
       LookState::same},
      {"no time", [](Object& o) { o.last_modified.reset(); }, LookState::changed},
  };
  for (const auto& row : rows) {
    Object changed = object;
    row.change(changed);
    EXPECT_EQ(look(changed).state, row.expected) << row.name;
    EXPECT_EQ(reconcile(changed).result,
              row.expected == LookState::same ? RemoveResult::failed : RemoveResult::changed)
        << row.name;
    if (row.expected == LookState::changed) {
      EXPECT_EQ(remove(changed).result, RemoveResult::changed) << row.name;
    }
  }
}

TEST_F(DirectoryRemoval, TakesOneOfTwoNamesOfAFile) {
  put("a/1");
  ASSERT_EQ(link(tree().path("a/1").c_str(), tree().path("a/2").c_str()), 0);
  const Object object = planned_one("a/1");
  remove_well(object);
  EXPECT_EQ(store_.bytes_of("a/2"), "bytes");
  EXPECT_EQ(restore(object).result, RestoreResult::restored);
  EXPECT_EQ(store_.bytes_of("a/1"), "bytes");
}

TEST_F(DirectoryRemoval, NeverTouchesWhatIsFlotsams) {
  put(".flotsam-state/plan");
  put("a/.flotsam-quarantine/run/a/1");
  put("b/1");
  for (const char* key : {".flotsam-state/plan", "a/.flotsam-quarantine/run/a/1"}) {
    Object object = planned_one("b/1");
    object.key = Key(std::string(key));
    EXPECT_EQ(look(object).state, LookState::unknown) << key;
    EXPECT_FALSE(look(object).reason.empty());
    for (const RemoveOutcome& outcome : {remove(object), reconcile(object)}) {
      EXPECT_EQ(outcome.result, RemoveResult::failed) << key;
      EXPECT_EQ(outcome.code, "OutOfScope");
    }
    EXPECT_TRUE(is_there(key));
  }
}

TEST_F(DirectoryRemoval, ATakenPlaceInTheQuarantineIsLeftAlone) {
  put("a/1", "the first");
  remove_well(planned_one("a/1"));
  put("a/1", "the second");
  for (const bool has_noreplace : {true, false}) {
    store_.options.has_noreplace = has_noreplace;
    const RemoveOutcome outcome = remove(planned_one("a/1"));
    EXPECT_EQ(outcome.result, RemoveResult::failed);
    EXPECT_EQ(outcome.code, "QuarantineOccupied");
    EXPECT_FALSE(outcome.message.empty());
    EXPECT_EQ(store_.bytes_of("a/1"), "the second");
    EXPECT_EQ(store_.bytes_of(".flotsam-quarantine/run/a/1"), "the first");
  }
}

TEST_F(DirectoryRemoval, ANameThatTheQuarantineCannotHoldIsLeftAlone) {
  put("a/1");
  for (const DeleteMethod method : {DeleteMethod::quarantine, DeleteMethod::permanent}) {
    const RemoveOutcome outcome = remove(planned_one("a/1"), method, std::string(256, 'r'));
    EXPECT_EQ(outcome.result, RemoveResult::failed);
    EXPECT_EQ(outcome.code, "KeyTooLong");
    EXPECT_EQ(store_.bytes_of("a/1"), "bytes");
  }
}

TEST_F(DirectoryRemoval, TakesKeysOfAnyDepth) {
  // Far beyond PATH_MAX, which binds paths and not steps.
  std::string key;
  FileDescriptor folder(open(tree().root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int depth = 0; depth < 30; ++depth) {
    const std::string name(200, static_cast<char>('a' + depth % 26));
    ASSERT_EQ(mkdirat(folder.get(), name.c_str(), 0755), 0);
    folder = FileDescriptor(openat(folder.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    key += name + "/";
  }
  ASSERT_TRUE(FileDescriptor(openat(folder.get(), "1", O_WRONLY | O_CREAT | O_CLOEXEC, 0644)).valid());
  key += "1";
  const Object object = planned_one(key);
  remove_well(object);
  EXPECT_NE(faccessat(folder.get(), "1", F_OK, 0), 0);
  EXPECT_EQ(restore(object).result, RestoreResult::restored);
  EXPECT_EQ(faccessat(folder.get(), "1", F_OK, 0), 0);
}

TEST_F(DirectoryRemoval, HoldsFewFilesOpenHoweverManyFoldersChange) {
  Keys keys;
  for (int i = 0; i < 300; ++i) keys.push_back(fmt::format("{:03}/x", i));
  for (const std::string& key : keys) put(key);
  const auto objects = planned(keys);
  const auto open_files = [] {
    const auto listing = std::filesystem::directory_iterator("/proc/self/fd");
    return std::distance(begin(listing), end(listing));
  };
  const auto before = open_files();
  std::ptrdiff_t most = 0;
  store_.options.on_step = [&](std::string_view, KeyView) { most = std::max(most, open_files()); };
  const auto outcomes = (*store_.open_remover())->remove(objects, options(DeleteMethod::quarantine));
  for (const RemoveOutcome& outcome : outcomes) EXPECT_EQ(outcome.result, RemoveResult::removed);
  EXPECT_LT(most, before + 100);
  EXPECT_EQ(open_files(), before);
}

TEST_F(DirectoryRemoval, RemovesFromTheRootItself) {
  put("1");
  put("2");
  const Object object = planned_one("1");
  remove_well(object);
  EXPECT_EQ(store_.keys(), (Keys{".flotsam-quarantine/run/1", "2"}));
  EXPECT_EQ(restore(object).result, RestoreResult::restored);
  EXPECT_EQ(store_.keys(), (Keys{"1", "2"}));
}

TEST_F(DirectoryRemoval, AMissingRootEndsALookAndIsNoProof) {
  put("a/1");
  const Object object = planned_one("a/1");
  const std::string away = tree().root() + ".away";
  ASSERT_EQ(rename(tree().root().c_str(), away.c_str()), 0);
  const auto looks = (*store_.open_remover())->look(std::span(&object, 1));
  ASSERT_FALSE(looks);
  EXPECT_EQ(looks.error().code, ErrorCode::not_found);
  const auto remover = *store_.open_remover();
  EXPECT_EQ(remover->remove(std::span(&object, 1), options(DeleteMethod::permanent)).at(0).result,
            RemoveResult::failed);
  EXPECT_EQ(reconcile(object).result, RemoveResult::unknown);
  EXPECT_EQ(restore(object).result, RestoreResult::failed);
  EXPECT_FALSE((*store_.open_restorer())->find(std::vector<Key>{object.key}));
  ASSERT_EQ(rename(away.c_str(), tree().root().c_str()), 0);
}

TEST_F(DirectoryRemoval, DiscardsNothingOutsideTheQuarantine) {
  put("a/1");
  put(".flotsam-quarantine/run/a/2");
  const Object object = planned_one("a/1");
  for (const char* run : {"..", "run/..", ".", "", ".flotsam-quarantine"})
    for (const char* key : {"a/1", "../a/1", "../../a/1", "/a/1", ""}) {
      const QuarantinedObject named{run, Key(std::string(key)), object};
      EXPECT_EQ((*store_.open_remover())->discard(std::span(&named, 1)).at(0).result, RemoveResult::gone)
          << run << " " << key;
    }
  EXPECT_EQ(store_.keys(), (Keys{".flotsam-quarantine/run/a/2", "a/1"}));
}

TEST_F(DirectoryRemoval, DiscardsNoLinkAndNothingBehindOne) {
  put("a/1");
  put(".flotsam-quarantine/run/b/2");
  const Object object = planned_one("a/1");
  tree().link(".flotsam-quarantine/run/a", "../../a");
  tree().link(".flotsam-quarantine/run/1", "../../a/1");
  tree().link(".flotsam-quarantine/else", "..");
  for (const auto& [run, key] : {std::pair("run", "a/1"), std::pair("run", "1"), std::pair("else", "a/1")}) {
    const QuarantinedObject named{run, Key(std::string(key)), object};
    EXPECT_EQ((*store_.open_remover())->discard(std::span(&named, 1)).at(0).result, RemoveResult::changed)
        << key;
  }
  EXPECT_EQ(store_.bytes_of("a/1"), "bytes");
}

TEST_F(DirectoryRemoval, DiscardRemovesTheFoldersThatItEmptied) {
  put("a/b/1");
  remove_well(planned_one("a/b/1"));
  std::vector<QuarantinedObject> all;
  const Cancel cancel;
  ASSERT_TRUE((*store_.open_restorer())
                  ->list_quarantine(
                      [&](const QuarantinedObject& object) -> Result<void> {
                        all.push_back(object);
                        return {};
                      },
                      cancel));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ((*store_.open_remover())->discard(all).at(0).result, RemoveResult::removed);
  EXPECT_FALSE(is_there(".flotsam-quarantine/run"));
  EXPECT_TRUE(is_there(".flotsam-quarantine"));
  EXPECT_TRUE(is_there("a/b"));
}

}  // namespace
}  // namespace flotsam::test
