#include "diagnosis/fields.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "diagnosis/draft.h"
#include "model/key_template.h"
#include "model/unicode.h"

namespace flotsam {
namespace {

constexpr std::size_t kTextMax = 1024;
constexpr std::size_t kChainsMax = 12;
constexpr std::size_t kTextsTried = 40;
constexpr std::size_t kAffixMax = 80;

constexpr std::array<std::string_view, 17> kWhole = {"|trim",
                                                     "|url_path",
                                                     "|replace:\\\\/:/",
                                                     "|replace:\\\\:/",
                                                     "|percent_decode",
                                                     "|plus_decode",
                                                     "|lower",
                                                     "|nfc",
                                                     "|nfd",
                                                     "|upper",
                                                     "|replace:-:",
                                                     "|unpad",
                                                     "|replace: :_",
                                                     "|replace: :-",
                                                     "|replace:_:-",
                                                     "|replace:-:_",
                                                     "|percent_encode"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alnum(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// How much of the text's letters and digits stand in the key, token by token.
std::size_t overlap_of(std::string_view text, std::string_view key) {
  std::size_t overlap = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_alnum(text[end])) ++end;
    if (end > at && key.find(text.substr(at, end - at)) != std::string_view::npos) overlap += end - at;
    at = end + 1;
  }
  return overlap;
}

/// Whether a filter is worth trying between these two texts.
bool may_help(std::string_view filter, std::string_view text, std::string_view key) {
  if (filter == "|unpad") return all_digits(text);
  if (filter == "|upper")
    return std::any_of(key.begin(), key.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (filter == "|percent_encode") return key.find('%') != std::string_view::npos;
  if (filter == "|replace:_:-" || filter == "|replace: :-") return key.find('-') != std::string_view::npos;
  if (filter == "|replace:-:_" || filter == "|replace: :_") return key.find('_') != std::string_view::npos;
  return true;
}

class Cutter {
 public:
  Cutter(const Field& whole, std::string_view key, std::vector<Field>& out)
      : whole_(whole), key_(key), out_(out) {}

  void cut() {
    const std::string_view text = whole_.text;
    piece(text, "", 0);
    affixes(text, "");
    const std::size_t slash = text.rfind('/');
    if (slash != std::string_view::npos) {
      piece(text.substr(slash + 1), "|basename", 0.9);
      affixes(text.substr(slash + 1), "|basename");
      folders(text.substr(0, slash), "|dirname", 1.0);
      parts(text);
    }
    dates(text);
  }

 private:
  bool is_in_key(std::string_view text) const {
    return !text.empty() && text.size() <= kTextMax && key_.find(text) != std::string_view::npos;
  }
  void add(std::string_view text, std::string_view filters, double cost) { add(text, filters, "", cost); }
  void add(std::string_view text, std::string_view filters, std::string_view more, double cost) {
    if (!is_in_key(text)) return;
    out_.push_back({std::string(text), whole_.column, whole_.filters, whole_.cost + cost});
    out_.back().filters.append(filters).append(more);
  }

  /// A text with its stem, extension, and where it is one name, its slices and numbers.
  void piece(std::string_view text, const std::string& filters, double cost) {
    add(text, filters, cost);
    const std::string_view extension = extension_with_dot_of(text);
    if (!extension.empty()) {
      const std::string_view stem = text.substr(0, text.size() - extension.size());
      add(stem, filters, "|stem", cost + 0.9);
      add(extension.substr(1), filters, "|ext", cost + 1);
      name(stem, filters + "|stem", cost + 0.9);
    }
    name(text, filters, cost);
  }

  void folders(std::string_view text, const std::string& filters, double cost) {
    add(text, filters, cost);
    affixes(text, filters);
    const std::size_t slash = text.rfind('/');
    if (slash != std::string_view::npos) add(text.substr(0, slash), filters, "|dirname", cost + 1);
  }

  void parts(std::string_view text) {
    std::vector<std::string_view> all;
    for (std::size_t start = 0; start <= text.size();) {
      const std::size_t slash = std::min(text.find('/', start), text.size());
      all.push_back(text.substr(start, slash - start));
      start = slash + 1;
    }
    const std::size_t count = all.size();
    for (std::size_t i = 0; i + 1 < count && i < 8; ++i) piece(all[i], fmt::format("|part:{}", i + 1), 1.2);
    for (std::size_t i = 2; i <= 4 && i < count; ++i) piece(all[count - i], fmt::format("|part:-{}", i), 1.3);
  }

  void affixes(std::string_view text, const std::string& filters) {
    std::size_t tried = 0;
    for (std::size_t at = 1; at < text.size() && at <= kAffixMax && tried < 12; ++at) {
      if (is_alnum(text[at - 1]) || (text[at] == '/' && text[at - 1] == '/')) continue;
      ++tried;
      without_prefix(text, at, filters);
    }
    const std::string_view extension = extension_with_dot_of(text);
    const std::string_view stem = text.substr(0, text.size() - extension.size());
    without_suffix(text, filters, 0);
    if (!extension.empty()) without_suffix(stem, filters + "|stem", 0.9);
  }

  void without_prefix(std::string_view text, std::size_t size, const std::string& filters) {
    const std::string_view rest = text.substr(size);
    const std::string_view extension = extension_with_dot_of(rest);
    const std::string_view stem = rest.substr(0, rest.size() - extension.size());
    const std::size_t slash = rest.rfind('/');
    const bool one_word = slash == std::string_view::npos && stem.size() >= 8 &&
                          std::all_of(stem.begin(), stem.end(), is_alnum);
    const std::string_view folder =
        slash == std::string_view::npos ? std::string_view() : rest.substr(0, slash);
    if (!one_word && !is_in_key(stem) && !is_in_key(folder)) return;
    const std::string strip = filters + filter_with("strip_prefix", text.substr(0, size));
    const double cost = 1.3 + 0.02 * static_cast<double>(size);
    add(rest, strip, cost);
    if (!extension.empty()) add(stem, strip, "|stem", cost + 0.9);
    add(folder, strip, "|dirname", cost + 1);
    if (one_word) name(stem, extension.empty() ? strip : strip + "|stem", cost + 0.9);
  }

  void without_suffix(std::string_view text, const std::string& filters, double cost) {
    std::size_t tried = 0;
    for (std::size_t at = text.size(); at-- > 1 && text.size() - at <= 40 && tried < 4 && text[at] != '/';) {
      if (is_alnum(text[at])) continue;
      ++tried;
      if (is_in_key(text.substr(0, at)))
        add(text.substr(0, at), filters, filter_with("strip_suffix", text.substr(at)), cost + 1.35);
    }
  }

  void name(std::string_view text, const std::string& filters, double cost) {
    if (text.find('/') != std::string_view::npos || text.empty()) return;
    if (text.size() >= 3) slices(text, filters, cost);
    if (all_digits(text) && text.size() <= 18) number(std::string(text), filters, cost);
    if (text.size() < 8) return;
    for (const std::size_t width : {2U, 3U, 4U})
      if (is_in_key(text.substr(0, width)))
        add(partitioned(text, width), filters, fmt::format("|partition:{}", width), cost + 1.4);
  }

  void slices(std::string_view text, const std::string& filters, double cost) {
    constexpr std::array<std::pair<int, int>, 22> kSlices = {
        {{0, 1}, {0, 2}, {0, 3}, {0, 4}, {1, 2}, {1, 3},  {2, 3},  {2, 4},  {3, 4},   {3, 6},   {4, 6},
         {4, 8}, {6, 8}, {6, 9}, {0, 6}, {0, 8}, {-1, 0}, {-2, 0}, {-3, 0}, {-4, -2}, {-6, -3}, {-2, -1}}};
    const auto size = static_cast<int>(std::min<std::size_t>(text.size(), kTextMax));
    const auto slice = [&](int from, int to) {
      const int start = from < 0 ? size + from : from;
      const int end = to == 0 && from < 0 ? size : to < 0 ? size + to : to;
      if (start < 0 || end > size || start >= end || (start == 0 && end == size)) return;
      const std::string_view cut =
          text.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(end - start));
      if (!is_in_key(cut)) return;
      add(cut, filters,
          to == 0 && from < 0 ? fmt::format("|slice:{}:", from) : fmt::format("|slice:{}:{}", from, to),
          cost + 1.4 + (from < 0 ? 0.05 : 0));
    };
    for (const auto& [from, to] : kSlices) slice(from, to);
    for (const std::size_t from : {1U, 2U, 3U, 4U, 6U, 8U})
      if (from + 2 < text.size() && is_in_key(text.substr(from)))
        add(text.substr(from), filters, fmt::format("|slice:{}:", from), cost + 1.4);
    if (size == 32)
      for (const auto& [from, to] : {std::pair{8, 12}, {12, 16}, {16, 20}, {20, 32}}) slice(from, to);
  }

  static std::string partitioned(std::string_view text, std::size_t width) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += width) {
      if (at > 0) out += '/';
      out.append(text, at, width);
    }
    return out;
  }

