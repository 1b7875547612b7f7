#include "plan/journal.h"

#include <fstream>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "plan/journal_fixture.h"
#include "support/faulty_state.h"

namespace flotsam::test {
namespace {

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

TEST_F(Journal, TellsWhatWasWrittenInItsOrder) {
  EXPECT_EQ(told(*state_), small_told());
}

TEST_F(Journal, RemembersEveryFieldOfItsHeader) {
  TellingVisitor visitor;
  ASSERT_TRUE(read_journal(*state_, kName, visitor).value_or(false));
  ASSERT_EQ(visitor.headers.size(), 1U);
  const JournalHeader& read = visitor.headers[0];
  const JournalHeader wrote = journal_header();
  EXPECT_EQ(read.kind, wrote.kind);
  EXPECT_EQ(read.id, wrote.id);
  EXPECT_EQ(read.created_at, wrote.created_at);
  EXPECT_EQ(read.plan_digest, wrote.plan_digest);
  EXPECT_EQ(read.store_url, wrote.store_url);
  EXPECT_EQ(read.store_identity, wrote.store_identity);
  EXPECT_EQ(read.prefixes, wrote.prefixes);
  EXPECT_EQ(read.config_digest, wrote.config_digest);
  EXPECT_EQ(read.method, wrote.method);
  EXPECT_EQ(read.quarantine, wrote.quarantine);
  EXPECT_EQ(read.condition, wrote.condition);
  EXPECT_EQ(read.undo_days, wrote.undo_days);
  EXPECT_EQ(read.expected, wrote.expected);
  EXPECT_EQ(read.overrides, wrote.overrides);
}

TEST_F(Journal, OfEveryKindAndMethodIsRead) {
  for (const auto kind : {JournalKind::apply, JournalKind::undo, JournalKind::rescue, JournalKind::purge})
    for (const auto method :
         {DeleteMethod::version, DeleteMethod::quarantine, DeleteMethod::permanent, DeleteMethod::none}) {
      JournalHeader header =
          journal_header(kind, std::string(to_string(kind)) + "-" + std::string(to_string(method)));
      header.method = method;
      ASSERT_TRUE(JournalWriter::open(*state_, header).has_value());
      TellingVisitor visitor;
      ASSERT_TRUE(read_journal(*state_, journal_name(header.id), visitor).value_or(false));
      EXPECT_EQ(visitor.headers.at(0).kind, kind);
      EXPECT_EQ(visitor.headers.at(0).method, method);
      EXPECT_EQ(visitor.headers.at(0).of_journal, kind == JournalKind::undo ? "00112233" : "");
    }
}

TEST_F(Journal, ThatIsNotThereIsNoJournal) {
  TellingVisitor visitor;
  const auto read = read_journal(*state_, "journals/other.ndjson", visitor);
  ASSERT_TRUE(read.has_value()) << to_text(read.error());
  EXPECT_FALSE(*read);
}

TEST_F(Journal, SaysTheSumOfEachLineOverAllBefore) {
  std::string before;
  for (const std::string& line : lines()) {
    const std::size_t at_sum = line.rfind(",\"sum\":\"");
    const std::string sum = line.substr(at_sum + 8, 32);
    EXPECT_EQ(sum, sha256_hex(before + line.substr(0, at_sum) + "}").substr(0, 32));
    before = sum;
  }
}

// One bit of every byte; all eight would take eight times as long and find the same.
TEST_F(Journal, WithABitOfAnyByteFlippedIsFound) {
  // The last byte ends the last line: without it that line is torn, as by a crash.
  for (std::size_t byte = 0; byte + 1 < whole_.size(); ++byte) {
    std::string flipped = whole_;
    flipped[byte] = static_cast<char>(static_cast<unsigned char>(flipped[byte]) ^ (1U << byte % 8));
    store(flipped);
    ASSERT_EQ(refusal().code, ErrorCode::corrupt) << "byte " << byte;
  }
  std::string flipped = whole_;
  flipped.back() = ' ';
  store(flipped);
  Told without_last = small_told();
  without_last.pop_back();
  EXPECT_EQ(told(*state_), without_last);
}

TEST_F(Journal, CutAtAnyByteReadsAsAPrefixOfItsLines) {
  const Told all = small_told();
  std::size_t whole_lines = 0;
  for (std::size_t size = 0; size <= whole_.size(); ++size) {
    if (size > 0 && whole_[size - 1] == '\n') ++whole_lines;
    store(whole_.substr(0, size));
    TellingVisitor visitor;
    const auto read = read_journal(*state_, kName, visitor);
    ASSERT_TRUE(read.has_value()) << size << ": " << to_text(read.error());
    EXPECT_EQ(*read, whole_lines > 0) << size;
    EXPECT_EQ(visitor.told, Told(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(whole_lines)))
        << size;
  }
}

TEST_F(Journal, CutAtAnyByteGoesOnWithWhatIsWhole) {
  const Told all = small_told();
  for (std::size_t size = 0; size <= whole_.size(); ++size) {
    store(whole_.substr(0, size));
    const auto kept = static_cast<std::ptrdiff_t>(std::max<std::ptrdiff_t>(
        1, std::count(whole_.begin(), whole_.begin() + static_cast<std::ptrdiff_t>(size), '\n')));
    auto writer = JournalWriter::open(*state_, journal_header());
    ASSERT_TRUE(writer.has_value()) << size << ": " << to_text(writer.error());
    const std::vector<JournalOutcome> outcome = {{9, "held", "", "", "", ""}};
    ASSERT_TRUE(writer->settle(outcome).has_value());
    Told expected(all.begin(), all.begin() + kept);
    expected.push_back("outcome 9 held    ");
    ASSERT_EQ(told(*state_), expected) << size;
  }
}

TEST_F(Journal, WithALineLostDoubledOrSwappedIsFoundAndTheLineNamed) {
  const auto all = lines();
  const auto joined = [](const std::vector<std::string>& parts) {
    std::string content;
    for (const auto& part : parts) content += part;
    return content;
  };
  const auto is_at = [](const Error& error, std::size_t line) {
    return error.message.find("line " + std::to_string(line) + ":") != std::string::npos;
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto changed = all;
    changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(i), all[i]);
    store(joined(changed));
    EXPECT_TRUE(is_at(refusal(), i + 2)) << "doubled " << i;
    if (i + 1 == all.size()) break;
    changed = all;
    std::swap(changed[i], changed[i + 1]);
    store(joined(changed));
    EXPECT_TRUE(is_at(refusal(), i + 1)) << "swapped " << i;
    changed = all;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
    store(joined(changed));
    EXPECT_TRUE(is_at(refusal(), i + 1)) << "lost " << i;
  }
}

struct Damage {
  std::string name;
  std::string tail;
};
class JournalDamage : public Journal, public testing::WithParamInterface<Damage> {};

TEST_P(JournalDamage, IsFoundByReaderAndWriter) {
  store(whole_ + GetParam().tail);
  EXPECT_NE(refusal().message.find("line 14:"), std::string::npos) << refusal().message;
  const auto writer = JournalWriter::open(*state_, journal_header());
  ASSERT_FALSE(writer.has_value());
  EXPECT_EQ(writer.error().code, ErrorCode::corrupt);
  EXPECT_EQ(writer.error().service_code, "Plan");
  EXPECT_EQ(content_of(file()), whole_ + GetParam().tail) << "what cannot be believed is left as it is";
}

INSTANTIATE_TEST_SUITE_P(
    Tails, JournalDamage,
    testing::Values(Damage{"an_empty_line", "\n"}, Damage{"text", "hello\n"},
                    Damage{"zeros", std::string(512, '\0') + "\n"},
                    Damage{"a_line_without_sum", "{\"skip\":1,\"why\":\"young\"}\n"},
                    Damage{"a_line_with_a_made_up_sum",
                           "{\"skip\":1,\"why\":\"young\",\"sum\":\"00112233445566778899aabbccddeeff\"}\n"}),
    [](const auto& each) { return each.param.name; });

TEST_F(Journal, WithATailThatAPowerLossLeftIsGoneOnWith) {
  store(whole_ + std::string(4096, '\0'));
  EXPECT_EQ(told(*state_), small_told());
  ASSERT_TRUE(JournalWriter::open(*state_, journal_header()).has_value());
  EXPECT_EQ(content_of(file()), whole_);
}

/// A journal whose lines are sealed rightly: what a forger, or another version, would write.
std::string sealed(const std::vector<std::string>& objects) {
  std::string content, sum;
  for (const std::string& object : objects) {
    sum = sha256_hex(sum + object).substr(0, 32);
    content += object.substr(0, object.size() - 1) + ",\"sum\":\"" + sum + "\"}\n";
  }
  return content;
}

struct Forgery {
  std::string name;
  std::string object;
  std::string complaint;
};
class JournalForgery : public Journal, public testing::WithParamInterface<Forgery> {};

TEST_P(JournalForgery, IsNotBelieved) {
  std::string header = lines()[0];
  header.resize(header.rfind(",\"sum\""));
  store(sealed({header + "}", GetParam().object}));
  const Error error = refusal();
  EXPECT_NE(error.message.find("line 2: " + GetParam().complaint), std::string::npos) << error.message;
}

INSTANTIATE_TEST_SUITE_P(
    Lines, JournalForgery,
    testing::Values(
        Forgery{"no_object", "{1}", "it is not a JSON object"},
        Forgery{"empty_object", "{}", "its kind '' is not"},
        Forgery{"unknown_kind", "{\"later\":1}", "its kind 'later' is not"},
        Forgery{"second_header", "{\"flotsam_journal\":1}", "its kind 'flotsam_journal' is not"},
        Forgery{"unknown_result", "{\"outcome\":1,\"result\":\"eaten\"}", "its result 'eaten' is not"},
        Forgery{"unknown_escaped_result", "{\"outcome\":1,\"result\":\"e\\u0061ten\"}",
                "its result 'eaten' is not"},
        Forgery{"unknown_reason", "{\"skip\":1,\"why\":\"bored\"}", "its reason 'bored' is not"},
        Forgery{"unknown_status", "{\"end\":\"fine\",\"at\":\"2026-11-23T07:00:02Z\"}",
                "its status 'fine' is not"},
        Forgery{"intent_without_key", "{\"intend\":1,\"size\":1,\"etag\":\"\"}",
                "its field 'key' is missing"},
        Forgery{"intent_with_a_bad_time",
                "{\"intend\":1,\"key\":\"a\",\"size\":1,\"etag\":\"\",\"last_modified\":\"yesterday\"}",
                "its field 'last_modified' is not a time"},
        Forgery{"intent_with_a_negative_size", "{\"intend\":1,\"key\":\"a\",\"size\":-1,\"etag\":\"\"}",
                "its field 'size' is not a whole number"},
        Forgery{"batch_without_a_time", "{\"batch\":1}", "its field 'at' is missing"}),
    [](const auto& each) { return each.param.name; });

TEST_F(Journal, OfANewerFlotsamIsNotGuessedAt) {
  store(sealed({"{\"flotsam_journal\":2}"}));
  EXPECT_NE(refusal().message.find("newer flotsam: its format is 2"), std::string::npos) << refusal().message;
  store(sealed({"{\"flotsam_plan\":1}"}));
  EXPECT_NE(refusal().message.find("line 1: it does not begin like a journal"), std::string::npos);
}

TEST_F(Journal, UnderAnotherNameIsNotBelieved) {
  folder_.write("state/journals/copy.ndjson", whole_);
  TellingVisitor visitor;
  const auto read = read_journal(*state_, "journals/copy.ndjson", visitor);
  ASSERT_FALSE(read.has_value());
  EXPECT_NE(read.error().message.find("00112233 under another name"), std::string::npos)
      << read.error().message;
}

struct Other {
  std::string name;
  void (*change)(JournalHeader&);
  std::string there, here;
};
class JournalOfAnother : public Journal, public testing::WithParamInterface<Other> {};

TEST_P(JournalOfAnother, IsNotGoneOnWith) {
  JournalHeader header = journal_header();
  GetParam().change(header);
  const auto writer = JournalWriter::open(*state_, header);
  ASSERT_FALSE(writer.has_value());
  EXPECT_EQ(writer.error().code, ErrorCode::refused);
  EXPECT_EQ(writer.error().service_code, "Plan");
  EXPECT_NE(writer.error().message.find("'" + GetParam().there + "' there, '" + GetParam().here + "' here"),
            std::string::npos)
      << writer.error().message;
  EXPECT_EQ(content_of(file()), whole_);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, JournalOfAnother,
    testing::Values(Other{"plan", [](JournalHeader& header) { header.plan_digest = "9999"; }, "abcd", "9999"},
                    Other{"store", [](JournalHeader& header) { header.store_identity = "x"; },
                          "https://s3.example.com my-bucket", "x"},
                    Other{"journal", [](JournalHeader& header) { header.of_journal = "x"; }, "", "x"},
                    Other{"kind", [](JournalHeader& header) { header.kind = JournalKind::purge; }, "apply",
                          "purge"}),
    [](const auto& each) { return each.param.name; });

TEST_F(Journal, IsGoneOnWithUnderTheHeaderOfItsFirstRun) {
  JournalHeader header = journal_header();
  header.created_at = at("2027-01-01T00:00:00Z");
  header.overrides = {"recheck"};
  header.method = DeleteMethod::quarantine;
  const auto writer = JournalWriter::open(*state_, header);
  ASSERT_TRUE(writer.has_value()) << to_text(writer.error());
  EXPECT_EQ(writer->header().created_at, journal_header().created_at);
  EXPECT_EQ(writer->header().overrides, journal_header().overrides);
  EXPECT_EQ(writer->header().method, DeleteMethod::version);
  EXPECT_EQ(content_of(file()), whole_) << "opening adds no line";
}

TEST_F(Journal, HasOneWriter) {
  const auto writer = JournalWriter::open(*state_, journal_header());
  ASSERT_TRUE(writer.has_value());
  const auto second = JournalWriter::open(*open_disk_state(folder_ / "state"), journal_header());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::refused);
  EXPECT_NE(second.error().service_code, "Plan") << "another run is no fault of the plan";
  EXPECT_EQ(told(*state_), small_told()) << "readers are welcome";
}

