#include "report/golden.h"

#include <gtest/gtest.h>

#include "report/fixture.h"
#include "report/text_layout.h"

namespace flotsam::test {
namespace {

struct GoldenCase {
  std::string name;
  ScanResult (*scan)();
  TextStyle style;
  friend void PrintTo(const GoldenCase& each, std::ostream* out) { *out << each.name; }
};

TextStyle wide(unsigned width) {
  TextStyle style;
  style.width = width;
  return style;
}

TextStyle changed(void (*change)(TextStyle&)) {
  TextStyle style;
  change(style);
  return style;
}

std::vector<GoldenCase> golden_cases() {
  return {
      {"healthy_80", healthy_scan, wide(80)},
      {"healthy_60", healthy_scan, wide(60)},
      {"healthy_140", healthy_scan, wide(140)},
      {"healthy_colour", healthy_scan, changed([](TextStyle& style) { style.colour = true; })},
      {"healthy_quiet", healthy_scan, changed([](TextStyle& style) { style.quiet = true; })},
      {"incident_80", incident_scan, wide(80)},
      {"incident_120", incident_scan, wide(120)},
      {"incident_60", incident_scan, wide(60)},
      {"incident_ascii", incident_scan, changed([](TextStyle& style) { style.unicode = false; })},
      {"incident_colour", incident_scan, changed([](TextStyle& style) { style.colour = true; })},
      {"incident_quiet", incident_scan, changed([](TextStyle& style) { style.quiet = true; })},
      {"empty_80", empty_scan, wide(80)},
      {"several_prefixes_80", several_prefixes_scan, wide(80)},
      {"several_prefixes_140", several_prefixes_scan, wide(140)},
      {"hostile_80", hostile_scan, wide(80)},
      {"hostile_ascii", hostile_scan, changed([](TextStyle& style) { style.unicode = false; })},
      {"configured_80", healthy_scan,
       changed([](TextStyle& style) { style.config_path = "/etc/my flotsam.toml"; })},
  };
}

class TextReportGolden : public testing::TestWithParam<GoldenCase> {};

TEST_P(TextReportGolden, IsWhatWasAccepted) {
  expect_golden(GetParam().name, text_of(GetParam().scan(), GetParam().style));
}

INSTANTIATE_TEST_SUITE_P(Cases, TextReportGolden, testing::ValuesIn(golden_cases()),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace flotsam::test
