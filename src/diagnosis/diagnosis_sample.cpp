#include "diagnosis/diagnosis_sample.h"

#include <algorithm>

#include "diagnosis/atoms.h"
#include "diagnosis/hashes.h"

namespace flotsam {
namespace {

constexpr std::size_t kMatchesMax = 24;

/// The names of the groups of a pattern, in its order.
std::vector<std::string> group_names_of(std::string_view pattern) {
  std::vector<std::string> names;
  for (std::size_t at = pattern.find("(?P<"); at != std::string_view::npos;
       at = pattern.find("(?P<", at + 4)) {
    const std::size_t end = pattern.find('>', at);
    if (end != std::string_view::npos) names.emplace_back(pattern.substr(at + 4, end - at - 4));
  }
  return names;
}

/// Gathers the fields of every match of a row: a literal template marks where a match begins.
class MatchSink final : public ResolvedKeySink {
 public:
  explicit MatchSink(std::size_t fields) : fields_(fields) {}
  void key(const ResolvedKey& key) override {
    if (key.template_index == 0) matches.emplace_back(fields_);
    if (key.template_index > 0 && !matches.empty())
      matches.back()[key.template_index - 1] = std::string(key.key);
  }
  std::vector<std::vector<std::string>> matches;

 private:
  std::size_t fields_;
};

std::string_view without_blanks(const FieldView& field) {
  if (!field.blank_padded) return field.bytes;
  const std::size_t last = field.bytes.find_last_not_of(' ');
  return field.bytes.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

/// The matches of the source's pattern in its rows; false where it is no pattern.
bool add_matches(const CollectedSource& collected, ReferenceRows& rows) {
  ColumnNames names = group_names_of(rows.source.rules.extract);
  if (std::find(names.begin(), names.end(), "value") == names.end()) names.emplace_back("value");
  for (const std::string& column : collected.columns)
    if (std::find(names.begin(), names.end(), column) == names.end()) names.push_back(column);
  ResolverRules rules{{}, {}, rows.source.rules.extract};
  rules.objects.push_back(*KeyTemplate::parse("#"));
  ColumnNames usable;
  for (const std::string& name : names)
    if (auto one = KeyTemplate::parse("{" + name + "}"); one && one->fields() == std::vector{name}) {
      rules.objects.push_back(std::move(*one));
      usable.push_back(name);
    }
  auto resolver = Resolver::create(std::move(rules));
  if (!resolver || !resolver->bind(collected.columns)) return false;
  rows.columns = usable;
  rows.texts = std::make_shared<std::deque<std::string>>();
  std::vector<FieldView> fields;
  for (const std::string& packed : collected.rows) {
    fields.clear();
    unpack_row(packed, fields);
    for (FieldView& field : fields) field.blank_padded = false;
    MatchSink sink(usable.size());
    resolver->resolve(fields, sink);
    if (sink.matches.size() > kMatchesMax) sink.matches.resize(kMatchesMax);
    for (auto& match : sink.matches) {
      for (std::string& text : match)
        rows.fields.push_back({rows.texts->emplace_back(std::move(text)), false, false});
      ++rows.count;
    }
  }
  const double a_row = collected.rows.empty()
                           ? 0
                           : static_cast<double>(rows.count) / static_cast<double>(collected.rows.size());
  rows.distinct = a_row * collected.distinct_rows();
  rows.complete = collected.is_complete();
  for (KeyTemplate one : rows.source.rules.objects)
    if (one.bind(rows.columns)) rows.objects.push_back(std::move(one));
  return true;
}

}  // namespace

void row_forms_of(const ReferenceRows& rows, std::size_t index, LooseForms& loose,
                  std::vector<std::uint64_t>& out) {
  out.clear();
  std::vector<std::uint64_t> forms;
  std::vector<std::string_view> atoms;
  const auto add = [&](std::string_view text) {
    loose.of(text, forms);
    out.insert(out.end(), forms.begin(), forms.end());
  };
  const RowView row = rows.row(index);
  for (const FieldView& field : row) {
    if (field.is_null || field.bytes.empty()) continue;
    add(field.bytes);
    atoms_of(field.bytes, atoms);
    for (const std::string_view atom : atoms) add(atom);
  }
  std::string key;
  for (const KeyTemplate& one : rows.objects)
    if (one.expand(row, key)) add(key);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
}

DiagnosisSample::DiagnosisSample(std::vector<CollectedSource> collected, std::vector<DiagnosedSource> sources,
                                 DiagnosisCaps caps)
    : caps_(caps), collected_(std::move(collected)), rows_(sources.size()) {
  LooseForms loose;
  std::vector<std::uint64_t> forms, all_forms, current;
  std::string key;
  for (std::size_t i = 0; i < rows_.size() && i < collected_.size(); ++i) {
    ReferenceRows& rows = rows_[i];
    rows.source = std::move(sources[i]);
    if (rows.source.rules.extract.empty()) {
      add_rows(collected_[i], rows);
    } else {
      add_matches(collected_[i], rows);
    }
    rows.pairing = std::min(rows.count, caps.pairing_rows / rows_.size());
    for (std::size_t row = 0; row < rows.pairing; ++row) {
      row_forms_of(rows, row, loose, forms);
      all_forms.insert(all_forms.end(), forms.begin(), forms.end());
    }
    for (std::size_t row = 0; row < rows.count; ++row)
      for (const KeyTemplate& one : rows.objects)
        if (one.expand(rows.row(row), key)) current.push_back(key_hash_of(key));
  }
  keys_ = std::make_unique<ListedKeys>(std::move(all_forms), std::move(current), caps);
}

void DiagnosisSample::add_rows(const CollectedSource& collected, ReferenceRows& rows) {
  rows.columns = collected.columns;
  // A lone column goes by the name that the configuration gives it.
  const auto& objects = rows.source.rules.objects;
  const bool says_value = std::any_of(objects.begin(), objects.end(), [](const KeyTemplate& one) {
    return one.fields() == std::vector<std::string>{"value"};
  });
  if (rows.columns.size() == 1 && says_value) rows.columns[0] = "value";
  for (const std::string& packed : collected.rows) unpack_row(packed, rows.fields);
  for (FieldView& field : rows.fields) {
    field.bytes = without_blanks(field);
    field.blank_padded = false;
  }
  rows.count = collected.rows.size();
  rows.distinct = collected.distinct_rows();
  rows.complete = collected.is_complete();
  for (KeyTemplate one : objects)
    if (one.bind(rows.columns)) rows.objects.push_back(std::move(one));
}

std::optional<ReferenceRows> DiagnosisSample::rows_with(std::size_t source, DiagnosedSource rules) const {
  ReferenceRows rows;
  rows.source = std::move(rules);
  if (!add_matches(collected_[source], rows)) return {};
  return rows;
}

}  // namespace flotsam
