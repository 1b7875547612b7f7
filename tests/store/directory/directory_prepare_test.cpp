// Where a quarantine may lie, and what prepare() asks for.

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sched.h>
#include <sys/mount.h>
#include <thread>

#include "store/directory/directory_removal_fixture.h"

namespace flotsam::test {
namespace {

class DirectoryPrepare : public DirectoryRemoval {
 protected:
  Result<void> prepare(const std::optional<std::string>& quarantine,
                       DeleteMethod method = DeleteMethod::quarantine) {
    auto remover = open_directory_remover(tree().root(), quarantine, store_.context());
    EXPECT_TRUE(remover);
    return (*remover)->prepare(options(method));
  }
  void expect_refusal(const Result<void>& result, ErrorCode code, const std::string& part) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code) << to_text(result.error());
    EXPECT_NE(result.error().message.find(part), std::string::npos) << to_text(result.error());
    EXPECT_FALSE(result.error().hint.empty() && code == ErrorCode::invalid_argument)
        << to_text(result.error());
  }
  std::string beside(const std::string& name) const {
    return tree().root().substr(0, tree().root().rfind('/') + 1) + name;
  }
};

TEST_F(DirectoryPrepare, MakesTheQuarantineWithTheFoldersAboveIt) {
  for (const std::string& place : {tree().path(".flotsam-quarantine/"), tree().path(".flotsam-more/of it/"),
                                   beside("aside/deep/"), tree().path("a/.flotsam-quarantine")}) {
    const auto prepared = prepare(place);
    ASSERT_TRUE(prepared) << to_text(prepared.error());
    struct stat status;
    ASSERT_EQ(stat(place.c_str(), &status), 0) << place;
    EXPECT_EQ(status.st_mode, S_IFDIR | 0700U) << place;
    ASSERT_TRUE(prepare(place)) << "again";
  }
}

TEST_F(DirectoryPrepare, AQuarantineBesideTheStoreWorks) {
  put("a/1");
  const Object object = planned_one("a/1");
  const std::string place = beside("aside/");
  const auto remover = *open_directory_remover(tree().root(), place, store_.context());
  ASSERT_TRUE(remover->prepare(options(DeleteMethod::quarantine)));
  EXPECT_EQ(remover->remove(std::span(&object, 1), options(DeleteMethod::quarantine)).at(0).result,
            RemoveResult::removed);
  EXPECT_EQ(store_.keys(), Keys{});
  EXPECT_EQ(content_of(place + "run/a/1"), "bytes");
  const auto restorer = *open_directory_restorer(tree().root(), place, store_.context());
  const Remains remains = remains_of(object);
  EXPECT_EQ(restorer->restore(std::span(&remains, 1), Restorer::Mode::really).at(0).result,
            RestoreResult::restored);
  EXPECT_EQ(store_.keys(), Keys{"a/1"});
}

TEST_F(DirectoryPrepare, RefusesAPlaceWhereAScanWouldFindIt) {
  expect_refusal(prepare(tree().path("quarantine/")), ErrorCode::invalid_argument, "lies in the store");
  expect_refusal(prepare(tree().path("a/flotsam-quarantine/")), ErrorCode::invalid_argument,
                 "lies in the store");
  expect_refusal(prepare(tree().root()), ErrorCode::invalid_argument, "lies in the store");
  EXPECT_EQ(store_.keys(), Keys{});
  EXPECT_FALSE(is_there("quarantine"));
  // By way of a link from outside, too.
  tree().folder("inside");
  ASSERT_EQ(symlink(tree().path("inside").c_str(), beside("looks outside").c_str()), 0);
  expect_refusal(prepare(beside("looks outside/")), ErrorCode::invalid_argument, "lies in the store");
}

TEST_F(DirectoryPrepare, RefusesAQuarantineThatHoldsTheStore) {
  expect_refusal(prepare(beside("")), ErrorCode::invalid_argument, "holds the store");
  expect_refusal(prepare("/"), ErrorCode::invalid_argument, "holds the store");
}

