#include "scan/guards.h"

#include <functional>
#include <gtest/gtest.h>

#include "scan/world.h"

namespace flotsam::test {
namespace {

// A finding in which every guard passes: 1,000 referenced objects, one source, one orphan.
struct Case {
  Case() {
    rules.store_url = "s3://media";
    found.prefixes = {"books/"};
    found.store.versioning = Versioning::enabled;
    found.store.lifecycle.emplace();
    found.method = DeleteMethod::version;
    verdict(Verdict::referenced, 1000);
    verdict(Verdict::orphan, 1);
    found.plan = found.of(Verdict::orphan);
    found.scanned.objects = 1001;
    found.shapes = {row("books/#.webp", 1001, 1000, 1)};
    found.prefixes_found = {row("books/", 1001, 1000, 1)};
    SourceFindings source;
    source.name = "images";
    source.database = "fake://db";
    source.has_objects = true;
    source.rows = source.distinct_keys = source.resolved = 1000;
    source.templates.push_back({"books/{v}", false, 1000, 0, 1000, 0});
    found.sources.push_back(source);
  }
  void verdict(Verdict verdict, std::uint64_t objects, std::uint64_t bytes = 0) {
    found.verdicts[static_cast<std::size_t>(verdict)] = {objects, bytes};
  }
  static TallyRow row(const char* name, std::uint64_t judged, std::uint64_t known, std::uint64_t orphans) {
    TallyRow made;
    made.name = name;
    made.all.objects = made.judged = made.ruled_judged = judged;
    made.known = known;
    made.orphans.objects = made.ruled_orphans = orphans;
    return made;
  }
  void resolve(std::uint64_t distinct, std::uint64_t outside, std::uint64_t resolved) {
    SourceFindings& source = found.sources.front();
    source.distinct_keys = source.templates.front().distinct_keys = distinct;
    source.outside = source.templates.front().outside = outside;
    source.resolved = source.templates.front().resolved = resolved;
    source.dangling = distinct - resolved;
  }
  GuardRuling ruling(const char* id) {
    for (GuardRuling& guard : rule_on({rules, found, baseline, cliff, pairs, held_back}))
      if (guard.id == id) return guard;
    ADD_FAILURE() << "no guard " << id;
    return {};
  }

