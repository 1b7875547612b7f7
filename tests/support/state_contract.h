#pragma once

#include <array>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/state.h"
#include "support/temporary_folder.h"

/// The contract of State, run over every implementation: include this in one .cpp of a test program and write
///
///   INSTANTIATE_TEST_SUITE_P(Disk, StateContract, testing::Values(StateImplementation{"disk", make_it}),
///                            [](const auto& each) { return std::string(each.param.name); });
namespace flotsam::test {

/// One empty place for a state. Each open() is another process's view of it: nothing is shared but the place.
class StateUnderTest {
 public:
  virtual ~StateUnderTest() = default;
  virtual std::unique_ptr<State> open() = 0;
};

struct StateImplementation {
  const char* name;
  std::unique_ptr<StateUnderTest> (*make)();
};
inline void PrintTo(const StateImplementation& implementation, std::ostream* out) {
  *out << implementation.name;
}

template <typename T>
std::string failure_of(const Result<T>& result) {
  return result ? std::string() : to_text(result.error());
}

class StateContract : public testing::TestWithParam<StateImplementation> {
 protected:
  using Lines = std::vector<std::string>;
  using Names = std::vector<std::string>;

  StateContract() : place_(GetParam().make()), state_(place_->open()), other_(place_->open()) {}

  /// The entry's bytes as the other instance sees them, or "(none)".
  std::string bytes_of(const std::string& name) const {
    const auto entry = other_->read(name);
    EXPECT_TRUE(entry.has_value()) << failure_of(entry);
    return entry && *entry ? (*entry)->bytes : "(none)";
  }
  std::string tag_of(State& state, const std::string& name) const {
    const auto entry = state.read(name);
    EXPECT_TRUE(entry.has_value() && entry->has_value()) << failure_of(entry);
    return entry && *entry ? (*entry)->tag : "";
  }
  /// The log's lines as the other instance sees them, or nothing where there is no such log.
  std::optional<Lines> lines_of(const std::string& name) const {
    Lines lines;
    const auto there = other_->read_log(name, [&](std::string_view line) -> Result<void> {
      lines.emplace_back(line);
      return {};
    });
    EXPECT_TRUE(there.has_value()) << failure_of(there);
    if (!there || !*there) return std::nullopt;
    return lines;
  }
  void append_and_sync(AppendLog& log, const Lines& lines) const {
    for (const auto& line : lines) {
      const auto done = log.append(line);
      ASSERT_TRUE(done.has_value()) << failure_of(done);
    }
    const auto synced = log.sync();
    ASSERT_TRUE(synced.has_value()) << failure_of(synced);
  }

