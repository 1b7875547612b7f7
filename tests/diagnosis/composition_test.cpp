#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "diagnosis/layouts.h"
#include "model/unicode.h"

namespace flotsam::test {
namespace {

/// One thing that goes wrong between a value and a key. `number` tells rows apart where a change is not the
/// same for all.
struct Corruption {
  const char* name;
  void (*spoil)(std::string& value, std::string& key, std::uint64_t number);
};

void insert_folder(std::string& path, const std::string& folder) {
  const std::size_t slash = path.rfind('/');
  path.insert(slash == std::string::npos ? 0 : slash + 1, folder + "/");
}

void insert_before_extension(std::string& path, const std::string& text) {
  path.insert(path.size() - extension_with_dot_of(path).size(), text);
}

const std::array kCorruptions = {
    Corruption{"prefix", [](std::string&, std::string& k, std::uint64_t) { k = "media/" + k; }},
    Corruption{"two folders in front", [](std::string&, std::string& k, std::uint64_t) { k = "prod/tenant-7/" + k; }},
    Corruption{"folder before the name", [](std::string&, std::string& k, std::uint64_t) { insert_folder(k, "original"); }},
    Corruption{"affix before the name", [](std::string&, std::string& k, std::uint64_t) { k.insert(k.rfind('/') + 1, "f_"); }},
    Corruption{"affix before the extension", [](std::string&, std::string& k, std::uint64_t) { insert_before_extension(k, "-final"); }},
    Corruption{"another extension", [](std::string&, std::string& k, std::uint64_t) { k = k.substr(0, k.size() - extension_with_dot_of(k).size()) + ".avif"; }},
    Corruption{"an extension more", [](std::string&, std::string& k, std::uint64_t) { k += ".gz"; }},
    Corruption{"keys in lower case", [](std::string&, std::string& k, std::uint64_t) { k = to_lower(k); }},
    Corruption{"keys in upper case", [](std::string&, std::string& k, std::uint64_t) { k = to_upper(k); }},
    Corruption{"shards of the name", [](std::string&, std::string& k, std::uint64_t) { const std::string b = base_of(k); insert_folder(k, b.substr(0, 2) + "/" + b.substr(2, 2)); }},
    Corruption{"leading slash", [](std::string& v, std::string&, std::uint64_t) { v = "/" + v; }},
    Corruption{"address", [](std::string& v, std::string&, std::uint64_t) { v = "https://cdn.example.com/" + v; }},
    Corruption{"address of two hosts", [](std::string& v, std::string&, std::uint64_t i) { v = (i % 2 == 0 ? "https://a.example.com/" : "http://b.example.net/") + v; }},
    Corruption{"address with a query", [](std::string& v, std::string&, std::uint64_t i) { v = fmt::format("https://cdn.example.com/{}?v={}", v, i % 97); }},
    Corruption{"folder of a server", [](std::string& v, std::string&, std::uint64_t) { v = "/var/www/shared/" + v; }},
    Corruption{"percent-encoding", [](std::string& v, std::string&, std::uint64_t) { v = percent_encoded(v); }},
    Corruption{"plus-encoding", [](std::string& v, std::string&, std::uint64_t) { v = replaced(v, " ", "+"); }},
    Corruption{"values in upper case", [](std::string& v, std::string&, std::uint64_t) { v = to_upper(v); }},
    Corruption{"backslashes", [](std::string& v, std::string&, std::uint64_t) { v = replaced(v, "/", "\\"); }},
    Corruption{"blanks at the end", [](std::string& v, std::string&, std::uint64_t) { v += "  "; }},
    Corruption{"decomposed", [](std::string& v, std::string&, std::uint64_t) { v = to_nfd(v); }},
    Corruption{"prefix in some values", [](std::string& v, std::string&, std::uint64_t i) { if (i % 3 == 0) v = "uploads/" + v; }},
    Corruption{"extension is missing", [](std::string& v, std::string&, std::uint64_t) { v = v.substr(0, v.size() - extension_with_dot_of(v).size()); }},
};

struct Shape {
  const char* name;
  std::string (*make)(Names& names, std::uint64_t number);
};

const std::array kShapes = {
    Shape{"words in folders",
          [](Names& n, std::uint64_t) { return n.word() + "/" + n.word() + "-" + n.base36(6) + ".jpg"; }},
    Shape{"months",
          [](Names& n, std::uint64_t) {
            return fmt::format("20{}/{:02}/{}-{}.png", n.between(19, 25), n.between(1, 12), n.word(),
                               n.base36(5));
          }},
    Shape{"UUIDs", [](Names& n, std::uint64_t) { return n.uuid() + ".pdf"; }},
    Shape{"hashes", [](Names& n, std::uint64_t) { return n.hex(40) + ".bin"; }},
    Shape{"books",
          [](Names& n, std::uint64_t i) { return fmt::format("{}/image_{:02}.webp", i, n.below(4)); }},
    Shape{"names with blanks",
          [](Names& n, std::uint64_t) {
            return n.word() + "/" + n.word() + " " + n.word() + " " + n.base36(5) + ".doc";
          }},
    Shape{"umlauts",
          [](Names& n, std::uint64_t) {
            return "Gr\xC3\xB6\xC3\x9F"
                   "e/" +
                   n.word() + "-\xC3\xBC-" + n.base36(5) + ".txt";
          }},
    Shape{
        "tenants",
        [](Names& n, std::uint64_t i) { return fmt::format("t{}/u{}/{}.mp4", n.below(9), i, n.base36(12)); }},
    Shape{"slugs", [](Names& n, std::uint64_t) { return n.slug() + "-" + n.base36(3) + ".html"; }},
};

Layout composed(const Shape& shape, const Corruption& first, const Corruption& second) {
  return {fmt::format("{}: {}, {}", shape.name, first.name, second.name),
          {"value"},
          "{value}",
          [&shape, &first, &second](Names& n, std::uint64_t i) {
            std::string value = shape.make(n, i);
            std::string key = value;
            const std::uint64_t dice = n.below(1000);
            first.spoil(value, key, dice);
            second.spoil(value, key, dice);
            return Made{{value}, {key}, {}};
          },
          300};
}

std::uint64_t tries(std::uint64_t otherwise) {
  const char* text = std::getenv("FLOTSAM_DIAGNOSIS_TRIES");
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(Diagnosis, FindsTwoTransformationsAtOnceOrSaysNothing) {
  const char* seed = std::getenv("FLOTSAM_DIAGNOSIS_SEED");
  Names names(seed == nullptr ? 20260101 : std::strtoull(seed, nullptr, 10));
  std::array<int, 4> tally{};
  int resolved_before = 0;
  const std::uint64_t count = tries(60);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Layout layout =
        composed(kShapes[names.below(kShapes.size())], kCorruptions[names.below(kCorruptions.size())],
                 kCorruptions[names.below(kCorruptions.size())]);
    const World world = world_of(layout, 100 + i);
    const Outcome before = outcome_of(world, world.rules);
    if (before.resolved * 10 >= before.needed * 9) {
      ++resolved_before;
      continue;
    }
    std::string why;
    const Found found = judged(world, diagnose_world(world, corpus_caps()), why);
    ++tally[static_cast<std::size_t>(found)];
    EXPECT_NE(found, Found::wrong) << layout.name << "\n" << why;
    if (found == Found::missed || found == Found::partly) {
      fmt::print("{}: {}\n", to_string(found), layout.name);
      if (std::getenv("FLOTSAM_DIAGNOSIS_TRIES") != nullptr) fmt::print("{}", why);
    }
  }
  fmt::print("right {}, partly {}, missed {}, wrong {}; {} resolved before\n", tally[0], tally[1], tally[2],
             tally[3], resolved_before);
  // Not to be silent about all of it.
  EXPECT_GE(10 * tally[0], 8 * (tally[0] + tally[1] + tally[2] + tally[3]));
}

TEST(Diagnosis, IsSilentWhereTheBucketIsAnothers) {
  std::vector<World> worlds;
  for (const auto& layouts : {mismatched_layouts(), healthy_layouts(), embedded_layouts()})
    for (const Layout& layout : layouts) worlds.push_back(world_of(layout, 7 + worlds.size()));
  Names names(42);
  for (std::uint64_t i = 0; i < tries(60); ++i) {
    const World& references = worlds[names.below(worlds.size())];
    const World& bucket = worlds[names.below(worlds.size())];
    // Two layouts of the same running numbers are the coincidence that the corpus has cases for.
    if (&references == &bucket) continue;
    const World world = crossed(references, bucket);
    const std::vector<Proposal> proposals = diagnose_world(world, corpus_caps());
    for (const Proposal& one : proposals)
      EXPECT_EQ(one.proposal, "") << world.name << "\n" << shown(proposals);
  }
}

}  // namespace
}  // namespace flotsam::test
