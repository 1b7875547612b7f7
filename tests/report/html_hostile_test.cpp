#include <gtest/gtest.h>

#include "report/html_fixture.h"
#include "report/html_reading.h"
#include "report/html_text.h"

namespace flotsam::test {
namespace {

std::string hostile_html() {
  const HostileReport hostile = hostile_report();
  const auto html = html_of(hostile.report, hostile.evidence, stream_of(hostile.orphans), hostile.options);
  EXPECT_TRUE(html.has_value()) << (html ? "" : to_text(html.error()));
  return html.value_or("");
}

TEST(HtmlHostile, EveryPlaceIsShownAndShownAsText) {
  const HostileReport hostile = hostile_report();
  std::string problem;
  const auto root = read_html(hostile_html(), problem);
  ASSERT_EQ(problem, "");
  const std::string text = nodes_named(*root, "body").front()->all_text();
  for (const std::string& place : hostile.places)
    EXPECT_NE(text.find("[" + place + "]<script>"), std::string::npos) << place;
  EXPECT_GT(hostile.places.size(), 35U);
}

TEST(HtmlHostile, NothingBecomesAnElementOrAnAttribute) {
  // The same page of harmless texts has the same elements in the same order.
  const auto skeleton_of = [](const std::string& html) {
    std::string problem, out;
    const auto root = read_html(html, problem);
    EXPECT_EQ(problem, "");
    each_node(*root, [&](const HtmlNode& node) {
      if (node.name.empty() || node.name == "bdi" || node.name == "i" || node.name == "mark") return;
      out += "<" + node.name;
      for (const auto& [name, value] : node.attributes) {
        out += " " + name;
        if (name == "class" || name == "id") out += "=" + value;
      }
      out += ">";
    });
    return out;
  };
  const HostileReport harmless = hostile_report([](std::string_view place) { return std::string(place); });
  const auto plain =
      html_of(harmless.report, harmless.evidence, stream_of(harmless.orphans), harmless.options);
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(skeleton_of(hostile_html()), skeleton_of(*plain));
}

TEST(HtmlHostile, NoElementIsMadeBesideThoseOfTheReport) {
  std::string problem;
  const auto root = read_html(hostile_html(), problem);
  std::size_t scripts = 0;
  each_node(*root, [&](const HtmlNode& node) {
    scripts += node.name == "script" ? 1U : 0U;
    EXPECT_NE(node.name, "img");
    for (const auto& [name, value] : node.attributes) EXPECT_FALSE(name.starts_with("on")) << name;
  });
  EXPECT_EQ(scripts, 1U);
}

struct Escape {
  const char* name;
  std::string bytes, markup;
};

TEST(HtmlKeys, AreEscaped) {
  const Escape escapes[] = {
      {"plain", "books/515/image_00.webp", "books/515/image_00.webp"},
      {"markup", "<script>", "&lt;script&gt;"},
      {"quotation marks", "a\"b'c", "a&quot;b&#39;c"},
      {"ampersand", "&lt;", "&amp;lt;"},
      {"backslash", "a\\u{202e}", "a\\\\u{202e}"},
      {"control", std::string("a\0\x1b\r\n\t\x7f", 7), "a\\u{0}\\u{1b}\\u{d}\\u{a}\\u{9}\\u{7f}"},
      {"bidi",
       "a\xe2\x80\xae"
       "b",
       "a\\u{202e}b"},
      {"zero width", "a\xe2\x80\x8b", "a\\u{200b}"},
      {"not UTF-8", "caf\xe9/\xff", "caf\\xe9/\\xff"},
      {"another script", "books/\xe6\x97\xa5/a.jpg", "books/<bdi>\xe6\x97\xa5</bdi>/a.jpg"},
      {"right to left", "\xd7\x90/\xd7\x91", "<bdi>\xd7\x90</bdi>/<bdi>\xd7\x91</bdi>"},
      {"slashes", "/a//b/", "/a//b/"},
      {"slashes around another script", "/\xc3\xa9/", "/<bdi>\xc3\xa9</bdi>/"},
      {"empty", "", ""},
  };
  for (const Escape& each : escapes)
    EXPECT_EQ(html_key(each.bytes), "<code>" + each.markup + "</code>") << each.name;
}

TEST(HtmlKeys, AreCutInTheMiddleBetweenCharacters) {
  EXPECT_EQ(html_key("abcdefghi", 9), "<code>abcdefghi</code>");
  EXPECT_EQ(html_key("abcdefghij", 9), "<code>abcdef<i class=\"cut\">… 1 byte left out …</i>hij</code>");
  // Three bytes each: neither half of a character is left.
  EXPECT_EQ(html_key("\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5", 12),
            "<code><bdi>\xe6\x97\xa5\xe6\x97\xa5</bdi><i class=\"cut\">… 6 bytes left out …</i>"
            "<bdi>\xe6\x97\xa5</bdi></code>");
  EXPECT_EQ(html_plain_key("ab<cdefghij", 9), "ab&lt;cde…hij");
}

TEST(HtmlKeys, AreMarkedWhereTheyDiffer) {
  EXPECT_EQ(html_marked_key("a<b/c", 1, 2, KeyForm::as_it_is), "<code>a<mark>&lt;b</mark>/c</code>");
  EXPECT_EQ(html_marked_key("a\xc3\xa9", 1, 2, KeyForm::ascii), "<code>a<mark>\\u{e9}</mark></code>");
  EXPECT_EQ(html_marked_key("abc", 1, 0, KeyForm::as_it_is), "<code>abc</code>");
  const std::string longer(kKeyBytesShown + 1, 'a');
  EXPECT_EQ(html_marked_key(longer, 0, 3, KeyForm::as_it_is), html_key(longer));
}

TEST(HtmlSentences, KeepTheBackslashesOfKeysThatAreEscapedAlready) {
  EXPECT_EQ(html_sentence("It needs a\\u{202e}b & <c>"), "It needs a\\u{202e}b &amp; &lt;c&gt;");
  EXPECT_EQ(html_sentence("raw \x1b[2J"), "raw \\u{1b}[2J");
}

}  // namespace
}  // namespace flotsam::test
