#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "report/report_view.h"
#include "report/text_layout.h"

namespace flotsam {

/// What the sections of the text report write to: the text so far, the figures and the style.
class TextPage {
 public:
  TextPage(const ReportView& figures, const TextStyle& how) : view(figures), style(how) {}

  /// A blank line (but at the top) and a title.
  void heading(std::string_view title);
  /// A sentence, wrapped to the width; the first line begins with `lead` (which takes the columns of its own
  /// text), the others stand under its end.
  void paragraph(std::string_view text, std::size_t indent = 2, std::string_view lead = {},
                 Colour lead_colour = Colour::none);
  /// A paragraph with a dimmed label in a column of its own.
  void fact(std::string_view label, std::string_view text);
  /// A command: never wrapped, for it is to be pasted.
  void command(std::string_view text);
  void add(std::string_view text) { out_ += text; }
  void add(const Table& table) { out_ += table.render(style); }
  std::string take() { return std::move(out_); }
  /// The command of the program with `arguments`, and the configuration where it is not the default one.
  std::string with_config(std::string_view arguments) const;

  std::string key(std::string_view bytes) const { return shown(bytes, style); }
  /// Where the plan stands: as it was given to `show`, else where the scan wrote it.
  const std::string& plan_path() const { return is_shown_again() ? style.shown_plan : view.plan_path; }
  bool is_shown_again() const { return !style.shown_plan.empty(); }
  /// "pass ✓", "warn !", "REFUSE ✗": word and sign, so that no meaning rests on a colour.
  std::string ruling_text(std::string_view ruling) const;
  static Colour colour_of(std::string_view ruling);
  /// "12 d", "5 h": an age at the time of the scan by the store's clock.
  std::string age_of(Timestamp moment) const;
  /// Part of whole in percent, "99.7 %"; a dash where there is no whole.
  std::string share(std::uint64_t part, std::uint64_t whole) const;

  const ReportView& view;
  const TextStyle& style;

 private:
  std::string out_;
};

/// "2026-11-23 06:41:21 UTC"
std::string clock_text(Timestamp moment);

/// Below this, tables cannot be read any more: a terminal that is narrower breaks the lines itself.
inline constexpr unsigned kTextWidthMin = 40;

/// The sections, in the order of the report. Each writes nothing where it has nothing to say.
void write_verdict_sentence(TextPage& page);
/// The verdict once more in few words, with the plan's path: what the last screen of a terminal shows.
void write_verdict_again(TextPage& page);
void write_references(TextPage& page);
/// `passing`: also the line that counts the guards that pass, and the diagnosis.
enum class Passing { shown, hidden };
void write_rulings(TextPage& page, Passing passing);
void write_verdicts(TextPage& page);
void write_shapes(TextPage& page);
void write_samples(TextPage& page);
void write_first_parts_and_groups(TextPage& page);
void write_histograms(TextPage& page);
void write_provenance(TextPage& page);
void write_assumptions(TextPage& page);
void write_next(TextPage& page);

/// A bar of `width` columns, divided in proportion; each part that is not zero gets at least one column.
struct BarPart {
  std::uint64_t value = 0;
  std::string_view mark;  ///< one column, repeated
  std::string_view ascii_mark;
  Colour colour = Colour::none;
};
std::string to_bar(const std::vector<BarPart>& parts, std::size_t width, const TextStyle& style);

}  // namespace flotsam
