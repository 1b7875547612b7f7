#include "diagnosis/extraction.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <map>
#include <set>

#include "diagnosis/atoms.h"
#include "diagnosis/hashes.h"

namespace flotsam {
namespace {

constexpr std::size_t kContextMax = 24;
constexpr std::string_view kEnds = "\"<>[]{}(),;|'= \t\r\n";

/// The names inside the values as references of their own, with the other columns of their rows.
struct Atoms {
  ReferenceRows rows;
  std::vector<std::size_t> row_of;
  std::vector<std::string_view> value_of;  ///< the whole value that each stands in
};

Atoms atoms_in(const DiagnosisSample& sample, std::size_t source, std::string_view group) {
  const ReferenceRows& all = sample.sources()[source];
  Atoms atoms;
  atoms.rows.source = all.source;
  atoms.rows.columns = all.columns;
  atoms.rows.columns[0] = group;
  std::vector<std::string_view> found;
  for (std::size_t row = 0; row < all.count; ++row) {
    const FieldView& field = all.row(row)[0];
    if (field.is_null) continue;
    atoms_of(field.bytes, found);
    for (const std::string_view atom : found) {
      atoms.rows.fields.push_back({atom, false, false});
      for (std::size_t i = 1; i < all.columns.size(); ++i) atoms.rows.fields.push_back(all.row(row)[i]);
      atoms.row_of.push_back(row);
      atoms.value_of.push_back(field.bytes);
      ++atoms.rows.count;
      if (row < all.pairing) ++atoms.rows.pairing;
    }
  }
  atoms.rows.complete = all.complete;
  atoms.rows.distinct =
      static_cast<double>(atoms.rows.count) * all.distinct / std::max(1.0, static_cast<double>(all.count));
  Draft itself;
  itself.add_field(0, "");
  if (auto one = itself.compiled(atoms.rows.columns)) atoms.rows.objects.push_back(std::move(*one));
  return atoms;
}

Subject subject_of_rows(const ReferenceRows& rows, const Subject& like) {
  Subject subject;
  subject.rows = &rows;
  subject.keys = like.keys;
  subject.is_reference = like.is_reference;
  subject.caps = like.caps;
  subject.resolved.assign(rows.count, 0);
  subject.taken.resize(rows.count);
  for (std::size_t row = 0; row < rows.count; ++row) {
    std::uint64_t hash = 1;
    for (const FieldView& field : rows.row(row)) hash = mixed(hash ^ key_hash_of(field.bytes), 31);
    subject.current.push_back(hash);
  }
  return subject;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
      continue;
    }
    if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// The longest end that at least 98 % of the texts have in common.
std::string common_end(const std::vector<std::string_view>& texts) {
  std::string best;
  for (std::size_t size = 1; size <= kContextMax; ++size) {
    std::map<std::string_view, std::size_t> counts;
    for (const std::string_view text : texts)
      if (text.size() >= size) ++counts[text.substr(text.size() - size)];
    const auto most = std::max_element(counts.begin(), counts.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most == counts.end() || most->second * 100 < texts.size() * 98) break;
    best = most->first;
  }
  return best;
}

/// "https://cdn.example.com/" where at least 98 % begin so.
std::string common_host(const std::vector<std::string_view>& names) {
  std::map<std::string_view, std::size_t> counts;
  for (const std::string_view name : names) {
    const std::size_t sign = name.find("//");
    const std::size_t slash = sign == std::string_view::npos ? sign : name.find('/', sign + 2);
    ++counts[slash == std::string_view::npos ? std::string_view() : name.substr(0, slash + 1)];
  }
  for (const auto& [host, count] : counts)
    if (!host.empty() && count * 100 >= names.size() * 98) return std::string(host);
  return {};
}

/// The patterns worth trying for names that stand where these stand.
std::vector<std::string> patterns_of(const std::vector<std::string_view>& before,
                                     const std::vector<std::string_view>& names, std::string_view group) {
  std::string not_in_names;
  for (const char c : kEnds)
    if (std::none_of(names.begin(), names.end(),
                     [c](std::string_view name) { return name.find(c) != std::string_view::npos; }))
      not_in_names += c;
  std::string body = "[^";
  for (const char c : not_in_names) {
    if (std::string_view("\t\r\n").find(c) != std::string_view::npos) {
      body += c == '\t' ? "\\t" : c == '\r' ? "\\r" : "\\n";
    } else {
      if (c == ']' || c == '[' || c == '\\') body += '\\';
      body += c;
    }
  }
  body += "]+";
  if (not_in_names.empty()) return {};
  const std::string context = common_end(before), host = common_host(names);
  std::set<std::string> lefts;
  for (const std::size_t size :
       {context.size(), std::size_t{12}, std::size_t{6}, std::size_t{2}, std::size_t{1}, std::size_t{0}})
    lefts.insert(context.substr(context.size() - std::min(size, context.size())));
  std::vector<std::string> patterns;
  for (const std::string& left : lefts) {
    patterns.push_back(fmt::format("{}(?P<{}>{})", escaped(left), group, body));
    if (!host.empty())
      patterns.push_back(fmt::format("{}(?P<{}>{}{})", escaped(left), group, escaped(host), body));
  }
  return patterns;
}

/// A pattern with what it finds in the sampled rows.
struct Tried {
  std::string pattern;
  ReferenceRows rows;
  Score score;
};

class ExtractionFinder {
 public:
  ExtractionFinder(const DiagnosisSample& sample, std::size_t source, const Subject& whole)
      : sample_(sample), source_(source), whole_(whole) {}