TEST_F(DirectoryPrepare, RefusesWhatIsNoPlainPath) {
  expect_refusal(prepare("quarantine/"), ErrorCode::invalid_argument, "no absolute path");
  expect_refusal(prepare(beside("x/../aside/")), ErrorCode::invalid_argument, "no plain path");
  EXPECT_FALSE(std::filesystem::exists(beside("aside")));
}

TEST_F(DirectoryPrepare, FollowsNoLinkInsideTheStore) {
  std::filesystem::create_directory(beside("elsewhere"));
  tree().link(".flotsam-quarantine", beside("elsewhere"));
  const auto prepared = prepare(tree().path(".flotsam-quarantine/"));
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().service_code, "NotADirectory") << to_text(prepared.error());
}

TEST_F(DirectoryPrepare, RefusesAFileInItsPlace) {
  put(".flotsam-quarantine");
  const auto prepared = prepare(tree().path(".flotsam-quarantine/"));
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().service_code, "NotADirectory") << to_text(prepared.error());
}

TEST_F(DirectoryPrepare, RefusesAnotherFileSystem) {
  struct stat here, there;
  ASSERT_EQ(stat(tree().root().c_str(), &here), 0);
  if (stat("/dev/shm", &there) != 0 || here.st_dev == there.st_dev)
    GTEST_SKIP() << "there is one file system alone";
  const std::string place = fmt::format("/dev/shm/flotsam-test-{}/", getpid());
  std::filesystem::create_directory(place);
  expect_refusal(prepare(place), ErrorCode::refused, "another file system");
  std::filesystem::remove_all(place);
}

TEST_F(DirectoryPrepare, RefusesAnotherMountOfTheSameFileSystem) {
  // Renaming across mounts is refused by the kernel though the device is one (rename(2), EXDEV). Mounts need
  // a namespace of their own, which is this thread's alone.
  put("a/1");
  put("a/mounted/2");
  std::filesystem::create_directories(tree().path("other"));
  put("other/3");
  const Object object = planned_one("a/1");
  bool could = false;
  std::thread([&] {
    const std::string quarantine = beside("aside/");
    std::filesystem::create_directory(quarantine);
    could =
        unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
        mount(quarantine.c_str(), quarantine.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
        mount(tree().path("other").c_str(), tree().path("a/mounted").c_str(), nullptr, MS_BIND, nullptr) == 0;
    if (!could) return;
    expect_refusal(prepare(quarantine), ErrorCode::refused, "another file system");
    // An object on a mount below the root is left alone.
    Object mounted = planned_one("a/mounted/3");
    for (const DeleteMethod method : {DeleteMethod::quarantine, DeleteMethod::permanent}) {
      const RemoveOutcome outcome = remove(mounted, method);
      EXPECT_EQ(outcome.result, RemoveResult::failed);
      EXPECT_EQ(outcome.code, "CrossDevice") << outcome.message;
    }
    EXPECT_EQ(store_.bytes_of("a/mounted/3"), "bytes");
  }).join();
  if (!could) GTEST_SKIP() << "this user cannot mount";
}

TEST_F(DirectoryPrepare, AsksForAQuarantine) {
  expect_refusal(prepare(std::nullopt), ErrorCode::invalid_argument, "no quarantine");
  EXPECT_TRUE(prepare(std::nullopt, DeleteMethod::permanent));
}

TEST_F(DirectoryPrepare, KeepsNoVersions) {
  expect_refusal(prepare(tree().path(".flotsam-quarantine/"), DeleteMethod::version),
                 ErrorCode::invalid_argument, "no versions");
}

TEST_F(DirectoryPrepare, AsksForTheRightToWrite) {
  std::filesystem::create_directory(beside("closed"));
  Result<void> quarantined, permanent;
  as_ordinary_user([&] {
    quarantined = prepare(beside("closed/"));
    permanent = prepare(std::nullopt, DeleteMethod::permanent);
  });
  expect_refusal(quarantined, ErrorCode::permission_denied, "closed");
  expect_refusal(permanent, ErrorCode::permission_denied, tree().root());
}

}  // namespace
}  // namespace flotsam::test
