#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <thread>

#include "diagnosis/atoms.h"
#include "diagnosis/derived.h"
#include "diagnosis/draft.h"
#include "diagnosis/explain.h"
#include "diagnosis/hashes.h"
#include "diagnosis/listed_keys.h"
#include "diagnosis/loose_forms.h"
#include "diagnosis/source_findings.h"
#include "diagnosis/world.h"

namespace flotsam::test {
namespace {

std::vector<std::string> packed_rows(const std::vector<std::string>& values, DiagnosisCaps caps,
                                     std::uint64_t* bound = nullptr) {
  RowCollector collector(1, caps);
  collector.columns(0, {"v"});
  for (const std::string& value : values) {
    const FieldView field{value, false, false};
    collector.row(0, RowView(&field, 1));
  }
  std::vector<CollectedSource> all = collector.finish();
  if (bound != nullptr) *bound = all[0].rank_bound;
  return all[0].rows;
}

std::vector<std::string> many_names(std::size_t count) {
  Names names(3);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(names.slug() + names.base36(4));
  return out;
}

TEST(RowCollector, KeepsTheSameRowsInAnyOrderAndOnce) {
  std::vector<std::string> values = many_names(5000);
  DiagnosisCaps caps;
  caps.rows = 700;
  std::uint64_t bound = 0;
  const auto kept = packed_rows(values, caps, &bound);
  std::reverse(values.begin(), values.end());
  values.insert(values.end(), values.begin(), values.begin() + 2000);
  EXPECT_EQ(packed_rows(values, caps), kept);
  EXPECT_EQ(kept.size(), 700U);
  CollectedSource sampled{{"v"}, kept, bound, 0};
  EXPECT_FALSE(sampled.is_complete());
  EXPECT_NEAR(sampled.distinct_rows(), 5000, 700);
}

TEST(RowCollector, KeepsItsBudgetOfBytes) {
  DiagnosisCaps caps;
  caps.row_bytes = 4096;
  std::size_t bytes = 0;
  for (const std::string& row : packed_rows(many_names(3000), caps)) bytes += row.size();
  EXPECT_LE(bytes, 4096U);
  EXPECT_GT(bytes, 3500U);
}

TEST(RowCollector, CountsRowsThatAreTooLargeAndKeepsNulls) {
  RowCollector collector(2);
  collector.columns(1, {"a", "b"});
  const std::string huge(70000, 'x');
  const std::vector<FieldView> large = {{huge, false, false}, {"b", false, false}};
  const std::vector<FieldView> null = {{"", true, false}, {"pad  ", false, true}};
  collector.row(1, large);
  collector.row(1, null);
  const auto all = collector.finish();
  EXPECT_EQ(all[1].oversized, 1U);
  ASSERT_EQ(all[1].rows.size(), 1U);
  std::vector<FieldView> fields;
  unpack_row(all[1].rows[0], fields);
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_TRUE(fields[0].is_null);
  EXPECT_TRUE(fields[1].blank_padded);
  EXPECT_EQ(fields[1].bytes, "pad  ");
}

bool share_form(std::string_view a, std::string_view b) {
  LooseForms loose;
  std::vector<std::uint64_t> of_a, of_b, both;
  loose.of(a, of_a);
  loose.of(b, of_b);
  std::set_intersection(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(), std::back_inserter(both));
  return !both.empty();
}

TEST(LooseForms, AreSharedByTwoSpellingsOfOneName) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"515/image_00.webp", "books/515/image_00.webp"},
      {"https://cdn.example.com/a/My%20Photo.JPG?v=3", "x/my photo.jpg"},
      {"holiday.jpg", "thumbs/holiday-300x200.jpg"},
      {"abcdef0123456789", "ab/cd/ef0123456789.bin"},
      {"550e8400-e29b-41d4-a716-446655440000", "o/550e8400e29b41d4a716446655440000"},
      {"123456", "users/000/123/456/original/x.png"},
      {"00042.pdf", "42.pdf"},
      {"Gr\xC3\xB6\xC3\x9F"
       "e.txt",
       "gro\xCC\x88\xC3\x9F"
       "e.TXT"},
      {"a\\b\\photo1.jpg", "a/b/photo1.jpg"},
      {"my-long-slug", "posts/my-long-slug/cover.jpg"}};
  for (const auto& [a, b] : pairs) EXPECT_TRUE(share_form(a, b)) << a << " and " << b;
  EXPECT_FALSE(share_form("harbour-1.jpg", "lantern-2.jpg"));
  EXPECT_FALSE(share_form("", "///"));
}