  std::unique_ptr<StateUnderTest> place_;
  std::unique_ptr<State> state_, other_;
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StateContract);

TEST_P(StateContract, HasNothingBeforeTheFirstWrite) {
  const auto entry = state_->read("plans/a.ndjson");
  ASSERT_TRUE(entry.has_value()) << failure_of(entry);
  EXPECT_FALSE(entry->has_value());
  const auto names = state_->list("plans");
  ASSERT_TRUE(names.has_value()) << failure_of(names);
  EXPECT_TRUE(names->empty());
  EXPECT_EQ(lines_of("journals/a.ndjson"), std::nullopt);
  const auto copy = state_->local_copy("plans/a.ndjson");
  ASSERT_TRUE(copy.has_value()) << failure_of(copy);
  EXPECT_FALSE(copy->has_value());
  const auto replaced = state_->replace("locks/a.json", "x", "tag");
  ASSERT_TRUE(replaced.has_value()) << failure_of(replaced);
  EXPECT_FALSE(*replaced);
  const auto removed = state_->remove("locks/a.json", "tag");
  ASSERT_TRUE(removed.has_value()) << failure_of(removed);
  EXPECT_FALSE(*removed);
}

TEST_P(StateContract, CreatesAnEntryOnce) {
  const auto first = state_->create("locks/a.json", "one");
  ASSERT_TRUE(first.has_value()) << failure_of(first);
  EXPECT_TRUE(*first);
  const auto second = other_->create("locks/a.json", "two");
  ASSERT_TRUE(second.has_value()) << failure_of(second);
  EXPECT_FALSE(*second);
  EXPECT_EQ(bytes_of("locks/a.json"), "one");
}

TEST_P(StateContract, ReplacesWhatHasTheTagAndNothingElse) {
  ASSERT_TRUE(state_->create("locks/a.json", "one").has_value());
  const std::string tag = tag_of(*state_, "locks/a.json");
  const auto replaced = other_->replace("locks/a.json", "two", tag);
  ASSERT_TRUE(replaced.has_value()) << failure_of(replaced);
  EXPECT_TRUE(*replaced);
  const auto late = state_->replace("locks/a.json", "three", tag);
  ASSERT_TRUE(late.has_value()) << failure_of(late);
  EXPECT_FALSE(*late) << "the tag is of the entry before";
  EXPECT_EQ(bytes_of("locks/a.json"), "two");
  EXPECT_NE(tag_of(*state_, "locks/a.json"), tag);
}

TEST_P(StateContract, RemovesWhatHasTheTagAndNothingElse) {
  ASSERT_TRUE(state_->put("locks/a.json", "one").has_value());
  const std::string old_tag = tag_of(*state_, "locks/a.json");
  ASSERT_TRUE(state_->put("locks/a.json", "two").has_value());
  const auto late = other_->remove("locks/a.json", old_tag);
  ASSERT_TRUE(late.has_value()) << failure_of(late);
  EXPECT_FALSE(*late);
  EXPECT_EQ(bytes_of("locks/a.json"), "two");
  const std::string tag = tag_of(*state_, "locks/a.json");
  const auto removed = other_->remove("locks/a.json", tag);
  ASSERT_TRUE(removed.has_value()) << failure_of(removed);
  EXPECT_TRUE(*removed);
  EXPECT_EQ(bytes_of("locks/a.json"), "(none)");
  const auto again = state_->remove("locks/a.json", tag);
  ASSERT_TRUE(again.has_value()) << failure_of(again);
  EXPECT_FALSE(*again);
  const auto replaced = state_->replace("locks/a.json", "three", tag);
  ASSERT_TRUE(replaced.has_value()) << failure_of(replaced);
  EXPECT_FALSE(*replaced) << "what is gone is not replaced";
  EXPECT_EQ(bytes_of("locks/a.json"), "(none)");
}

TEST_P(StateContract, PutsWhateverStoodThere) {
  for (const char* bytes : {"one", "two", ""}) {
    const auto done = state_->put("probes/a.json", bytes);
    ASSERT_TRUE(done.has_value()) << failure_of(done);
    EXPECT_EQ(bytes_of("probes/a.json"), bytes);
  }
}

TEST_P(StateContract, KeepsBytesOfEveryKind) {
  std::string bytes;
  for (int i = 0; i < 512; ++i) bytes += static_cast<char>(i % 256);
  bytes += "\r\n\n\r";
  ASSERT_TRUE(state_->put("plans/bytes", bytes).has_value());
  EXPECT_EQ(bytes_of("plans/bytes"), bytes);
}

TEST_P(StateContract, KeepsLargeEntriesAndReadsThemWithinTheLimitOnly) {
  std::string bytes(3U << 20U, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 2654435761U >> 13U);
  ASSERT_TRUE(state_->put("plans/large", bytes).has_value());
  EXPECT_TRUE(bytes_of("plans/large") == bytes);
  const auto exact = other_->read("plans/large", bytes.size());
  ASSERT_TRUE(exact.has_value()) << failure_of(exact);
  EXPECT_TRUE(exact->has_value());
  const auto too_large = other_->read("plans/large", bytes.size() - 1);
  ASSERT_FALSE(too_large.has_value());
  EXPECT_EQ(too_large.error().code, ErrorCode::refused) << failure_of(too_large);
}

TEST_P(StateContract, ListsAFolderInOrderAndNothingBesideIt) {
  for (const char* name :
       {"plans/b", "plans/a-1", "plans/a.x", "plans/a", "plans/deep/er", "plans2/x", "plan"})
    ASSERT_TRUE(state_->put(name, name).has_value()) << name;
  const auto names = other_->list("plans");
  ASSERT_TRUE(names.has_value()) << failure_of(names);
  EXPECT_EQ(*names, (Names{"plans/a", "plans/a-1", "plans/a.x", "plans/b", "plans/deep/er"}));
}

TEST_P(StateContract, ListsALogOnceHoweverOftenItWasSynced) {
  auto log = state_->open_log("journals/a.ndjson");
  ASSERT_TRUE(log.has_value()) << failure_of(log);
  for (const char* line : {"1", "2", "3"}) append_and_sync(**log, {line});
  ASSERT_TRUE(state_->put("journals/b.ndjson", "x").has_value());
  const auto names = other_->list("journals");
  ASSERT_TRUE(names.has_value()) << failure_of(names);
  EXPECT_EQ(*names, (Names{"journals/a.ndjson", "journals/b.ndjson"}));
}

TEST_P(StateContract, NamesOutsideItselfAreOurMistakeAndTouchNothing) {
  for (const char* name : {"", "/etc/passwd", "../a", "a/../b", "a//b", "a/", "./a", "a/.lock", ".lock",
                           "a b", "a\\b", "caf\xc3\xa9", "a*"}) {
    const auto put = state_->put(name, "x");
    ASSERT_FALSE(put.has_value()) << in_quotes(name);
    EXPECT_EQ(put.error().code, ErrorCode::internal) << in_quotes(name);
    EXPECT_FALSE(state_->create(name, "x").has_value()) << in_quotes(name);
    EXPECT_FALSE(state_->read(name).has_value()) << in_quotes(name);
    EXPECT_FALSE(state_->open_log(name).has_value()) << in_quotes(name);
    EXPECT_FALSE(state_->local_copy(name).has_value()) << in_quotes(name);
    EXPECT_FALSE(state_->replace(name, "x", "tag").has_value()) << in_quotes(name);
    EXPECT_FALSE(state_->remove(name, "tag").has_value()) << in_quotes(name);
  }
}

TEST_P(StateContract, OfTwoThatCreateAtOnceOneAloneSucceeds) {
  for (int round = 0; round < 20; ++round) {
    const std::string name = "locks/" + std::to_string(round);
    std::array<Result<bool>, 4> made{false, false, false, false};
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < made.size(); ++i)
        threads.emplace_back([&, i] { made[i] = place_->open()->create(name, std::to_string(i)); });
    }
    int winners = 0;
    std::string winner;
    for (std::size_t i = 0; i < made.size(); ++i) {
      ASSERT_TRUE(made[i].has_value()) << failure_of(made[i]);
      if (*made[i]) winner = std::to_string(i);
      winners += *made[i] ? 1 : 0;
    }
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(bytes_of(name), winner);
  }
}

