#include <algorithm>
#include <gtest/gtest.h>

#include "plan/journal.h"
#include "plan/journal_fixture.h"

namespace flotsam::test {
namespace {

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

TEST_F(Journal, CutWithinAnyLineGoesOnWithWhatIsWhole) {
  const Told all = small_told();
  std::size_t start = 0;
  std::ptrdiff_t whole_lines = 0;
  for (const std::string& line : lines()) {
    for (const std::size_t kept : {std::size_t{0}, std::size_t{1}, line.size() / 2, line.size() - 1}) {
      store(whole_.substr(0, start + kept));
      auto writer = JournalWriter::open(*state_, journal_header());
      ASSERT_TRUE(writer.has_value()) << start + kept << ": " << to_text(writer.error());
      const std::vector<JournalOutcome> outcome = {{9, "held", "", "", "", ""}};
      ASSERT_TRUE(writer->settle(outcome).has_value());
      // Of a torn header a new one is made.
      Told expected(all.begin(), all.begin() + std::max<std::ptrdiff_t>(1, whole_lines));
      expected.push_back("outcome 9 held    ");
      ASSERT_EQ(told(*state_), expected) << start + kept;
    }
    start += line.size();
    ++whole_lines;
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

}  // namespace
}  // namespace flotsam::test
