#include "diagnosis/draft.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"

namespace flotsam {
namespace {

double cost_of(std::string_view filter) {
  const std::string_view name = filter.substr(1, filter.find(':') - 1);
  if (name == "basename" || name == "stem") return 0.9;
  if (name == "dirname" || name == "url_path" || name == "lower" || name == "trim" ||
      name == "percent_decode")
    return 1.0;
  if (name == "strip_prefix" || name == "strip_suffix")
    return 1.3 + 0.02 * static_cast<double>(filter.size());
  if (name == "part") return 1.2;
  return 1.4;
}

/// Calls `use` with every filter of "|a|b:x".
template <typename Use>
void for_each_filter(std::string_view filters, Use use) {
  std::size_t start = 0;
  for (std::size_t at = 0; at < filters.size(); ++at) {
    if (filters[at] == '\\') {
      ++at;
    } else if (filters[at] == '|' && at > start) {
      use(filters.substr(start, at - start));
      start = at;
    }
  }
  if (start < filters.size()) use(filters.substr(start));
}

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

void Draft::add_literal(std::string_view text) {
  if (text.empty()) return;
  if (!segments.empty() && segments.back().column < 0) {
    segments.back().literal += text;
  } else {
    segments.push_back({std::string(text), -1, {}});
  }
}

std::string Draft::text(const ColumnNames& columns) const {
  std::string out;
  for (const Segment& segment : segments) {
    if (segment.column < 0) {
      for (const char c : segment.literal) out.append(c == '{' || c == '}' ? 2 : 1, c);
      continue;
    }
    const std::string& name = columns[static_cast<std::size_t>(segment.column)];
    const bool plain = !name.empty() && name.find_first_of("{}|\\") == std::string::npos;
    if (!plain && columns.size() > 1) return {};
    out += "{" + (plain ? name : std::string("value")) + segment.filters + "}";
  }
  return out.ends_with("/**") || !is_utf8(out) ? std::string() : out;
}

Result<KeyTemplate> Draft::compiled(const ColumnNames& columns) const {
  FLOTSAM_ASSIGN(KeyTemplate one, KeyTemplate::parse(text(columns)));
  FLOTSAM_TRY(one.bind(columns));
  return one;
}

double Draft::cost() const {
  double cost = 0;
  for (const Segment& segment : segments) {
    if (segment.column < 0) {
      const bool ends_well = !is_alnum(segment.literal.back());
      cost += (ends_well ? 0.8 : 1.1) + 0.03 * static_cast<double>(segment.literal.size());
      cost += 0.1 * static_cast<double>(std::count_if(segment.literal.begin(), segment.literal.end(),
                                                      [](char c) { return c >= '0' && c <= '9'; }));
      continue;
    }
    cost += 1.5;
    for_each_filter(segment.filters, [&cost](std::string_view filter) { cost += cost_of(filter); });
  }
  return cost;
}

std::vector<std::size_t> Draft::columns_used() const {
  std::vector<std::size_t> used;
  for (const Segment& segment : segments)
    if (segment.column >= 0 &&
        std::find(used.begin(), used.end(), static_cast<std::size_t>(segment.column)) == used.end())
      used.push_back(static_cast<std::size_t>(segment.column));
  return used;
}

std::string filter_with(std::string_view name, std::string_view argument) {
  std::string out = fmt::format("|{}:", name);
  for (const char c : argument) {
    if (c == ':' || c == '\\' || c == '|' || c == '}') out += '\\';
    out += c;
  }
  return out;
}

std::vector<std::string> split_filters(std::string_view filters) {
  std::vector<std::string> out;
  for_each_filter(filters, [&out](std::string_view filter) { out.emplace_back(filter); });
  return out;
}

std::string toml_string(std::string_view text) {
  const bool has_control = std::any_of(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  const bool needs_escape = has_control || text.find_first_of("\"\\") != std::string_view::npos;
  if (needs_escape && !has_control && text.find('\'') == std::string_view::npos)
    return fmt::format("'{}'", text);
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04X}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string toml_line(std::string_view name, const std::vector<std::string>& texts) {
  std::string out = fmt::format("{} = [", name);
  for (std::size_t i = 0; i < texts.size(); ++i) out += (i > 0 ? ", " : "") + toml_string(texts[i]);
  return out + "]";
}

}  // namespace flotsam
