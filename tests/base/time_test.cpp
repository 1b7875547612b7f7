#include "base/time.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace flotsam {
namespace {

TEST(Time, Rfc3339IsReadAndWrittenExactly) {
  struct Row {
    std::string_view text, shown;
  };
  const Row rows[] = {{"2026-11-16T06:41:02Z", "2026-11-16T06:41:02Z"},
                      {"2026-11-16T06:41:02.000Z", "2026-11-16T06:41:02Z"},
                      {"2026-11-16T06:41:02.82Z", "2026-11-16T06:41:02.82Z"},
                      {"2026-11-16T06:41:02.123456789Z", "2026-11-16T06:41:02.123456789Z"},
                      {"2026-11-16T08:41:02+02:00", "2026-11-16T06:41:02Z"},
                      {"2026-11-15T23:11:02-07:30", "2026-11-16T06:41:02Z"},
                      {"1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z"},
                      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"}};
  for (const Row& row : rows) {
    const auto moment = parse_rfc3339(row.text);
    ASSERT_TRUE(moment) << row.text;
    EXPECT_EQ(to_rfc3339_exact(*moment), row.shown);
    EXPECT_EQ(to_rfc3339(*moment), std::string(row.shown.substr(0, 19)) + "Z");
  }
}

TEST(Time, ADateThatDoesNotExistIsNoDate) {
  for (const std::string_view bad :
       {"", "2026-11-16", "2026-11-16T06:41:02", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-11-16T24:00:00Z", "2026-11-16T06:60:00Z", "2026-11-16T06:41:02.Z",
        "2026-11-16T06:41:02.1234567890Z", "2026-11-16T06:41:02Zx", "26-11-16T06:41:02Z",
        "2026-11-16T06:41:02+2:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"})
    EXPECT_FALSE(parse_rfc3339(bad)) << bad;
}

TEST(Time, HttpDatesAreImfFixdates) {
  const auto moment = parse_http_date("Tue, 24 Nov 2026 14:25:45 GMT");
  ASSERT_TRUE(moment);
  EXPECT_EQ(to_rfc3339(*moment), "2026-11-24T14:25:45Z");
  for (const std::string_view bad : {"", "Tue, 24 Nov 2026 14:25:45 CET", "Tuesday, 24-Nov-26 14:25:45 GMT",
                                     "Tue, 31 Nov 2026 14:25:45 GMT", "Tue, 24 Nox 2026 14:25:45 GMT"})
    EXPECT_FALSE(parse_http_date(bad)) << bad;
}

TEST(Time, DurationsNeedAUnit) {
  EXPECT_EQ(parse_duration("7d")->count(), 604800);
  EXPECT_EQ(parse_duration("0s")->count(), 0);
  EXPECT_EQ(parse_duration("1h30m")->count(), 5400);
  EXPECT_EQ(parse_duration("2w")->count(), 1209600);
  for (const std::string_view bad :
       {"", "7", "d", "-1d", "7 d", "7D", "1.5h", "99999999999999999999d", "999999999w"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(Time, SizesAreBytesOrStepsOf1024) {
  EXPECT_EQ(*parse_size("512"), 512U);
  EXPECT_EQ(*parse_size("1GiB"), 1ULL << 30U);
  EXPECT_EQ(*parse_size("512MB"), 512ULL << 20U);
  EXPECT_EQ(*parse_size("2 KiB"), 2048U);
  for (const std::string_view bad : {"", "GiB", "-1", "1.5GiB", "1XiB", "99999999999TiB"})
    EXPECT_FALSE(parse_size(bad)) << bad;
}

TEST(Text, PercentagesAreNeverRoundedToNoneOrAll) {
  EXPECT_EQ(to_percent(0, 10), "0.0");
  EXPECT_EQ(to_percent(10, 10), "100.0");
  EXPECT_EQ(to_percent(15, 5089), "0.3");
  EXPECT_EQ(to_percent(1, 1000000), "0.1");
  EXPECT_EQ(to_percent(999999, 1000000), "99.9");
  EXPECT_EQ(to_percent(1, 2000), "0.1") << "0.05 is rounded half up";
  EXPECT_EQ(to_percent(5, 0), "0.0");
  EXPECT_EQ(to_percent(UINT64_MAX - 1, UINT64_MAX), "99.9");
}

TEST(Text, NumbersAreForPeople) {
  EXPECT_EQ(with_separators(0), "0");
  EXPECT_EQ(with_separators(999), "999");
  EXPECT_EQ(with_separators(5089), "5,089");
  EXPECT_EQ(with_separators(1234567890), "1,234,567,890");
  EXPECT_EQ(to_human_bytes(312), "312 B");
  EXPECT_EQ(to_human_bytes(1024), "1.0 KiB");
  EXPECT_EQ(to_human_bytes(1503238553), "1.4 GiB");
  EXPECT_EQ(to_human_bytes(1048575), "1.0 MiB");
  EXPECT_EQ(to_human_seconds(604800), "7d");
  EXPECT_EQ(to_human_seconds(5400), "90m");
  EXPECT_EQ(to_human_seconds(0), "0s");
  EXPECT_EQ(counted(1, "object"), "1 object");
  EXPECT_EQ(counted(5089, "object"), "5,089 objects");
}

}  // namespace
}  // namespace flotsam
