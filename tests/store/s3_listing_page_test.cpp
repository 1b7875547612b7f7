#include <fmt/format.h>
#include <gtest/gtest.h>

#include "store/s3/listing_page.h"
#include "store/s3/xml_answer.h"

namespace flotsam {
namespace {

constexpr const char* kObject =
    "<Contents><Key>p/a</Key><LastModified>2024-01-02T03:04:05.000Z</LastModified><ETag>&quot;abc&quot;</"
    "ETag>"
    "<Size>5</Size></Contents>";

/// A page around entries; `head` comes first.
std::string page_of(const std::string& entries, std::size_t count,
                    const std::string& head = "<EncodingType>url</EncodingType>") {
  return "<?xml version=\"1.0\"?>\n<ListBucketResult "
         "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name>"
         "<Prefix>p/</Prefix><KeyCount>" +
         std::to_string(count) +
         "</KeyCount><MaxKeys>10</MaxKeys>"
         "<IsTruncated>false</IsTruncated>" +
         head + entries + "</ListBucketResult>";
}

std::string object_of(const std::string& key, const std::string& fields = "<Size>1</Size>") {
  return "<Contents><Key>" + key + "</Key>" + fields + "</Contents>";
}

struct Parsed {
  Result<void> result;
  std::string body;
  ListingPage page;
};
Parsed parse(std::string body,
             ListObjectsAsk ask = {
                 .prefix = "p/", .start_after = "", .token = "", .delimiter = "", .max_keys = 10}) {
  static ListingPageParser parser("b");
  Parsed parsed;
  parsed.body = std::move(body);
  parsed.result = parser.parse(ask, parsed.body, parsed.page);
  return parsed;
}

TEST(ListingPage, ReadsAnObject) {
  const Parsed parsed = parse(page_of(kObject, 1));
  ASSERT_TRUE(parsed.result) << to_text(parsed.result.error());
  ASSERT_EQ(parsed.page.objects.size(), 1U);
  const ObjectView& object = parsed.page.objects[0];
  EXPECT_EQ(object.key.bytes(), "p/a");
  EXPECT_EQ(object.size_bytes, 5U);
  EXPECT_EQ(object.etag, "abc");
  EXPECT_EQ(object.last_modified, *parse_rfc3339("2024-01-02T03:04:05Z"));
  EXPECT_FALSE(parsed.page.truncated);
}

struct KeyCase {
  const char* name;
  const char* sent;
  const char* key;
};
TEST(ListingPage, DecodesKeysOnceAsAForm) {
  const KeyCase rows[] = {{"plus is a space", "p/a+b", "p/a b"},
                          {"%20 is a space", "p/a%20b", "p/a b"},
                          {"%2B is a plus", "p/a%2Bb", "p/a+b"},
                          {"only once", "p/a%252Bb", "p/a%2Bb"},
                          {"slash", "p%2Fa", "p/a"},
                          {"lower case", "p/%c3%a9", "p/\xC3\xA9"},
                          {"control", "p/%01%0D%0A", "p/\x01\r\n"},
                          {"not UTF-8", "p/%FF", "p/\xFF"},
                          {"entity", "p/a&amp;b", "p/a&b"},
                          {"CDATA", "<![CDATA[p/a%26b]]>", "p/a&b"}};
  for (const KeyCase& row : rows) {
    const Parsed parsed = parse(page_of(object_of(row.sent), 1));
    ASSERT_TRUE(parsed.result) << row.name << ": " << to_text(parsed.result.error());
    EXPECT_EQ(parsed.page.objects.at(0).key.bytes(), row.key) << row.name;
  }
}

TEST(ListingPage, LeavesKeysAloneWhereThePageDoesNotSayThatTheyAreEncoded) {
  const KeyCase rows[] = {{"plus", "p/a+b", "p/a+b"},
                          {"percent", "p/a%2Bb", "p/a%2Bb"},
                          {"spaces", "p/   ", "p/   "},
                          {"entity", "p/&lt;&#x41;", "p/<A"},
                          {"umlaut", "p/\xC3\xA4", "p/\xC3\xA4"}};
  for (const KeyCase& row : rows) {
    const Parsed parsed = parse(page_of(object_of(row.sent), 1, ""));
    ASSERT_TRUE(parsed.result) << row.name << ": " << to_text(parsed.result.error());
    EXPECT_EQ(parsed.page.objects.at(0).key.bytes(), row.key) << row.name;
  }
}

TEST(ListingPage, KeepsAKeyOfBlanksAlone) {
  std::string body = page_of(object_of("   "), 1, "");
  body.replace(body.find("<Prefix>p/<"), 11, "<Prefix><");
  const Parsed parsed =
      parse(body, {.prefix = "", .start_after = "", .token = "", .delimiter = "", .max_keys = 10});
  ASSERT_TRUE(parsed.result) << to_text(parsed.result.error());
  EXPECT_EQ(parsed.page.objects.at(0).key.bytes(), "   ");
}

TEST(ListingPage, RefusesRawKeysThatXmlCannotCarry) {
  for (const char* key :
       {"p/a\nb", "p/a&#13;b", "p/a&#1;b", "p/\xFF", "p/\xEF\xBF\xBD", "p/\xEF\xBF\xBE", "p/a\tb"}) {
    const Parsed parsed = parse(page_of(object_of(key), 1, ""));
    ASSERT_FALSE(parsed.result) << key;
    EXPECT_EQ(parsed.result.error().code, ErrorCode::corrupt);
  }
}

struct DoubtCase {
  const char* name;
  std::string body;
  ErrorCode code;
  const char* says;
};
TEST(ListingPage, BelievesNoPageThatFailsACheck) {
  const std::string good = page_of(kObject, 1);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string body = good;
    body.replace(body.find(from), from.size(), to);
    return body;
  };
  const auto two = [](const std::string& a, const std::string& b) {
    return page_of(object_of(a) + object_of(b), 2);
  };
  const DoubtCase rows[] = {
      {"empty", "", ErrorCode::unavailable, "answer"},
      {"cut", good.substr(0, good.size() - 5), ErrorCode::unavailable, "breaks"},
      {"cut between entries", good.substr(0, good.find("<Contents>")), ErrorCode::unavailable, "breaks"},
      {"no XML", "hello", ErrorCode::unavailable, "breaks"},
      {"other root", "<ListVersionsResult/>", ErrorCode::unavailable, "ListVersionsResult"},
      {"two roots", good.substr(22) + "<x/>", ErrorCode::unavailable, "two root"},
      {"DOCTYPE", "<!DOCTYPE x>" + good.substr(22), ErrorCode::corrupt, "DOCTYPE"},
      {"NUL", with("<Size>", std::string("<Si\0ze>", 7)), ErrorCode::unavailable, "NUL"},
      {"NUL by number", with("p/a<", "p/a&#0;<"), ErrorCode::unavailable, "entity"},
      {"NUL by hex number", with("p/a<", "p/a&#x00;<"), ErrorCode::unavailable, "entity"},
      {"unknown entity", with("p/a<", "p/a&x;<"), ErrorCode::unavailable, "entity"},
      {"surrogate", with("p/a<", "p/a&#xD800;<"), ErrorCode::unavailable, "entity"},
      {"other bucket", with("<Name>b<", "<Name>c<"), ErrorCode::corrupt, "of bucket 'c'"},
      {"no bucket", with("<Name>b</Name>", ""), ErrorCode::corrupt, "of bucket"},
      {"other prefix", with("<Prefix>p/<", "<Prefix>q/<"), ErrorCode::corrupt, "of prefix 'q/'"},
      {"no prefix", with("<Prefix>p/</Prefix>", ""), ErrorCode::corrupt, "of prefix"},
      {"other encoding", with(">url<", ">base64<"), ErrorCode::corrupt, "EncodingType"},
      {"more counted", with("<KeyCount>1<", "<KeyCount>2<"), ErrorCode::corrupt, "holds 1"},
      {"count is no number", with("<KeyCount>1<", "<KeyCount>one<"), ErrorCode::corrupt, "holds 1"},
      {"other maximum", with("<MaxKeys>10<", "<MaxKeys>11<"), ErrorCode::corrupt, "MaxKeys"},
      {"no truncation mark", with("<IsTruncated>false</IsTruncated>", ""), ErrorCode::corrupt, "IsTruncated"},
      {"odd truncation mark", with(">false<", ">FALSE<"), ErrorCode::corrupt, "IsTruncated"},
      {"no token", with(">false<", ">true<"), ErrorCode::corrupt, "how to ask"},
      {"token at the end", with("<Contents>", "<NextContinuationToken>t</NextContinuationToken><Contents>"),
       ErrorCode::corrupt, "last one"},
      {"grouped", with("<Contents>", "<Delimiter>/</Delimiter><Contents>"), ErrorCode::corrupt, "grouped"},
      {"groups", page_of("<CommonPrefixes><Prefix>p/x/</Prefix></CommonPrefixes>", 1), ErrorCode::corrupt,
       "groups"},
      {"outside the prefix", page_of(object_of("q/a"), 1), ErrorCode::corrupt, "prefix"},
      {"outside after decoding", page_of(object_of("p%2"), 1), ErrorCode::corrupt, "encoded"},
      {"no key", page_of(object_of(""), 1), ErrorCode::corrupt, "without a key"},
      {"no key element", page_of("<Contents><Size>1</Size></Contents>", 1), ErrorCode::corrupt, "no object"},
      {"markup in a key", page_of(object_of("p/a<i>b</i>"), 1), ErrorCode::corrupt, "no object"},
      {"falling", two("p/b", "p/a"), ErrorCode::corrupt, "must rise"},
      {"twice", two("p/a", "p/a"), ErrorCode::corrupt, "must rise"},
      {"twice after decoding", two("p/%61", "p/a"), ErrorCode::corrupt, "must rise"},
      {"falling bytes", two("p/%F0%9F%98%80", "p/%EF%AC%80"), ErrorCode::corrupt, "must rise"},
      {"broken escape", page_of(object_of("p/%zz"), 1), ErrorCode::corrupt, "not encoded"},
      {"cut escape", page_of(object_of("p/a%4"), 1), ErrorCode::corrupt, "not encoded"},
      {"raw space", page_of(object_of("p/a b"), 1), ErrorCode::corrupt, "not encoded"},
      {"raw umlaut", page_of(object_of("p/\xC3\xA4"), 1), ErrorCode::corrupt, "not encoded"},
      {"no size", page_of(object_of("p/a", ""), 1), ErrorCode::corrupt, "size"},
      {"negative size", page_of(object_of("p/a", "<Size>-1</Size>"), 1), ErrorCode::corrupt, "size"},
      {"fraction", page_of(object_of("p/a", "<Size>1.5</Size>"), 1), ErrorCode::corrupt, "size"},
      {"too large", page_of(object_of("p/a", "<Size>50000000000001</Size>"), 1), ErrorCode::corrupt, "size"},
      {"overflow", page_of(object_of("p/a", "<Size>18446744073709551617</Size>"), 1), ErrorCode::corrupt,
       "size"},
  };
  ASSERT_TRUE(parse(good).result);
  for (const DoubtCase& row : rows) {
    const Parsed parsed = parse(row.body);
    ASSERT_FALSE(parsed.result) << row.name;
    EXPECT_EQ(parsed.result.error().code, row.code) << row.name << ": " << parsed.result.error().message;
    EXPECT_NE(parsed.result.error().message.find(row.says), std::string::npos)
        << row.name << ": " << parsed.result.error().message;
  }
}

TEST(ListingPage, RefusesMoreKeysThanAskedFor) {
  std::string entries;
  for (int i = 0; i < 11; ++i) entries += object_of(fmt::format("p/{:02}", i));
  const Parsed parsed = parse(page_of(entries, 11));
  ASSERT_FALSE(parsed.result);
  EXPECT_NE(parsed.result.error().message.find("at most 10"), std::string::npos);
}

TEST(ListingPage, RefusesATokenThatWasAskedWith) {
  std::string body = page_of(kObject, 1, "<NextContinuationToken>t</NextContinuationToken>");
  body.replace(body.find(">false<"), 7, ">true<");
  const auto ask = [](std::string token) {
    return ListObjectsAsk{
        .prefix = "p/", .start_after = "", .token = std::move(token), .delimiter = "", .max_keys = 10};
  };
  const Parsed fresh = parse(body, ask("s"));
  ASSERT_TRUE(fresh.result);
  EXPECT_TRUE(fresh.page.truncated);
  EXPECT_EQ(fresh.page.token, "t");
  EXPECT_FALSE(parse(body, ask("t")).result);
}

TEST(ListingPage, TakesAnEchoOfThePrefixThatIsNotEncoded) {
  std::string body = page_of("", 0);
  body.replace(body.find("<Prefix>p/<"), 11, "<Prefix>p+q%20/<");
  const ListObjectsAsk raw{
      .prefix = "p+q%20/", .start_after = "", .token = "", .delimiter = "", .max_keys = 10};
  const ListObjectsAsk decoded{
      .prefix = "p q /", .start_after = "", .token = "", .delimiter = "", .max_keys = 10};
  EXPECT_TRUE(parse(body, raw).result);
  EXPECT_TRUE(parse(body, decoded).result);
}

TEST(ListingPage, TreatsADateThatCannotBeReadAsNone) {
  for (const char* date : {"", "<LastModified/>", "<LastModified>yesterday</LastModified>",
                           "<LastModified>2024-02-30T00:00:00Z</LastModified>",
                           "<LastModified>2024-01-01T00:00:00</LastModified>"}) {
    const Parsed parsed = parse(page_of(object_of("p/a", std::string("<Size>1</Size>") + date), 1));
    ASSERT_TRUE(parsed.result) << date;
    EXPECT_FALSE(parsed.page.objects.at(0).last_modified) << date;
  }
}

TEST(ListingPage, ReadsGroupsWhereTheyWereAskedFor) {
  const ListObjectsAsk ask{.prefix = "p/", .start_after = "", .token = "", .delimiter = "/", .max_keys = 10};
  const auto group = [](const std::string& name) {
    return "<CommonPrefixes><Prefix>" + name + "</Prefix></CommonPrefixes>";
  };
  const Parsed parsed = parse(page_of(object_of("p/z") + group("p/a/") + group("p/b%20/"), 3), ask);
  ASSERT_TRUE(parsed.result) << to_text(parsed.result.error());
  EXPECT_EQ(parsed.page.common_prefixes, (std::vector<std::string_view>{"p/a/", "p/b /"}));
  EXPECT_FALSE(parse(page_of(group("p/b/") + group("p/a/"), 2), ask).result);
  EXPECT_FALSE(parse(page_of(group("q/"), 1), ask).result);
}

TEST(ListingPage, DoesWithoutACountOrMaximum) {
  std::string body = page_of(kObject, 1);
  body.replace(body.find("<KeyCount>1</KeyCount><MaxKeys>10</MaxKeys>"), 43, "");
  EXPECT_TRUE(parse(body).result);
}

}  // namespace
}  // namespace flotsam
