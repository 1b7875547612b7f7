#include <algorithm>
#include <gtest/gtest.h>
#include <set>

#include "base/bytes.h"
#include "base/hash.h"
#include "report/html_fixture.h"
#include "report/html_reading.h"

namespace flotsam::test {
namespace {

struct Case {
  const char* name;
  std::string (*html)();
};
void PrintTo(const Case& each, std::ostream* out) {
  *out << each.name;
}

std::string of_hostile_report() {
  const HostileReport hostile = hostile_report();
  const auto html = html_of(hostile.report, hostile.evidence, stream_of(hostile.orphans), hostile.options);
  EXPECT_TRUE(html.has_value()) << (html ? "" : to_text(html.error()));
  return html.value_or("");
}

const Case kCases[] = {
    {"healthy", [] { return html_of(healthy_scan()); }},
    {"incident", [] { return html_of(incident_scan()); }},
    {"empty", [] { return html_of(empty_scan()); }},
    {"several_prefixes", [] { return html_of(several_prefixes_scan()); }},
    {"odd_keys", [] { return html_of(hostile_scan()); }},
    {"hostile", of_hostile_report},
    {"large", large_html},
};

class HtmlPages : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    html_ = GetParam().html();
    std::string problem;
    page_ = read_html(html_, problem);
    ASSERT_EQ(problem, "");
  }
  std::string html_;
  std::unique_ptr<HtmlNode> page_;
};
INSTANTIATE_TEST_SUITE_P(Cases, HtmlPages, testing::ValuesIn(kCases),
                         [](const auto& each) { return std::string(each.param.name); });

TEST_P(HtmlPages, AreUtf8ThatNothingHidesOrReverses) {
  ASSERT_TRUE(is_utf8(html_));
  // What to_shown would change is not there, but for line breaks.
  std::string lines = html_;
  std::replace(lines.begin(), lines.end(), '\n', ' ');
  EXPECT_EQ(to_shown(lines), lines);
}

TEST_P(HtmlPages, ReferToNothingOutside) {
  each_node(*page_, [&](const HtmlNode& node) {
    for (const auto& [name, value] : node.attributes) {
      EXPECT_NE(name, "src") << node.name;
      EXPECT_NE(name, "style") << node.name;
      EXPECT_FALSE(name.starts_with("on")) << node.name << " " << name;
      EXPECT_FALSE(name.find("href") != std::string::npos && !value.starts_with("#")) << value;
      EXPECT_FALSE(name == "http-equiv" && value != "Content-Security-Policy") << value;
    }
  });
  for (const char* name : {"img", "link", "iframe", "object", "embed", "base", "form", "video", "audio",
                           "use", "image", "foreignObject", "template"})
    EXPECT_TRUE(nodes_named(*page_, name).empty()) << name;
  const std::string style = nodes_named(*page_, "style").front()->text;
  for (std::size_t at = style.find("url("); at != std::string::npos; at = style.find("url(", at + 1))
    EXPECT_EQ(style.substr(at, 5), "url(#");
  EXPECT_EQ(style.find("@import"), std::string::npos);
}

