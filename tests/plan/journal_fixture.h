#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/disk_state.h"
#include "plan/journal.h"
#include "plan/plan_fixture.h"

namespace flotsam::test {

inline JournalHeader journal_header(JournalKind kind = JournalKind::apply,
                                    const std::string& id = "00112233") {
  JournalHeader header;
  header.kind = kind;
  header.id = id;
  header.created_at = at("2026-11-23T06:41:21.5Z");
  header.plan_digest = "abcd";
  header.of_journal = kind == JournalKind::undo ? "00112233" : "";
  header.store_url = "s3://my-bucket";
  header.store_identity = "https://s3.example.com my-bucket";
  header.prefixes = {"books/", "caf\xc3\xa9/"};
  header.config_digest = "ef01";
  header.method = DeleteMethod::version;
  header.quarantine = "s3://my-bucket/.flotsam-quarantine/";
  header.condition = "single";
  header.undo_days = 30;
  header.expected = 15;
  header.overrides = {"orphan-percent", "plan-age"};
  return header;
}

inline JournalIntent intent_of(std::uint64_t number, const std::string& key, const std::string& detail = "") {
  JournalIntent intent;
  intent.number = number;
  intent.object.key = Key(key);
  intent.object.size_bytes = 7;
  intent.object.etag = "9b2cf535";
  intent.object.last_modified = at("2026-11-10T10:00:00.000000001Z");
  intent.detail = detail;
  return intent;
}

/// A line of a journal as a sentence, in the order in which the visitor was given them.
class TellingVisitor final : public JournalVisitor {
 public:
  Result<void> header(const JournalHeader& header) override {
    headers.push_back(header);
    return tell("header " + std::string(to_string(header.kind)) + " " + header.id);
  }
  Result<void> batch(Timestamp moment, std::uint64_t objects) override {
    return tell("batch " + to_rfc3339_exact(moment) + " " + std::to_string(objects));
  }
  Result<void> intent(const JournalIntent& intent) override {
    intents.push_back(intent);
    return tell("intent " + std::to_string(intent.number) + " " + intent.object.key.bytes() + " " +
                std::to_string(intent.object.size_bytes) + " " + intent.object.etag + " " +
                (intent.object.last_modified ? to_rfc3339_exact(*intent.object.last_modified) : "-") + " " +
                intent.object.version_id + " " + intent.detail);
  }
  Result<void> outcome(const JournalOutcome& outcome) override {
    return tell("outcome " + std::to_string(outcome.number) + " " + outcome.result + " " + outcome.marker_id +
                " " + outcome.version_id + " " + outcome.code + " " + outcome.message);
  }
  Result<void> skip(const JournalSkip& skip) override {
    return tell("skip " + std::to_string(skip.number) + " " + skip.why);
  }
  Result<void> note(std::string_view kind, std::string_view json) override {
    return tell("note " + std::string(kind) + " " + std::string(json));
  }
  Result<void> end(const JournalEnd& end) override {
    return tell("end " + end.status + " " + to_rfc3339_exact(end.at));
  }
  std::vector<std::string> told;
  std::vector<JournalHeader> headers;
  std::vector<JournalIntent> intents;

 private:
  Result<void> tell(std::string line) {
    told.push_back(std::move(line));
    return {};
  }
};

using Told = std::vector<std::string>;

class Journal : public testing::Test {
 protected:
  static constexpr const char* kName = "journals/00112233.ndjson";

  /// A small journal with a line of every kind.
  static Result<void> write_small(State& state) {
    FLOTSAM_ASSIGN(auto writer, JournalWriter::open(state, journal_header()));
    FLOTSAM_TRY(writer.note("reading", R"({"rows":5,"\u200b":[null]})"));
    const std::vector<JournalSkip> skips = {{3, "young"}, {4, "settling"}};
    FLOTSAM_TRY(writer.skip(skips));
    std::vector<JournalIntent> first = {intent_of(0, "books/a")};
    FLOTSAM_TRY(writer.intend(first, at("2026-11-23T07:00:00Z")));
    const std::vector<JournalOutcome> removed = {{0, "removed", "m1", "v1", "", ""}};
    FLOTSAM_TRY(writer.settle(removed));
    std::vector<JournalIntent> second = {intent_of(1, "books/caf\xc3\xa9 \"x\"\\"),
                                         intent_of(2, "b\xff\n", "marker m")};
    second[0].object.version_id = "v7";
    second[1].object.last_modified.reset();
    FLOTSAM_TRY(writer.intend(second, at("2026-11-23T07:00:01.25Z")));
    const std::vector<JournalOutcome> others = {{1, "gone", "", "", "", ""},
                                                {2, "failed", "", "", "AccessDenied", "no \"right\"\n"}};
    FLOTSAM_TRY(writer.settle(others));
    return writer.end({"partial", at("2026-11-23T07:00:02Z")});
  }

  static Told small_told() {
    return {"header apply 00112233",
            R"(note reading {"rows":5,"\u200b":[null]})",
            "skip 3 young",
            "skip 4 settling",
            "batch 2026-11-23T07:00:00Z 1",
            "intent 0 books/a 7 9b2cf535 2026-11-10T10:00:00.000000001Z  ",
            "outcome 0 removed m1 v1  ",
            "batch 2026-11-23T07:00:01.25Z 2",
            "intent 1 books/caf\xc3\xa9 \"x\"\\ 7 9b2cf535 2026-11-10T10:00:00.000000001Z v7 ",
            "intent 2 b\xff\n 7 9b2cf535 -  marker m",
            "outcome 1 gone    ",
            "outcome 2 failed   AccessDenied no \"right\"\n",
            "end partial 2026-11-23T07:00:02Z"};
  }

  void SetUp() override {
    const auto written = write_small(*state_);
    ASSERT_TRUE(written.has_value()) << to_text(written.error());
    whole_ = content_of(file());
  }

  std::filesystem::path file() const { return folder_ / "state" / kName; }
  void store(std::string_view content) const { folder_.write(std::string("state/") + kName, content); }
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    for (std::size_t start = 0; start < whole_.size();) {
      const std::size_t end = whole_.find('\n', start);
      lines.push_back(whole_.substr(start, end + 1 - start));
      start = end + 1;
    }
    return lines;
  }

  Told told(State& state) const {
    TellingVisitor visitor;
    const auto read = read_journal(state, kName, visitor);
    EXPECT_TRUE(read.has_value()) << to_text(read.error());
    return visitor.told;
  }
  /// The error of reading what stands now; its code is corrupt and what was given before is a prefix.
  Error refusal() const {
    TellingVisitor visitor;
    const auto read = read_journal(*state_, kName, visitor);
    const Told all = small_told();
    EXPECT_TRUE(std::equal(visitor.told.begin(), visitor.told.end(), all.begin()));
    if (read) return Error{ErrorCode::internal, "it was believed", "", {}, 0, "", ""};
    EXPECT_EQ(read.error().code, ErrorCode::corrupt);
    EXPECT_EQ(read.error().service_code, "Plan");
    EXPECT_FALSE(read.error().hint.empty());
    return read.error();
  }

  TemporaryFolder folder_;
  std::unique_ptr<State> state_ = open_disk_state(folder_ / "state");
  std::string whole_;
};

}  // namespace flotsam::test