  ScanRules rules;
  ScanResult found;
  std::optional<Baseline> baseline;
  CliffCounts cliff;
  std::vector<NearPair> pairs;
  std::uint64_t held_back = 0;
};

struct Edge {
  const char* name;
  const char* guard;
  Ruling ruling;
  std::optional<double> value;
  bool overridable;
  std::function<void(Case&)> change;
};

void baseline(Case& c, std::map<std::string, std::uint64_t> keys) {
  c.baseline = Baseline{days_ago(1), "7f3a", std::move(keys)};
}

void cliff(Case& c, std::uint64_t recent, std::uint64_t recent_orphans, std::uint64_t older,
           std::uint64_t older_orphans) {
  c.cliff = {recent, recent_orphans, older, older_orphans};
}

void judged(Case& c, std::uint64_t known, std::uint64_t orphans, std::uint64_t suspects = 0) {
  c.verdict(Verdict::referenced, known);
  c.verdict(Verdict::orphan, orphans);
  c.verdict(Verdict::suspect, suspects);
  c.found.plan.objects = orphans;
}

LifecycleRule expiring(std::string prefix, std::optional<int> current, std::optional<int> noncurrent) {
  LifecycleRule rule;
  rule.id = "r";
  rule.prefix = std::move(prefix);
  rule.expiration_days = current;
  rule.noncurrent_expiration_days = noncurrent;
  return rule;
}

LifecycleRule with_tags(LifecycleRule rule) {
  rule.has_other_filter = true;
  return rule;
}

void lifecycle(Case& c, LifecycleRule rule) {
  c.found.store.lifecycle = {{std::move(rule)}};
}

void quarantine(Case& c, std::string prefix) {
  c.found.store.versioning = Versioning::none;
  c.found.method = DeleteMethod::quarantine;
  c.rules.deletion.has_quarantine = true;
  c.rules.deletion.quarantine_prefix = std::move(prefix);
}

void no_keys(Case& c) {
  c.resolve(0, 0, 0);
}

std::vector<Edge> references_edges() {
  return {
      {"a source with keys", "references-empty", Ruling::pass, 0, true, [](Case&) {}},
      {"no source gave any", "references-empty", Ruling::refuse, 1, false, no_keys},
      {"only explained keys", "references-empty", Ruling::pass, 0, true,
       [](Case& c) { no_keys(c), c.found.sources[0].explained = 1; }},
      {"keys, but all outside", "references-empty", Ruling::refuse, 1, false,
       [](Case& c) { c.resolve(0, 50, 0); }},
      {"one of two sources", "references-empty", Ruling::refuse, 1, true,
       [](Case& c) { c.found.sources.push_back(c.found.sources[0]), no_keys(c); }},
      {"may be empty", "references-empty", Ruling::pass, 0, true,
       [](Case& c) { no_keys(c), c.found.sources[0].may_be_empty = true; }},
      {"nothing is unreferenced", "references-empty", Ruling::warn, 1, true,
       [](Case& c) { no_keys(c), judged(c, 9, 0); }},
      {"only suspects are unreferenced", "references-empty", Ruling::refuse, 1, false,
       [](Case& c) { no_keys(c), judged(c, 9, 0, 1); }},

      {"at the floor", "resolution", Ruling::pass, 90, true, [](Case& c) { c.resolve(1000, 0, 900); }},
      {"one below the floor", "resolution", Ruling::refuse, 89.9, true,
       [](Case& c) { c.resolve(1000, 0, 899); }},
      {"just below, never rounded up", "resolution", Ruling::refuse, 89.99999, true,
       [](Case& c) { c.resolve(10000000, 0, 8999999); }},
      {"at one half", "resolution", Ruling::refuse, 50, true, [](Case& c) { c.resolve(1000, 0, 500); }},
      {"below one half", "resolution", Ruling::refuse, 49.9, false, [](Case& c) { c.resolve(1000, 0, 499); }},
      {"nothing resolves", "resolution", Ruling::refuse, 0, false, [](Case& c) { c.resolve(5089, 0, 0); }},
      {"a limit of 95", "resolution", Ruling::refuse, 94.9, true,
       [](Case& c) { c.resolve(1000, 0, 949), c.rules.limits.resolution = Percent::of_whole(95); }},
      {"outside counts", "resolution", Ruling::refuse, 89.9, true, [](Case& c) { c.resolve(900, 100, 899); }},
      {"all outside", "resolution", Ruling::refuse, 0, false, [](Case& c) { c.resolve(0, 10, 0); }},
      {"outside is ignored", "resolution", Ruling::pass, 100, true,
       [](Case& c) { c.resolve(900, 100, 900), c.found.sources[0].outside_ignored = true; }},
      {"no objects templates", "resolution", Ruling::pass, std::nullopt, true,
       [](Case& c) { c.resolve(0, 0, 0), c.found.sources[0].has_objects = false; }},
      {"the second source", "resolution", Ruling::refuse, 10, false,
       [](Case& c) { c.found.sources.push_back(c.found.sources[0]), c.resolve(1000, 0, 100); }},
      {"one template of a source that resolves", "resolution", Ruling::refuse, 80, true,
       [](Case& c) { c.found.sources[0].templates.push_back({"books/{w}", false, 10, 0, 8, 0}); }},
      {"one template, all outside", "resolution", Ruling::refuse, 0, false,
       [](Case& c) { c.found.sources[0].templates.push_back({"book/{w}", false, 0, 10, 0, 0}); }},
      {"a derived template need not exist", "resolution", Ruling::pass, 100, true,
       [](Case& c) { c.found.sources[0].templates.push_back({"books/t_{w}", true, 10, 0, 0, 0}); }},

      {"no history", "reference-drop", Ruling::pass, std::nullopt, true, [](Case&) {}},
      {"just under the limit", "reference-drop", Ruling::pass, 100.0 * 52 / 1052, true,
       [](Case& c) { baseline(c, {{"images", 1052}}); }},
      {"at the limit", "reference-drop", Ruling::refuse, 5, true,
       [](Case& c) { c.resolve(950, 0, 950), baseline(c, {{"images", 1000}}); }},
      {"above the limit", "reference-drop", Ruling::refuse, 50, true,
       [](Case& c) { baseline(c, {{"images", 2000}}); }},
      {"a source that only explains", "reference-drop", Ruling::refuse, 50, true,
       [](Case& c) {
         SourceFindings& source = c.found.sources[0];
         source.has_objects = false, source.distinct_keys = source.resolved = 0, source.explained = 500;
         baseline(c, {{"images", 1000}});
       }},
      {"more than before", "reference-drop", Ruling::pass, 0, true,
       [](Case& c) { baseline(c, {{"images", 10}}); }},
      {"a source vanished", "reference-drop", Ruling::refuse, 100, true,
       [](Case& c) { baseline(c, {{"images", 1000}, {"covers", 1}}); }},
      {"a source is new", "reference-drop", Ruling::pass, 0, true, [](Case& c) { baseline(c, {}); }},
      {"empty before and now", "reference-drop", Ruling::pass, 0, true,
       [](Case& c) { no_keys(c), baseline(c, {{"images", 0}}); }},

      {"all rules match", "rules-unused", Ruling::pass, 0, true,
       [](Case& c) { c.found.rules.push_back({"protect", "a/**", 1}); }},
      {"a glob matches nothing", "rules-unused", Ruling::warn, 1, true,
       [](Case& c) { c.found.rules.push_back({"protect", "a/**", 0}); }},
      {"a template matches nothing", "rules-unused", Ruling::warn, 1, true,
       [](Case& c) { c.found.sources[0].templates.push_back({"books/t_{w}", true, 10, 0, 0, 0}); }},
      {"a derived template matches", "rules-unused", Ruling::pass, 0, true,
       [](Case& c) { c.found.sources[0].templates.push_back({"books/t_{w}", true, 10, 0, 1, 1}); }},
      {"extract finds nothing in a row", "rules-unused", Ruling::warn, 1, true,
       [](Case& c) { c.found.sources[0].unmatched = 1; }},
  };
}

std::vector<Edge> shares_edges() {
  return {
      {"a prefix with something referenced", "unexpected-prefix", Ruling::pass, 0, true, [](Case&) {}},
      {"a prefix without", "unexpected-prefix", Ruling::refuse, 1, true,
       [](Case& c) { c.found.prefixes_found.push_back(Case::row("listings/", 1, 0, 1)); }},
      {"a prefix without, nothing unreferenced", "unexpected-prefix", Ruling::pass, 0, true,
       [](Case& c) { c.found.prefixes_found.push_back(Case::row("listings/", 0, 0, 0)); }},
      {"only disposable ones", "unexpected-prefix", Ruling::pass, 0, true,
       [](Case& c) {
         c.found.prefixes_found.push_back(Case::row("tmp/", 5, 0, 5));
         c.found.prefixes_found.back().ruled_orphans = 0;
       }},
      {"one of several prefixes", "unexpected-prefix", Ruling::refuse, 1, true,
       [](Case& c) {
         c.found.scope_prefixes = {Case::row("books/a/", 9, 9, 0), Case::row("books/b/", 1, 0, 1)};
       }},
      {"the same prefix is told once", "unexpected-prefix", Ruling::refuse, 1, true,
       [](Case& c) {
         c.found.prefixes_found.push_back(Case::row("listings/", 1, 0, 1));
         c.found.scope_prefixes = {Case::row("listings/", 1, 0, 1)};
       }},

      {"below the share", "orphan-percent", Ruling::pass, 9.99, true, [](Case& c) { judged(c, 9001, 999); }},
      {"at the share", "orphan-percent", Ruling::refuse, 10, true, [](Case& c) { judged(c, 9000, 1000); }},
      {"suspects count", "orphan-percent", Ruling::refuse, 10, true,
       [](Case& c) { judged(c, 9000, 0, 1000); }},
      {"one short of the share, never rounded", "orphan-percent", Ruling::pass, 100.0 * 999999 / 10000000,
       true, [](Case& c) { judged(c, 9000001, 999999); }},
      {"nine judged", "orphan-percent", Ruling::pass, 100, true, [](Case& c) { judged(c, 0, 9); }},
      {"ten judged", "orphan-percent", Ruling::refuse, 100, true, [](Case& c) { judged(c, 0, 10); }},
      {"none, limit 0", "orphan-percent", Ruling::pass, 0, true,
       [](Case& c) { judged(c, 100, 0), c.rules.limits.orphan_percent = Percent::of_whole(0); }},
      {"one, limit 0", "orphan-percent", Ruling::refuse, 1, true,
       [](Case& c) { judged(c, 99, 1), c.rules.limits.orphan_percent = Percent::of_whole(0); }},
      {"derived ones are judged", "orphan-percent", Ruling::pass, 5, true,
       [](Case& c) { judged(c, 95, 10), c.verdict(Verdict::derived, 95); }},
      {"protected ones are not", "orphan-percent", Ruling::refuse, 10, true,
       [](Case& c) { judged(c, 90, 10), c.verdict(Verdict::protected_, 1000); }},

      {"nineteen of a shape", "shape-percent", Ruling::pass, 100.0 / 1001, true,
       [](Case& c) { c.found.shapes.push_back(Case::row("t_#", 19, 0, 19)); }},
      {"twenty of a shape", "shape-percent", Ruling::refuse, 100, true,
       [](Case& c) { c.found.shapes.push_back(Case::row("t_#", 20, 0, 20)); }},
      {"below the share of a shape", "shape-percent", Ruling::pass, 89, true,
       [](Case& c) { c.found.shapes.push_back(Case::row("t_#", 100, 11, 89)); }},
      {"at the share of a shape that is 1 % of the judged", "shape-percent", Ruling::refuse, 90, true,
       [](Case& c) { judged(c, 9910, 90), c.found.shapes.push_back(Case::row("t_#", 100, 10, 90)); }},
      {"at the share of a shape that is less", "shape-percent", Ruling::pass, 90, true,
       [](Case& c) { judged(c, 9911, 90), c.found.shapes.push_back(Case::row("t_#", 100, 10, 90)); }},
      {"a small shape of which nothing is known", "shape-percent", Ruling::refuse, 100, true,
       [](Case& c) { judged(c, 1000000, 20), c.found.shapes.push_back(Case::row("t_#", 20, 0, 20)); }},
      {"a disposable shape", "shape-percent", Ruling::pass, 100.0 / 1001, true,
       [](Case& c) {
         c.found.shapes.push_back(Case::row("tmp_#", 50, 0, 50));
         c.found.shapes.back().ruled_judged = c.found.shapes.back().ruled_orphans = 0;
       }},

      {"no suspect", "suspects", Ruling::pass, 0, true, [](Case& c) { judged(c, 99, 1, 0); }},
      {"one suspect", "suspects", Ruling::pass, 100, true, [](Case& c) { judged(c, 0, 0, 1); }},
      {"two suspects", "suspects", Ruling::refuse, 100, true, [](Case& c) { judged(c, 0, 0, 2); }},
      {"at one percent", "suspects", Ruling::refuse, 1, true, [](Case& c) { judged(c, 198, 0, 2); }},
      {"below one percent", "suspects", Ruling::pass, 100.0 * 2 / 201, true,
       [](Case& c) { judged(c, 199, 0, 2); }},

      {"at the count", "max-deletions", Ruling::pass, 1000, true,
       [](Case& c) { c.found.plan.objects = 1000; }},
      {"above the count", "max-deletions", Ruling::refuse, 1001, true,
       [](Case& c) { c.found.plan.objects = 1001; }},
      {"zero is zero", "max-deletions", Ruling::refuse, 1, true,
       [](Case& c) { c.rules.limits.max_deletions = 0; }},
      {"none, limit zero", "max-deletions", Ruling::pass, 0, true,
       [](Case& c) { c.rules.limits.max_deletions = 0, c.found.plan.objects = 0; }},
      {"at the bytes", "max-bytes", Ruling::pass, 107374182400.0, true,
       [](Case& c) { c.found.plan.bytes = 100ULL << 30U; }},
      {"above the bytes", "max-bytes", Ruling::refuse, 107374182401.0, true,
       [](Case& c) { c.found.plan.bytes = (100ULL << 30U) + 1; }},

      {"a cliff", "young-cliff", Ruling::refuse, 90, true, [](Case& c) { cliff(c, 20, 18, 20, 9); }},
      {"recent below nine tenths", "young-cliff", Ruling::pass, 85, true,
       [](Case& c) { cliff(c, 20, 17, 20, 0); }},
      {"nineteen recent", "young-cliff", Ruling::pass, std::nullopt, true,
       [](Case& c) { cliff(c, 19, 19, 20, 0); }},
      {"nineteen older", "young-cliff", Ruling::pass, 100, true, [](Case& c) { cliff(c, 20, 20, 19, 0); }},
      {"half of the older too", "young-cliff", Ruling::pass, 100, true,
       [](Case& c) { cliff(c, 20, 20, 20, 10); }},

      {"too many first parts to look at each", "unexpected-prefix", Ruling::warn, 0, true,
       [](Case& c) { c.found.first_parts_merged = true; }},
      {"what is held back counts", "orphan-percent", Ruling::refuse, 100.0 * 201 / 1201, true,
       [](Case& c) { c.held_back = 200; }},

      {"one sighting is enough", "sightings", Ruling::pass, 0, false, [](Case&) {}},
      {"some are held back", "sightings", Ruling::warn, 7, false,
       [](Case& c) { c.rules.limits.sightings = 2, c.held_back = 7; }},
  };
}

std::vector<Edge> undo_edges() {
  const double day = 86400;
  return {
      {"versions, no lifecycle rule", "recoverable", Ruling::pass, std::nullopt, true, [](Case&) {}},
      {"no versions, no quarantine", "recoverable", Ruling::refuse, 0, false,
       [](Case& c) { c.found.method = DeleteMethod::none; }},
      {"no way to undo, but nothing to delete", "recoverable", Ruling::warn, 0, false,
       [](Case& c) { c.found.method = DeleteMethod::none, c.found.plan = {}; }},
      {"permanent, but nothing to delete", "recoverable", Ruling::warn, 0, true,
       [](Case& c) { c.found.method = DeleteMethod::permanent, c.found.plan = {}; }},
      {"permanent", "recoverable", Ruling::refuse, 0, true,
       [](Case& c) { c.found.method = DeleteMethod::permanent; }},
      {"versions expire a day too soon", "recoverable", Ruling::refuse, 29 * day, true,
       [](Case& c) { lifecycle(c, expiring("", {}, 29)); }},
      {"versions expire in time", "recoverable", Ruling::pass, 30 * day, true,
       [](Case& c) { lifecycle(c, expiring("", {}, 30)); }},
      {"a rule inside the scope", "recoverable", Ruling::refuse, day, true,
       [](Case& c) { lifecycle(c, expiring("books/tmp/", {}, 1)); }},
      {"a rule elsewhere", "recoverable", Ruling::pass, std::nullopt, true,
       [](Case& c) { lifecycle(c, expiring("logs/", {}, 1)); }},
      {"a rule with tags may apply", "recoverable", Ruling::refuse, day, true,
       [](Case& c) { lifecycle(c, with_tags(expiring("", {}, 1))); }},
      {"current objects expire, versions stay", "recoverable", Ruling::pass, std::nullopt, true,
       [](Case& c) { lifecycle(c, expiring("", 1, {})); }},
      {"the earliest of several rules", "recoverable", Ruling::refuse, 2 * day, true,
       [](Case& c) {
         lifecycle(c, expiring("", {}, 90));
         c.found.store.lifecycle->push_back(expiring("", {}, 2));
       }},
      {"lifecycle cannot be read", "recoverable", Ruling::warn, std::nullopt, true,
       [](Case& c) { c.found.store.lifecycle.reset(); }},
      {"undo for two days is enough", "recoverable", Ruling::pass, 2 * day, true,
       [](Case& c) {
         c.rules.deletion.undo_days = 2;
         lifecycle(c, expiring("", {}, 2));
       }},
      {"quarantine in the bucket", "recoverable", Ruling::pass, std::nullopt, true,
       [](Case& c) { quarantine(c, ".flotsam-q/"); }},
      {"quarantine expires too soon", "recoverable", Ruling::refuse, 7 * day, true,
       [](Case& c) { quarantine(c, ".flotsam-q/"), lifecycle(c, expiring("", 7, {})); }},
      {"quarantine: a rule of another folder", "recoverable", Ruling::pass, std::nullopt, true,
       [](Case& c) { quarantine(c, ".flotsam-q/"), lifecycle(c, expiring("books/", 7, {})); }},
      {"quarantine in another bucket", "recoverable", Ruling::warn, std::nullopt, true,
       [](Case& c) { quarantine(c, ""); }},
      {"quarantine of a directory", "recoverable", Ruling::pass, std::nullopt, true,
       [](Case& c) { quarantine(c, ""), c.rules.store_url = "file:///srv"; }},

      {"versions", "conditional-delete", Ruling::pass, std::nullopt, true, [](Case&) {}},
      {"no versions, conditions honoured", "conditional-delete", Ruling::pass, std::nullopt, true,
       [](Case& c) { quarantine(c, ".flotsam-q/"), c.rules.deletion.store_honours_conditions = true; }},
      {"no versions, conditions ignored", "conditional-delete", Ruling::warn, std::nullopt, true,
       [](Case& c) { quarantine(c, ".flotsam-q/"), c.rules.deletion.store_honours_conditions = false; }},
      {"no versions, never probed", "conditional-delete", Ruling::warn, std::nullopt, true,
       [](Case& c) { quarantine(c, ".flotsam-q/"); }},
      {"a directory", "conditional-delete", Ruling::pass, std::nullopt, true,
       [](Case& c) { quarantine(c, ""), c.rules.store_url = "file:///srv"; }},
  };
}

void expect_edges(const std::vector<Edge>& edges) {
  for (const Edge& edge : edges) {
    SCOPED_TRACE(std::string(edge.guard) + ": " + edge.name);
    Case c;
    edge.change(c);
    const GuardRuling ruling = c.ruling(edge.guard);
    EXPECT_EQ(to_string(ruling.ruling), to_string(edge.ruling)) << ruling.message;
    EXPECT_EQ(ruling.value.has_value(), edge.value.has_value()) << ruling.value.value_or(-1);
    if (ruling.value && edge.value) {
      EXPECT_NEAR(*ruling.value, *edge.value, 1e-9);
    }
    EXPECT_EQ(ruling.overridable, edge.overridable);
    EXPECT_TRUE(ruling.message.ends_with('.') || ruling.message.ends_with("PLAN")) << ruling.message;
  }
}

}  // namespace

TEST(Guards, OfReferencesRuleAtTheirEdges) {
  expect_edges(references_edges());
}
TEST(Guards, OfSharesRuleAtTheirEdges) {
  expect_edges(shares_edges());
}
TEST(Guards, OfUndoRuleAtTheirEdges) {
  expect_edges(undo_edges());
}

TEST(Guards, AllPassOnAHealthyScan) {
  Case c;
  for (const GuardRuling& guard : rule_on({c.rules, c.found, c.baseline, c.cliff, c.pairs, 0}))
    EXPECT_EQ(to_string(guard.ruling), "pass") << guard.id << ": " << guard.message;
}

TEST(Guards, StandInTheOrderOfTheSpecification) {
  std::vector<std::string> ids;
  for (const Guard& guard : all_scan_guards()) ids.emplace_back(guard.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"references-empty", "resolution", "unexpected-prefix",
                                           "orphan-percent", "shape-percent", "suspects", "max-deletions",
                                           "max-bytes", "reference-drop", "young-cliff", "rules-unused",
                                           "recoverable", "conditional-delete", "sightings"}));
}