  ExtractionSearch run() {
    ExtractionSearch search;
    const ReferenceRows& all = sample_.sources()[source_];
    if (!all.source.rules.extract.empty() || all.columns.empty()) return search;
    const bool taken = std::find(all.columns.begin() + 1, all.columns.end(), "path") != all.columns.end();
    const std::string group = taken ? "found" : "path";
    atoms_ = atoms_in(sample_, source_, group);
    if (!are_common() || atoms_.rows.objects.empty()) return search;
    const Subject subject = subject_of_rows(atoms_.rows, whole_);
    std::vector<Candidate> candidates = best_candidates(
        subject, voted_drafts(subject, pairs_of(subject, std::vector<std::uint8_t>(atoms_.rows.count, 1))));
    for (int attempt = 0; attempt < 4 && !candidates.empty() && !search.found; ++attempt) {
      const Candidate best = take_most(candidates);
      search.found = with_pattern(subject, best, group, search);
    }
    return search;
  }

 private:
  bool are_common() const {
    std::size_t unresolved = 0, with_atoms = 0;
    std::set<std::size_t> rows(atoms_.row_of.begin(), atoms_.row_of.end());
    for (std::size_t row = 0; row < whole_.resolved.size(); ++row) {
      if (whole_.resolved[row] != 0) continue;
      ++unresolved;
      with_atoms += rows.count(row);
    }
    return unresolved > 0 && with_atoms * 10 >= unresolved * 3;
  }

  // By hits, for many names in a text are no references at all.
  Candidate take_most(std::vector<Candidate>& candidates) const {
    return take_best(whole_with(atoms_.rows), candidates);
  }
  Subject whole_with(const ReferenceRows& rows) const { return subject_of_rows(rows, whole_); }

  std::optional<Extraction> with_pattern(const Subject& subject, const Candidate& best,
                                         const std::string& group, ExtractionSearch& search) {
    const auto one = best.draft.compiled(atoms_.rows.columns);
    if (!one) return {};
    Runner runner(subject, *one);
    std::vector<std::string_view> before, names;
    std::map<std::size_t, std::size_t> by_row;
    for (std::size_t i = 0; i < atoms_.rows.count; ++i) {
      if (!runner.run(i).hit) continue;
      const std::string_view name = atoms_.rows.row(i)[0].bytes, value = atoms_.value_of[i];
      before.push_back(value.substr(0, static_cast<std::size_t>(name.data() - value.data())));
      names.push_back(name);
      ++by_row[atoms_.row_of[i]];
    }
    if (names.size() < 4) return {};
    // Of each row only the testable names are known.
    const std::set<std::size_t> rows(atoms_.row_of.begin(), atoms_.row_of.end());
    const double hits = static_cast<double>(names.size());
    const double a_row = std::max(hits / static_cast<double>(by_row.size()),
                                  hits / (subject.keys->testable_share() * static_cast<double>(rows.size())));
    search.holds_several = search.holds_several || a_row >= 1.5;
    std::optional<Tried> chosen;
    for (const std::string& pattern : patterns_of(before, names, group))
      if (auto tried = try_pattern(pattern, best.text); tried && (!chosen || is_better(*tried, *chosen)))
        chosen = std::move(tried);
    if (!chosen) return {};
    return confirmed(*chosen, best, a_row);
  }

