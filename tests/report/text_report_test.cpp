#include <gtest/gtest.h>
#include <regex>
#include <sstream>

#include "report/fixture.h"
#include "report/text_layout.h"
#include "report/text_page.h"

namespace flotsam::test {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string without_colours(const std::string& text) {
  return std::regex_replace(text, std::regex("\x1b\\[[0-9;]*m"), "");
}

TextStyle width_of(unsigned width) {
  TextStyle style;
  style.width = width;
  return style;
}

TEST(TextReport, IsNeverWiderThanTheTerminal) {
  for (const unsigned width : {40U, 44U, 60U, 72U, 80U, 100U, 120U, 140U, 200U})
    for (const bool unicode : {true, false})
      for (const auto scan : {healthy_scan, incident_scan, empty_scan, several_prefixes_scan, hostile_scan}) {
        TextStyle style = width_of(width);
        style.unicode = unicode;
        for (const std::string& line : lines_of(text_of(scan(), style))) {
          // A command is to be pasted: it is never broken.
          const bool is_command = line.starts_with("    flotsam ");
          EXPECT_TRUE(is_command || columns_of(line) <= width) << width << ": " << line;
        }
      }
}

TEST(TextReport, SaysTheSameWithoutColours) {
  for (const auto scan : {healthy_scan, incident_scan, empty_scan, several_prefixes_scan, hostile_scan}) {
    TextStyle colour;
    colour.colour = true;
    const std::string coloured = text_of(scan(), colour);
    const std::string plain = text_of(scan(), TextStyle{});
    EXPECT_EQ(without_colours(coloured), plain);
    EXPECT_EQ(plain.find('\x1b'), std::string::npos);
    EXPECT_NE(coloured, plain);
  }
}

TEST(TextReport, ReadsInGreyWhatEveryGuardRuled) {
  ScanResult result = incident_scan();
  result.guards[10].ruling = Ruling::warn;
  const std::string text = text_of(result, TextStyle{});
  for (const GuardRuling& guard : result.guards) {
    const std::string sign = guard.ruling == Ruling::refuse ? "REFUSE ✗  " : "warn !    ";
    EXPECT_EQ(text.find(sign + guard.id) != std::string::npos, guard.ruling != Ruling::pass) << guard.id;
  }
  EXPECT_NE(text.find("pass ✓    7 guards pass"), std::string::npos);
  TextStyle ascii;
  ascii.unicode = false;
  const std::string plain = text_of(result, ascii);
  EXPECT_NE(plain.find("REFUSE X  resolution"), std::string::npos);
  EXPECT_NE(plain.find("warn !    rules-unused"), std::string::npos);
  EXPECT_NE(plain.find("pass ok   7 guards pass"), std::string::npos);
  for (const char c : plain) EXPECT_LT(static_cast<unsigned char>(c), 0x80);
}

TEST(TextReport, HoldsNothingThatATerminalWouldObey) {
  for (const bool unicode : {true, false}) {
    TextStyle style;
    style.unicode = unicode;
    const std::string text = text_of(hostile_scan(), style);
    for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
    for (const char* bad : {"\xe2\x80\xae", "\xe2\x80\x8b", "\xe2\x80\xa8", "\x7f", "\xc2\x9b"})
      EXPECT_EQ(text.find(bad), std::string::npos);
  }
}

TEST(TextReport, LeadsWithTheVerdictThenReferencesThenRefusals) {
  const std::string text = text_of(incident_scan(), TextStyle{});
  std::size_t last = 0;
  for (const char* part :
       {"✗ REFUSED", "Exit code 4", "\nReferences\n", "\nGuards\n", "\nVerdicts\n", "\nShapes", "\nSamples",
        "\nNearly referenced\n", "\nAges and sizes\n", "\nFirst path parts\n", "\nGroups\n",
        "\nWhere this comes from\n", "\nWhat it rests on\n", "\nNext\n"}) {
    const std::size_t found = text.find(part, last);
    ASSERT_NE(found, std::string::npos) << part;
    last = found;
  }
}

TEST(TextReport, NeverAdvisesToOverrideAStructuralRefusal) {
  const std::string text = text_of(incident_scan(), TextStyle{});
  const std::string next = text.substr(text.find("\nNext\n"));
  EXPECT_EQ(next.find("override"), std::string::npos);
  EXPECT_EQ(next.find("apply"), std::string::npos);
  EXPECT_NE(next.find("    flotsam scan\n"), std::string::npos);
}

TEST(TextReport, OfARefusalByCountAloneShowsBothWays) {
  ScanResult result = healthy_scan();
  result.guards[6].ruling = Ruling::refuse;
  const std::string text = text_of(result, TextStyle{});
  const std::string next = text.substr(text.find("\nNext\n"));
  EXPECT_NE(next.find("    flotsam scan\n"), std::string::npos);
  EXPECT_NE(next.find("    flotsam show /srv/state/plans/7f3a00000000000000000000000000c4.ndjson --csv\n"),
            std::string::npos);
}

TEST(TextReport, QuotesTheNextCommandForTheShell) {
  TextStyle style;
  style.config_path = "/etc/my flotsam.toml";
  EXPECT_NE(text_of(incident_scan(), style).find("flotsam scan -c '/etc/my flotsam.toml'"),
            std::string::npos);
  const ScanResult result = healthy_scan();
  PlanReference plan = plan_reference();
  plan.path = "/srv/it's/p";
  const auto text = to_text_report(to_report(result, plan), to_evidence(result), TextStyle{});
  ASSERT_TRUE(text.has_value());
  EXPECT_NE(text->find("flotsam show '/srv/it'\\''s/p' --csv"), std::string::npos) << *text;
}

TEST(TextReport, CallsNoSuspectAnOrphan) {
  ScanResult result = healthy_scan();
  result.verdicts[static_cast<std::size_t>(Verdict::orphan)] = {0, 0};
  result.verdicts[static_cast<std::size_t>(Verdict::suspect)] = {1, 10};
  result.plan = {0, 0};
  const std::string text = text_of(result, TextStyle{});
  EXPECT_TRUE(text.starts_with("✓ No orphans among 5,089 objects")) << text.substr(0, 200);
  EXPECT_NE(text.find("it is a suspect, and in no plan"), std::string::npos) << text.substr(0, 300);
  EXPECT_NE(text.find("Look at the suspects"), std::string::npos);
}

TEST(TextReport, PutsFullyUnreferencedShapesOnTop) {
  ScanResult result = healthy_scan();
  result.shapes = {row("partly", {100, 1 << 20}, {50, 1 << 19}, 50), row("fully", {3, 30}, {3, 30}, 0),
                   row("not", {3, 30}, {0, 0}, 3)};
  const std::string text = text_of(result, TextStyle{});
  EXPECT_LT(text.find("\n  fully"), text.find("\n  partly"));
  EXPECT_LT(text.find("\n  partly"), text.find("\n  not"));
}

TEST(TextReport, AddsUpTheShapesThatItDoesNotList) {
  ScanResult result = healthy_scan();
  result.shapes.clear();
  for (int i = 0; i < 30; ++i) result.shapes.push_back(row("s" + std::to_string(i), {10, 100}, {1, 10}, 9));
  EXPECT_NE(text_of(result, TextStyle{}).find("(10 more)      100      10  10.0 %"), std::string::npos)
      << text_of(result, TextStyle{});
}

TEST(TextReport, QuietIsTheVerdictAndTheRefusals) {
  TextStyle style;
  style.quiet = true;
  const std::string text = text_of(incident_scan(), style);
  EXPECT_EQ(text.find("Verdicts"), std::string::npos);
  EXPECT_EQ(text.find("guards pass"), std::string::npos);
  EXPECT_NE(text.find("REFUSE ✗  resolution"), std::string::npos);
  EXPECT_NE(text.find("Exit code 4"), std::string::npos);
  EXPECT_EQ(lines_of(text_of(healthy_scan(), style)).size(), 4U);
}

TEST(TextReport, ShowsADiagnosisWithItsProposal) {
  const ScanResult result = incident_scan();
  std::string report = to_report(result, plan_reference());
  const std::string none = "\"diagnosis\":[]";
  report.replace(
      report.find(none), none.size(),
      R"("diagnosis":[{"kind":"prefix","source":"book images","message":"Prepending books/ resolves 5,089 of 5,089.",)"
      R"("proposal":"objects = [\"books/{s3_key}\"]","resolves":5089,"of":5089}])");
  const auto text = to_text_report(report, to_evidence(result), TextStyle{});
  ASSERT_TRUE(text.has_value()) << to_text(text.error());
  EXPECT_NE(
      text->find(
          "\nDiagnosis\n  Prepending books/ resolves 5,089 of 5,089.\n    objects = [\"books/{s3_key}\"]\n"),
      std::string::npos);
}

