#include "diagnosis/proposal_text.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

#include "base/bytes.h"
#include "base/text.h"
#include "model/unicode.h"

namespace flotsam {
namespace {

/// What the pairs show in the place that no column explains.
std::string shown_pairs(const Subject& subject, const std::vector<Pair>& pairs) {
  std::string out;
  for (const Pair& pair : pairs) {
    std::string value;
    for (const FieldView& field : subject.rows->row(pair.row)) {
      if (field.is_null) continue;
      value += (value.empty() ? "" : ", ") + in_quotes(field.bytes.substr(0, 120));
    }
    out += fmt::format("{}{} and {}", out.empty() ? "" : "; ", value, in_quotes(pair.key));
  }
  return out;
}

/// What filters do, for a person.
constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kWords = {{
    {"|url_path", "the path of the address"},
    {"|percent_decode", "percent-decoded"},
    {"|percent_encode", "percent-encoded"},
    {"|plus_decode", "\"+\" read as a blank"},
    {"|lower", "lower case"},
    {"|upper", "upper case"},
    {"|nfc", "composed Unicode (NFC)"},
    {"|nfd", "decomposed Unicode (NFD)"},
    {"|trim", "without blanks at the ends"},
    {"|replace:\\\\:/", "backslashes as slashes"},
    {"|strip_prefix", "without a prefix"},
    {"|strip_suffix", "without a suffix"},
    {"|pad", "padded with zeros"},
    {"|unpad", "without zeros in front"},
    {"|partition", "cut into folders"},
    {"|stem", "without its extension"},
}};

/// " (lower case, percent-decoded)": the filters that are new, or nothing.
std::string new_filters(std::string_view before, std::string_view after) {
  std::string out;
  for (const auto& [filter, words] : kWords) {
    if (after.find(filter) == std::string_view::npos || before.find(filter) != std::string_view::npos)
      continue;
    out += fmt::format("{}{}", out.empty() ? " (" : ", ", words);
  }
  return out.empty() ? out : out + ")";
}

/// The place in the path, counted from 1, at which every pair's key has a text of its own that no column
/// holds; 0 where there is none.
std::size_t part_in_no_column(const Subject& subject, const std::vector<Pair>& pairs) {
  if (pairs.size() < 3) return 0;
  const auto parts_of = [](std::string_view key) {
    std::vector<std::string> parts;
    for (std::size_t start = 0; start <= key.size();) {
      const std::size_t slash = std::min(key.find('/', start), key.size());
      parts.push_back(to_lower(key.substr(start, slash - start)));
      start = slash + 1;
    }
    return parts;
  };
  for (std::size_t part = 0; part < 14; ++part) {
    std::set<std::string> texts;
    bool unknown = true;
    for (const Pair& pair : pairs) {
      const auto parts = parts_of(pair.key);
      if (part + 1 >= parts.size()) return 0;
      texts.insert(parts[part]);
      for (const FieldView& field : subject.rows->row(pair.row))
        unknown = unknown && to_lower(field.bytes).find(parts[part]) == std::string::npos;
    }
    if (unknown && texts.size() == pairs.size()) return part + 1;
  }
  return 0;
}

}  // namespace

std::string of_references(const Score& score, bool sampled) {
  return fmt::format("{} of {} {}references", with_separators(score.hits), with_separators(score.testable),
                     sampled ? "sampled " : "");
}

Proposal mapping_proposal(const Subject& subject, const KeyTemplate& before, const Candidate& found,
                          const Score& score) {
  Proposal proposal;
  proposal.source = subject.rows->source.name;
  proposal.sampled = !subject.rows->complete || !subject.keys->is_complete();
  proposal.resolves = score.hits;
  proposal.of = score.testable;
  const std::string& now = before.text();
  const std::string resolves = of_references(score, proposal.sampled);
  if (found.text.size() > now.size() && found.text.ends_with(now) &&
      found.text.find('{') >= found.text.size() - now.size()) {
    proposal.kind = "prefix";
    proposal.message =
        fmt::format("prepending `{}` resolves {}",
                    to_printable(found.text.substr(0, found.text.size() - now.size())), resolves);
  } else if (now.size() > found.text.size() && now.ends_with(found.text)) {
    proposal.kind = "prefix";
    proposal.message = fmt::format("leaving out `{}` resolves {}",
                                   to_printable(now.substr(0, now.size() - found.text.size())), resolves);
  } else {
    proposal.kind = "mapping";
    proposal.message = fmt::format("`{}` in place of `{}`{} resolves {}", to_shown(found.text), to_shown(now),
                                   new_filters(now, found.text), resolves);
  }
  return proposal;
}

Proposal extraction_proposal(const ReferenceRows& rows, const Extraction& extraction) {
  Proposal proposal;
  proposal.kind = "extract";
  proposal.source = rows.source.name;
  proposal.sampled = extraction.sampled;
  proposal.resolves = extraction.score.hits;
  proposal.of = extraction.score.testable;
  proposal.message = fmt::format("the values hold names inside: extracting them by `{}` as `{}` resolves {}",
                                 to_shown(extraction.pattern), to_shown(extraction.text),
                                 of_references(extraction.score, extraction.sampled));
  proposal.proposal = fmt::format("extract = {}\n{}", toml_string(extraction.pattern),
                                  toml_line("objects", {extraction.text}));
  return proposal;
}

Proposal derived_proposal(const DiagnosisSample& sample, const ReferenceRows& rows,
                          const DerivedShapes& shapes) {
  Proposal proposal;
  proposal.kind = "derived";
  proposal.source = rows.source.name;
  proposal.sampled = !rows.complete || !sample.keys().is_complete();
  proposal.resolves = shapes.explains;
  proposal.of = shapes.of;
  std::vector<std::string> texts;
  for (const KeyTemplate& one : rows.source.rules.derived) texts.push_back(one.text());
  bool only_folders = true;
  for (const DerivedShapes::Shape& shape : shapes.shapes) {
    texts.push_back(shape.candidate.text);
    only_folders = only_folders && shape.only_folder;
    proposal.message +=
        fmt::format("{}`{}`", proposal.message.empty() ? "" : ", ", to_shown(shape.candidate.text));
  }
  proposal.message += fmt::format(
      " explain{} {}{} of {} unreferenced objects of {} form{}", shapes.shapes.size() > 1 ? "" : "s",
      proposal.sampled ? "about " : "", with_separators(shapes.explains), with_separators(shapes.of),
      shapes.shapes.size() > 1 ? "these" : "this", shapes.shapes.size() > 1 ? "s" : "");
  if (only_folders)
    proposal.message +=
        "; these are the referenced names in another folder: derived objects, or a copy of the store";
  proposal.proposal = toml_line("derived", texts);
  return proposal;
}

Proposal unexplained_proposal(const Subject& subject, const Mapping& mapping) {
  Proposal proposal;
  proposal.source = subject.rows->source.name;
  if (20 * mapping.paired <= mapping.looked_at) {
    proposal.kind = "nothing_shared";
    proposal.message = fmt::format(
        "of {} that do not resolve, {} a name with any unreferenced object: is it the right table, column, "
        "bucket and prefix?",
        counted(mapping.looked_at, "sampled reference"),
        mapping.paired == 0 ? "none shares"
                            : fmt::format("only {} share{}", mapping.paired, mapping.paired == 1 ? "s" : ""));
  } else {
    proposal.kind = "unexplained";
    proposal.message = "no change of the templates was found that would make these references resolve";
  }
  if (!mapping.reason.empty())
    proposal.message +=
        fmt::format("; the nearest is `{}`, but {}", to_shown(mapping.refused), mapping.reason);
  if (const std::size_t part = part_in_no_column(subject, mapping.nearest); part > 0)
    proposal.message += fmt::format("; part {} of the keys is in no column", part);
  if (!mapping.nearest.empty())
    proposal.message += "; nearest to each other are " + shown_pairs(subject, mapping.nearest);
  return proposal;
}

Proposal backlog_proposal(std::uint64_t unreferenced) {
  Proposal proposal;
  proposal.kind = "backlog";
  proposal.message = fmt::format(
      "the references resolve, and no template was found that would explain the {}: objects whose rows are "
      "gone, objects "
      "of another application, or a source that is not registered",
      counted(unreferenced, "unreferenced object"));
  return proposal;
}

}  // namespace flotsam
