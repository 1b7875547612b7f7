#include "model/key_template.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <set>

#include "base/bytes.h"

namespace flotsam {
namespace {

struct FilterRow {
  std::string_view filters, value, result;
};

// One block of rows a filter; the last test below sees to it that none is forgotten.
const FilterRow kFilterRows[] = {
    {"|basename", "a/b/c.jpg", "c.jpg"},
    {"|basename", "c.jpg", "c.jpg"},
    {"|basename", "a/b/", ""},
    {"|dirname", "a/b/c.jpg", "a/b"},
    {"|dirname", "c.jpg", ""},
    {"|stem", "a.b/c.tar.gz", "a.b/c.tar"},
    {"|stem", "a.b/c", "a.b/c"},
    {"|stem", "a/.profile", "a/.profile"},
    {"|ext", "a.b/c.tar.gz", "gz"},
    {"|ext", "a.b/c", ""},
    {"|ext", "a/.profile", ""},
    {"|lower", "ÀB/C", "àb/c"},
    {"|lower",
     "\xff"
     "AB",
     "\xff"
     "ab"},
    {"|upper", "àb/c", "ÀB/C"},
    {"|nfc", "e\xCC\x81", "\xC3\xA9"},
    {"|nfc",
     "\xff"
     "e\xCC\x81",
     "\xff"
     "e\xCC\x81"},
    {"|nfd", "\xC3\xA9", "e\xCC\x81"},
    {"|trim", " \t a b \n", "a b"},
    {"|trim", "  ", ""},
    {"|percent_decode", "a%2Fb%20c%zz%", "a/b c%zz%"},
    {"|percent_decode", "a%252F", "a%2F"},
    {"|percent_decode", "caf%E9", "caf\xE9"},
    {"|percent_decode", "caf%C3%A9", "caf\xC3\xA9"},
    {"|percent_encode", "a b/é+%", "a%20b/%C3%A9%2B%25"},
    {"|plus_decode", "a+b%2B", "a b%2B"},
    {"|url_path", "https://cdn.example.com/books/a%20b.jpg?x=1#y", "books/a b.jpg"},
    {"|url_path", "//cdn.example.com/books/a.jpg", "books/a.jpg"},
    {"|url_path", "s3://bucket/books/a.jpg", "books/a.jpg"},
    {"|url_path", "https://cdn.example.com", ""},
    {"|url_path", "books/a%20b.jpg?x", "books/a%20b.jpg?x"},
    {"|url_path", "/books/a.jpg", "/books/a.jpg"},
    {"|strip_prefix:books/", "books/books/1", "books/1"},
    {"|strip_prefix:books/", "xbooks/1", "xbooks/1"},
    {"|strip_prefix:a\\:b", "a:bc", "c"},
    {"|strip_suffix:.jpg", "a.jpg.jpg", "a.jpg"},
    {"|strip_suffix:.jpg", "a.jpgx", "a.jpgx"},
    {"|replace:a:bb", "aXa", "bbXbb"},
    {"|replace:aa:a", "aaaa", "aa"},
    {"|replace:-:", "a-b-c", "abc"},
    {"|replace:\\::\\\\", "a:b", "a\\b"},
    {"|part:1", "a/b/c", "a"},
    {"|part:-1", "a/b/c", "c"},
    {"|part:-3", "a/b/c", "a"},
    {"|part:4", "a/b/c", ""},
    {"|part:-4", "a/b/c", ""},
    {"|part:2", "a//c", ""},
    {"|pad:5", "42", "00042"},
    {"|pad:2", "123", "123"},
    {"|unpad", "00042", "42"},
    {"|unpad", "000", "0"},
    {"|unpad", "042a", "42a"},
    {"|slice:0:2", "abcdef", "ab"},
    {"|slice:2:4", "abcdef", "cd"},
    {"|slice:4:99", "abcdef", "ef"},
    {"|slice:9:12", "abcdef", ""},
    {"|slice:3:2", "abcdef", ""},
    {"|slice:2:", "abcdef", "cdef"},
    {"|slice:-2:", "abcdef", "ef"},
    {"|partition:3", "123456789", "123/456/789"},
    {"|partition:3", "1234", "123/4"},
    {"|pad:9|partition:3", "4711", "000/004/711"},
    {"|basename|stem|upper", "x/abc.jpg", "ABC"},
};

TEST(KeyFilter, DoesWhatTheManualSays) {
  for (const FilterRow& row : kFilterRows) {
    const auto result = apply_filters(row.filters, row.value);
    ASSERT_TRUE(result) << row.filters << ": " << result.error().message;
    EXPECT_EQ(*result, row.result) << row.filters << " on " << to_printable(row.value);
  }
}

TEST(KeyFilter, EachHasARowInTheTableAbove) {
  std::set<std::string_view> tested;
  for (const FilterRow& row : kFilterRows)
    for (std::string_view rest = row.filters; !rest.empty();) {
      rest.remove_prefix(1);
      tested.insert(rest.substr(0, rest.find_first_of(":|")));
      const std::size_t next = rest.find('|');
      rest = next == std::string_view::npos ? std::string_view() : rest.substr(next);
    }
  EXPECT_EQ(all_filters().size(), 21U);
  for (const FilterInfo& info : all_filters()) EXPECT_TRUE(tested.contains(info.name)) << info.name;
}

TEST(KeyFilter, SaysWhatIsWrongWithItsArguments) {
  struct Row {
    std::string_view filters, said;
  };
  const Row rows[] = {{"|basenam", "did you mean basename?"}, {"|part", "written part:N"},
                      {"|part:x", "needs a whole number"},    {"|part:0", "counts from 1"},
                      {"|part:1:2", "written part:N"},        {"|pad:0", "from 1 to 1024"},
                      {"|partition:-3", "from 1 to 1024"},    {"|replace:a", "written replace:A:B"},
                      {"|replace::b", "empty argument"},      {"|strip_prefix:a:b", "written strip_prefix:X"},
                      {"|lower:x", "written lower"}};
  for (const Row& row : rows) {
    const auto result = apply_filters(row.filters, "x");
    ASSERT_FALSE(result) << row.filters;
    EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(result.error().message.find(row.said), std::string::npos) << result.error().message;
  }
  EXPECT_NE(apply_filters("|nosuch", "x").error().hint.find("percent_decode"), std::string::npos)
      << "the known ones are named";
}

TEST(KeyFilter, AChainOfReplacementsDoesNotGrowWithoutEnd) {
  std::string chain;
  for (int i = 0; i < 12; ++i) chain += "|replace:k:kkkkkkkkkk";
  const auto result = apply_filters(chain, "k");
  ASSERT_TRUE(result);
  EXPECT_LT(result->size(), 3U << 20U);
}

RC_GTEST_PROP(KeyFilter, EncodingIsUndoneByDecoding, (const std::string& text)) {
  RC_ASSERT(*apply_filters("|percent_encode|percent_decode", text) == text || !is_utf8(text));
}

RC_GTEST_PROP(KeyFilter, PartitionKeepsEveryByte, (const std::string& text)) {
  RC_PRE(text.find('/') == std::string::npos);
  RC_ASSERT(*apply_filters("|partition:2|replace:/:", text) == text);
}

std::string expanded(std::string_view text, const ColumnNames& columns, const std::vector<FieldView>& row) {
  auto parsed = KeyTemplate::parse(text);
  EXPECT_TRUE(parsed) << text;
  EXPECT_TRUE(parsed->bind(columns)) << text;
  std::string out = "left over";
  return parsed->expand(row, out) ? out : "(none)";
}

TEST(KeyTemplate, FillsItsFields) {
  const ColumnNames columns = {"id", "name"};
  const std::vector<FieldView> row = {{"7", false, false}, {"a/b.jpg", false, false}};
  EXPECT_EQ(expanded("books/{id}/{name}", columns, row), "books/7/a/b.jpg");
  EXPECT_EQ(expanded("books/thumb_{name|basename|stem}.webp", columns, row), "books/thumb_b.webp");
  EXPECT_EQ(expanded("{id|pad:3}{id}", columns, row), "0077");
  EXPECT_EQ(expanded("{{{id}}}", columns, row), "{7}");
  EXPECT_EQ(expanded("{name|replace:/:\\}}", columns, row), "a}b.jpg");
  EXPECT_EQ(expanded("{name|replace:/:\\|}", columns, row), "a|b.jpg");
  EXPECT_EQ(expanded("constant", columns, row), "constant");
  EXPECT_EQ(expanded("{value}", {"only"}, {{"x", false, false}}), "x");
  EXPECT_EQ(expanded("{value}", {"value", "other"}, {{"x", false, false}, {"y", false, false}}), "x");
}

TEST(KeyTemplate, YieldsNothingForANullOrEmptyColumnThatItUses) {
  const ColumnNames columns = {"id", "name"};
  EXPECT_EQ(expanded("a/{id}/{name}", columns, {{"7", false, false}, {"", true, false}}), "(none)");
  EXPECT_EQ(expanded("a/{id}/{name}", columns, {{"7", false, false}, {"", false, false}}), "(none)");
  EXPECT_EQ(expanded("a/{id}", columns, {{"7", false, false}, {"", true, false}}), "a/7");
  EXPECT_EQ(expanded("{id|strip_prefix:7}", columns, {{"7", false, false}, {"x", false, false}}), "")
      << "a filter may leave nothing: that is an empty key, not an empty column";
}

TEST(KeyTemplate, AFolderRuleYieldsTheFolder) {
  auto rule = KeyTemplate::parse("books/{id}/**");
  ASSERT_TRUE(rule);
  EXPECT_TRUE(rule->is_folder_rule());
  ASSERT_TRUE(rule->bind({"id"}));
  std::string out;
  const std::vector<FieldView> row = {{"7", false, false}};
  ASSERT_TRUE(rule->expand(row, out));
  EXPECT_EQ(out, "books/7/");
  EXPECT_FALSE(KeyTemplate::parse("books/{id}/*")->is_folder_rule());
  EXPECT_EQ(rule->text(), "books/{id}/**");
}

TEST(KeyTemplate, SaysWhereItIsWrong) {
  struct Row {
    std::string_view text, said;
  };
  const Row rows[] = {{"", "empty"},
                      {"a{b", "never closed"},
                      {"a}b", "without \"{\""},
                      {"a{}b", "needs a name"},
                      {"a{|lower}b", "needs a name"},
                      {"{a|nosuch}", "no filter 'nosuch'"}};
  for (const Row& row : rows) {
    const auto parsed = KeyTemplate::parse(row.text);
    ASSERT_FALSE(parsed) << row.text;
    EXPECT_EQ(parsed.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(parsed.error().message.find(row.said), std::string::npos) << parsed.error().message;
  }
}

TEST(KeyTemplate, NamesTheKnownFieldsWhereOneIsUnknown) {
  auto parsed = KeyTemplate::parse("books/{s3key}");
  const auto bound = parsed->bind({"id", "s3_key"});
  ASSERT_FALSE(bound);
  EXPECT_NE(bound.error().message.find("did you mean s3_key?"), std::string::npos) << bound.error().message;
  EXPECT_NE(bound.error().hint.find("id, s3_key"), std::string::npos);
  EXPECT_FALSE(KeyTemplate::parse("{value}")->bind({"a", "b"}));
  EXPECT_FALSE(KeyTemplate::parse("{a}")->bind({"a", "a"})) << "which of the two is not known";
  EXPECT_TRUE(KeyTemplate::parse("{b}")->bind({"a", "a", "b"}));
}

TEST(KeyTemplate, KnowsItsColumns) {
  auto two = KeyTemplate::parse("{b}/{a}/{b}");
  ASSERT_TRUE(two->bind({"a", "b"}));
  EXPECT_EQ(two->used_columns(), (std::vector<std::size_t>{1, 0}));
  EXPECT_EQ(two->lone_column(), -1);
  auto one = KeyTemplate::parse("x/{b}/{b|lower}");
  ASSERT_TRUE(one->bind({"a", "b"}));
  EXPECT_EQ(one->lone_column(), 1);
}

}  // namespace
}  // namespace flotsam
