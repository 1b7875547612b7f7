#include "model/resolver.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace flotsam {
namespace {

struct Collected final : ResolvedKeySink {
  void key(const ResolvedKey& key) override {
    const char* kind = key.kind == KeyKind::needed    ? "needed"
                       : key.kind == KeyKind::derived ? "derived"
                                                      : "folder";
    text += std::string(kind) + std::to_string(key.template_index) + ":" + std::string(key.key) + "<" +
            std::string(key.raw_value) + "> ";
  }
  std::string text;
};

ResolverRules rules_of(const std::vector<std::string>& objects, const std::vector<std::string>& derived,
                       std::string extract = {}) {
  ResolverRules rules;
  for (const std::string& text : objects) rules.objects.push_back(*KeyTemplate::parse(text));
  for (const std::string& text : derived) rules.derived.push_back(*KeyTemplate::parse(text));
  rules.extract = std::move(extract);
  return rules;
}

std::string resolved(ResolverRules rules, const ColumnNames& columns, const std::vector<FieldView>& row,
                     RowOutcome expected = RowOutcome::resolved) {
  auto resolver = Resolver::create(std::move(rules));
  EXPECT_TRUE(resolver);
  const auto bound = resolver->bind(columns);
  EXPECT_TRUE(bound) << bound.error().message << bound.error().hint;
  Collected keys;
  EXPECT_EQ(resolver->resolve(row, keys), expected);
  return keys.text;
}

FieldView text(std::string_view bytes) {
  return {bytes, false, false};
}
const FieldView kNull{{}, true, false};

TEST(Resolver, GivesWhatARowNeedsAndExplains) {
  EXPECT_EQ(resolved(rules_of({"b/{k}", "o/{k}"}, {"t/{k}", "{k|stem}/**"}), {"id", "k"},
                     {text("1"), text("x.jpg")}),
            "needed0:b/x.jpg<x.jpg> needed1:o/x.jpg<x.jpg> derived2:t/x.jpg<x.jpg> folder3:x/<x.jpg> ");
  EXPECT_EQ(resolved(rules_of({"{id}/{k}"}, {}), {"id", "k"}, {text("1"), text("x")}), "needed0:1/x<> ")
      << "no raw value where several columns make the key";
}

TEST(Resolver, ARowIsEmptyOnlyWhereNoTemplateYields) {
  const auto rules = rules_of({"b/{k}"}, {"t/{id}"});
  EXPECT_EQ(resolved(rules, {"id", "k"}, {text("1"), kNull}), "derived1:t/1<1> ");
  EXPECT_EQ(resolved(rules, {"id", "k"}, {kNull, text("")}, RowOutcome::empty), "");
}

TEST(Resolver, EveryMatchOfExtractIsAReference) {
  const std::string pattern = R"(https://cdn\.example\.com/(?P<path>[^"?\s]+))";
  EXPECT_EQ(resolved(rules_of({"{path}"}, {}, pattern), {"html"},
                     {text("<img src=\"https://cdn.example.com/a/1.jpg\"> https://cdn.example.com/b.png?x")}),
            "needed0:a/1.jpg<a/1.jpg> needed0:b.png<b.png> ");
  EXPECT_EQ(resolved(rules_of({"{id}/{path}"}, {}, pattern), {"html", "id"},
                     {text("https://cdn.example.com/1"), text("7")}),
            "needed0:7/1<> ")
      << "the other columns stay known";
  EXPECT_EQ(
      resolved(rules_of({"{path}"}, {}, pattern), {"html"}, {text("nothing here")}, RowOutcome::unmatched),
      "");
  EXPECT_EQ(resolved(rules_of({"{path}"}, {}, pattern), {"html"}, {text("")}, RowOutcome::empty), "");
  EXPECT_EQ(resolved(rules_of({"{path}"}, {}, pattern), {"html"}, {kNull}, RowOutcome::empty), "");
}

TEST(Resolver, ValueIsTheLoneGroupOrTheWholeMatch) {
  EXPECT_EQ(resolved(rules_of({"{value}"}, {}, "k=([a-z]+)"), {"t"}, {text("k=abc k=d")}),
            "needed0:abc<abc> needed0:d<d> ");
  EXPECT_EQ(resolved(rules_of({"{value}"}, {}, "[a-z]+[.]jpg"), {"t"}, {text("1 abc.jpg 2")}),
            "needed0:abc.jpg<abc.jpg> ");
  EXPECT_EQ(resolved(rules_of({"{value}"}, {}, "(a)(b)"), {"t"}, {text("xab")}), "needed0:ab<ab> ");
}

TEST(Resolver, AGroupHidesAColumnOfItsName) {
  EXPECT_EQ(resolved(rules_of({"{k}"}, {}, "(?P<k>[0-9]+)"), {"k"}, {text("ab12")}), "needed0:12<12> ");
}

TEST(Resolver, ExtractSeesBytesNotCharacters) {
  EXPECT_EQ(resolved(rules_of({"{p}"}, {}, "\"(?P<p>[^\"]+)\""), {"t"},
                     {text("\"a\xff\xfe"
                           "b\"")}),
            "needed0:a\xff\xfe"
            "b<a\xff\xfe"
            "b> ");
}

TEST(Resolver, AGroupThatTookNoPartIsEmpty) {
  EXPECT_EQ(resolved(rules_of({"{a}", "{b}"}, {}, "(?P<a>x)|(?P<b>y)"), {"t"}, {text("xy")}),
            "needed0:x<x> needed1:y<y> ");
}

TEST(Resolver, ABlankPaddedValueProtectsBothSpellings) {
  EXPECT_EQ(resolved(rules_of({"b/{k}"}, {}), {"k"}, {{"x.jpg   ", false, true}}),
            "needed0:b/x.jpg<x.jpg> derived0:b/x.jpg   <x.jpg   > ");
}

TEST(Resolver, RefusesPatternsThatAreNone) {
  for (const char* pattern : {"(", "a**b(", "(?P<x>"}) {
    const auto resolver = Resolver::create(rules_of({"{value}"}, {}, pattern));
    ASSERT_FALSE(resolver) << pattern;
    EXPECT_EQ(resolver.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(resolver.error().message.find(pattern), std::string::npos);
  }
  EXPECT_FALSE(Resolver::create(rules_of({"{value}"}, {}, "a*"))) << "it would match everything";
}

}  // namespace
}  // namespace flotsam
