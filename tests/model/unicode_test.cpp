#include "model/unicode.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"

namespace flotsam {
namespace {

void append_character(char32_t c, std::string& out) {
  const auto byte = [&](char32_t value) { out += static_cast<char>(value); };
  if (c < 0x80) return byte(c);
  if (c < 0x800) {
    byte(0xC0 | (c >> 6));
  } else {
    if (c < 0x10000) {
      byte(0xE0 | (c >> 12));
    } else {
      byte(0xF0 | (c >> 18));
      byte(0x80 | ((c >> 12) & 0x3F));
    }
    byte(0x80 | ((c >> 6) & 0x3F));
  }
  byte(0x80 | (c & 0x3F));
}

/// Text of characters that compose, hide, are of no script yet, or lie beyond 16 bits.
rc::Gen<std::string> odd_text() {
  const auto character = rc::gen::oneOf(
      rc::gen::inRange<std::uint32_t>(1, 0x250), rc::gen::inRange<std::uint32_t>(0x300, 0x370),
      rc::gen::inRange<std::uint32_t>(0x1100, 0x1200), rc::gen::inRange<std::uint32_t>(0xAC00, 0xAC40),
      rc::gen::inRange<std::uint32_t>(0x1E00, 0x2100), rc::gen::inRange<std::uint32_t>(0x1F300, 0x1F700));
  return rc::gen::map(rc::gen::container<std::vector<std::uint32_t>>(character), [](const auto& characters) {
    std::string text;
    for (const std::uint32_t c : characters) append_character(c, text);
    return text;
  });
}

RC_GTEST_PROP(Unicode, FormsLeadToEachOther, ()) {
  const std::string text = *odd_text();
  RC_ASSERT(is_utf8(text));
  RC_ASSERT(to_nfc(to_nfd(text)) == to_nfc(text));
  RC_ASSERT(to_nfd(to_nfc(text)) == to_nfd(text));
  RC_ASSERT(to_nfc(to_nfc(text)) == to_nfc(text));
  RC_ASSERT(to_nfd(to_nfd(text)) == to_nfd(text));
}

RC_GTEST_PROP(Unicode, FoldingTwiceIsFoldingOnce, ()) {
  std::string once = *odd_text();
  std::string other = to_nfd(once);
  fold(once);
  std::string twice = once;
  fold(twice);
  RC_ASSERT(twice == once);
  fold(other);
  RC_ASSERT(other == once);
}

TEST(Unicode, FoldsAnIotaSubscriptWithItsAccents) {
  std::string composed = "\xE1\xBE\x80\xCC\x80", decomposed = to_nfd(composed);
  ASSERT_NE(composed, decomposed);
  fold(composed);
  fold(decomposed);
  EXPECT_EQ(composed, decomposed);
}

TEST(Unicode, LosesNoCharacterThatCannotBeSeenOrIsNotAssigned) {
  const struct {
    const char* name;
    const char* text;
  } rows[] = {
      {"zero width joiner",
       "a\xE2\x80\x8D"
       "b"},
      {"soft hyphen",
       "a\xC2\xAD"
       "b"},
      {"variation selector", "\xE2\x9D\xA4\xEF\xB8\x8F"},
      {"byte order mark inside",
       "a\xEF\xBB\xBF"
       "b"},
      {"unassigned",
       "a\xCD\xB8"
       "b"},
      {"noncharacter",
       "a\xEF\xBF\xBE"
       "b"},
      {"private use", "\xEE\x80\x80x"},
      {"control",
       "a\x01\x7F\xC2\x85"
       "b"},
      {"compatibility ligature", "\xEF\xAC\x80"},
      {"fullwidth", "\xEF\xBC\xA1"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(to_nfc(row.text), row.text) << row.name;
    EXPECT_EQ(to_nfd(row.text), row.text) << row.name;
  }
}

RC_GTEST_PROP(Unicode, LeavesWhatIsNoTextAlone, (const std::string& bytes)) {
  RC_PRE(!is_utf8(bytes));
  RC_ASSERT(to_nfc(bytes) == bytes);
  RC_ASSERT(to_nfd(bytes) == bytes);
  RC_ASSERT(to_lower(bytes) == to_ascii_lower(bytes));
  RC_ASSERT(to_upper(bytes).size() == bytes.size());
}

TEST(Unicode, DecodesToBytesWhateverComesOfIt) {
  EXPECT_EQ(percent_decoded("caf%E9"), "caf\xE9");
  EXPECT_EQ(percent_decoded("100%"), "100%");
  EXPECT_EQ(percent_decoded("%4"), "%4");
  EXPECT_EQ(percent_decoded("%g0%41"), "%g0A");
}

TEST(Unicode, KnowsTheExtensionOfAName) {
  const struct {
    const char *path, *extension;
  } rows[] = {{"a/b.jpg", ".jpg"}, {"a.b/c", ""}, {".hidden", ""}, {"a/.hidden", ""},
              {"a.tar.gz", ".gz"}, {"a.", "."},   {"", ""}};
  for (const auto& row : rows) EXPECT_EQ(extension_with_dot_of(row.path), row.extension) << row.path;
}

TEST(Unicode, FindsThePathOfAUrl) {
  const struct {
    const char* text;
    bool is_url;
    const char* path;
  } rows[] = {
      {"https://host/a/b?c#d", true, "a/b"},
      {"//host/a", true, "a"},
      {"s3://bucket/a", true, "a"},
      {"https://host", true, ""},
      {"https://host?x=/y", true, ""},
      {"file:///a/b", true, "a/b"},
      {"/a/b?c", false, ""},
      {"a://", true, ""},
      {"1a://host/x", false, ""},
      {"a b://host/x", false, ""},
      {"books/http://x/y", false, ""},
      {"", false, ""},
  };
  for (const auto& row : rows) {
    const UrlPath url = path_of_url(row.text);
    EXPECT_EQ(url.is_url, row.is_url) << row.text;
    EXPECT_EQ(url.path, row.path) << row.text;
  }
}

}  // namespace
}  // namespace flotsam
