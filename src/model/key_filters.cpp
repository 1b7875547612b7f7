#include "model/key_filters.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>
#include <vector>

#include "base/bytes.h"
#include "model/unicode.h"

namespace flotsam {
namespace {

using Filter = KeyTemplate::Filter;

/// What the arguments of a filter are.
enum class Arguments { none, text, two_texts, number, two_numbers };

struct Row {
  FilterInfo info;
  Arguments arguments;
  void (*apply)(const Filter&, std::string&);
};

/// Chained replacements could grow without end; nothing of this length is anyone's key, whatever follows.
constexpr std::size_t kReplacedBytesMax = 1U << 20U;

void keep(std::string& value, std::string_view part) {
  value = std::string(part);
}

void apply_dirname(const Filter&, std::string& value) {
  const std::size_t slash = value.rfind('/');
  value.resize(slash == std::string::npos ? 0 : slash);
}

void apply_stem(const Filter&, std::string& value) {
  value.resize(value.size() - extension_with_dot_of(value).size());
}

void apply_ext(const Filter&, std::string& value) {
  const std::string_view extension = extension_with_dot_of(value);
  keep(value, extension.empty() ? extension : extension.substr(1));
}

void apply_percent_encode(const Filter&, std::string& value) {
  std::string out;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", byte);
    }
  }
  value = std::move(out);
}

void apply_url_path(const Filter&, std::string& value) {
  if (const UrlPath url = path_of_url(value); url.is_url) value = percent_decoded(url.path);
}

void apply_strip_prefix(const Filter& filter, std::string& value) {
  if (value.starts_with(filter.first)) value.erase(0, filter.first.size());
}

void apply_strip_suffix(const Filter& filter, std::string& value) {
  if (value.ends_with(filter.first)) value.resize(value.size() - filter.first.size());
}

void apply_replace(const Filter& filter, std::string& value) {
  std::string out;
  std::size_t from = 0;
  for (std::size_t at = value.find(filter.first); at != std::string::npos;
       at = value.find(filter.first, from)) {
    out.append(value, from, at - from).append(filter.second);
    from = at + filter.first.size();
    if (out.size() > kReplacedBytesMax) {
      value = std::move(out);
      return;
    }
  }
  value = out.append(value, from);
}

void apply_part(const Filter& filter, std::string& value) {
  std::vector<std::string_view> parts;
  const std::string_view text = value;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t slash = std::min(text.find('/', start), text.size());
    parts.push_back(text.substr(start, slash - start));
    start = slash + 1;
  }
  const auto count = static_cast<std::int64_t>(parts.size());
  const std::int64_t index = filter.number > 0 ? filter.number - 1 : count + filter.number;
  keep(value, index >= 0 && index < count ? parts[static_cast<std::size_t>(index)] : std::string_view());
}

void apply_pad(const Filter& filter, std::string& value) {
  const auto width = static_cast<std::size_t>(filter.number);
  if (value.size() < width) value.insert(0, width - value.size(), '0');
}

void apply_unpad(const Filter&, std::string& value) {
  const std::size_t first = value.find_first_not_of('0');
  // A number that is nothing but zeros is the number 0.
  if (!value.empty()) value.erase(0, first == std::string::npos ? value.size() - 1 : first);
}

void apply_slice(const Filter& filter, std::string& value) {
  const auto size = static_cast<std::int64_t>(value.size());
  const auto place = [size](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? size + at : at, 0, size);
  };
  const std::int64_t from = place(filter.number);
  const std::int64_t to = std::max(from, place(filter.number2));
  value = value.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
}

void apply_partition(const Filter& filter, std::string& value) {
  const auto width = static_cast<std::size_t>(filter.number);
  std::string out;
  for (std::size_t at = 0; at < value.size(); at += width) {
    if (at > 0) out += '/';
    out.append(value, at, width);
  }
  value = std::move(out);
}

// One row a filter, in the order of the documentation.
constexpr std::array kRows = {
    Row{{"basename", "", "what follows the last \"/\""},
        Arguments::none,
        [](const Filter&, std::string& value) { value.erase(0, value.rfind('/') + 1); }},
    Row{{"dirname", "", "what stands before the last \"/\"; empty without one"},
        Arguments::none,
        apply_dirname},
    Row{{"stem", "", "without the last extension; folders stay"}, Arguments::none, apply_stem},
    Row{{"ext", "", "the last extension, without its dot"}, Arguments::none, apply_ext},
    Row{{"lower", "", "lower case"},
        Arguments::none,
        [](const Filter&, std::string& value) { value = to_lower(value); }},
    Row{{"upper", "", "upper case"},
        Arguments::none,
        [](const Filter&, std::string& value) { value = to_upper(value); }},
    Row{{"nfc", "", "Unicode normal form C"},
        Arguments::none,
        [](const Filter&, std::string& value) { value = to_nfc(value); }},
    Row{{"nfd", "", "Unicode normal form D"},
        Arguments::none,
        [](const Filter&, std::string& value) { value = to_nfd(value); }},
    Row{{"trim", "", "without blanks at both ends"},
        Arguments::none,
        [](const Filter&, std::string& value) { keep(value, trimmed(value)); }},
    Row{{"percent_decode", "", "%2F becomes \"/\", once"},
        Arguments::none,
        [](const Filter&, std::string& value) { value = percent_decoded(value); }},
    Row{{"percent_encode", "", "all but letters, digits and -._~/ become %XX"},
        Arguments::none,
        apply_percent_encode},
    Row{{"plus_decode", "", "\"+\" becomes a blank"},
        Arguments::none,
        [](const Filter&, std::string& value) { std::replace(value.begin(), value.end(), '+', ' '); }},
    Row{{"url_path", "", "the decoded path of a URL without its leading \"/\"; other values stay"},
        Arguments::none,
        apply_url_path},
    Row{{"strip_prefix", ":X", "without X at the start"}, Arguments::text, apply_strip_prefix},
    Row{{"strip_suffix", ":X", "without X at the end"}, Arguments::text, apply_strip_suffix},
    Row{{"replace", ":A:B", "every A becomes B"}, Arguments::two_texts, apply_replace},
    Row{{"part", ":N", "the N-th part of a path, from the end if negative"}, Arguments::number, apply_part},
    Row{{"pad", ":N", "zeros on the left up to N bytes"}, Arguments::number, apply_pad},
    Row{{"unpad", "", "without zeros on the left"}, Arguments::none, apply_unpad},
    Row{{"slice", ":A:B", "bytes A up to B, counted from 0; negative from the end"},
        Arguments::two_numbers,
        apply_slice},
    Row{{"partition", ":N", "groups of N bytes from the left, joined by \"/\""},
        Arguments::number,
        apply_partition},
};