  std::optional<Tried> try_pattern(const std::string& pattern, const std::string& text) const {
    Tried tried;
    tried.pattern = pattern;
    auto parsed = KeyTemplate::parse(text);
    if (!parsed) return {};
    DiagnosedSource source = sample_.sources()[source_].source;
    source.rules.extract = pattern;
    source.rules.objects = {*parsed};
    source.rules.derived.clear();
    auto rows = sample_.rows_with(source_, std::move(source));
    if (!rows || rows->objects.empty()) return {};
    tried.rows = std::move(*rows);
    const Subject subject = subject_of_rows(tried.rows, whole_);
    Runner runner(subject, tried.rows.objects.front());
    std::set<std::uint64_t> seen;
    for (std::size_t row = 0; row < tried.rows.count; ++row) {
      const NewKey key = runner.run(row);
      if (key.hash != 0 && seen.insert(key.hash).second) add_to(tried.score, subject, row, key);
    }
    return tried;
  }

  static bool is_better(const Tried& a, const Tried& b) {
    const auto hits = static_cast<double>(a.score.hits), other = static_cast<double>(b.score.hits);
    if (hits < 0.99 * other || other < 0.99 * hits) return hits > other;
    const double rate = a.score.rate(), other_rate = b.score.rate();
    if (rate < other_rate - 0.002 || rate > other_rate + 0.002) return rate > other_rate;
    // As much said in front of the name as a person can still read.
    const auto left = [](const Tried& one) { return one.pattern.find("(?P<"); };
    const auto fitness = [&](const Tried& one) {
      const std::size_t size = left(one);
      return size == 0 ? 100 : size > 14 ? 20 + size : 14 - size;
    };
    if (fitness(a) != fitness(b)) return fitness(a) < fitness(b);
    return a.pattern.size() > b.pattern.size();
  }

  std::optional<Extraction> confirmed(const Tried& tried, const Candidate& best, double a_row) const {
    const Subject subject = subject_of_rows(tried.rows, whole_);
    const auto at = std::find(tried.rows.columns.begin(), tried.rows.columns.end(), atoms_.rows.columns[0]);
    if (at == tried.rows.columns.end()) return {};
    // The group's place among the fields of a match is not that of the first column.
    Draft draft = best.draft;
    for (Draft::Segment& segment : draft.segments) {
      if (segment.column < 0) continue;
      const std::string& name = atoms_.rows.columns[static_cast<std::size_t>(segment.column)];
      segment.column = static_cast<int>(
          std::find(tried.rows.columns.begin(), tried.rows.columns.end(), name) - tried.rows.columns.begin());
    }
    const Confirmation confirmation = confirm_mapping(subject, draft);
    if (!confirmation.accepted || 2 * tried.score.hits < tried.score.testable) return {};
    const auto resolved =
        static_cast<std::uint64_t>(std::count(whole_.resolved.begin(), whole_.resolved.end(), 1));
    if (static_cast<double>(resolved) * subject.keys->testable_share() >=
        static_cast<double>(tried.score.hits))
      return {};
    Extraction extraction;
    extraction.pattern = tried.pattern;
    extraction.text = best.text;
    extraction.score = tried.score;
    extraction.sampled = !tried.rows.complete || !subject.keys->is_complete();
    extraction.names_a_row = a_row;
    return extraction;
  }

  const DiagnosisSample& sample_;
  std::size_t source_;
  const Subject& whole_;
  Atoms atoms_;
};

}  // namespace

ExtractionSearch find_extraction(const DiagnosisSample& sample, std::size_t source,
                                 const Subject& whole_values) {
  return ExtractionFinder(sample, source, whole_values).run();
}

}  // namespace flotsam
