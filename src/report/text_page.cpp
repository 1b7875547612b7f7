#include "report/text_page.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/text.h"

namespace flotsam {
namespace {

constexpr std::size_t kLabelWidth = 14;

}  // namespace

void TextPage::heading(std::string_view title) {
  if (!out_.empty()) out_ += '\n';
  for (const std::string& line : wrapped(title, style.width))
    out_ += painted(line, Colour::bold, style) + "\n";
}

void TextPage::paragraph(std::string_view text, std::size_t indent, std::string_view lead,
                         Colour lead_colour) {
  const std::size_t lead_columns = columns_of(lead);
  const std::size_t used = indent + lead_columns;
  const auto lines = wrapped(sentence(text, style), style.width > used + 10 ? style.width - used : 10);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out_.append(indent, ' ');
    if (i == 0) {
      out_ += painted(lead, lead_colour, style);
    } else {
      out_.append(lead_columns, ' ');
    }
    out_ += lines[i] + "\n";
  }
}

void TextPage::fact(std::string_view label, std::string_view text) {
  std::string lead(label);
  lead.resize(std::max(kLabelWidth, lead.size() + 2), ' ');
  paragraph(text, 2, lead, Colour::dim);
}

void TextPage::command(std::string_view text) {
  out_ += fmt::format("    {}\n", painted(text, Colour::bold, style));
}

std::string TextPage::ruling_text(std::string_view ruling) const {
  if (ruling == "refuse") return style.unicode ? "REFUSE ✗" : "REFUSE X";
  if (ruling == "warn") return "warn !";
  return style.unicode ? "pass ✓" : "pass ok";
}

Colour TextPage::colour_of(std::string_view ruling) {
  if (ruling == "pass") return Colour::blue;
  return Colour::orange;
}

std::string TextPage::age_of(Timestamp moment) const {
  const auto seconds = std::chrono::duration_cast<Seconds>(view.store_clock - moment).count();
  if (seconds < 0) return "future";
  if (seconds >= 2 * 365 * 86400) return fmt::format("{} y", seconds / (365 * 86400));
  if (seconds >= 86400) return fmt::format("{} d", seconds / 86400);
  if (seconds >= 3600) return fmt::format("{} h", seconds / 3600);
  if (seconds >= 60) return fmt::format("{} min", seconds / 60);
  return fmt::format("{} s", seconds);
}

std::string TextPage::share(std::uint64_t part, std::uint64_t whole) const {
  if (whole == 0) return style.unicode ? "–" : "-";
  return to_percent(part, whole) + " %";
}

std::string TextPage::with_config(std::string_view arguments) const {
  std::string text = fmt::format("{} {}", shell_quoted(style.program), arguments);
  if (!style.config_path.empty()) text += " -c " + shell_quoted(style.config_path);
  return text;
}

std::string clock_text(Timestamp moment) {
  std::string text = to_rfc3339(moment);
  text[10] = ' ';
  text.replace(text.size() - 1, 1, " UTC");
  return text;
}

std::string to_bar(const std::vector<BarPart>& parts, std::size_t width, const TextStyle& style) {
  std::uint64_t whole = 0;
  std::size_t present = 0;
  for (const BarPart& part : parts) {
    whole += part.value;
    present += part.value > 0 ? 1 : 0;
  }
  if (whole == 0 || width < present) return {};
  std::vector<std::size_t> columns;
  std::size_t used = 0;
  for (const BarPart& part : parts) {
    const double exact =
        static_cast<double>(part.value) / static_cast<double>(whole) * static_cast<double>(width);
    columns.push_back(part.value == 0 ? 0 : std::max<std::size_t>(1, static_cast<std::size_t>(exact)));
    used += columns.back();
  }
  // Rounding is made good at the widest part, where it shows least.
  auto widest = std::max_element(columns.begin(), columns.end());
  for (; used > width && *widest > 1; --used)
    --*widest, widest = std::max_element(columns.begin(), columns.end());
  *widest += width - std::min(used, width);
  std::string bar;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::string cells;
    for (std::size_t column = 0; column < columns[i]; ++column)
      cells += style.unicode ? parts[i].mark : parts[i].ascii_mark;
    bar += painted(cells, parts[i].colour, style);
  }
  return bar;
}

}  // namespace flotsam