void set_count(ScanResult& result, Verdict verdict, Count count) {
  result.verdicts[static_cast<std::size_t>(verdict)] = count;
}

std::string unwrapped(const std::string& text) {
  return std::regex_replace(text, std::regex("\\s+"), " ");
}

bool says(const std::string& text, const std::string& part) {
  return unwrapped(text).find(part) != std::string::npos;
}

std::string next_of(const std::string& text) {
  return text.substr(text.find("\nNext\n"));
}

ScanResult with_young(ScanResult result, std::uint64_t young) {
  set_count(result, Verdict::young, {young, 10});
  return result;
}

ScanResult without_orphans(ScanResult result) {
  set_count(result, Verdict::orphan, {0, 0});
  result.plan = {0, 0};
  return result;
}

TEST(TextReport, SaysWhatIsTooYoungToJudge) {
  const std::string more = "64 more objects that no reference names are too young to judge.";
  EXPECT_TRUE(says(text_of(with_young(healthy_scan(), 64), TextStyle{}), more));
  EXPECT_TRUE(says(text_of(with_young(incident_scan(), 64), TextStyle{}), more));
  EXPECT_TRUE(says(text_of(with_young(healthy_scan(), 1), TextStyle{}),
                   "1 more object that no reference names is too young to judge."));
  const std::string none = text_of(with_young(without_orphans(healthy_scan()), 64), TextStyle{});
  EXPECT_TRUE(none.starts_with("✓ No orphans yet among")) << none.substr(0, 200);
  EXPECT_TRUE(says(none, "under books/. 64 objects that no reference names are too young to judge."));
  EXPECT_TRUE(says(next_of(none), "No orphans yet, 64 too young to judge;"));
  EXPECT_FALSE(says(text_of(healthy_scan(), TextStyle{}), "too young"));
}