TEST(Atoms, AreTheNamesInsideAValue) {
  const auto atoms = [](std::string_view value) {
    std::vector<std::string_view> found;
    atoms_of(value, found);
    return std::vector<std::string>(found.begin(), found.end());
  };
  using List = std::vector<std::string>;
  EXPECT_EQ(atoms("plain/name.jpg"), List{});
  EXPECT_EQ(atoms(R"(["a/b c.jpg","d/e.png"])"), (List{"a/b c.jpg", "d/e.png"}));
  EXPECT_EQ(atoms("{a/b.jpg,c/d.jpg}"), (List{"a/b.jpg", "c/d.jpg"}));
  EXPECT_EQ(atoms("![x](/media/a.png)"), (List{"/media/a.png"}));
  EXPECT_EQ(atoms("1;2;3"), List{});
}

TEST(Draft, PrintsWhatTheParserReads) {
  Names names(9);
  const std::string signs = "ab1/:|{}\\\"' .*-";
  for (int i = 0; i < 400; ++i) {
    const auto text = [&](std::size_t size) {
      std::string out;
      for (std::size_t k = 0; k < size; ++k) out += signs[names.below(signs.size())];
      return out;
    };
    Draft draft;
    const std::string literal = text(1 + names.below(6)), stripped = text(1 + names.below(4)),
                      rest = text(1 + names.below(5)) + "z";
    draft.add_literal(literal);
    draft.add_field(0, filter_with("strip_prefix", stripped));
    draft.add_literal(rest);
    const auto one = draft.compiled({"c"});
    ASSERT_TRUE(one) << draft.text({"c"}) << to_text(one.error());
    const std::string value = stripped + "name";
    const FieldView field{value, false, false};
    std::string key;
    ASSERT_TRUE(one->expand(RowView(&field, 1), key));
    EXPECT_EQ(key, literal + "name" + rest) << draft.text({"c"});
  }
}

TEST(Draft, SaysNothingThatCannotBeWrittenDown) {
  Draft draft;
  draft.add_field(0, "");
  EXPECT_EQ(draft.text({"a}b", "c"}), "");
  EXPECT_EQ(draft.text({"a}b"}), "{value}");
  draft.add_literal("/**");
  EXPECT_EQ(draft.text({"c"}), "");
  Draft bytes;
  bytes.add_literal("\xff");
  EXPECT_EQ(bytes.text({"c"}), "");
}

