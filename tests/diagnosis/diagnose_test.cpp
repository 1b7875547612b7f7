#include "diagnosis/diagnose.h"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "diagnosis/layouts.h"

namespace flotsam::test {
namespace {

Layout books(std::string current) {
  return {"books",
          {"s3_key"},
          std::move(current),
          [](Names& n, std::uint64_t i) {
            const std::string v = fmt::format("{}/image_{:02}.webp", i, n.below(6));
            return Made{{v}, {"books/" + v}, {}};
          },
          700,
          0,
          0};
}

TEST(Diagnose, SaysAPrefixInTheWordsOfTheContract) {
  const World world = world_of(books("{s3_key}"));
  const std::vector<Proposal> all = diagnose_world(world, corpus_caps());
  ASSERT_EQ(all.size(), 1U) << shown(all);
  EXPECT_EQ(all[0].kind, "prefix");
  EXPECT_EQ(all[0].source, "photos");
  EXPECT_EQ(all[0].proposal, R"(objects = ["books/{s3_key}"])");
  const std::string count = std::to_string(world.rows.size());
  EXPECT_EQ(all[0].message, fmt::format("prepending `books/` resolves {} of {} references", count, count));
  EXPECT_EQ(all[0].resolves, world.rows.size());
  EXPECT_EQ(all[0].of, world.rows.size());
  EXPECT_FALSE(all[0].sampled);
}

TEST(Diagnose, CallsALoneColumnAsTheConfigurationDoes) {
  const std::vector<Proposal> all = diagnose_world(world_of(books("{value}")), corpus_caps());
  ASSERT_EQ(all.size(), 1U) << shown(all);
  EXPECT_EQ(all[0].kind, "prefix");
  EXPECT_EQ(all[0].proposal, R"(objects = ["books/{value}"])");
}

TEST(Diagnose, SaysThatAPrefixIsTooMuch) {
  Layout layout = books("old/books/{s3_key}");
  const std::vector<Proposal> all = diagnose_world(world_of(layout), corpus_caps());
  ASSERT_EQ(all.size(), 1U) << shown(all);
  EXPECT_EQ(all[0].proposal, R"(objects = ["books/{s3_key}"])");
  EXPECT_NE(all[0].message.find("leaving out `old/` resolves"), std::string::npos) << all[0].message;
}

TEST(Diagnose, NamesTheFiltersThatAreNew) {
  Layout layout = books("{s3_key}");
  layout.make = [](Names& n, std::uint64_t) {
    const std::string v = "scans/" + n.word() + " " + n.base36(6) + ".pdf";
    return Made{{"https://cdn.example.com/" + percent_encoded(v)}, {v}, {}};
  };
  const std::vector<Proposal> all = diagnose_world(world_of(layout), corpus_caps());
  ASSERT_EQ(all.size(), 1U) << shown(all);
  EXPECT_EQ(all[0].proposal, R"(objects = ["{s3_key|url_path}"])");
  EXPECT_NE(all[0].message.find("(the path of the address)"), std::string::npos) << all[0].message;
}

TEST(Diagnose, IsTheSameForAnyOrder) {
  for (Layout layout :
       {mismatched_layouts()[7], mismatched_layouts()[12], embedded_layouts()[2], derived_layouts()[2]}) {
    layout.rows = 1500;
    World world = world_of(layout);
    DiagnosisCaps caps = corpus_caps();
    caps.rows = 600;
    caps.pairing_rows = 200;
    caps.key_hashes = 700;
    const std::string before = shown(diagnose_world(world, caps));
    std::reverse(world.rows.begin(), world.rows.end());
    std::rotate(world.rows.begin(), world.rows.begin() + 500, world.rows.end());
    std::reverse(world.keys.begin(), world.keys.end());
    std::rotate(world.keys.begin(), world.keys.begin() + 700, world.keys.end());
    EXPECT_EQ(shown(diagnose_world(world, caps)), before) << layout.name;
  }
}

TEST(Diagnose, MendsEveryTemplateOfASource) {
  Layout layout = books("{s3_key}");
  layout.make = [](Names& n, std::uint64_t) {
    const std::string v = n.word() + "-" + n.base36(6);
    return Made{{v + ".jpg"}, {"img/" + v + ".jpg", "img/" + v + ".json"}, {}};
  };
  World world = world_of(layout);
  world.rules.objects.push_back(*KeyTemplate::parse("{s3_key|stem}.json"));
  const std::vector<Proposal> all = diagnose_world(world, corpus_caps());
  ASSERT_EQ(all.size(), 1U) << shown(all);
  EXPECT_EQ(all[0].resolves, 2 * world.rows.size());
  const ResolverRules rules = with_proposal(world.rules, all[0]);
  ASSERT_EQ(rules.objects.size(), 2U);
  EXPECT_EQ(rules.objects[0].text(), "img/{s3_key}");
  EXPECT_EQ(rules.objects[1].text(), "img/{s3_key|stem}.json");
}

TEST(Diagnose, MendsTheTemplateBehindAnExtract) {
  Layout layout = embedded_layouts()[0];
  layout.extract = R"re("(?P<path>[^"]+)")re";
  layout.current = "{path}";
  const World world = world_of(layout);
  const std::vector<Proposal> all = diagnose_world(world, corpus_caps());
  ASSERT_EQ(all.size(), 1U) << shown(all);
  EXPECT_EQ(all[0].proposal, R"(objects = ["images/{path}"])");
}

TEST(Diagnose, TellsTheMappingAndTheThumbnailsAtOnce) {
  Layout layout = books("{s3_key}");
  const auto make = layout.make;
  layout.make = [make](Names& n, std::uint64_t i) {
    Made made = make(n, i);
    made.derived = {"books/thumb_" + made.columns[0]};
    return made;
  };
  const std::vector<Proposal> all = diagnose_world(world_of(layout), corpus_caps());
  ASSERT_EQ(all.size(), 2U) << shown(all);
  EXPECT_EQ(all[0].proposal, R"(objects = ["books/{s3_key}"])");
  EXPECT_EQ(all[1].proposal, R"(derived = ["books/thumb_{s3_key}"])");
}

TEST(Diagnose, SaysWhereHalfOfTheNamesAreDerivedInAnotherFolder) {
  const std::vector<Proposal> all = diagnose_world(world_of(derived_layouts()[5]));
  ASSERT_EQ(all.size(), 1U) << shown(all);
  EXPECT_NE(all[0].message.find("derived objects, or a copy"), std::string::npos) << all[0].message;
}

TEST(Diagnose, SaysWhatIsPartlyRightAsItIs) {
  Layout layout = books("pics/{s3_key}");
  layout.make = [](Names& n, std::uint64_t) {
    const std::string v = n.word() + "-" + n.base36(7);
    return Made{
        {v}, {"pics/" + v + (n.percent(70) ? ".jpg" : n.one_of(".png", ".gif", ".webp", ".tiff"))}, {}};
  };
  const World world = world_of(layout);
  const std::vector<Proposal> all = diagnose_world(world, corpus_caps());
  std::string why;
  EXPECT_EQ(judged(world, all, why), Found::partly) << why;
  EXPECT_EQ(all[0].proposal, R"(objects = ["pics/{s3_key}.jpg"])") << why;
  EXPECT_GT(all[0].resolves * 100, all[0].of * 60);
  EXPECT_LT(all[0].resolves * 100, all[0].of * 80);
}

TEST(Diagnose, ShowsPairsAndReasonsWhereNothingFits) {
  const auto unexplained = [](std::string_view name) {
    for (const Layout& layout : hopeless_layouts())
      if (layout.name == name) return diagnose_world(world_of(layout), corpus_caps());
    ADD_FAILURE() << name;
    return std::vector<Proposal>{};
  };
  const auto random_folder = unexplained("a random folder");
  ASSERT_EQ(random_folder.size(), 1U);
  EXPECT_EQ(random_folder[0].kind, "unexplained");
  EXPECT_NE(random_folder[0].message.find("part 1 of the keys is in no column"), std::string::npos)
      << shown(random_folder);
  EXPECT_NE(random_folder[0].message.find("nearest to each other are '"), std::string::npos)
      << shown(random_folder);
  const auto random_keys = unexplained("keys are random");
  ASSERT_EQ(random_keys.size(), 1U);
  EXPECT_EQ(random_keys[0].kind, "nothing_shared") << shown(random_keys);
  const auto cameras = unexplained("names of cameras");
  ASSERT_EQ(cameras.size(), 1U);
  EXPECT_NE(cameras[0].message.find("a coincidence"), std::string::npos) << shown(cameras);
}

TEST(Diagnose, SaysThatABacklogIsNoMismatch) {
  const std::vector<Proposal> all = diagnose_world(world_of(healthy_layouts()[1]));
  ASSERT_EQ(all.size(), 1U) << shown(all);
  EXPECT_EQ(all[0].kind, "backlog");
  EXPECT_FALSE(all[0].source.has_value());
}

TEST(Diagnose, ShowsHostileTextEscaped) {
  Layout layout = books("{s3_key}");
  layout.make = [](Names& n, std::uint64_t) {
    return Made{{n.hex(6) + "\x1b[31m.jpg"}, {"x/" + n.hex(5) + "\xe2\x80\xae" + ".jpg"}, {}};
  };
  for (const Proposal& one : diagnose_world(world_of(layout))) {
    EXPECT_EQ(one.message.find('\x1b'), std::string::npos);
    EXPECT_EQ(one.message.find("\xe2\x80\xae"), std::string::npos);
  }
}

TEST(Diagnose, DoesNotTakeThumbnailsForOriginalsThatAFewAreLostOf) {
  Layout layout = books("{s3_key}");
  layout.rows = 3000;
  layout.make = [](Names& n, std::uint64_t i) {
    const std::string v = n.base36(12) + ".jpg";
    Made made{{v}, {"img/" + v}, {"img/thumb_" + v}};
    if (i % 100 == 0) made.keys = {"gone/" + v};
    return made;
  };
  DiagnosisCaps caps;
  caps.rows = 1500;
  caps.key_hashes = 1500;
  const std::vector<Proposal> all = diagnose_world(world_of(layout), caps);
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all[0].proposal, R"(objects = ["img/{s3_key}"])") << shown(all);
}

TEST(Diagnose, KnowsInventedNamesThatAreReferencesOutsideTheSample) {
  Layout layout = books("{s3_key}");
  layout.rows = 4000;
  layout.make = [](Names&, std::uint64_t i) {
    const std::string v = std::to_string(i);
    return Made{{v}, {"books/" + v}, {}};
  };
  DiagnosisCaps caps = corpus_caps();
  caps.rows = 300;
  const std::vector<Proposal> all = diagnose_world(world_of(layout), caps);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].proposal, R"(objects = ["books/{s3_key}"])") << shown(all);
}

}  // namespace
}  // namespace flotsam::test