TEST(TextReport, OfSuspectsAloneSaysThatTheExitCodeCountsUnreferencedObjects) {
  ScanResult result = without_orphans(healthy_scan());
  set_count(result, Verdict::suspect, {2, 10});
  const std::string text = text_of(result, TextStyle{});
  EXPECT_TRUE(says(text, "with --exit-code 3: unreferenced objects found and no guard refuses."));
  EXPECT_TRUE(says(next_of(text), "No orphans, 2 suspects; plan"));
  EXPECT_TRUE(says(text_of(healthy_scan(), TextStyle{}), "with --exit-code 3: orphans found"));
}

TEST(TextReport, NamesTheSourceThatSetTheCutoff) {
  ScanResult result = healthy_scan();
  result.sources[0].name = "invoices";
  result.sources[0].proof.true_at = at("2026-09-25T16:17:33Z");
  result.sources.push_back(result.sources[0]);
  result.sources[1].name = "later";
  result.sources[1].proof.true_at = at("2026-10-25T16:17:33Z");
  result.cutoff = at("2026-09-25T16:17:03Z");
  result.min_age = Seconds(30);
  const std::string text = text_of(result, TextStyle{});
  EXPECT_TRUE(says(text,
                   "Objects written after 2026-09-25 16:17:03 UTC were kept: 'invoices' shows the references "
                   "of 2026-09-25 16:17:33 UTC, less the minimum age of 30s. This is right if"))
      << text;
  EXPECT_FALSE(says(text, "Objects younger than"));
  for (SourceFindings& source : result.sources) source.proof.true_at = at("2026-11-24T00:00:00Z");
  EXPECT_TRUE(says(text_of(result, TextStyle{}), "Objects younger than 30s"))
      << "a moment after the store's clock sets nothing";
  result.store.local_clock = at("2026-11-24T12:00:00Z");
  EXPECT_TRUE(
      says(text_of(result, TextStyle{}), "'invoices' shows the references of 2026-11-24 00:00:00 UTC"))
      << "it is told by a clock that is ahead of the store's";
}