constexpr auto kInfos = [] {
  std::array<FilterInfo, kRows.size()> infos{};
  for (std::size_t i = 0; i < kRows.size(); ++i) infos[i] = kRows[i].info;
  return infos;
}();

/// Splits at ":" that no "\" stands before, and takes the "\" away.
std::vector<std::string> split_arguments(std::string_view text) {
  std::vector<std::string> parts(1);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) {
      parts.back() += text[++at];
    } else if (text[at] == ':') {
      parts.emplace_back();
    } else {
      parts.back() += text[at];
    }
  }
  return parts;
}

std::string known_filters() {
  std::string names;
  for (const Row& row : kRows) names += fmt::format("{}{}", names.empty() ? "" : ", ", row.info.name);
  return names;
}

Result<std::int64_t> parse_number(std::string_view filter, const std::string& text) {
  const bool negative = text.starts_with('-');
  const auto value = parse_unsigned(negative ? std::string_view(text).substr(1) : std::string_view(text));
  if (!value || *value > 1'000'000)
    return fail(ErrorCode::invalid_argument,
                fmt::format("the filter {} needs a whole number, not {}", filter, in_quotes(text)));
  return negative ? -static_cast<std::int64_t>(*value) : static_cast<std::int64_t>(*value);
}

/// Numbers that would do nothing or never end.
Result<void> check_number(std::string_view name, std::int64_t number) {
  if (name == "part" && number == 0)
    return fail(ErrorCode::invalid_argument,
                "the filter part counts from 1, or from -1 at the end, not from 0");
  if ((name == "pad" || name == "partition") && (number < 1 || number > 1024))
    return fail(ErrorCode::invalid_argument,
                fmt::format("the filter {} needs a number from 1 to 1024", name));
  return {};
}

Result<Filter> with_arguments(int id, const std::vector<std::string>& words) {
  const Row& row = kRows[static_cast<std::size_t>(id)];
  const std::size_t wanted =
      row.arguments == Arguments::none                                                   ? 0
      : row.arguments == Arguments::two_texts || row.arguments == Arguments::two_numbers ? 2
                                                                                         : 1;
  if (words.size() != wanted + 1)
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("the filter {} is written {}{}, not with {} argument{}", row.info.name, row.info.name,
                    row.info.arguments, words.size() - 1, words.size() == 2 ? "" : "s"),
        "A \":\" inside an argument is written \"\\:\".");
  Filter filter;
  filter.id = id;
  if (row.arguments == Arguments::text || row.arguments == Arguments::two_texts) {
    if (words[1].empty())
      return fail(ErrorCode::invalid_argument,
                  fmt::format("the filter {} has an empty argument", row.info.name));
    filter.first = words[1];
    if (wanted == 2) filter.second = words[2];
  } else if (wanted > 0) {
    FLOTSAM_ASSIGN(filter.number, parse_number(row.info.name, words[1]));
    if (wanted == 2) {
      // slice:A: reads to the end.
      if (words[2].empty()) {
        filter.number2 = std::numeric_limits<std::int64_t>::max();
      } else {
        FLOTSAM_ASSIGN(filter.number2, parse_number(row.info.name, words[2]));
      }
    }
    FLOTSAM_TRY(check_number(row.info.name, filter.number));
  }
  return filter;
}

}  // namespace

std::span<const FilterInfo> all_filters() {
  return kInfos;
}

Result<Filter> parse_filter(std::string_view text) {
  const std::vector<std::string> words = split_arguments(text);
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (kRows[i].info.name == words[0]) return with_arguments(static_cast<int>(i), words);
  std::vector<std::string_view> names;
  for (const Row& row : kRows) names.push_back(row.info.name);
  const std::string near = nearest_of(words[0], names);
  return fail(ErrorCode::invalid_argument,
              fmt::format("there is no filter {}{}", in_quotes(words[0]),
                          near.empty() ? "" : fmt::format("; did you mean {}?", near)),
              "Known filters: " + known_filters() + ".");
}

void apply_filter(const Filter& filter, std::string& value) {
  kRows[static_cast<std::size_t>(filter.id)].apply(filter, value);
}

Result<std::string> apply_filters(std::string_view filters, std::string_view value) {
  std::string text(value);
  while (!filters.empty()) {
    if (filters.front() != '|') return fail(ErrorCode::invalid_argument, "filters begin with \"|\"");
    std::size_t end = 1;
    while (end < filters.size() && filters[end] != '|') end += filters[end] == '\\' ? 2U : 1U;
    end = std::min(end, filters.size());
    FLOTSAM_ASSIGN(const Filter filter, parse_filter(filters.substr(1, end - 1)));
    apply_filter(filter, text);
    filters.remove_prefix(end);
  }
  return text;
}

}  // namespace flotsam
