#include "aws/ini.h"

#include <gtest/gtest.h>
#include <string>

namespace flotsam {
namespace {

/// Sections as one line each: name{setting=value,…,nested{inner=value}}.
std::string shown(const std::vector<IniSection>& sections) {
  std::string out;
  for (const IniSection& section : sections) {
    out += section.name + "{";
    for (const auto& [name, value] : section.values) out += name + "=" + value + ",";
    for (const auto& [name, values] : section.nested) {
      out += name + "{";
      for (const auto& [inner, value] : values) out += inner + "=" + value + ",";
      out += "}";
    }
    out += "}";
  }
  return out;
}

struct Case {
  const char* name;
  const char* text;
  const char* expected;  ///< of shown(), or the error's message
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}
std::string name_of(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

class IniSyntax : public testing::TestWithParam<Case> {};
TEST_P(IniSyntax, IsReadAsTheAwsCliReadsIt) {
  const auto parsed = parse_ini(GetParam().text, "F");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_EQ(shown(*parsed), GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(
    Rows, IniSyntax,
    testing::Values(Case{"Empty", "", ""}, Case{"SectionsInOrder", "[b]\nx=1\n[a]\n", "b{x=1,}a{}"},
                    Case{"BlanksAroundAll", "[ profile x ] \n  region\t=  eu-west-1 \t\n",
                         "profile x{region=eu-west-1,}"},
                    Case{"Colon", "[a]\nx: 1=2\n", "a{x=1=2,}"},
                    Case{"EqualsBeforeColon", "[a]\nx=1:2\n", "a{x=1:2,}"},
                    Case{"NamesInLowerCase", "[A]\nRegion=EU\n", "A{region=EU,}"},
                    Case{"WindowsLineEnds", "[a]\r\nx=1\r\n", "a{x=1,}"},
                    Case{"ByteOrderMark", "\xEF\xBB\xBF[a]\nx=1", "a{x=1,}"},
                    Case{"Comments", "# one\n[a]\n; two\nx=1\n  # three\n", "a{x=1,}"},
                    Case{"CommentBehindASection", "[a] # why\nx=1\n", "a{x=1,}"},
                    Case{"HashBehindAValueIsPartOfIt", "[a]\nx=1 # why\n", "a{x=1 # why,}"},
                    Case{"EmptyValue", "[a]\nx=\ny=1\n", "a{x=,y=1,}"},
                    Case{"Nested", "[a]\ns3 =\n  addressing_style = path\n  # c\n\n  k = v=w\nx=1\n",
                         "a{x=1,s3{addressing_style=path,k=v=w,}}"},
                    Case{"NestedBelowAnIndentedName", "[a]\n  s3 =\n    k=v\n  x=1\n", "a{x=1,s3{k=v,}}"},
                    Case{"IndentedSectionIsASectionWithoutAValueBefore", "[a]\n  [b]\n", "a{}b{}"},
                    Case{"ContinuedValue", "[a]\nx=1\n  2\n", "a{x=1\n2,}"},
                    Case{"LessIndentedNameIsANewOne", "[a]\n  x=1\n y=2\n   z=3\n", "a{x=1,y=2\nz=3,}"},
                    Case{"IndentedSectionBehindAValueIsPartOfIt", "[a]\nx=1\n  [b]\ny=2\n",
                         "a{x=1\n[b],y=2,}"},
                    Case{"EmptyLineInAValue", "[a]\ns3=\n\n  k=v\n", "a{s3{k=v,}}"},
                    Case{"NestedDefaults", "[DEFAULT]\ns3=\n  k=v\n[a]\n[b]\ns3=1\n", "a{s3{k=v,}}b{s3=1,}"},
                    Case{"PlainDefaultOfANestedSetting", "[DEFAULT]\ns3=0\n[a]\ns3=\n  k=v\n", "a{s3{k=v,}}"},
                    Case{"Defaults", "[DEFAULT]\nx=0\ny=0\n[a]\nx=1\n", "a{x=1,y=0,}"}),
    name_of);

class BrokenIni : public testing::TestWithParam<Case> {};
TEST_P(BrokenIni, IsCorruptAndNamesTheLineButNotItsText) {
  const auto parsed = parse_ini(GetParam().text, "F");
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().code, ErrorCode::corrupt);
  EXPECT_EQ(parsed.error().message, GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(
    Rows, BrokenIni,
    testing::Values(
        Case{"BeforeASection", "\ncanary=1\n", "line 2 of F stands before the first section"},
        Case{"NoSign", "[a]\nx=1\ncanary\n", "line 3 of F is neither a section nor `name = value`"},
        Case{"NoBracket", "[a\n", "line 1 of F has a section name without a closing bracket"},
        Case{"NoSectionName", "[ ]\n", "line 1 of F has a section without a name"},
        Case{"NoName", "[a]\n=canary\n", "line 2 of F has a value without a name"},
        Case{"SectionTwice", "[a]\n[b]\n[a]\n", "line 3 of F begins the section 'a' a second time"},
        Case{"SettingTwice", "[a]\nx=canary\nX=canary\n",
             "line 3 of F sets what an earlier line of its section has set"},
        Case{"NestedAndPlain", "[a]\ns3=\n  k=v\ns3=1\n",
             "line 4 of F sets what an earlier line of its section has set"},
        Case{"NestedWithoutSign", "[a]\ns3=\n  k=v\n  canary\n",
             "line 4 of F stands indented below a setting and is not `name = value`"}),
    name_of);

}  // namespace
}  // namespace flotsam
