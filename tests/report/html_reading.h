#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flotsam::test {

/// An element of a page, or (with an empty name) a piece of its text.
struct HtmlNode {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::string text;  ///< of a piece of text, and of style and script; entities are resolved
  std::vector<std::unique_ptr<HtmlNode>> children;

  /// All text below, in order.
  std::string all_text() const;
  std::string attribute(const std::string& of) const;
};

/// Reads what the report may be made of and nothing else: a doctype, elements that are closed in order,
/// attributes in double quotes, the five entities. Whatever a browser would have to guess about is an error
/// in `problem`: a raw "<", ">", "&", or quotation mark in an attribute, a second of an attribute, a comment.
std::unique_ptr<HtmlNode> read_html(std::string_view html, std::string& problem);

void each_node(const HtmlNode& root, const std::function<void(const HtmlNode&)>& use);
std::vector<const HtmlNode*> nodes_named(const HtmlNode& root, const std::string& name);
const HtmlNode* node_with_id(const HtmlNode& root, const std::string& id);

/// The table whose caption begins so: its heading cells first, then its rows, as text.
using HtmlRows = std::vector<std::vector<std::string>>;
HtmlRows table_of(const HtmlNode& root, std::string_view caption);

}  // namespace flotsam::test
