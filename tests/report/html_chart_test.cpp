#include "report/html_chart.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

#include "report/html_fixture.h"
#include "report/html_reading.h"
#include "report/html_treemap.h"

namespace flotsam::test {
namespace {

double area_of(const Rectangle& rectangle) {
  return rectangle.width * rectangle.height;
}

bool overlap(const Rectangle& a, const Rectangle& b) {
  constexpr double kTiny = 1e-6;
  return a.x + kTiny < b.x + b.width && b.x + kTiny < a.x + a.width && a.y + kTiny < b.y + b.height &&
         b.y + kTiny < a.y + a.height;
}

TEST(Treemap, GivesEachSizeItsShareWithinTheFrameAndNoneTwice) {
  std::mt19937 random(7);
  const Rectangle frame{10, 20, 1000, 340};
  for (int round = 0; round < 200; ++round) {
    std::vector<double> sizes;
    const std::size_t count = 1 + random() % 60;
    for (std::size_t i = 0; i < count; ++i)
      sizes.push_back(std::pow(10.0, static_cast<double>(random() % 10)) +
                      static_cast<double>(random() % 100));
    std::sort(sizes.rbegin(), sizes.rend());
    double whole = 0;
    for (const double size : sizes) whole += size;
    const auto places = treemap(sizes, frame);
    ASSERT_EQ(places.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_NEAR(area_of(places[i]), sizes[i] / whole * area_of(frame), 0.01);
      EXPECT_GE(places[i].x, frame.x - 1e-6);
      EXPECT_GE(places[i].y, frame.y - 1e-6);
      EXPECT_LE(places[i].x + places[i].width, frame.x + frame.width + 1e-6);
      EXPECT_LE(places[i].y + places[i].height, frame.y + frame.height + 1e-6);
      for (std::size_t k = 0; k < i; ++k) EXPECT_FALSE(overlap(places[i], places[k]));
    }
  }
}

TEST(Treemap, DrawsSquaresWhereItCan) {
  // The example of Bruls, Huizing and van Wijk.
  const auto places = treemap({6, 6, 4, 3, 2, 2, 1}, {0, 0, 6, 4});
  double worst = 1;
  for (const Rectangle& place : places)
    worst = std::max({worst, place.width / place.height, place.height / place.width});
  EXPECT_NEAR(worst, 25.0 / 9, 0.01);
  EXPECT_NEAR(places[0].width, 3, 1e-9);
  EXPECT_NEAR(places[0].height, 2, 1e-9);
}

TEST(Treemap, GivesNothingToNothing) {
  EXPECT_TRUE(treemap({}, {0, 0, 10, 10}).empty());
  for (const Rectangle& place : treemap({0, 0}, {0, 0, 10, 10})) EXPECT_EQ(area_of(place), 0);
  for (const Rectangle& place : treemap({5}, {0, 0, 0, 10})) EXPECT_EQ(area_of(place), 0);
  EXPECT_EQ(area_of(treemap({5, 0}, {0, 0, 10, 10})[1]), 0);
}

std::vector<const HtmlNode*> bars_of(const std::unique_ptr<HtmlNode>& root) {
  std::vector<const HtmlNode*> bars;
  for (const HtmlNode* bar : nodes_named(*root, "rect")) bars.push_back(bar);
  return bars;
}

std::unique_ptr<HtmlNode> read_figure(const std::string& svg) {
  std::string problem;
  auto root = read_html("<!DOCTYPE html>\n" + svg, problem);
  EXPECT_EQ(problem, "");
  return root;
}

TEST(StackedBar, FillsItsWidthAndShowsWhatIsThere) {
  const auto root =
      read_figure(stacked_bar({{1, "a", "one"}, {0, "b", "none"}, {1'000'000, "c", "most"}}, "t"));
  const auto bars = bars_of(root);
  ASSERT_EQ(bars.size(), 2U);
  EXPECT_EQ(bars[0]->attribute("class"), "a");
  EXPECT_EQ(bars[0]->attribute("width"), "0.40%");
  EXPECT_EQ(bars[1]->attribute("x"), "0.40%");
  EXPECT_EQ(bars[1]->attribute("width"), "99.60%");
  EXPECT_EQ(stacked_bar({{0, "a", "none"}}, "t"), "");
}

TEST(Histogram, SetsTheUnreferencedAgainstTheRestEachByItsOwnWhole) {
  // 15 of one class against 5,000 of which a fifth lies there: the cliff is seen though 15 is so few.
  const auto root = read_figure(histogram({{"7 d", "to 30 d", 1000, 15}, {"30 d", "to 90 d", 4000, 0}}, "t"));
  const auto bars = bars_of(root);
  ASSERT_EQ(bars.size(), 3U);
  EXPECT_EQ(bars[0]->attribute("class"), "unref");
  EXPECT_EQ(bars[0]->attribute("height"), "150.0");
  EXPECT_EQ(bars[1]->attribute("class"), "rest");
  EXPECT_EQ(bars[1]->attribute("height"), "30.0");
  EXPECT_EQ(bars[2]->attribute("height"), "120.0");
  const std::string text = root->all_text();
  for (const char* part : {"100", "20", "80", "7 d", "to 30 d"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
}

TEST(Histogram, ShowsOneKindOfBarsWhereNothingIsUnreferenced) {
  const auto root = read_figure(histogram({{"a", "b", 10, 0}, {"c", "d", 30, 0}}, "t"));
  ASSERT_EQ(bars_of(root).size(), 2U);
  for (const HtmlNode* bar : bars_of(root)) EXPECT_EQ(bar->attribute("class"), "rest");
}

ReportView::Row part(const char* name, std::uint64_t objects, std::uint64_t orphans, std::uint64_t bytes,
                     std::uint64_t orphan_bytes) {
  ReportView::Row out;
  out.name = name;
  out.objects = objects;
  out.orphans = orphans;
  out.bytes = bytes;
  out.orphan_bytes = orphan_bytes;
  return out;
}

std::vector<std::string> fields_of(const ReportView& view) {
  std::vector<std::string> fields;
  const auto root = read_figure(group_map(view));
  for (const HtmlNode* field : nodes_named(*root, "svg"))
    if (field->attribute("class").empty()) fields.push_back(nodes_named(*field, "title").front()->all_text());
  return fields;
}

TEST(GroupMap, DividesEachFirstPartIntoUnreferencedGroupsAndTheRest) {
  ReportView view;
  view.first_parts = {part("books/", 100, 9, 1000, 500), part("images/", 5, 5, 300, 300)};
  view.groups = {part("images/x/", 5, 5, 0, 300), part("books/1/", 4, 4, 0, 200),
                 part("books/2/", 9, 3, 0, 100), part("books/3/", 9, 0, 0, 0), part("(other)", 9, 2, 0, 200)};
  EXPECT_EQ(fields_of(view), (std::vector<std::string>{
                                 "books/, the rest: 500 B, 91 objects",
                                 "books/1/, unreferenced: 200 B, 4 objects",
                                 "books/ (other), unreferenced: 200 B, 2 objects",
                                 "books/2/, unreferenced: 100 B, 3 objects",
                                 "images/x/, unreferenced: 300 B, 5 objects",
                             }));
}

TEST(GroupMap, BelievesNoGroupsThatAreMoreThanTheirPart) {
  ReportView view;
  view.first_parts = {part("books/", 100, 9, 1000, 500)};
  view.groups = {part("books/*/", 400, 40, 0, 5000)};
  EXPECT_EQ(fields_of(view), (std::vector<std::string>{"books/, unreferenced: 500 B, 9 objects",
                                                       "books/, the rest: 500 B, 91 objects"}));
}

TEST(GroupMap, IsNotDrawnOfNothing) {
  ReportView view;
  EXPECT_EQ(group_map(view), "");
  view.first_parts = {part("books/", 100, 9, 0, 0)};
  EXPECT_EQ(group_map(view), "");
}

}  // namespace
}  // namespace flotsam::test
