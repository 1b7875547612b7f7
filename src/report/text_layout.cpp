#include "report/text_layout.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <numeric>
#include <utility>

#include "base/bytes.h"

namespace flotsam {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kShrunkMin = 16;

struct Character {
  std::string_view bytes;
  char32_t code = 0;
};

/// The first character of a text; a stray byte counts as one.
Character first_of(std::string_view text) {
  const std::size_t length = std::max<std::size_t>(utf8_length_of(text), 1);
  Character character{text.substr(0, length), static_cast<unsigned char>(text.front())};
  if (length > 1) {
    character.code &= 0x7FU >> length;
    for (std::size_t i = 1; i < length; ++i)
      character.code = (character.code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  return character;
}

struct CodeRange {
  char32_t first, last;
};

// East Asian Wide and Fullwidth, and emoji (Unicode's EastAsianWidth.txt, in blocks).
constexpr std::array<CodeRange, 17> kWide = {{{0x1100, 0x115F},
                                              {0x231A, 0x231B},
                                              {0x23E9, 0x23EC},
                                              {0x2614, 0x2615},
                                              {0x26A1, 0x26A1},
                                              {0x2705, 0x2705},
                                              {0x2E80, 0x303E},
                                              {0x3041, 0xA4CF},
                                              {0xA960, 0xA97F},
                                              {0xAC00, 0xD7A3},
                                              {0xF900, 0xFAFF},
                                              {0xFE30, 0xFE6F},
                                              {0xFF00, 0xFF60},
                                              {0xFFE0, 0xFFE6},
                                              {0x1F300, 0x1FAFF},
                                              {0x20000, 0x2FFFD},
                                              {0x30000, 0x3FFFD}}};
// Marks that stand on the character before them.
constexpr std::array<CodeRange, 12> kCombining = {{{0x0300, 0x036F},
                                                   {0x0483, 0x0489},
                                                   {0x0591, 0x05BD},
                                                   {0x0610, 0x061A},
                                                   {0x064B, 0x065F},
                                                   {0x0E34, 0x0E3A},
                                                   {0x0E47, 0x0E4E},
                                                   {0x1AB0, 0x1AFF},
                                                   {0x1DC0, 0x1DFF},
                                                   {0x20D0, 0x20FF},
                                                   {0xFE00, 0xFE0F},
                                                   {0xFE20, 0xFE2F}}};

template <std::size_t N>
bool stands_in(char32_t code, const std::array<CodeRange, N>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const CodeRange& range) { return code >= range.first && code <= range.last; });
}

std::size_t columns_of_code(char32_t code) {
  if (code < 0x300) return 1;
  if (stands_in(code, kCombining)) return 0;
  return stands_in(code, kWide) ? 2 : 1;
}

std::vector<Character> characters_of(std::string_view text) {
  std::vector<Character> characters;
  while (!text.empty()) {
    characters.push_back(first_of(text));
    text.remove_prefix(characters.back().bytes.size());
  }
  return characters;
}

/// The length of the escape sequence of to_printable at the start of a text, 0 where there is none.
std::size_t escape_length_of(std::string_view text) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (text.size() < 2 || text[0] != '\\') return 0;
  if (text[1] == '\\') return 2;
  if (text[1] == 'x') return text.size() >= 4 && is_hex(text[2]) && is_hex(text[3]) ? 4 : 0;
  if (!text.starts_with("\\u{")) return 0;
  std::size_t end = 3;
  while (end < text.size() && end < 9 && is_hex(text[end])) ++end;
  return end > 3 && end < text.size() && text[end] == '}' ? end + 1 : 0;
}

/// What may not be cut apart: an escape sequence, or a character with the marks that stand on it.
struct Unit {
  std::string_view bytes;
  std::size_t columns = 0;
};

std::vector<Unit> units_of(std::string_view text) {
  std::vector<Unit> units;
  while (!text.empty()) {
    const std::size_t escape = escape_length_of(text);
    std::size_t size = escape, columns = escape;
    if (escape == 0) {
      const Character base = first_of(text);
      size = base.bytes.size();
      columns = columns_of_code(base.code);
    }
    while (size < text.size()) {
      const Character mark = first_of(text.substr(size));
      if (mark.code < 0x300 || columns_of_code(mark.code) > 0) break;
      size += mark.bytes.size();
    }
    units.push_back({text.substr(0, size), columns});
    text.remove_prefix(size);
  }
  return units;
}

/// The longest beginning of `text` that takes at most `width` columns and cuts no unit apart.
std::string_view head_of(std::string_view text, std::size_t width) {
  std::size_t used = 0, end = 0;
  for (const Unit& unit : units_of(text)) {
    used += unit.columns;
    if (used > width) break;
    end += unit.bytes.size();
  }
  return text.substr(0, end);
}

std::string_view tail_of(std::string_view text, std::size_t width) {
  const std::vector<Unit> units = units_of(text);
  std::size_t used = 0, size = 0;
  for (auto unit = units.rbegin(); unit != units.rend(); ++unit) {
    used += unit->columns;
    if (used > width) break;
    size += unit->bytes.size();
  }
  return text.substr(text.size() - size);
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Character character = first_of(text);
    columns += columns_of_code(character.code);
    text.remove_prefix(character.bytes.size());
  }
  return columns;
}

