#include "diagnosis/confirm.h"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_set>

#include "base/bytes.h"
#include "base/text.h"
#include "diagnosis/hashes.h"
#include "model/shape.h"
#include "model/unicode.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kControls = 400;
constexpr std::size_t kInventionsMax = 60000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

struct Run {
  std::size_t start = 0, size = 0;
};
template <typename Member>
std::vector<Run> runs_of(std::string_view text, Member member) {
  std::vector<Run> runs;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && member(text[end])) ++end;
    if (end > at) runs.push_back({at, end - at});
    at = end + 1;
  }
  return runs;
}

/// Numbers that look random and are the same each time.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : mixed(++state_, 21) % bound; }

 private:
  std::uint64_t state_;
};

/// Invents values next to real ones.
class Inventor {
 public:
  Inventor(const ReferenceRows& rows, std::vector<std::size_t> columns)
      : rows_(rows), columns_(std::move(columns)) {}

  /// A row that is like row `index` but for one thing; false where that changed nothing.
  bool invent(std::size_t index, Dice& dice) {
    const RowView row = rows_.row(index);
    fields_.assign(row.begin(), row.end());
    const std::size_t column = columns_[dice.below(columns_.size())];
    const FieldView& field = row[column];
    if (field.is_null || field.bytes.empty()) return false;
    const FieldView& other = rows_.row(dice.below(rows_.count))[column];
    if (other.is_null || other.bytes.empty()) return false;
    switch (dice.below(columns_.size() > 1 ? 3 : 2)) {
      case 0:
        if (move_number(field.bytes, dice)) break;
        [[fallthrough]];
      case 1:
        if (!swap_token(field.bytes, other.bytes, dice)) return false;
        break;
      default:
        text_ = other.bytes;
    }
    if (text_ == field.bytes) return false;
    fields_[column] = {text_, false, false};
    return true;
  }
  RowView row() const { return fields_; }

 private:
  bool move_number(std::string_view value, Dice& dice) {
    const auto runs = runs_of(value, is_digit);
    if (runs.empty()) return false;
    const Run run = runs[dice.below(runs.size())];
    const auto number = parse_unsigned(value.substr(run.start, run.size));
    if (!number || run.size > 18) return false;
    const std::uint64_t step = 1 + dice.below(9);
    const std::uint64_t moved = dice.below(2) == 0 || *number < step ? *number + step : *number - step;
    const bool padded = value[run.start] == '0' && run.size > 1;
    text_.assign(value.substr(0, run.start));
    text_ += padded ? fmt::format("{:0{}}", moved, run.size) : fmt::format("{}", moved);
    text_ += value.substr(run.start + run.size);
    return true;
  }
  bool swap_token(std::string_view value, std::string_view other, Dice& dice) {
    const auto runs = runs_of(value, is_word);
    const auto other_runs = runs_of(other, is_word);
    if (runs.empty() || other_runs.empty()) return false;
    const std::size_t which = dice.below(runs.size());
    const Run run = runs[which];
    const Run from = other_runs[std::min(which, other_runs.size() - 1)];
    text_.assign(value.substr(0, run.start));
    text_ += other.substr(from.start, from.size);
    text_ += value.substr(run.start + run.size);
    return true;
  }

  const ReferenceRows& rows_;
  std::vector<std::size_t> columns_;
  std::vector<FieldView> fields_;
  std::string text_;
};

Confirmation refused(Confirmation confirmation, std::string reason) {
  confirmation.reason = std::move(reason);
  return confirmation;
}

std::string reason_of_coincidence(const Control& control, const Score& score) {
  return fmt::format(
      "it would resolve {} %, but so would {} % of invented values that are in no row: a coincidence",
      to_percent(score.hits, score.testable), to_percent(control.hits, control.tried));
}

/// Whether the hits are more than coincidence would give.
bool beats(const Control& control, const Score& score, bool telling) {
  const double p = score.rate(), c = control.rate();
  if (control.tried < 30) return telling || p >= 0.95;
  if (c <= p / 4) return true;
  if (p >= 0.95 && telling) return true;
  return c <= 0.6 * p && p >= 0.9;
}

}  // namespace

bool is_one_to_one(const Subject& subject, const Draft& draft) {
  const auto one = draft.compiled(subject.rows->columns);
  // Most that are not show it in few rows.
  return one && references_a_key(subject, *one, 500) <= 3 * kReferencesAKeyMax &&
         references_a_key(subject, *one) <= kReferencesAKeyMax;
}