TEST_P(HtmlPages, LetRunNothingButTheirOwnStyleAndScript) {
  const auto styles = nodes_named(*page_, "style"), scripts = nodes_named(*page_, "script");
  ASSERT_EQ(styles.size(), 1U);
  ASSERT_EQ(scripts.size(), 1U);
  const auto hash = [](const HtmlNode& node) { return "'sha256-" + to_base64(sha256(node.text)) + "'"; };
  std::string policy;
  each_node(*page_, [&](const HtmlNode& node) {
    if (!node.attribute("http-equiv").empty()) policy += node.attribute("content");
  });
  EXPECT_EQ(policy, "default-src 'none'; style-src " + hash(*styles.front()) + "; script-src " +
                        hash(*scripts.front()) + "; base-uri 'none'; form-action 'none'");
  const std::string first = "<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" ";
  EXPECT_NE(html_.find(first), std::string::npos) << "the policy stands before all that it rules on";
  // A script that took text for markup or code would make escaping vain.
  for (const char* word : {"innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "Function(",
                           "fetch", "XMLHttpRequest", "localStorage", "cookie"})
    EXPECT_EQ(scripts.front()->text.find(word), std::string::npos) << word;
  EXPECT_LT(scripts.front()->text.size(), 10'000U);
}

TEST_P(HtmlPages, CanBeReadAloud) {
  const auto pages = nodes_named(*page_, "html");
  ASSERT_EQ(pages.size(), 1U);
  EXPECT_EQ(pages.front()->attribute("lang"), "en");
  EXPECT_EQ(nodes_named(*page_, "h1").size(), 1U);
  EXPECT_EQ(nodes_named(*page_, "main").size(), 1U);
  EXPECT_FALSE(nodes_named(*page_, "title").front()->all_text().empty());
  for (const HtmlNode* table : nodes_named(*page_, "table")) {
    const auto captions = nodes_named(*table, "caption");
    ASSERT_EQ(captions.size(), 1U);
    EXPECT_FALSE(captions.front()->all_text().empty());
    const auto lines = nodes_named(*table, "tr");
    const std::size_t columns = lines.front()->children.size();
    for (const HtmlNode* line : lines) {
      EXPECT_EQ(line->children.size(), columns) << captions.front()->all_text();
      EXPECT_EQ(line->children.front()->name, "th");
    }
    for (const HtmlNode* head : nodes_named(*table, "th"))
      EXPECT_TRUE(head->attribute("scope") == "col" || head->attribute("scope") == "row");
  }
  for (const HtmlNode* figure : nodes_named(*page_, "svg")) {
    const bool titled = !nodes_named(*figure, "title").empty();
    EXPECT_TRUE(titled || figure->attribute("aria-hidden") == "true");
  }
  for (const HtmlNode* input : nodes_named(*page_, "input")) {
    bool labelled = false;
    for (const HtmlNode* label : nodes_named(*page_, "label"))
      labelled = labelled || label->attribute("for") == input->attribute("id");
    EXPECT_TRUE(labelled);
  }
}

TEST_P(HtmlPages, NameEachPlaceOnceAndOnlyPlacesThatAreThere) {
  std::set<std::string> ids;
  each_node(*page_, [&](const HtmlNode& node) {
    const std::string id = node.attribute("id");
    if (!id.empty()) {
      EXPECT_TRUE(ids.insert(id).second) << id;
    }
  });
  each_node(*page_, [&](const HtmlNode& node) {
    const std::string target = node.attribute("href"), label = node.attribute("aria-labelledby");
    if (!target.empty()) {
      EXPECT_TRUE(ids.contains(target.substr(1))) << target;
    }
    if (!label.empty()) {
      EXPECT_TRUE(ids.contains(label)) << label;
    }
  });
}

TEST_P(HtmlPages, ShowFromTheVerdictToTheNextCommand) {
  const std::vector<std::string> order = {"references", "rulings",    "diagnosis", "verdicts",  "shapes",
                                          "ages",       "groups",     "samples",   "templates", "guards",
                                          "orphans",    "provenance", "next"};
  std::vector<std::string> found;
  for (const HtmlNode* section : nodes_named(*page_, "section")) found.push_back(section->attribute("id"));
  const std::vector<std::string> always = {"references", "rulings",    "verdicts", "guards",
                                           "orphans",    "provenance", "next"};
  for (const std::string& id : always)
    EXPECT_NE(std::find(found.begin(), found.end(), id), found.end()) << id;
  std::vector<std::string> expected;
  for (const std::string& id : order)
    if (std::find(found.begin(), found.end(), id) != found.end()) expected.push_back(id);
  EXPECT_EQ(found, expected);
}

TEST_P(HtmlPages, SayByAWordWhatTheySayByAColour) {
  for (const HtmlNode* badge : nodes_named(*page_, "b")) {
    if (!badge->attribute("class").starts_with("badge")) continue;
    const std::string text = badge->all_text();
    EXPECT_TRUE(text == "REFUSE ✗" || text == "warn !" || text == "pass ✓") << text;
  }
  const std::string style = nodes_named(*page_, "style").front()->text;
  for (const char* fill : {".unref,.v-orphan{fill:url(#hatch)", ".v-suspect{fill:url(#cross)"})
    EXPECT_NE(style.find(fill), std::string::npos) << fill;
  for (const char* pattern : {"hatch", "cross", "dots"})
    EXPECT_NE(node_with_id(*page_, pattern), nullptr) << pattern;
}

TEST_P(HtmlPages, AreTheSameForTheSameInput) {
  EXPECT_EQ(GetParam().html(), html_);
}

}  // namespace
}  // namespace flotsam::test
