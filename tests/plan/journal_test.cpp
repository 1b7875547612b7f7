#include "plan/journal.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "plan/journal_fixture.h"
#include "support/faulty_state.h"

namespace flotsam::test {
namespace {

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
