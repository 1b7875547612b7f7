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

std::string without_colours(const std::string& text) { return std::regex_replace(text, std::regex("\x1b\\[[0-9;]*m"), ""); }

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
  for (const char* part : {"✗ REFUSED", "Exit code 4", "\nReferences\n", "\nGuards\n", "\nVerdicts\n", "\nShapes", "\nSamples",
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
  EXPECT_NE(next.find("    flotsam show /srv/state/plans/7f3a00000000000000000000000000c4.ndjson --csv\n"), std::string::npos);
}

TEST(TextReport, QuotesTheNextCommandForTheShell) {
  TextStyle style;
  style.config_path = "/etc/my flotsam.toml";
  EXPECT_NE(text_of(incident_scan(), style).find("flotsam scan -c '/etc/my flotsam.toml'"), std::string::npos);
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
  report.replace(report.find(none), none.size(),
                 R"("diagnosis":[{"kind":"prefix","source":"book images","message":"Prepending books/ resolves 5,089 of 5,089.",)"
                 R"("proposal":"objects = [\"books/{s3_key}\"]","resolves":5089,"of":5089}])");
  const auto text = to_text_report(report, to_evidence(result), TextStyle{});
  ASSERT_TRUE(text.has_value()) << to_text(text.error());
  EXPECT_NE(text->find("\nDiagnosis\n  Prepending books/ resolves 5,089 of 5,089.\n    objects = [\"books/{s3_key}\"]\n"),
            std::string::npos);
}

TEST(TextReport, OfWhatIsNoReportIsCorrupt) {
  const std::string report = to_report(healthy_scan(), plan_reference()), evidence = to_evidence(healthy_scan());
  const auto code_of = [](const Result<std::string>& text) { return text ? ErrorCode::internal : text.error().code; };
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
                         testing::Values(Cut{"fits", "abcdef", 6, true, "abcdef"}, Cut{"odd", "abcdefgh", 6, true, "ab…fgh"},
                                         Cut{"ascii", "abcdefghij", 7, false, "ab...ij"},
                                         Cut{"wide", "日本語日本語", 7, true, "日…語"}, Cut{"tiny", "abcdef", 1, true, "a"},
                                         Cut{"none", "abcdef", 0, true, ""}),
                         [](const auto& each) { return each.param.name; });

TEST(TextLayout, BreaksLinesAtBlanksAndLongWordsAnywhere) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(wrapped("aa bb cc", 5), (Lines{"aa bb", "cc"}));
  EXPECT_EQ(wrapped("aaaaaaa bb", 3), (Lines{"aaa", "aaa", "a", "bb"}));
  EXPECT_EQ(wrapped("", 5), Lines{""});
}

TEST(TextLayout, DrawsBarsWhoseEveryPartShows) {
  const TextStyle style{.unicode = false, .program = {}, .config_path = {}};
  const auto bar = [&](std::uint64_t a, std::uint64_t b, std::uint64_t c, std::size_t width) {
    return to_bar({{a, "", "a", Colour::none}, {b, "", "b", Colour::none}, {c, "", "c", Colour::none}}, width, style);
  };
  EXPECT_EQ(bar(1, 1, 2, 8), "aabbcccc");
  EXPECT_EQ(bar(1, 1'000'000, 1, 8), "abbbbbbc");
  EXPECT_EQ(bar(0, 1, 0, 4), "bbbb");
  EXPECT_EQ(bar(0, 0, 0, 4), "");
  EXPECT_EQ(bar(1, 1, 1, 2), "");
}

}  // namespace
}  // namespace flotsam::test