TEST_F(Journal, PassesOnTheErrorOfItsVisitor) {
  struct Stopping final : JournalVisitor {
    Result<void> outcome(const JournalOutcome& /*outcome*/) override {
      return fail(ErrorCode::interrupted, "enough");
    }
  } visitor;
  const auto read = read_journal(*state_, kName, visitor);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, ErrorCode::interrupted);
  EXPECT_EQ(read.error().message, "enough");
}

TEST_F(Journal, DoesNotTakeWhatItCouldNotTell) {
  JournalHeader header = journal_header(JournalKind::apply, "fresh");
  auto writer = JournalWriter::open(*state_, header);
  ASSERT_TRUE(writer.has_value());
  const std::vector<JournalOutcome> outcome = {{1, "eaten", "", "", "", ""}};
  const std::vector<JournalSkip> skip = {{1, "bored"}};
  EXPECT_EQ(writer->settle(outcome).error().code, ErrorCode::internal);
  EXPECT_EQ(writer->skip(skip).error().code, ErrorCode::internal);
  EXPECT_EQ(writer->end({"fine", {}}).error().code, ErrorCode::internal);
  EXPECT_EQ(writer->note("reading", "no JSON").error().code, ErrorCode::internal);
  EXPECT_EQ(writer->note("reading", "{\n}").error().code, ErrorCode::internal);
  header.id = "../x";
  EXPECT_FALSE(JournalWriter::open(*state_, header).has_value());
  header.id = "";
  EXPECT_FALSE(JournalWriter::open(*state_, header).has_value());
}

