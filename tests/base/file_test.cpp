#include "base/file.h"

#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "support/temporary_folder.h"

namespace flotsam {
namespace {

std::size_t entries_of(const std::filesystem::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) count += entry.exists() ? 1U : 0U;
  return count;
}

TEST(AtomicFile, AppearsWholeUnderItsName) {
  const test::TemporaryFolder folder;
  auto file = AtomicFile::create(folder / "deep/er/plan.ndjson");
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("one\n"));
  ASSERT_TRUE(file->write(std::string(3U << 20U, 'x')));
  EXPECT_FALSE(std::filesystem::exists(folder / "deep/er/plan.ndjson")) << "nothing is there before commit";
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(test::content_of(folder / "deep/er/plan.ndjson").size(), 4U + (3U << 20U));
  struct stat status{};
  ASSERT_EQ(stat((folder / "deep/er/plan.ndjson").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  ASSERT_EQ(stat((folder / "deep").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST(AtomicFile, LeavesNothingBehindWithoutCommit) {
  const test::TemporaryFolder folder;
  folder.write("plan", "the old one");
  {
    auto file = AtomicFile::create(folder / "plan");
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("half of the new"));
  }
  EXPECT_EQ(test::content_of(folder / "plan"), "the old one");
  EXPECT_EQ(entries_of(folder.path()), 1U);
}

TEST(AtomicFile, AFullDiskIsAnErrorAndStaysOne) {
  // /dev/full answers every write with ENOSPC.
  const test::TemporaryFolder folder;
  const FileDescriptor full(::open("/dev/full", O_WRONLY));
  ASSERT_TRUE(full.valid());
  const auto written = write_all(full.get(), "x", "/dev/full");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::unavailable);
  EXPECT_NE(written.error().message.find("No space left"), std::string::npos);
  EXPECT_FALSE(written.error().hint.empty());
}

TEST(File, ErrorsSayWhatThePersonCanDo) {
  const test::TemporaryFolder folder;
  const auto missing = read_file(folder / "none");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_NE(missing.error().message.find("none"), std::string::npos);
  folder.write("large", std::string(100, 'x'));
  const auto large = read_file(folder / "large", 99);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, ErrorCode::refused);
  EXPECT_EQ(*read_file(folder / "large", 100), std::string(100, 'x'));
}

TEST(File, ASpoolHasNoName) {
  const test::TemporaryFolder folder;
  const auto spool = open_unlinked_file(folder.path());
  ASSERT_TRUE(spool);
  EXPECT_EQ(entries_of(folder.path()), 0U);
  ASSERT_TRUE(write_all(spool->get(), "0123456789", "spool"));
  std::string out(20, '\0');
  EXPECT_EQ(*read_at(spool->get(), out.data(), out.size(), 4), 6U);
  EXPECT_EQ(out.substr(0, 6), "456789");
}

TEST(Hash, Sha256IsThatOfFips180) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 parts;
  parts.update("a");
  parts.update("bc");
  EXPECT_EQ(parts.finish(), sha256("abc"));
}

TEST(Hash, TheKeyDecides) {
  const KeyedHash one(1), again(1), two(2);
  EXPECT_EQ(one("books/1"), again("books/1"));
  EXPECT_NE(one("books/1"), two("books/1"));
  EXPECT_NE(one(std::string(300, 'a')), two(std::string(300, 'a'))) << "long input is keyed, too";
  EXPECT_NE(one(""), two(""));
}

}  // namespace
}  // namespace flotsam