TEST(Guards, ShowTheNeededKeyBesideTheObjectThatItMeans) {
  Case c;
  c.resolve(0, 5089, 0);
  judged(c, 0, 0, 5089);
  c.pairs.push_back({0, "515/image_00.webp", "books/515/image_00.webp"});
  const std::string resolution = c.ruling("resolution").message;
  EXPECT_NE(
      resolution.find("Of 5,089 keys that 'images' needs, 0 (0.0 %) exist in the store; the limit is 90 %."),
      std::string::npos)
      << resolution;
  EXPECT_NE(resolution.find("5,089 of them lie outside books/."), std::string::npos) << resolution;
  EXPECT_NE(resolution.find("It needs 515/image_00.webp; the store has books/515/image_00.webp."),
            std::string::npos)
      << resolution;
  EXPECT_NE(resolution.find("no override exists"), std::string::npos) << resolution;
  EXPECT_NE(c.ruling("suspects")
                .message.find("A row needs 515/image_00.webp; the store has books/515/image_00.webp."),
            std::string::npos);
}

TEST(Guards, EscapeHostileKeys) {
  Case c;
  c.resolve(10, 0, 0);
  c.found.sources[0].sample_dangling = {"a\x1b[2Jb"};
  c.found.prefixes_found.push_back(Case::row("\xFF\r/", 1, 0, 1));
  for (const GuardRuling& guard : rule_on({c.rules, c.found, c.baseline, c.cliff, c.pairs, 0}))
    for (const char byte : guard.message) EXPECT_TRUE(byte >= ' ') << guard.message;
}