TEST_P(StateContract, OfThoseThatReplaceAtOnceNoneOverwritesAnother) {
  ASSERT_TRUE(state_->create("locks/count", "0").has_value());
  constexpr int kThreads = 4, kEach = 10;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([&] {
        const auto state = place_->open();
        for (int done = 0, tries = 0; done < kEach && tries < 100'000; ++tries) {
          const auto entry = state->read("locks/count");
          if (!entry || !*entry) continue;
          const auto next = std::to_string(std::stoi((*entry)->bytes) + 1);
          const auto replaced = state->replace("locks/count", next, (*entry)->tag);
          if (replaced && *replaced) ++done;
        }
      });
  }
  EXPECT_EQ(bytes_of("locks/count"), std::to_string(kThreads * kEach)) << "no step was lost";
}

TEST_P(StateContract, ALogGivesItsLinesInOrder) {
  auto log = state_->open_log("journals/a.ndjson");
  ASSERT_TRUE(log.has_value()) << failure_of(log);
  append_and_sync(**log, {"one", "", "caf\xe9\r", std::string("nul\0!", 5)});
  append_and_sync(**log, {});
  append_and_sync(**log, {"five"});
  EXPECT_EQ(lines_of("journals/a.ndjson"), (Lines{"one", "", "caf\xe9\r", std::string("nul\0!", 5), "five"}));
}