TEST(TextReport, SaysWhereItsPlanStandsAndWhatWasListed) {
  for (const auto scan : {healthy_scan, incident_scan, empty_scan}) {
    const std::string text = text_of(scan(), TextStyle{});
    const std::string source = text.substr(text.find("\nWhere this comes from\n"));
    EXPECT_TRUE(says(source, "plan /srv/state/plans/7f3a00000000000000000000000000c4.ndjson 7f3a0000"));
    EXPECT_TRUE(says(next_of(text), "; plan /srv/state/plans/7f3a00000000000000000000000000c4.ndjson"));
  }
  EXPECT_TRUE(
      says(text_of(several_prefixes_scan(), TextStyle{}), " prefixes avatars/, books/, uploads/2026/ "));
  EXPECT_TRUE(says(text_of(incident_scan(), TextStyle{}), " prefixes (the whole store) "));
}

TEST(TextReport, OfARefusalThatIsNotStructuralShowsHowToListThePlan) {
  for (const std::string id : {"recoverable", "max-deletions"}) {
    ScanResult result = healthy_scan();
    for (GuardRuling& guard : result.guards)
      if (guard.id == id) guard.ruling = Ruling::refuse;
    EXPECT_TRUE(says(next_of(text_of(result, TextStyle{})),
                     "flotsam show /srv/state/plans/7f3a00000000000000000000000000c4.ndjson --csv"))
        << id;
  }
  EXPECT_FALSE(says(next_of(text_of(incident_scan(), TextStyle{})), "--csv"));
}

TEST(TextReport, ThatIsShownAgainSpeaksOfTheGivenPathAndOfNoExitCodeOfItsOwn) {
  TextStyle style;
  style.shown_plan = "some plan.ndjson";
  const std::string healthy = text_of(healthy_scan(), style);
  EXPECT_FALSE(says(healthy, "xit code"));
  EXPECT_FALSE(says(healthy, "exit-code"));
  EXPECT_FALSE(says(healthy, "/srv/state"));
  EXPECT_TRUE(says(next_of(healthy), "flotsam show 'some plan.ndjson' --csv"));
  EXPECT_TRUE(says(next_of(healthy), "15 orphans (3.0 MiB); plan some plan.ndjson"));
  const std::string refused = text_of(incident_scan(), style);
  EXPECT_FALSE(says(refused, "Exit code"));
  EXPECT_TRUE(says(refused, "The scan exited 4"));
  EXPECT_FALSE(says(refused, "flotsam scan"));
  EXPECT_TRUE(says(next_of(refused), "then scan again with its configuration."));
}

TEST(TextReport, ShowsKeysThatLookAlikeCharacterByCharacter) {
  struct Row {
    std::string name, object, reference, shown_object, shown_reference;
    bool noted;
  };
  const std::vector<Row> rows = {
      {"form", "b/cafe\u0301.jpg", "b/caf\u00e9.jpg", "b/cafe\\u{301}.jpg", "b/caf\\u{e9}.jpg", true},
      {"invisible", "b/a\u00a0.jpg", "b/a.jpg", "b/a\\u{a0}.jpg", "b/a.jpg", false},
      {"another letter that looks alike", "b/\u0430.jpg", "b/\u00e0.jpg", "b/\\u{430}.jpg", "b/\\u{e0}.jpg",
       false},
      {"form without a mark", "b/\u212a.jpg", "b/K.jpg", "b/\\u{212a}.jpg", "b/K.jpg", true},
      {"form and case", "b/E\u0301.jpg", "b/\u00e9.jpg", "b/E\\u{301}.jpg", "b/\\u{e9}.jpg", false},
      {"prefix, and a mark", "b/e\u0301.jpg", "e\u0301.jpg", "b/e\\u{301}.jpg", "e\\u{301}.jpg", false},
      {"prefix alone", "b/\u00e9.jpg", "\u00e9.jpg", "b/\u00e9.jpg", "\u00e9.jpg", false},
      {"case", "b/A.jpg", "b/a.jpg", "b/A.jpg", "b/a.jpg", false}};
  for (const Row& each : rows) {
    ScanResult result = incident_scan();
    result.sample_suspects.resize(1);
    result.sample_suspects[0].object.key = Key(each.object);
    result.sample_suspects[0].near_reference = each.reference;
    const std::string text = text_of(result, TextStyle{});
    EXPECT_TRUE(says(text, " object " + each.shown_object + " ")) << each.name << text;
    EXPECT_TRUE(says(text, " reference " + each.shown_reference + " ")) << each.name;
    EXPECT_EQ(says(text, "they differ in Unicode form"), each.noted) << each.name;
  }
}

