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

}  // namespace
}  // namespace flotsam::test
