#include <gtest/gtest.h>

#include "cli/log_sink.h"
#include "cli/progress_sink.h"

namespace flotsam::test {
namespace {

using cli::ErrorStream;
using cli::LogFormat;
using cli::LogSink;
using cli::ProgressSink;

struct Stderr {
  std::string text;
  ErrorStream stream{[this](std::string_view bytes) { text += bytes; }};
  ManualClock clock{*parse_rfc3339("2026-11-24T12:00:00Z")};
  LogSink log{stream, clock};
  std::string taken() { return std::exchange(text, {}); }
};

TEST(LogSink, WritesOneEscapedLineALevel) {
  Stderr world;
  world.log.set_level(LogLevel::debug);
  world.log.warn("a\x1b[2J\xff b\nc 'x\\u{1b}'");
  EXPECT_EQ(world.taken(), "warning: a\\u{1b}[2J\\xff b\\u{a}c 'x\\u{1b}'\n");
  world.log.info("i");
  world.log.debug("d");
  world.log.write(LogLevel::error, "e");
  EXPECT_EQ(world.taken(), "info: i\ndebug: d\nerror: e\n");
}

TEST(LogSink, DropsWhatIsAboveItsLevel) {
  struct Row {
    LogLevel level;
    std::string expected;
  };
  for (const Row& row : {Row{LogLevel::error, "error: e\n"}, Row{LogLevel::warning, "error: e\nwarning: w\n"},
                         Row{LogLevel::info, "error: e\nwarning: w\ninfo: i\n"}}) {
    Stderr world;
    world.log.set_level(row.level);
    world.log.write(LogLevel::error, "e");
    world.log.warn("w");
    world.log.info("i");
    world.log.debug("d");
    EXPECT_EQ(world.taken(), row.expected);
  }
}

TEST(LogSink, WritesJsonThatNoKeyCanBreak) {
  Stderr world;
  world.log.set_format(LogFormat::json);
  world.log.warn("a\"b\\c\n\xe2\x80\xae\xff \xf0\x9f\x98\x80 \xf3\xa0\x80\x81");
  EXPECT_EQ(world.taken(),
            "{\"time\":\"2026-11-24T12:00:00Z\",\"level\":\"warning\",\"message\":"
            "\"a\\\"b\\\\c\\u000a\\u202e\\\\xff "
            "\xf0\x9f\x98\x80 \\udb40\\udc01\"}\n");
}

TEST(LogSink, BlanksSecretsInForeignText) {
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    Stderr world;
    world.log.set_format(format);
    world.log.warn("postgresql://app:canary7secret@db failed, password=canary7secret");
    Error error;
    error.message = "password=canary7secret";
    error.hint = "password=canary7secret";
    error.context = {"at postgresql://app:canary7secret@db"};
    world.log.error(error);
    world.log.problems({{"flotsam.toml:1", "password=canary7secret"}});
    EXPECT_EQ(world.text.find("canary7secret"), std::string::npos) << world.text;
    EXPECT_NE(world.text.find("***"), std::string::npos);
  }
}

TEST(LogSink, WritesAnErrorWithAllItKnows) {
  Stderr world;
  Error error;
  error.code = ErrorCode::permission_denied;
  error.message = "AccessDenied";
  error.context = {"while listing s3://b/", "while scanning"};
  error.hint = "Grant s3:ListBucket.";
  error.http_status = 403;
  error.service_code = "AccessDenied";
  error.request_id = "R1";
  world.log.error(error);
  EXPECT_EQ(world.taken(),
            "error: AccessDenied (HTTP 403, code AccessDenied, request id R1)\n  while listing s3://b/\n  "
            "while scanning\n"
            "  Grant s3:ListBucket.\n");
  world.log.set_format(LogFormat::json);
  world.log.error(error);
  EXPECT_EQ(world.taken(),
            "{\"time\":\"2026-11-24T12:00:00Z\",\"level\":\"error\",\"code\":\"permission_denied\","
            "\"message\":\"AccessDenied\","
            "\"context\":[\"while listing s3://b/\",\"while scanning\"],\"hint\":\"Grant "
            "s3:ListBucket.\",\"http_status\":403,"
            "\"service_code\":\"AccessDenied\",\"request_id\":\"R1\"}\n");
}

TEST(Progress, IsOneLineThatIsDrawnAgainOnATerminal) {
  Stderr world;
  {
    ProgressSink progress(world.stream, world.log, world.clock, {.terminal = true, .width = 80});
    progress.phase("listing", "objects", std::nullopt);
    EXPECT_EQ(world.taken(), "\r\x1b[Klisting: 0 objects") << "the first sign of life, at once";
    progress.advance(10);
    EXPECT_EQ(world.taken(), "") << "not for every step";
    world.clock.sleep_for(std::chrono::seconds(2));
    progress.advance(9990);
    EXPECT_EQ(world.taken(), "\r\x1b[Klisting: 10,000 objects, 5,000/s");
    world.log.warn("w");
    EXPECT_EQ(world.taken(), "\r\x1b[Kwarning: w\n") << "the log wipes the line first";
    world.log.warn("w");
    EXPECT_EQ(world.taken(), "warning: w\n");
    world.clock.sleep_for(std::chrono::seconds(1));
    progress.advance(0);
    world.taken();
  }
  EXPECT_EQ(world.taken(), "\r\x1b[K") << "nothing stays behind";
}

TEST(Progress, SaysTheTimeLeftWhereATotalIsKnown) {
  Stderr world;
  ProgressSink progress(world.stream, world.log, world.clock, {.terminal = true, .width = 80});
  struct Row {
    std::uint64_t total;
    std::string expected;
  };
  for (const Row& row : {Row{20000, "rows: 10,000 of 20,000 r, 1,000/s, 10s left"},
                         Row{100000, "rows: 10,000 of 100,000 r, 1,000/s, 1m 30s left"},
                         Row{10000000, "rows: 10,000 of 10,000,000 r, 1,000/s, 2h 46m left"},
                         Row{10000, "rows: 10,000 of 10,000 r, 1,000/s"}}) {
    progress.phase("rows", "r", row.total);
    world.clock.sleep_for(std::chrono::seconds(10));
    world.taken();
    progress.advance(10000);
    EXPECT_EQ(world.taken(), "\r\x1b[K" + row.expected);
  }
}

TEST(Progress, FitsTheTerminal) {
  Stderr world;
  ProgressSink progress(world.stream, world.log, world.clock, {.terminal = true, .width = 12});
  progress.phase("reading references", "rows", std::nullopt);
  EXPECT_EQ(world.taken(), "\r\x1b[Kreading ref");
}

TEST(Progress, IsALineEachHalfMinuteElsewhere) {
  Stderr world;
  ProgressSink progress(world.stream, world.log, world.clock, {});
  progress.phase("listing", "objects", std::nullopt);
  world.clock.sleep_for(std::chrono::seconds(29));
  progress.advance(29);
  EXPECT_EQ(world.taken(), "");
  world.clock.sleep_for(std::chrono::seconds(1));
  progress.advance(1);
  EXPECT_EQ(world.taken(), "listing: 30 objects, 1/s\n");
  progress.advance(1);
  EXPECT_EQ(world.taken(), "");
  world.log.set_format(LogFormat::json);
  world.clock.sleep_for(std::chrono::seconds(30));
  progress.advance(1);
  EXPECT_EQ(
      world.taken(),
      "{\"time\":\"2026-11-24T12:01:00Z\",\"level\":\"info\",\"message\":\"listing: 32 objects, 0/s\"}\n");
  progress.finish();
  world.clock.sleep_for(std::chrono::seconds(60));
  progress.advance(1);
  EXPECT_EQ(world.taken(), "") << "after its end";
}

}  // namespace
}  // namespace flotsam::test