TEST(TextReport, CutsNoMeaningOfAVerdict) {
  ScanResult result = incident_scan();
  set_count(result, Verdict::referenced, {1'000'000, 1023ULL << 50U});
  const std::string text = text_of(result, TextStyle{});
  const std::size_t start = text.find("\nVerdicts\n");
  const std::string table = text.substr(start, text.find("\nShapes") - start);
  for (const char* meaning :
       {"needed by a reference", "explained by a reference", "an empty folder marker",
        "protected, or lately restored", "none of candidates matches", "after the cutoff, or undated",
        "another spelling is referenced", "none of these: in the plan"})
    EXPECT_NE(table.find(meaning), std::string::npos) << meaning << table;
  const std::string narrow = text_of(result, width_of(60));
  EXPECT_EQ(narrow.find("needed by"), std::string::npos);
  EXPECT_EQ(narrow.substr(narrow.find("\nVerdicts\n"), table.size() / 2).find("…"), std::string::npos);
}

TEST(TextReport, DrawsBarsInAsciiWithoutAQuestionMark) {
  TextStyle style;
  style.unicode = false;
  const std::string text = text_of(incident_scan(), style);
  EXPECT_EQ(text.find('?'), std::string::npos);
  EXPECT_TRUE(says(text, "[oooo"));
  EXPECT_TRUE(says(text, "o object only 6,892 | # both 0 | . reference only 5,089"));
  EXPECT_TRUE(says(text_of(healthy_scan(), style), " 16.9 % o# "));
}

TEST(TextReport, LeavesOutEmptyClassesAtBothEnds) {
  ScanResult result = healthy_scan();
  result.age_histogram[3].all = {0, 0};
  const std::string text = text_of(result, TextStyle{});
  for (const char* empty :
       {"below 1 d", "1 d to 7 d", "1 y and more", "below 1 KiB", "4 MiB and more", "unknown"})
    EXPECT_EQ(text.find(empty), std::string::npos) << empty;
  EXPECT_NE(text.find("\n  30 d to 90 d "), std::string::npos) << "an empty class between two that are not";
  result.age_histogram.back().all = {3, 3};
  EXPECT_NE(text_of(result, TextStyle{}).find("\n  unknown "), std::string::npos);
}

TEST(TextReport, WarnsOfAHighRateAsOfEverythingElse) {
  const std::string text = text_of(incident_scan(), TextStyle{});
  EXPECT_NE(text.find("\n  warn ! High orphan rate (100.0%) - verify before deleting\n"), std::string::npos);
  EXPECT_EQ(text.find("WARNING"), std::string::npos);
}

TEST(TextReport, EndsWithItsVerdict) {
  const auto last_of = [](const ScanResult& result) { return next_of(text_of(result, TextStyle{})); };
  EXPECT_TRUE(last_of(healthy_scan()).starts_with("\nNext\n  ✓ 15 orphans (3.0 MiB); plan"));
  EXPECT_TRUE(last_of(incident_scan()).starts_with("\nNext\n  ✗ REFUSED by 6 guards; plan"));
  EXPECT_TRUE(last_of(empty_scan()).starts_with("\nNext\n  ✓ No orphans; plan"));
}

