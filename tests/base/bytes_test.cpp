#include "base/bytes.h"

#include <array>
#include <gtest/gtest.h>

namespace flotsam {
namespace {

TEST(Bytes, HexAndBase64AreThoseOfTheStandards) {
  EXPECT_EQ(to_hex(std::string_view("\x00\xff\x1f", 3)), "00ff1f");
  // RFC 4648 §10.
  const std::array<std::pair<std::string_view, std::string_view>, 7> rows = {{{"", ""},
                                                                              {"f", "Zg=="},
                                                                              {"fo", "Zm8="},
                                                                              {"foo", "Zm9v"},
                                                                              {"foob", "Zm9vYg=="},
                                                                              {"fooba", "Zm9vYmE="},
                                                                              {"foobar", "Zm9vYmFy"}}};
  for (const auto& [bytes, text] : rows) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(bytes_of_base64(text), bytes);
  }
}

TEST(Bytes, Base64ThatIsNotCanonicalIsRefused) {
  for (const std::string_view bad : {"Zg=", "Zg", "Z===", "Zg==Zg==", "Zh==", "Zm9=", "Z g=", "Zg=v"})
    EXPECT_FALSE(bytes_of_base64(bad)) << bad;
}

TEST(Bytes, Utf8IsWellFormedOrNot) {
  for (const std::string_view good : {"", "plain", "é", "日本", "😀", "\xEF\xBF\xBD", "\xF4\x8F\xBF\xBF"})
    EXPECT_TRUE(is_utf8(good)) << good;
  for (const std::string_view bad : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80", "a\xC3",
                                     "\xE0\x80\x80", "\xF0\x80\x80\x80", "\xFF", "\xF5\x80\x80\x80"})
    EXPECT_FALSE(is_utf8(bad)) << to_printable(bad);
}

TEST(Bytes, WhatATerminalObeysIsEscaped) {
  struct Row {
    const char* name;
    std::string_view bytes, shown;
  };
  const Row rows[] = {{"plain", "books/515/é.webp", "books/515/é.webp"},
                      {"carriage return", "a\rb", "a\\u{d}b"},
                      {"escape", "\x1b[31m", "\\u{1b}[31m"},
                      {"C1 as UTF-8", "\xC2\x9B", "\\u{9b}"},
                      {"C1 as a byte", "\x9B", "\\x9b"},
                      {"delete", "\x7f", "\\u{7f}"},
                      {"right-to-left override", "a\u202Eb", "a\\u{202e}b"},
                      {"isolate", "\u2066", "\\u{2066}"},
                      {"zero width", "\u200B", "\\u{200b}"},
                      {"line separator", "\u2028", "\\u{2028}"},
                      {"not UTF-8", "\xff\xfe", "\\xff\\xfe"},
                      {"backslash", "a\\b", "a\\\\b"}};
  for (const Row& row : rows) EXPECT_EQ(to_printable(row.bytes), row.shown) << row.name;
  EXPECT_EQ(in_quotes("x\n"), "'x\\u{a}'");
}

TEST(Bytes, AnErrorShowsEscapedValuesOnce) {
  Error error = fail(ErrorCode::corrupt, "key " + in_quotes("a\rb\\c") + " and a raw \x1b").error();
  error.context.push_back("while reading " + in_quotes("\n"));
  EXPECT_EQ(to_text(error), "key 'a\\u{d}b\\\\c' and a raw \\u{1b}\n  while reading '\\u{a}'");
}

TEST(Bytes, ShellWordsComeBackAsTheyWere) {
  EXPECT_EQ(shell_quoted("books/515/image_00.webp"), "books/515/image_00.webp");
  EXPECT_EQ(shell_quoted("it's here"), "'it'\\''s here'");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("$(rm -rf)"), "'$(rm -rf)'");
  EXPECT_EQ(shell_quoted("a\x1b'\\"), "$'a\\x1b\\'\\\\'");
  EXPECT_EQ(shell_quoted("a\\b"), "'a\\b'");
}

TEST(Bytes, UnsignedNumbersFillTheirText) {
  EXPECT_EQ(parse_unsigned("0"), 0U);
  EXPECT_EQ(parse_unsigned("18446744073709551615"), 18446744073709551615ULL);
  for (const std::string_view bad : {"", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616"})
    EXPECT_FALSE(parse_unsigned(bad)) << bad;
}

TEST(Bytes, SecretsInForeignTextAreBlanked) {
  struct Row {
    const char* name;
    std::string_view text, shown;
  };
  const Row rows[] = {
      {"URL", "connect postgresql://app:hunter2@db:5432/x failed",
       "connect postgresql://***@db:5432/x failed"},
      {"URL with an @ in the password", "mysql://u:p@ss@h/d", "mysql://***@h/d"},
      {"URL without user", "https://cdn/x@2.png", "https://cdn/x@2.png"},
      {"key id", "The key AKIAIOSFODNN7EXAMPLE does not exist", "The key AKIA*** does not exist"},
      {"signature", "?X-Amz-Signature=abcdef&x=1", "?X-Amz-Signature=***&x=1"},
      {"token header", "x-amz-security-token: FwoGZX next", "x-amz-security-token: *** next"},
      {"password", "host=db password='a b' user=x", "host=db password=*** user=x"},
      {"the word alone", "the password is wrong", "the password is wrong"}};
  for (const Row& row : rows) EXPECT_EQ(redacted(row.text), row.shown) << row.name;
}

TEST(Bytes, TheNearestWordIsFoundWhereOneIsNear) {
  const std::array<std::string_view, 3> words = {"prefixes", "protect", "profile"};
  EXPECT_EQ(nearest_of("prefix", words), "prefixes");
  EXPECT_EQ(nearest_of("protcet", words), "protect");
  EXPECT_EQ(nearest_of("zzzzzz", words), "");
  // As long as its length alone does not put it too far away.
  EXPECT_EQ(nearest_of("prefixesabcde", words), "prefixes");
  EXPECT_EQ(nearest_of("prefixesabcdef", words), "");
  EXPECT_EQ(nearest_of("profi", words), "profile");
}

}  // namespace
}  // namespace flotsam