TEST_P(StateContract, ALogOfManyAndLongLinesIsWhole) {
  Lines expected;
  auto log = state_->open_log("journals/a.ndjson");
  ASSERT_TRUE(log.has_value()) << failure_of(log);
  for (int round = 0; round < 3; ++round) {
    Lines lines;
    for (int i = 0; i < 2000; ++i) lines.push_back(std::to_string(i) + std::string(400, 'x'));
    lines.push_back(std::string(700'000, static_cast<char>('a' + round)));
    append_and_sync(**log, lines);
    expected.insert(expected.end(), lines.begin(), lines.end());
  }
  EXPECT_TRUE(lines_of("journals/a.ndjson") == expected);
}

TEST_P(StateContract, ALogGoesOnWhereItEnded) {
  for (const char* line : {"one", "two", "three"}) {
    auto log = place_->open()->open_log("journals/a.ndjson");
    ASSERT_TRUE(log.has_value()) << failure_of(log);
    append_and_sync(**log, {line});
  }
  EXPECT_EQ(lines_of("journals/a.ndjson"), (Lines{"one", "two", "three"}));
}

TEST_P(StateContract, ALogStopsReadingAtTheReadersError) {
  auto log = state_->open_log("journals/a.ndjson");
  ASSERT_TRUE(log.has_value()) << failure_of(log);
  append_and_sync(**log, {"one", "two", "three"});
  int given = 0;
  const auto read = other_->read_log("journals/a.ndjson", [&](std::string_view) -> Result<void> {
    if (++given == 2) return fail(ErrorCode::interrupted, "enough");
    return {};
  });
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, ErrorCode::interrupted);
  EXPECT_EQ(given, 2);
}

TEST_P(StateContract, OfTwoWritersOfALogOneAloneIsServed) {
  auto first = state_->open_log("journals/a.ndjson");
  ASSERT_TRUE(first.has_value()) << failure_of(first);
  // A disk refuses to open it; a bucket refuses the line that would take the other's place.
  auto second = other_->open_log("journals/a.ndjson");
  append_and_sync(**first, {"one"});
  if (second) {
    ASSERT_TRUE((*second)->append("two").has_value());
    const auto synced = (*second)->sync();
    ASSERT_FALSE(synced.has_value());
    EXPECT_EQ(synced.error().code, ErrorCode::refused) << failure_of(synced);
    EXPECT_FALSE((*second)->append("three").has_value()) << "after an error nothing more may be appended";
  } else {
    EXPECT_EQ(second.error().code, ErrorCode::refused) << failure_of(second);
    EXPECT_FALSE(second.error().hint.empty());
  }
  append_and_sync(**first, {"four"});
  EXPECT_EQ(lines_of("journals/a.ndjson"), (Lines{"one", "four"}));
}

TEST_P(StateContract, BringsAnEntryToALocalFile) {
  const std::string bytes(300'000, 'p');
  ASSERT_TRUE(state_->put("plans/a.ndjson", bytes).has_value());
  const auto copy = other_->local_copy("plans/a.ndjson");
  ASSERT_TRUE(copy.has_value() && copy->has_value()) << failure_of(copy);
  EXPECT_EQ(content_of(**copy), bytes);
}

TEST_P(StateContract, TakesALocalFileWhateverStoodThere) {
  const TemporaryFolder folder;
  ASSERT_TRUE(state_->put("plans/a.ndjson", "old").has_value());
  for (const std::string& content : {std::string(300'000, 'p'), std::string("short"), std::string()}) {
    const auto taken = state_->take_file("plans/a.ndjson", folder.write("local", content));
    ASSERT_TRUE(taken.has_value()) << failure_of(taken);
    EXPECT_EQ(bytes_of("plans/a.ndjson"), content);
  }
  EXPECT_FALSE(state_->take_file("plans/a.ndjson", folder / "missing").has_value());
  EXPECT_EQ(bytes_of("plans/a.ndjson"), "") << "what stood there stays where nothing could be taken";
}

TEST_P(StateContract, ThePlaceOfANameNamesIt) {
  for (const char* name : {"plans/a.ndjson", "history.ndjson", "journals/a.undo.ndjson"}) {
    const std::string place = state_->place_of(name);
    EXPECT_TRUE(place.ends_with(name)) << place;
    EXPECT_EQ(other_->name_of(place), name);
  }
  for (const std::string& place :
       {std::string("plans/a.ndjson"), std::string("/elsewhere/plans/a.ndjson"), std::string(),
        state_->place_of("x") + "/../../../../../../../../etc/passwd", state_->place_of("") + "..",
        std::string("s3://another-bucket/plans/a.ndjson")})
    EXPECT_EQ(state_->name_of(place), std::nullopt) << place;
}

}  // namespace flotsam::test