TEST_F(Journal, WhoseStateFailsAtAnyCallTellsAllThatWasPromised) {
  struct Promise {
    std::size_t lines;  ///< of small_told(), once that call has succeeded
  };
  const Told all = small_told();
  std::uint64_t failures = 0;
  for (const auto effect :
       {FaultyState::Effect::none, FaultyState::Effect::half, FaultyState::Effect::whole}) {
    for (std::uint64_t n = 1;; ++n) {
      const TemporaryFolder folder;
      const auto disk = open_disk_state(folder.path());
      FaultyState faulty(*disk, {n, effect, true, ErrorCode::unavailable});
      std::size_t promised = 0;
      bool done = false;
      {
        auto writer = JournalWriter::open(faulty, journal_header());
        const auto step = [&](Result<void> answer, std::size_t told_then) {
          if (answer) promised = told_then;
          return answer.has_value();
        };
        if (writer) {
          promised = 1;
          const std::vector<JournalSkip> skips = {{3, "young"}, {4, "settling"}};
          const std::vector<JournalIntent> first = {intent_of(0, "books/a")};
          const std::vector<JournalOutcome> removed = {{0, "removed", "m1", "v1", "", ""}};
          done = writer->note("reading", R"({"rows":5,"\u200b":[null]})").has_value() &&
                 writer->skip(skips).has_value() &&
                 step(writer->intend(first, at("2026-11-23T07:00:00Z")), 6) &&
                 step(writer->settle(removed), 7);
          const bool ended = writer->end({"ok", {}}).has_value();
          EXPECT_FALSE(ended && !done) << "a failed writer is of no use";
        }
      }
      TellingVisitor visitor;
      const auto read = read_journal(*disk, kName, visitor);
      ASSERT_TRUE(read.has_value()) << "call " << n << ": " << to_text(read.error());
      EXPECT_GE(visitor.told.size(), promised) << "call " << n;
      if (visitor.told.size() == 8) {
        EXPECT_EQ(visitor.told.back(), "end ok 1970-01-01T00:00:00Z");
        visitor.told.pop_back();
      }
      ASSERT_LE(visitor.told.size(), std::size_t{7});
      EXPECT_EQ(visitor.told,
                Told(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(visitor.told.size())));
      const auto resumed = JournalWriter::open(*disk, journal_header());
      ASSERT_TRUE(resumed.has_value()) << "call " << n << ": " << to_text(resumed.error());
      if (!faulty.failed()) {
        EXPECT_TRUE(done);
        break;
      }
      ++failures;
    }
  }
  EXPECT_GE(failures, 3U * 12U);
}