TEST(TextReport, OfWhatIsNoReportIsCorrupt) {
  const std::string report = to_report(healthy_scan(), plan_reference()),
                    evidence = to_evidence(healthy_scan());
  const auto code_of = [](const Result<std::string>& text) {
    return text ? ErrorCode::internal : text.error().code;
  };
  EXPECT_EQ(code_of(to_text_report("x", evidence, TextStyle{})), ErrorCode::corrupt);
  EXPECT_EQ(code_of(to_text_report("{}", evidence, TextStyle{})), ErrorCode::corrupt);
  EXPECT_EQ(code_of(to_text_report(report, "{}", TextStyle{})), ErrorCode::corrupt);
  EXPECT_EQ(code_of(to_text_report(report, "", TextStyle{})), ErrorCode::corrupt);
  std::string forged = report;
  const std::string number = "\"orphan_percentage\":0.3";
  forged.replace(forged.find(number), number.size(), "\"orphan_percentage\":\"\xe2\x80\xae\"");
  EXPECT_EQ(code_of(to_text_report(forged, evidence, TextStyle{})), ErrorCode::corrupt);
}

TEST(TextLayout, CountsColumnsAsATerminalDoes) {
  EXPECT_EQ(columns_of("abc"), 3U);
  EXPECT_EQ(columns_of("caf\xc3\xa9"), 4U);
  EXPECT_EQ(columns_of("cafe\xcc\x81"), 4U);
  EXPECT_EQ(columns_of("日本"), 4U);
  EXPECT_EQ(columns_of("한글"), 4U);
  EXPECT_EQ(columns_of("✓ ✗ █ …"), 7U);
  EXPECT_EQ(columns_of("\xff"), 1U);
}

struct Cut {
  std::string name, text;
  std::size_t width;
  bool unicode;
  std::string cut;
};
class CutMiddle : public testing::TestWithParam<Cut> {};

TEST_P(CutMiddle, KeepsBothEnds) {
  TextStyle style;
  style.unicode = GetParam().unicode;
  const std::string cut = cut_middle(GetParam().text, GetParam().width, style);
  EXPECT_EQ(cut, GetParam().cut);
  EXPECT_LE(columns_of(cut), GetParam().width);
}

INSTANTIATE_TEST_SUITE_P(Cases, CutMiddle,
                         testing::Values(Cut{"fits", "abcdef", 6, true, "abcdef"},
                                         Cut{"odd", "abcdefgh", 6, true, "ab…fgh"},
                                         Cut{"ascii", "abcdefghij", 7, false, "ab...ij"},
                                         Cut{"wide", "日本語日本語", 7, true, "日…語"},
                                         Cut{"tiny", "abcdef", 1, true, "a"},
                                         Cut{"none", "abcdef", 0, true, ""},
                                         Cut{"escape_before", R"(a\u{a}bcdefghij)", 9, true, "a…ghij"},
                                         Cut{"escape_after", R"(abcdefgh\x1bij)", 9, true, R"(abcd…ij)"},
                                         Cut{"backslash", R"(a\\\\bcdefgh)", 6, true, "a…fgh"},
                                         Cut{"mark", "abe\u0301cdefghij", 7, true, "abe\u0301…hij"},
                                         Cut{"mark_after", "abcdefge\u0301ij", 5, true, "ab…ij"}),
                         [](const auto& each) { return each.param.name; });

TEST(TextLayout, BreaksLinesAtBlanksAndLongWordsAnywhere) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(wrapped("aa bb cc", 5), (Lines{"aa bb", "cc"}));
  EXPECT_EQ(wrapped("aaaaaaa bb", 3), (Lines{"aaa", "aaa", "a", "bb"}));
  EXPECT_EQ(wrapped("", 5), Lines{""});
}

TEST(TextLayout, DrawsBarsWhoseEveryPartShows) {
  const TextStyle style{.unicode = false, .program = {}, .config_path = {}, .shown_plan = {}};
  const auto bar = [&](std::uint64_t a, std::uint64_t b, std::uint64_t c, std::size_t width) {
    return to_bar({{a, "", "a", Colour::none}, {b, "", "b", Colour::none}, {c, "", "c", Colour::none}}, width,
                  style);
  };
  EXPECT_EQ(bar(1, 1, 2, 8), "aabbcccc");
  EXPECT_EQ(bar(1, 1'000'000, 1, 8), "abbbbbbc");
  EXPECT_EQ(bar(0, 1, 0, 4), "bbbb");
  EXPECT_EQ(bar(0, 0, 0, 4), "");
  EXPECT_EQ(bar(1, 1, 1, 2), "");
}

}  // namespace
}  // namespace flotsam::test