TEST(Guards, NeverAdviseAHigherLimitForAStructuralRefusal) {
  Case c;
  c.resolve(1000, 0, 0);
  judged(c, 0, 900, 100);
  c.found.prefixes_found = {Case::row("listings/", 900, 0, 900)};
  for (const char* id : {"resolution", "suspects", "unexpected-prefix"}) {
    const GuardRuling ruling = c.ruling(id);
    EXPECT_EQ(ruling.ruling, Ruling::refuse);
    for (const char* word : {"raise", "higher limit", "increase", "[guards]"})
      EXPECT_EQ(ruling.message.find(word), std::string::npos) << ruling.message;
    EXPECT_NE(ruling.message.find("Nothing has been deleted."), std::string::npos) << ruling.message;
  }
}

struct MethodCase {
  const char* configured;
  Versioning versioning;
  bool has_quarantine;
  DeleteMethod expected;
};

TEST(Guards, TheMethodInForceFollowsFromConfigurationAndStore) {
  const MethodCase cases[] = {
      {"auto", Versioning::enabled, false, DeleteMethod::version},
      {"auto", Versioning::enabled, true, DeleteMethod::version},
      {"auto", Versioning::suspended, false, DeleteMethod::none},
      {"auto", Versioning::suspended, true, DeleteMethod::quarantine},
      {"auto", Versioning::none, true, DeleteMethod::quarantine},
      {"auto", Versioning::unknown, false, DeleteMethod::none},
      {"version", Versioning::enabled, false, DeleteMethod::version},
      {"version", Versioning::none, true, DeleteMethod::none},
      {"quarantine", Versioning::enabled, true, DeleteMethod::quarantine},
      {"quarantine", Versioning::none, false, DeleteMethod::none},
      {"permanent", Versioning::none, true, DeleteMethod::permanent},
  };
  for (const MethodCase& each : cases) {
    DeleteRules rules;
    rules.method = each.configured;
    rules.has_quarantine = each.has_quarantine;
    StoreFacts store;
    store.versioning = each.versioning;
    EXPECT_EQ(to_string(method_in_force(rules, store)), to_string(each.expected)) << each.configured;
  }
}

}  // namespace flotsam::test