std::string cut_middle(std::string_view text, std::size_t width, const TextStyle& style) {
  if (columns_of(text) <= width) return std::string(text);
  const std::string_view mark = style.unicode ? "…" : "...";
  const std::size_t mark_width = columns_of(mark);
  if (width <= mark_width) return std::string(head_of(text, width));
  const std::size_t left = width - mark_width;
  const std::size_t tail = left - left / 2;
  return fmt::format("{}{}{}", head_of(text, left / 2), mark, tail_of(text, tail));
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t used = columns_of(lines.back());
    if (used > 0 && used + 1 + columns_of(word) <= width) {
      lines.back() += ' ';
    } else if (used > 0) {
      lines.emplace_back();
    }
    while (columns_of(word) > width) {
      const std::string_view head = head_of(word, width);
      if (head.empty()) break;
      lines.back() += head;
      lines.emplace_back();
      word.remove_prefix(head.size());
    }
    lines.back() += word;
  }
  return lines;
}

std::string shown(std::string_view bytes, const TextStyle& style) {
  const std::string printable = to_printable(bytes);
  if (style.unicode) return printable;
  std::string out;
  for (const Character& character : characters_of(printable)) {
    if (character.code < 0x80) {
      out += character.bytes;
    } else {
      out += fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(character.code));
    }
  }
  return out;
}

std::string sentence(std::string_view text, const TextStyle& style) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kPlain = {
      {{"…", "..."}, {"–", "-"}, {"·", "|"}, {"→", "->"}, {"“", "\""}, {"”", "\""}, {"≥", ">="}, {"’", "'"}}};
  std::string out;
  for (const Character& character : characters_of(text)) {
    const auto plain = std::find_if(kPlain.begin(), kPlain.end(),
                                    [&](const auto& pair) { return pair.first == character.bytes; });
    if (character.bytes == "\\") {
      out += character.bytes;  // what a message shows escaped already stays as it is
    } else if (!style.unicode && plain != kPlain.end()) {
      out += plain->second;
    } else {
      out += shown(character.bytes, style);
    }
  }
  return out;
}

std::string painted(std::string_view text, Colour colour, const TextStyle& style) {
  if (!style.colour || colour == Colour::none || text.empty()) return std::string(text);
  constexpr std::array<std::string_view, 5> kCodes = {"", "38;5;33", "38;5;208", "1", "2"};
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<std::size_t>(colour)], text);
}

std::vector<std::size_t> Table::natural_widths() const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) widths.push_back(columns_of(column.title));
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i].text));
  return widths;
}

namespace {

/// Makes columns narrower, then leaves some out (width npos), until they fit into `room`.
void fit(const std::vector<Table::Column>& columns, std::size_t room, std::vector<std::size_t>& widths) {
  constexpr std::size_t kOut = std::string::npos;
  const auto total = [&] {
    std::size_t sum = 0;
    for (const std::size_t width : widths)
      if (width != kOut) sum += width + (sum > 0 ? kGap : 0);
    return sum;
  };
  const auto shrink = [&](std::size_t least) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (!columns[i].shrinks || widths[i] == kOut || total() <= room) continue;
      const std::size_t excess = total() - room;
      widths[i] = widths[i] > least + excess ? widths[i] - excess : std::min(widths[i], least);
    }
  };
  const auto narrowest = [&](std::size_t least) {
    std::vector<std::size_t> saved = widths;
    shrink(least);
    const bool fits = total() <= room;
    if (!fits) widths = saved;
    return fits;
  };
  while (total() > room && !narrowest(kShrunkMin)) {
    std::size_t spare = columns.size();
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (widths[i] != kOut && columns[i].spare > 0 &&
          (spare == columns.size() || columns[i].spare > columns[spare].spare))
        spare = i;
    if (spare == columns.size()) {
      shrink(1);
      return;
    }
    widths[spare] = kOut;
  }
}

}  // namespace

std::string Table::line_of(const std::vector<Cell>& row, const std::vector<std::size_t>& widths,
                           const TextStyle& style) const {
  std::string line;
  std::size_t pending = indent_;
  bool first = true;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (widths[i] == std::string::npos) continue;
    if (!first) pending += kGap;
    first = false;
    const std::string text = cut_middle(row[i].text, widths[i], style);
    const std::size_t blank = widths[i] - std::min(widths[i], columns_of(text));
    if (columns_[i].align == Align::right) pending += blank;
    if (!text.empty()) {
      line.append(pending, ' ');
      pending = 0;
      line += painted(text, row[i].colour, style);
    }
    if (columns_[i].align == Align::left) pending += blank;
  }
  return line + "\n";
}

std::string Table::render(const TextStyle& style) const {
  std::vector<std::size_t> widths = natural_widths();
  fit(columns_, style.width - std::min<std::size_t>(indent_, style.width), widths);
  std::vector<Cell> titles;
  for (const Column& column : columns_) titles.push_back({column.title, Colour::dim});
  std::string out = line_of(titles, widths, style);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (i == rule_before_) {
      std::size_t across = 0;
      for (const std::size_t width : widths)
        if (width != std::string::npos) across += width + (across > 0 ? kGap : 0);
      std::string rule;
      for (std::size_t column = 0; column < across; ++column) rule += style.unicode ? "─" : "-";
      out += std::string(indent_, ' ') + painted(rule, Colour::dim, style) + "\n";
    }
    out += line_of(rows_[i], widths, style);
  }
  return out;
}

}  // namespace flotsam
