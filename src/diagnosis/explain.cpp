#include "diagnosis/explain.h"

#include <algorithm>
#include <map>

#include "diagnosis/fields.h"

namespace flotsam {
namespace {

constexpr std::size_t kChoices = 14;
constexpr std::size_t kDraftsMax = 64;
constexpr std::size_t kSteps = 400;
constexpr std::size_t kSegmentsMax = 8;
constexpr std::size_t kSameText = 3;
constexpr std::size_t kValueMax = 2048;

enum class Kind { letter, digit, sign };
Kind kind_of(char c) {
  if (c >= '0' && c <= '9') return Kind::digit;
  const bool letter =
      (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
  return letter ? Kind::letter : Kind::sign;
}

/// A stretch of the key that a field is.
struct Span {
  std::size_t start = 0, end = 0;
  const Field* field = nullptr;
};

bool may_stand(std::string_view key, std::size_t start, std::size_t end, bool is_whole_value) {
  const auto is_edge = [&](std::size_t at, bool sign_only) {
    if (at == 0 || at == key.size()) return true;
    const Kind before = kind_of(key[at - 1]), after = kind_of(key[at]);
    return before == Kind::sign || after == Kind::sign || (!sign_only && before != after);
  };
  if (end - start >= 6) return true;
  // A short text is found by chance inside others.
  const bool strict = end - start < 3 && !is_whole_value;
  return is_edge(start, strict) && is_edge(end, strict);
}

/// A draft and how much it leaves unsaid: less is better.
struct Found {
  double score = 0;
  Draft draft;
};

void keep_best(std::vector<Found>& found, std::size_t count) {
  std::stable_sort(found.begin(), found.end(),
                   [](const Found& a, const Found& b) { return a.score < b.score; });
  if (found.size() > count) found.erase(found.begin() + static_cast<std::ptrdiff_t>(count), found.end());
}

class Search {
 public:
  Search(std::string_view key, const std::vector<Field>& fields, std::vector<Found>& out)
      : key_(key), out_(out) {
    std::map<std::string_view, std::vector<const Field*>> by_text;
    for (const Field& field : fields) by_text[field.text].push_back(&field);
    for (auto& [text, same] : by_text) {
      std::stable_sort(same.begin(), same.end(),
                       [](const Field* a, const Field* b) { return a->cost < b->cost; });
      if (same.size() > kSameText) same.resize(kSameText);
      for (std::size_t at = key.find(text); at != std::string_view::npos; at = key.find(text, at + 1))
        if (may_stand(key, at, at + text.size(), same.front()->filters.empty()))
          for (const Field* field : same) spans_.push_back({at, at + text.size(), field});
    }
    std::stable_sort(spans_.begin(), spans_.end(), [](const Span& a, const Span& b) {
      if (a.start != b.start) return a.start < b.start;
      if (a.end != b.end) return a.end > b.end;
      return a.field->cost < b.field->cost;
    });
  }

  void run() { extend(0, kSteps); }

 private:
  // Each choice gets a share of the steps that are left, so that the later ones are seen too.
  void extend(std::size_t at, std::size_t steps) {
    if (!chosen_.empty()) finish(at);
    if (steps > 0) --steps;
    if (chosen_.size() >= kSegmentsMax) return;
    std::size_t choices = 0;
    for (const Span& span : spans_) {
      if (span.start < at) continue;
      if (++choices > kChoices || steps == 0) break;
      const std::size_t share = std::max<std::size_t>(1, steps * 2 / 5);
      steps -= share;
      chosen_.push_back(&span);
      extend(span.end, share);
      chosen_.pop_back();
    }
  }

  void finish(std::size_t end) {
    Draft draft;
    std::size_t at = 0;
    std::size_t uncovered = 0;
    const auto literal = [&](std::string_view text) {
      for (const char c : text) uncovered += kind_of(c) == Kind::sign ? 0U : 1U;
      draft.add_literal(text);
    };
    for (const Span* span : chosen_) {
      literal(key_.substr(at, span->start - at));
      draft.add_field(span->field->column, span->field->filters);
      at = span->end;
    }
    literal(key_.substr(end));
    out_.push_back({draft.cost() + 1.5 * static_cast<double>(uncovered), std::move(draft)});
    if (out_.size() > 4 * kDraftsMax) keep_best(out_, kDraftsMax);
  }

  std::string_view key_;
  std::vector<Found>& out_;
  std::vector<Span> spans_;
  std::vector<const Span*> chosen_;
};

}  // namespace

void explain(RowView row, std::string_view key, std::vector<Draft>& out) {
  std::vector<std::vector<Field>> plain(row.size());
  std::vector<Field> chains;
  std::vector<Found> found;
  for (std::size_t column = 0; column < row.size(); ++column) {
    if (row[column].is_null || row[column].bytes.empty() || row[column].bytes.size() > kValueMax) continue;
    fields_of({std::string(row[column].bytes), static_cast<int>(column), "", 0}, key, plain[column]);
  }
  for (std::size_t column = 0; column < row.size(); ++column) {
    if (row[column].is_null || row[column].bytes.empty() || row[column].bytes.size() > kValueMax) continue;
    chains_of(row[column].bytes, key, chains);
    for (Field& chain : chains) {
      chain.column = static_cast<int>(column);
      std::vector<Field> fields;
      fields_of(chain, key, fields);
      if (fields.empty()) continue;
      for (std::size_t other = 0; other < row.size(); ++other)
        if (other != column) fields.insert(fields.end(), plain[other].begin(), plain[other].end());
      Search(key, fields, found).run();
    }
  }
  keep_best(found, kDraftsMax);
  for (Found& one : found) out.push_back(std::move(one.draft));
}

}  // namespace flotsam
