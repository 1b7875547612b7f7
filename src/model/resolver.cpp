#include "model/resolver.h"

#include <algorithm>
#include <fmt/format.h>
#include <re2/re2.h>

#include "base/bytes.h"
#include "base/check.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kPatternMemory = 8U << 20U;

}  // namespace

struct Resolver::State {
  ResolverRules rules;
  std::unique_ptr<RE2> pattern;
  std::vector<std::string> group_names;  ///< of the pattern's named groups, in their order
  std::vector<int> group_indices;        ///< their numbers
  int value_group = 0;                   ///< the only unnamed group, else 0: the whole match
  std::size_t columns = 0;               ///< of the source
  std::vector<re2::StringPiece> match;
  std::vector<FieldView> fields;  ///< groups, {value}, then columns
  std::vector<FieldView> trimmed_fields;
  std::string key;
};

Resolver::Resolver(std::unique_ptr<State> state) : state_(std::move(state)) {}
Resolver::Resolver(Resolver&&) noexcept = default;
Resolver& Resolver::operator=(Resolver&&) noexcept = default;
Resolver::~Resolver() = default;

const ResolverRules& Resolver::rules() const {
  return state_->rules;
}

Result<Resolver> Resolver::create(ResolverRules rules) {
  auto state = std::make_unique<State>();
  if (!rules.extract.empty()) {
    RE2::Options options;
    options.set_encoding(RE2::Options::EncodingLatin1);
    options.set_log_errors(false);
    options.set_max_mem(static_cast<std::int64_t>(kPatternMemory));
    state->pattern = std::make_unique<RE2>(rules.extract, options);
    if (!state->pattern->ok())
      return fail(ErrorCode::invalid_argument,
                  fmt::format("extract {} is not a regular expression of RE2: {}", in_quotes(rules.extract),
                              state->pattern->error()));
    if (RE2::FullMatch("", *state->pattern))
      return fail(
          ErrorCode::invalid_argument,
          fmt::format("extract {} matches the empty text: every row would match", in_quotes(rules.extract)));
    for (const auto& [number, name] : state->pattern->CapturingGroupNames()) {
      state->group_names.push_back(name);
      state->group_indices.push_back(number);
    }
    if (state->group_names.empty() && state->pattern->NumberOfCapturingGroups() == 1) state->value_group = 1;
    state->match.resize(static_cast<std::size_t>(state->pattern->NumberOfCapturingGroups()) + 1);
  }
  state->rules = std::move(rules);
  return Resolver(std::move(state));
}

Result<void> Resolver::bind(const ColumnNames& columns) {
  State& state = *state_;
  state.columns = columns.size();
  ColumnNames names = columns;
  if (state.pattern != nullptr) {
    names = state.group_names;
    if (std::find(names.begin(), names.end(), "value") == names.end()) names.emplace_back("value");
    // A group hides a column of its name; the place stays, under a name that no template can say.
    const std::size_t own = names.size();
    for (const std::string& column : columns) {
      const bool hidden = std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(own),
                                    column) != names.begin() + static_cast<std::ptrdiff_t>(own);
      names.push_back(hidden ? "{" + column : column);
    }
  }
  for (auto* templates : {&state.rules.objects, &state.rules.derived})
    for (KeyTemplate& one : *templates) FLOTSAM_TRY(one.bind(names));
  return {};
}

namespace {

/// Expands every template over the fields; true where one of them yielded a key.
bool expand_all(const ResolverRules& rules, RowView fields, bool all_are_derived, std::string& key,
                ResolvedKeySink& sink) {
  bool any = false;
  std::uint32_t index = 0;
  const auto expand = [&](const KeyTemplate& one, KeyKind kind) {
    if (one.expand(fields, key)) {
      ResolvedKey resolved{kind, index, key, {}};
      if (const int lone = one.lone_column(); lone >= 0)
        resolved.raw_value = fields[static_cast<std::size_t>(lone)].bytes;
      sink.key(resolved);
      any = true;
    }
    ++index;
  };
  for (const KeyTemplate& one : rules.objects)
    expand(one, all_are_derived ? KeyKind::derived : KeyKind::needed);
  for (const KeyTemplate& one : rules.derived)
    expand(one, one.is_folder_rule() ? KeyKind::derived_folder : KeyKind::derived);
  return any;
}

std::string_view without_trailing_blanks(std::string_view bytes) {
  const std::size_t last = bytes.find_last_not_of(' ');
  return bytes.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

RowOutcome Resolver::resolve(RowView row, ResolvedKeySink& sink) {
  State& state = *state_;
  CHECK(row.size() == state.columns);
  const auto expand = [&](RowView fields) {
    const bool padded =
        std::any_of(fields.begin(), fields.end(), [](const FieldView& field) { return field.blank_padded; });
    if (!padded) return expand_all(state.rules, fields, false, state.key, sink);
    state.trimmed_fields.assign(fields.begin(), fields.end());
    for (FieldView& field : state.trimmed_fields)
      if (field.blank_padded) field.bytes = without_trailing_blanks(field.bytes);
    const bool any = expand_all(state.rules, state.trimmed_fields, false, state.key, sink);
    expand_all(state.rules, fields, true, state.key, sink);
    return any;
  };
  if (state.pattern == nullptr) return expand(row) ? RowOutcome::resolved : RowOutcome::empty;

  if (row.empty() || row[0].is_null || row[0].bytes.empty()) return RowOutcome::empty;
  const re2::StringPiece text(row[0].bytes.data(), row[0].bytes.size());
  bool matched = false;
  bool any = false;
  for (std::size_t at = 0; at <= text.size();) {
    if (!state.pattern->Match(text, at, text.size(), RE2::UNANCHORED, state.match.data(),
                              static_cast<int>(state.match.size())))
      break;
    matched = true;
    const auto field_of = [&](int group) {
      const re2::StringPiece& piece = state.match[static_cast<std::size_t>(group)];
      return FieldView{{piece.data(), piece.size()}, piece.data() == nullptr, false};
    };
    state.fields.clear();
    for (const int group : state.group_indices) state.fields.push_back(field_of(group));
    if (std::find(state.group_names.begin(), state.group_names.end(), "value") == state.group_names.end())
      state.fields.push_back(field_of(state.value_group));
    state.fields.insert(state.fields.end(), row.begin(), row.end());
    any = expand(state.fields) || any;
    const auto end = static_cast<std::size_t>(state.match[0].data() - text.data()) + state.match[0].size();
    at = std::max(end, at + 1);
  }
  if (!matched) return RowOutcome::unmatched;
  return any ? RowOutcome::resolved : RowOutcome::empty;
}

}  // namespace flotsam
