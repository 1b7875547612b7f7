#include "store/directory/file_identity.h"

#include <gtest/gtest.h>
#include <limits>

namespace flotsam::test {
namespace {

struct stat a_file() {
  struct stat status{};
  status.st_ino = 0x1234;
  status.st_size = 255;
  status.st_mtim = {1'700'000'000, 5};
  status.st_ctim = {1'600'000'000, 999'999'999};
  return status;
}

std::string etag_of(const struct stat& status) {
  std::string out;
  append_file_etag(status, out);
  return out;
}

TEST(FileIdentity, MakesAnEtagOfInodeSizeAndBothTimes) {
  EXPECT_EQ(etag_of(a_file()), "1234.ff.6553f100.5.5f5e1000.3b9ac9ff");
}

TEST(FileIdentity, GivesAnotherEtagWhenAnyOfThemChanges) {
  const struct {
    const char* name;
    void (*change)(struct stat&);
  } rows[] = {
      {"inode", [](struct stat& s) { ++s.st_ino; }},
      {"size", [](struct stat& s) { ++s.st_size; }},
      {"mtime, seconds", [](struct stat& s) { ++s.st_mtim.tv_sec; }},
      {"mtime, nanoseconds", [](struct stat& s) { ++s.st_mtim.tv_nsec; }},
      {"ctime, seconds", [](struct stat& s) { ++s.st_ctim.tv_sec; }},
      {"ctime, nanoseconds", [](struct stat& s) { ++s.st_ctim.tv_nsec; }},
  };
  for (const auto& row : rows) {
    struct stat status = a_file();
    row.change(status);
    EXPECT_NE(etag_of(status), etag_of(a_file())) << row.name;
  }
}

TEST(FileIdentity, NeverLooksLikeAnUploadInParts) {
  struct stat status = a_file();
  status.st_mtim.tv_sec = -1;
  EXPECT_EQ(etag_of(status).find('-'), std::string::npos);
}

TEST(FileIdentity, TakesTheLaterTime) {
  struct stat status = a_file();
  EXPECT_EQ(file_time_of(status), Timestamp(std::chrono::nanoseconds(1'700'000'000'000'000'005)));
  std::swap(status.st_mtim, status.st_ctim);
  EXPECT_EQ(file_time_of(status), Timestamp(std::chrono::nanoseconds(1'700'000'000'000'000'005)));
  status.st_mtim = {1'700'000'000, 6};
  EXPECT_EQ(file_time_of(status), Timestamp(std::chrono::nanoseconds(1'700'000'000'000'000'006)));
}

TEST(FileIdentity, KnowsNoTimeBeyondTheYearsOfATimestamp) {
  struct stat status = a_file();
  status.st_mtim.tv_sec = std::numeric_limits<time_t>::max();
  EXPECT_EQ(file_time_of(status), std::nullopt);
  status.st_mtim.tv_sec = 9'223'372'036;
  EXPECT_EQ(file_time_of(status), std::nullopt);
  status.st_mtim.tv_sec = status.st_ctim.tv_sec = std::numeric_limits<time_t>::min();
  EXPECT_EQ(file_time_of(status), std::nullopt);
  status.st_ctim.tv_sec = 0;
  EXPECT_EQ(file_time_of(status), Timestamp(std::chrono::nanoseconds(999'999'999)));
}

struct stat a_regular_file() {
  struct stat status = a_file();
  status.st_mode = S_IFREG | 0644;
  return status;
}

TEST(FileIdentity, KnowsAMovedFileByInodeSizeAndMtime) {
  const std::string etag = etag_of(a_regular_file());
  const struct {
    const char* name;
    void (*change)(struct stat&);
    bool is_moved;
  } rows[] = {
      {"nothing", [](struct stat&) {}, true},
      {"ctime", [](struct stat& s) { s.st_ctim = {1'800'000'000, 1}; }, true},
      {"inode", [](struct stat& s) { ++s.st_ino; }, false},
      {"size", [](struct stat& s) { ++s.st_size; }, false},
      {"mtime, seconds", [](struct stat& s) { ++s.st_mtim.tv_sec; }, false},
      {"mtime, nanoseconds", [](struct stat& s) { ++s.st_mtim.tv_nsec; }, false},
      {"mtime, a digit more", [](struct stat& s) { s.st_mtim.tv_nsec = 0x51; }, false},
      {"a link", [](struct stat& s) { s.st_mode = S_IFLNK | 0777; }, false},
      {"a folder", [](struct stat& s) { s.st_mode = S_IFDIR | 0755; }, false},
  };
  for (const auto& row : rows) {
    struct stat status = a_regular_file();
    row.change(status);
    EXPECT_EQ(is_moved_file(status, etag), row.is_moved) << row.name;
  }
}

TEST(FileIdentity, KnowsNoFileByAnEtagOfAnotherForm) {
  for (const char* etag : {"", ".", "....", "1234.ff.6553f100.5", "9a0364b9e99bb480dd25e1f0284c8555",
                           "1234.ff.6553f100", "x1234.ff.6553f100.5.5f5e1000.3b9ac9ff"})
    EXPECT_FALSE(is_moved_file(a_regular_file(), etag)) << etag;
}

TEST(FileIdentity, ComparesAnObjectWhole) {
  const Object object = object_of_file(Key(std::string("a/1")), a_regular_file());
  EXPECT_EQ(object.key.bytes(), "a/1");
  EXPECT_EQ(object.size_bytes, 255U);
  EXPECT_EQ(object.etag, etag_of(a_regular_file()));
  EXPECT_EQ(object.last_modified, file_time_of(a_regular_file()));
  EXPECT_TRUE(is_object(a_regular_file(), object));
  struct stat status = a_regular_file();
  ++status.st_ctim.tv_nsec;
  EXPECT_FALSE(is_object(status, object));
  status = a_regular_file();
  status.st_mode = S_IFDIR | 0755;
  EXPECT_FALSE(is_object(status, object));
  // A time beyond all years is the same as itself.
  status = a_regular_file();
  status.st_mtim.tv_sec = std::numeric_limits<std::int64_t>::max();
  EXPECT_TRUE(is_object(status, object_of_file(Key(std::string("a/1")), status)));
}

}  // namespace
}  // namespace flotsam::test