  void number(const std::string& text, const std::string& filters, double cost) {
    const auto digits = static_cast<std::size_t>(std::count_if(key_.begin(), key_.end(), is_digit));
    for (std::size_t width = text.size(); width <= std::min<std::size_t>(18, digits); ++width) {
      const bool is_padded = width > text.size();
      const std::string full = std::string(width - text.size(), '0') + text;
      const std::string pad = is_padded ? filters + fmt::format("|pad:{}", width) : filters;
      const double pad_cost = cost + (is_padded ? 1.2 : 0);
      if (is_padded) add(full, pad, pad_cost);
      for (const std::size_t group : {1U, 2U, 3U, 4U})
        if (group < width && is_in_key(full.substr(0, group)))
          add(partitioned(full, group), pad, fmt::format("|partition:{}", group),
              pad_cost + (width % group == 0 ? 1.3 : 1.6));
      if (is_padded && width % 3 == 0) slices(full, pad, pad_cost);
    }
  }

  void dates(std::string_view text) {
    if (text.size() < 10) return;
    for (const std::size_t at : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U})
      if (!is_digit(text[at])) return;
    if (is_alnum(text[4]) || text[4] != text[7]) return;
    const std::string sign(1, text[4]);
    const std::string to_slash = sign == "/" ? "" : filter_with("replace", sign) + ":/";
    const std::string year(text.substr(0, 4)), month(text.substr(5, 2)), day(text.substr(8, 2));
    add(year, "|slice:0:4", 1.4);
    add(month, "|slice:5:7", 1.4);
    add(day, "|slice:8:10", 1.4);
    if (month[0] == '0') add(month.substr(1), "|slice:5:7|unpad", 2.8);
    if (day[0] == '0') add(day.substr(1), "|slice:8:10|unpad", 2.8);
    add(year + "/" + month, "|slice:0:7" + to_slash, 2.4);
    add(year + "/" + month + "/" + day, "|slice:0:10" + to_slash, 2.4);
    add(year + sign + month, "|slice:0:7", 1.4);
    add(year + sign + month + sign + day, "|slice:0:10", 1.4);
    const std::string joined = filter_with("replace", sign) + ":";
    add(year + month, "|slice:0:7" + joined, 2.4);
    add(year + month + day, "|slice:0:10" + joined, 2.4);
  }

  const Field& whole_;
  std::string_view key_;
  std::vector<Field>& out_;
};

}  // namespace

