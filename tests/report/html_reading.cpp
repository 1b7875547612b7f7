#include "report/html_reading.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace flotsam::test {
namespace {

constexpr std::array<std::string_view, 4> kVoid = {"meta", "br", "input", "img"};
constexpr std::array<std::pair<std::string_view, char>, 5> kEntities = {
    {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}}};

class Reader {
 public:
  Reader(std::string_view html, std::string& problem) : left_(html), problem_(problem) {}

  std::unique_ptr<HtmlNode> document() {
    auto root = std::make_unique<HtmlNode>();
    root->name = "#document";
    if (!take("<!DOCTYPE html>\n")) wrong("no doctype");
    content(*root);
    if (!left_.empty()) wrong("text behind the end");
    return root;
  }

 private:
  void wrong(const std::string& what) {
    if (problem_.empty()) problem_ = what + " before: " + std::string(left_.substr(0, 80));
    left_ = {};
  }
  bool take(std::string_view text) {
    if (!left_.starts_with(text)) return false;
    left_.remove_prefix(text.size());
    return true;
  }
  std::string word() {
    std::size_t size = 0;
    while (size < left_.size() && (std::isalnum(static_cast<unsigned char>(left_[size])) ||
                                   left_[size] == '-' || left_[size] == ':'))
      ++size;
    std::string out(left_.substr(0, size));
    left_.remove_prefix(size);
    return out;
  }

  std::string resolved(std::string_view raw) {
    std::string out;
    while (!raw.empty()) {
      if (raw.front() != '&') {
        if (raw.front() == '>' || raw.front() == '<') wrong("a bare " + std::string(1, raw.front()));
        out += raw.front();
        raw.remove_prefix(1);
        continue;
      }
      const auto known = std::find_if(kEntities.begin(), kEntities.end(),
                                      [&](const auto& entity) { return raw.starts_with(entity.first); });
      if (known == kEntities.end()) {
        wrong("a bare &");
        return out;
      }
      out += known->second;
      raw.remove_prefix(known->first.size());
    }
    return out;
  }

  void attributes(HtmlNode& node) {
    while (take(" ")) {
      const std::string name = word();
      if (name.empty()) return wrong("an attribute without a name");
      std::string value;
      if (take("=\"")) {
        const std::size_t end = left_.find('"');
        if (end == std::string_view::npos) return wrong("an attribute without an end");
        value = resolved(left_.substr(0, end));
        left_.remove_prefix(std::min(end + 1, left_.size()));
      }
      if (!node.attributes.emplace(name, value).second) return wrong("a second attribute " + name);
    }
  }

  void content(HtmlNode& parent) {
    while (!left_.empty() && !left_.starts_with("</")) {
      if (left_.front() != '<') {
        const std::size_t end = std::min(left_.find('<'), left_.size());
        auto text = std::make_unique<HtmlNode>();
        text->text = resolved(left_.substr(0, end));
        left_.remove_prefix(std::min(end, left_.size()));
        parent.children.push_back(std::move(text));
        continue;
      }
      element(parent);
    }
  }

  void element(HtmlNode& parent) {
    take("<");
    auto node = std::make_unique<HtmlNode>();
    node->name = word();
    if (node->name.empty()) return wrong("< without a name");
    attributes(*node);
    const bool closed = take("/");
    if (!take(">")) return wrong("a tag that does not end");
    HtmlNode& made = *node;
    parent.children.push_back(std::move(node));
    if (closed || std::find(kVoid.begin(), kVoid.end(), made.name) != kVoid.end()) return;
    if (made.name == "style" || made.name == "script") {
      const std::size_t end = std::min(left_.find("</" + made.name), left_.size());
      made.text = std::string(left_.substr(0, end));
      left_.remove_prefix(end);
    } else {
      content(made);
    }
    if (!take("</" + made.name + ">")) wrong("no end of " + made.name);
    if (made.name == "html") take("\n");
  }

  std::string_view left_;
  std::string& problem_;
};

}  // namespace

std::string HtmlNode::all_text() const {
  std::string out = text;
  for (const auto& child : children) out += child->all_text();
  return out;
}

std::string HtmlNode::attribute(const std::string& of) const {
  const auto found = attributes.find(of);
  return found == attributes.end() ? "" : found->second;
}

std::unique_ptr<HtmlNode> read_html(std::string_view html, std::string& problem) {
  return Reader(html, problem).document();
}

void each_node(const HtmlNode& root, const std::function<void(const HtmlNode&)>& use) {
  use(root);
  for (const auto& child : root.children) each_node(*child, use);
}

std::vector<const HtmlNode*> nodes_named(const HtmlNode& root, const std::string& name) {
  std::vector<const HtmlNode*> found;
  each_node(root, [&](const HtmlNode& node) {
    if (node.name == name) found.push_back(&node);
  });
  return found;
}

const HtmlNode* node_with_id(const HtmlNode& root, const std::string& id) {
  const HtmlNode* found = nullptr;
  each_node(root, [&](const HtmlNode& node) {
    if (node.attribute("id") == id) found = &node;
  });
  return found;
}

HtmlRows table_of(const HtmlNode& root, std::string_view caption) {
  for (const HtmlNode* table : nodes_named(root, "table")) {
    if (!nodes_named(*table, "caption").front()->all_text().starts_with(caption)) continue;
    HtmlRows rows;
    for (const HtmlNode* line : nodes_named(*table, "tr")) {
      std::vector<std::string> cells;
      for (const auto& cell : line->children)
        if (cell->name == "th" || cell->name == "td") cells.push_back(cell->all_text());
      rows.push_back(cells);
    }
    return rows;
  }
  return {};
}

}  // namespace flotsam::test