TEST(JournalProperty, AnyRunsAreToldAsTheyWereWritten) {
  EXPECT_TRUE(rc::check([] {
    const TemporaryFolder folder;
    const auto state = open_disk_state(folder.path());
    Told expected = {"header apply 00112233"};
    const auto runs = *rc::gen::inRange(1, 4);
    for (int run = 0; run < runs; ++run) {
      auto writer = JournalWriter::open(*state, journal_header());
      RC_ASSERT(writer.has_value());
      const auto batches = *rc::gen::inRange(0, 4);
      for (int batch = 0; batch < batches; ++batch) {
        std::vector<JournalIntent> intents;
        std::vector<JournalOutcome> outcomes;
        for (const auto& key : *rc::gen::arbitrary<std::vector<std::string>>()) {
          JournalIntent intent =
              intent_of(*rc::gen::arbitrary<std::uint64_t>(), key, *rc::gen::arbitrary<std::string>());
          intent.object.etag = *rc::gen::arbitrary<std::string>();
          intent.object.version_id = *rc::gen::arbitrary<std::string>();
          intent.object.size_bytes = *rc::gen::arbitrary<std::uint64_t>();
          const auto seconds = *rc::gen::inRange<std::int64_t>(-4'000'000'000, 4'000'000'000);
          intent.object.last_modified = Timestamp(std::chrono::seconds(seconds));
          if (*rc::gen::arbitrary<bool>()) intent.object.last_modified.reset();
          intents.push_back(intent);
          outcomes.push_back({intent.number,
                              *rc::gen::element<std::string>("removed", "gone", "changed", "held", "failed",
                                                             "restored", "superseded", "lost", "purged"),
                              *rc::gen::arbitrary<std::string>(), *rc::gen::arbitrary<std::string>(),
                              *rc::gen::arbitrary<std::string>(), *rc::gen::arbitrary<std::string>()});
        }
        const Timestamp moment = at("2026-11-23T07:00:00Z") + std::chrono::milliseconds(batch);
        RC_ASSERT(writer->intend(intents, moment).has_value());
        RC_ASSERT(writer->settle(outcomes).has_value());
        TellingVisitor told;
        if (!intents.empty()) RC_ASSERT(told.batch(moment, intents.size()).has_value());
        for (const auto& intent : intents) RC_ASSERT(told.intent(intent).has_value());
        for (const auto& outcome : outcomes) RC_ASSERT(told.outcome(outcome).has_value());
        expected.insert(expected.end(), told.told.begin(), told.told.end());
      }
    }
    TellingVisitor visitor;
    RC_ASSERT(read_journal(*state, "journals/00112233.ndjson", visitor).value_or(false));
    RC_ASSERT(visitor.told == expected);
  }));
}

}  // namespace
}  // namespace flotsam::test
