#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "report/html_fixture.h"
#include "support/temporary_folder.h"

namespace flotsam::test {
namespace {

// What chromium_test.py looks at: pages of all kinds of scans.

void write_page(const std::filesystem::path& file, const std::string& html) {
  std::ofstream out(file, std::ios::binary);
  out << html;
  ASSERT_TRUE(out.good()) << file;
}

TEST(HtmlFiles, AreWrittenToTheFolderThatIsNamed) {
  const TemporaryFolder scratch;
  const char* named = std::getenv("FLOTSAM_HTML_FOLDER");
  const std::filesystem::path folder = named == nullptr ? scratch.path() : std::filesystem::path(named);
  write_page(folder / "healthy.html", html_of(healthy_scan()));
  write_page(folder / "empty.html", html_of(empty_scan()));
  write_page(folder / "several.html", html_of(several_prefixes_scan()));
  write_page(folder / "wide.html", html_of(hostile_scan()));
  write_page(folder / "large.html", large_html());
  const ScanResult incident = incident_scan();
  const auto diagnosed =
      html_of(diagnosed_incident_report(), to_evidence(incident), stream_of(planned_objects(incident)));
  ASSERT_TRUE(diagnosed.has_value()) << to_text(diagnosed.error());
  write_page(folder / "incident.html", *diagnosed);
  const HostileReport hostile = hostile_report();
  const auto spoilt = html_of(hostile.report, hostile.evidence, stream_of(hostile.orphans), hostile.options);
  ASSERT_TRUE(spoilt.has_value()) << to_text(spoilt.error());
  write_page(folder / "hostile.html", *spoilt);
}

}  // namespace
}  // namespace flotsam::test
