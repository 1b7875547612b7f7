#include "scan/judge.h"

#include <algorithm>

#include "base/check.h"

namespace flotsam {
namespace {

constexpr std::size_t kAhead = 12;

}  // namespace

Judge::Judge(const ScanRules& rules, ReferenceIndex& index, const ReferenceHashes& hashes,
             const CanonicalSpelling& spelling, Timestamp cutoff)
    : rules_(rules), index_(index), hashes_(hashes), spelling_(spelling), cutoff_(cutoff) {}

void Judge::page(std::span<const ObjectView> objects, Scratch& scratch, std::span<std::uint64_t> matches,
                 std::span<std::uint64_t> derived) const {
  CHECK(matches.size() == rule_count() && derived.size() == index_.sets().size());
  scratch.hashes.resize(objects.size());
  scratch.judgements.clear();
  // Each lookup has two cache misses. They overlap with the work on the objects before, evenly: a processor has room for
  // a dozen of them at once, and a burst would wait.
  const auto fetch_bucket = [&](std::size_t i) {
    if (i >= objects.size()) return;
    scratch.hashes[i] = hashes_.key(objects[i].key.bytes());
    index_.prefetch_bucket(scratch.hashes[i]);
  };
  const auto fetch_entry = [&](std::size_t i) {
    if (i < objects.size()) index_.prefetch_entry(scratch.hashes[i]);
  };
  for (std::size_t i = 0; i < 2 * kAhead; ++i) fetch_bucket(i);
  for (std::size_t i = 0; i < kAhead; ++i) fetch_entry(i);
  for (std::size_t i = 0; i < objects.size(); ++i) {
    fetch_bucket(i + 2 * kAhead);
    fetch_entry(i + kAhead);
    const Judgement judgement = judge(objects[i], index_.find(scratch.hashes[i]), scratch, matches);
    if (judgement.verdict == Verdict::derived) {
      if (judgement.has_exact_set) ++derived[judgement.exact_set];
      for (const std::uint16_t set : scratch.folder_sets) ++derived[set];
    }
    scratch.judgements.push_back(judgement);
  }
}

Judgement Judge::judge(const ObjectView& object, std::size_t entry, Scratch& scratch,
                       std::span<std::uint64_t> matches) const {
  Judgement judgement;
  bool needed = false;
  if (entry != ReferenceIndex::kAbsent) {
    index_.mark_seen(entry);
    judgement.has_exact_set = true;
    judgement.exact_set = index_.set_of(entry);
    needed = index_.sets()[judgement.exact_set].needed;
  }
  if (index_.has_folders()) find_folders(object.key, scratch);
  const Matched matched = match(object.key, matches);
  const std::string_view key = object.key.bytes();
  if (needed) {
    judgement.verdict = Verdict::referenced;
  } else if (judgement.has_exact_set || !scratch.folder_sets.empty()) {
    judgement.verdict = Verdict::derived;
  } else if (object.size_bytes == 0 && key.ends_with('/')) {
    judgement.verdict = Verdict::marker;
  } else if (matched.protected_ || rules_.restored.contains(key)) {
    judgement.verdict = Verdict::protected_;
  } else if (!rules_.candidates.empty() && !matched.candidate) {
    judgement.verdict = Verdict::unrecognised;
  } else if (!object.last_modified || *object.last_modified > cutoff_) {
    judgement.verdict = Verdict::young;
  } else {
    judgement.verdict = is_other_spelling(object.key, scratch.canonical) ? Verdict::suspect : Verdict::orphan;
  }
  judgement.disposable = matched.disposable && is_judged(judgement.verdict);
  return judgement;
}

Judge::Matched Judge::match(KeyView key, std::span<std::uint64_t> matches) const {
  std::size_t rule = 0;
  const auto any_of = [&](const std::vector<Glob>& globs) {
    bool any = false;
    for (const Glob& glob : globs) {
      // All are tried, because rules-unused tells of each.
      if (glob.matches(key)) {
        ++matches[rule];
        any = true;
      }
      ++rule;
    }
    return any;
  };
  Matched matched;
  matched.protected_ = any_of(rules_.protect);
  matched.candidate = any_of(rules_.candidates);
  matched.disposable = any_of(rules_.disposable);
  return matched;
}

void Judge::find_folders(KeyView key, Scratch& scratch) const {
  const std::string_view bytes = key.bytes();
  const std::size_t slash = bytes.rfind('/');
  const std::string_view folder = bytes.substr(0, slash == std::string_view::npos ? 0 : slash + 1);
  if (scratch.has_folder && scratch.folder == folder) return;
  scratch.has_folder = true;
  scratch.folder.assign(folder);
  scratch.folder_sets.clear();
  for (std::size_t end = folder.find('/'); end != std::string_view::npos; end = folder.find('/', end + 1)) {
    const std::size_t entry = index_.find(hashes_.folder(folder.substr(0, end + 1)));
    if (entry == ReferenceIndex::kAbsent) continue;
    index_.mark_seen(entry);
    scratch.folder_sets.push_back(index_.set_of(entry));
  }
}

bool Judge::has_spelling(std::string_view canonical) const {
  return !canonical.empty() && index_.has_spelling(hashes_.spelling(canonical));
}

bool Judge::is_other_spelling(KeyView key, std::string& canonical) const {
  if (index_.spellings() == 0) return false;
  spelling_.of(key.bytes(), canonical);
  if (has_spelling(canonical)) return true;
  std::string_view rest = canonical;
  for (int parts = 0; parts < 3; ++parts) {
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
    if (has_spelling(rest)) return true;
  }
  const std::string_view prefix = rules_.scope.prefix_of(key);
  if (prefix.empty()) return false;
  spelling_.of(key.bytes().substr(prefix.size()), canonical);
  return has_spelling(canonical);
}

}  // namespace flotsam
