#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"
#include "model/glob.h"
#include "model/key_template.h"

namespace flotsam {
namespace {

std::string escaped_literal(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '{' || c == '}') out += c;
  }
  return out;
}

std::string escaped_argument(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view(":\\|}").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

RC_GTEST_PROP(KeyTemplate, AnyLiteralTextCanBeWritten,
              (const std::string& before, const std::string& behind)) {
  const std::string text = escaped_literal(before) + "{k}" + escaped_literal(behind);
  RC_PRE(!text.ends_with("/**"));
  // "{{{k}" is a brace and a field: braces are read from the left.
  auto parsed = KeyTemplate::parse(text);
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->text() == text);
  RC_ASSERT(parsed->bind({"k"}).has_value());
  std::string out;
  const std::vector<FieldView> row = {{"v", false, false}};
  RC_ASSERT(parsed->expand(row, out));
  RC_ASSERT(out == before + "v" + behind);
}

RC_GTEST_PROP(KeyTemplate, AnyArgumentCanBeWritten, (const std::string& argument, const std::string& rest)) {
  RC_PRE(!argument.empty());
  auto parsed = KeyTemplate::parse("{k|strip_prefix:" + escaped_argument(argument) +
                                   "|replace:" + escaped_argument(argument) + ":}");
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->bind({"k"}).has_value());
  std::string out;
  const std::string value = argument + rest;
  const std::vector<FieldView> row = {{value, false, false}};
  RC_ASSERT(parsed->expand(row, out));
  RC_ASSERT(out == *apply_filters("|replace:" + escaped_argument(argument) + ":", rest));
  RC_ASSERT(out.find(argument) == std::string::npos || out.size() < rest.size());
}

RC_GTEST_PROP(KeyTemplate, NeverYieldsForANullOrEmptyColumnThatItUses, ()) {
  const auto texts =
      std::vector<std::string>{"x/{a}", "{a}{b}", "{b|pad:9}", "{a|stem}/{c}/**", "{c|replace:x:y}"};
  auto parsed = *KeyTemplate::parse(*rc::gen::elementOf(texts));
  RC_ASSERT(parsed.bind({"a", "b", "c"}).has_value());
  std::vector<FieldView> row;
  for (int i = 0; i < 3; ++i) {
    const int state = *rc::gen::inRange(0, 3);
    row.push_back(state == 0   ? FieldView{{}, true, false}
                  : state == 1 ? FieldView{"", false, false}
                               : FieldView{"v", false, false});
  }
  bool complete = true;
  for (const std::size_t used : parsed.used_columns()) complete = complete && !row[used].bytes.empty();
  std::string out = "left over";
  RC_ASSERT(parsed.expand(row, out) == complete);
}

RC_GTEST_PROP(KeyTemplate, NoTextMakesTheParserFail, (const std::string& noise)) {
  const std::string text =
      *rc::gen::container<std::string>(rc::gen::element('{', '}', '|', ':', '\\', 'k', '/', '*', '-', '1')) +
      noise;
  const auto parsed = KeyTemplate::parse(text);
  if (parsed) {
    RC_ASSERT(parsed->text() == text);
    RC_ASSERT(KeyTemplate::parse(parsed->text()).has_value());
  } else {
    RC_ASSERT(parsed.error().code == ErrorCode::invalid_argument);
    RC_ASSERT(!parsed.error().message.empty());
  }
}

RC_GTEST_PROP(KeyFilter, NoFilterFailsOnAnyBytes, (const std::string& value)) {
  for (const FilterInfo& info : all_filters()) {
    const std::string arguments = info.arguments.empty() ? "" : info.arguments == ":A:B" ? ":1:2" : ":2";
    const auto result = apply_filters("|" + std::string(info.name) + arguments, value);
    RC_ASSERT(result.has_value());
    if (is_utf8(value) && info.name != "slice" && info.name != "partition") RC_ASSERT(is_utf8(*result));
  }
}

RC_GTEST_PROP(KeyFilter, StemAndExtensionMakeTheWhole, (const std::string& value)) {
  const std::string stem = *apply_filters("|stem", value);
  const std::string ext = *apply_filters("|ext", value);
  RC_ASSERT(stem + "." + ext == value || (ext.empty() && stem == value));
}

RC_GTEST_PROP(KeyFilter, FolderAndNameMakeTheWhole, (const std::string& value)) {
  const std::string folder = *apply_filters("|dirname", value);
  const std::string name = *apply_filters("|basename", value);
  RC_ASSERT(folder + "/" + name == value || (folder.empty() && name == value));
}

TEST(Glob, TakesNoLongerForAHostilePattern) {
  std::string stars, deep;
  for (int i = 0; i < 40; ++i) {
    stars += "*a";
    deep += "**a";
  }
  // A matcher that tries every way would still be at it when the sun goes out.
  const std::string key(1000, 'a');
  EXPECT_FALSE(Glob::parse(stars + "b")->matches(KeyView(key)));
  EXPECT_FALSE(Glob::parse(deep + "b")->matches(KeyView(key)));
  EXPECT_TRUE(Glob::parse(stars)->matches(KeyView(key)));
}

}  // namespace
}  // namespace flotsam