double references_a_key(const Subject& subject, const KeyTemplate& one, std::size_t rows_max) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> all;
  Runner runner(subject, one);
  for (std::size_t row = 0; row < subject.rows->count && row < rows_max; ++row) {
    const NewKey key = runner.run(row);
    if (key.hash != 0) all.emplace_back(key.hash, subject.current[row] != 0 ? subject.current[row] : row + 1);
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  double pairs = 0;
  for (std::size_t start = 0; start < all.size();) {
    std::size_t end = start;
    while (end < all.size() && all[end].first == all[start].first) ++end;
    const auto same = static_cast<double>(end - start);
    pairs += same * (same - 1) / 2;
    start = end;
  }
  const auto count = static_cast<double>(std::max<std::size_t>(1, all.size()));
  const double references = rows_max == SIZE_MAX ? std::max(subject.rows->distinct, count) : count;
  return 1 + 2 * pairs * references / (count * count);
}

Control control_of(const Subject& subject, const Draft& draft, const KeyTemplate& one) {
  Control control;
  const ReferenceRows& rows = *subject.rows;
  const std::vector<std::size_t> columns = draft.columns_used();
  if (columns.empty() || rows.count == 0) return control;
  std::unordered_set<std::uint64_t> made;
  Runner runner(subject, one);
  for (std::size_t row = 0; row < rows.count; ++row) made.insert(runner.run(row).hash);
  Inventor inventor(rows, columns);
  std::unordered_set<std::uint64_t> tried;
  std::string current;
  for (std::size_t attempt = 0; attempt < kInventionsMax && control.tried < kControls; ++attempt) {
    const std::size_t row = attempt % rows.count;
    Dice dice(mixed(attempt, 22));
    if (!inventor.invent(row, dice)) continue;
    const NewKey key = runner.run(inventor.row());
    if (!key.testable || made.contains(key.hash) || !tried.insert(key.hash).second) continue;
    // What is a reference after all is no control.
    bool known = false;
    for (const KeyTemplate& of_now : rows.objects)
      if (of_now.expand(inventor.row(), current) && key_hash_of(current) != subject.current[row])
        known = known || (*subject.is_reference)(current);
    if (known) continue;
    ++control.tried;
    if (key.hit) ++control.hits;
  }
  return control;
}

bool has_telling_names(const Subject& subject, const KeyTemplate& one) {
  std::unordered_set<std::uint64_t> names;
  std::uint64_t seen = 0, with_long_run = 0;
  Runner runner(subject, one);
  for (std::size_t row = 0; row < subject.rows->count && seen < 400; ++row) {
    if (runner.run(row).hash == 0) continue;
    ++seen;
    const std::string_view key = runner.key();
    const std::string_view stem = key.substr(0, key.size() - extension_with_dot_of(key).size());
    std::string letters;
    bool has_long_run = false;
    for (const Run run : runs_of(stem, is_word)) {
      const std::string_view text = stem.substr(run.start, run.size);
      const bool has_digit = std::any_of(text.begin(), text.end(), is_digit);
      has_long_run = has_long_run || (run.size >= 12 && has_digit);
      for (const char c : text)
        if (!is_digit(c)) letters += c;
      letters += '/';
    }
    with_long_run += has_long_run ? 1U : 0U;
    names.insert(key_hash_of(letters));
  }
  return seen > 0 && (2 * names.size() >= seen || 10 * with_long_run >= 9 * seen);
}

Confirmation confirm_mapping(const Subject& subject, const Draft& draft) {
  Confirmation confirmation;
  const auto one = draft.compiled(subject.rows->columns);
  if (!one) return refused(confirmation, "it cannot be written down");
  Runner runner(subject, *one);
  Score& score = confirmation.score;
  for (std::size_t row = 0; row < subject.rows->count; ++row) add_to(score, subject, row, runner.run(row));
  if (score.newly <= score.broken)
    return refused(confirmation, "it would break as many references as it mends");
  const std::uint64_t gain = score.newly - score.broken;
  if (gain * 5 < score.unresolved)
    return refused(confirmation, fmt::format("it would mend only {} of {} that do not resolve",
                                             with_separators(gain), with_separators(score.unresolved)));
  const bool few = score.testable < 60;
  if (few ? score.newly < 4 || score.hits * 10 < score.testable * 8 : score.newly < 20)
    return refused(confirmation, fmt::format("only {} would begin to resolve, too few to be sure",
                                             counted(score.newly, "reference")));
  if (!is_one_to_one(subject, draft))
    return refused(confirmation, "it would give one key to many references");
  const Control control = control_of(subject, draft, *one);
  if (!beats(control, score, has_telling_names(subject, *one)))
    return refused(confirmation, reason_of_coincidence(control, score));
  confirmation.accepted = true;
  return confirmation;
}

}  // namespace flotsam