void chains_of(std::string_view value, std::string_view key, std::vector<Field>& out) {
  out.clear();
  out.push_back({std::string(value), 0, "", 0});
  std::size_t level_start = 0;
  for (int depth = 0; depth < 3; ++depth) {
    const std::size_t level_end = out.size();
    for (std::size_t i = level_start; i < level_end; ++i) {
      for (const std::string_view filter : kWhole) {
        if (out.size() >= kTextsTried || !may_help(filter, out[i].text, key)) continue;
        auto text = apply_filters(filter, out[i].text);
        if (!text || text->empty()) continue;
        const bool known =
            std::any_of(out.begin(), out.end(), [&](const Field& one) { return one.text == *text; });
        if (!known)
          out.push_back({std::move(*text), 0, out[i].filters + std::string(filter), out[i].cost + 1.0});
      }
    }
    level_start = level_end;
  }
  std::size_t best = 0;
  std::vector<std::size_t> overlaps;
  for (const Field& one : out) best = std::max(best, overlaps.emplace_back(overlap_of(one.text, key)));
  std::vector<Field> kept;
  for (std::size_t i = 0; i < out.size() && kept.size() < kChainsMax; ++i)
    if (overlaps[i] * 100 >= best * 85) kept.push_back(std::move(out[i]));
  out = std::move(kept);
}

void fields_of(const Field& whole, std::string_view key, std::vector<Field>& out) {
  Cutter(whole, key, out).cut();
}

}  // namespace flotsam