TEST(Draft, WritesTextsAsTomlDoes) {
  EXPECT_EQ(toml_line("objects", {"a/{v}", R"(b"{v}\)"}), R"(objects = ["a/{v}", 'b"{v}\'])");
  EXPECT_EQ(toml_string("it's \"so\"\n"), R"("it's \"so\"\u000A")");
}

TEST(Derived, KnowsKeysOfASkeleton) {
  Draft draft;
  draft.add_literal("img/");
  draft.add_field(0, "|stem");
  draft.add_literal("-150x150.jpg");
  const std::string skeleton = skeleton_of(draft);
  EXPECT_EQ(skeleton, "img/*-#x#.jpg");
  EXPECT_TRUE(matches_skeleton(skeleton, "img/a/b-1-300x20.jpg"));
  EXPECT_FALSE(matches_skeleton(skeleton, "img/-300x20.jpg"));
  EXPECT_FALSE(matches_skeleton(skeleton, "img/a-x20.jpg"));
  EXPECT_FALSE(matches_skeleton(skeleton, "img/a-1x20.jpg2"));
  EXPECT_TRUE(matches_skeleton("*", "a"));
  EXPECT_FALSE(matches_skeleton("*", ""));
}

TEST(Explain, YieldsTheKeyByEveryDraft) {
  const std::vector<std::string> values = {"42", "My Photo.JPG", "2024-03-05 10:00:00"};
  std::vector<FieldView> fields;
  for (const std::string& value : values) fields.push_back({value, false, false});
  const std::string key = "users/000/000/042/2024/03/my photo.webp";
  std::vector<Draft> drafts;
  explain(fields, key, drafts);
  ASSERT_FALSE(drafts.empty());
  bool has_all = false;
  for (const Draft& draft : drafts) {
    const auto one = draft.compiled({"id", "name", "created"});
    std::string made;
    ASSERT_TRUE(one);
    EXPECT_TRUE(one->expand(fields, made));
    EXPECT_EQ(made, key) << one->text();
    has_all = has_all || draft.columns_used().size() == 3;
  }
  EXPECT_TRUE(has_all);
}

struct Listing {
  std::vector<std::string> keys = many_names(6000);
  std::vector<std::uint64_t> forms, current;
  DiagnosisCaps caps;

  Listing() {
    caps.key_hashes = 900;
    caps.sampled_keys = 100;
    caps.form_dead = 20;
    LooseForms loose;
    std::vector<std::uint64_t> of_one;
    for (std::size_t i = 0; i < 400; ++i) {
      loose.of(keys[i], of_one);
      forms.insert(forms.end(), of_one.begin(), of_one.end());
    }
    for (std::size_t i = 0; i < 600; ++i) current.push_back(key_hash_of(keys[i]));
  }

  static KeyStanding standing(std::size_t index) {
    return index % 3 == 0   ? KeyStanding::referenced
           : index % 7 == 0 ? KeyStanding::other
                            : KeyStanding::unreferenced;
  }

  /// Everything that a diagnosis can see, as a text.
  std::string seen(std::size_t workers, bool backwards) const {
    ListedKeys listed(forms, current, caps);
    std::vector<std::thread> threads;
    for (std::size_t worker = 0; worker < workers; ++worker)
      threads.emplace_back([&, worker] {
        KeySampler sampler(listed);
        for (std::size_t i = 0; i < keys.size(); ++i) {
          const std::size_t at = backwards ? keys.size() - 1 - i : i;
          if (at % workers == worker) sampler.offer(keys[at], standing(at));
        }
      });
    for (std::thread& thread : threads) thread.join();
    listed.freeze();
    std::string out = fmt::format("{} {} {}\n", listed.testable_share(), listed.unreferenced_count(),
                                  listed.referenced_count());
    for (const auto* sample : {&listed.unreferenced(), &listed.referenced()})
      for (const auto& one : *sample) out += one.key + "\n";
    for (const std::string& key : keys) out += listed.exists(key_hash_of(key)) ? '1' : '0';
    for (const std::uint64_t hash : current) out += listed.has_current(hash) ? '1' : '0';
    for (const std::uint64_t form : forms) {
      const auto bucket = listed.bucket_of(form);
      out += fmt::format("\n{}", bucket.count > caps.form_dead ? 0 : bucket.count);
      for (const auto& key : bucket.keys) out += " " + *key;
    }
    return out;
  }
};

TEST(ListedKeys, AreTheSameForAnyOrderAndNumberOfThreads) {
  const Listing listing;
  const std::string one = listing.seen(1, false);
  EXPECT_EQ(listing.seen(1, true), one);
  EXPECT_EQ(listing.seen(4, false), one);
  EXPECT_EQ(listing.seen(7, true), one);
}

TEST(ListedKeys, KnowOfEveryTestableKeyWhetherItExists) {
  const Listing listing;
  ListedKeys listed(listing.forms, listing.current, listing.caps);
  {
    KeySampler sampler(listed);
    for (std::size_t i = 0; i < 3000; ++i) sampler.offer(listing.keys[i], Listing::standing(i));
  }
  listed.freeze();
  EXPECT_FALSE(listed.is_complete());
  std::size_t testable = 0;
  for (std::size_t i = 0; i < 6000; ++i) {
    const std::uint64_t hash = key_hash_of(listing.keys[i]);
    if (!listed.is_testable(hash)) continue;
    ++testable;
    EXPECT_EQ(listed.exists(hash), i < 3000);
  }
  EXPECT_NEAR(static_cast<double>(testable), 6000 * listed.testable_share(), 200);
  for (std::size_t i = 0; i < 600; ++i)
    EXPECT_EQ(listed.has_current(listing.current[i]), Listing::standing(i) == KeyStanding::referenced);
}

TEST(SourceFindings, TellHalfLoadedRestoredAndForeign) {
  CountedFacts facts;
  facts.sources = {{"photos", 2500, 5000}, {"files", 990, 1000}, {"new", 10, std::nullopt}};
  facts.sources_gone = {"avatars"};
  facts.recent = {200, 190};
  facts.older = {5000, 100};
  facts.prefixes = {{"books/", 900, 5}, {"listings/", 0, 1486}, {"a*b/", 0, 2}, {"(root)", 0, 3}};
  facts.protect = {"keep/**"};
  const std::vector<Proposal> all = source_findings(facts);
  ASSERT_EQ(all.size(), 4U) << shown(all);
  EXPECT_EQ(all[0].kind, "truncated");
  EXPECT_EQ(all[0].source, "photos");
  EXPECT_NE(all[0].message.find("2,500 keys, 5,000 at"), std::string::npos);
  EXPECT_EQ(all[1].kind, "source_missing");
  EXPECT_EQ(all[2].kind, "restored");
  EXPECT_EQ(all[3].kind, "foreign_prefix");
  EXPECT_EQ(all[3].proposal, R"(protect = ["keep/**", "listings/**", 'a\*b/**'])");
  EXPECT_EQ(all[3].resolves, 1488U);
}

TEST(SourceFindings, AreSilentWhereNothingStandsOut) {
  CountedFacts facts;
  facts.sources = {{"photos", 4990, 5000}};
  facts.recent = {200, 100};
  facts.older = {5000, 2400};
  facts.prefixes = {{"books/", 0, 5089}, {"listings/", 0, 1486}};
  EXPECT_EQ(shown(source_findings(facts)), "");
  facts.recent = {19, 19};
  EXPECT_EQ(shown(source_findings(facts)), "");
  facts.recent = {200, 190};
  facts.older = {5000, 2500};
  EXPECT_EQ(shown(source_findings(facts)), "");
}

}  // namespace
}  // namespace flotsam::test
