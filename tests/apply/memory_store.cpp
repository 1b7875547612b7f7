#include "apply/memory_store.h"

#include <algorithm>

namespace flotsam::test {

bool is_same(const Object& a, const Object& b) {
  return a.size_bytes == b.size_bytes && a.etag == b.etag && a.last_modified == b.last_modified;
}

const Object* MemoryContents::find(const std::string& key) const {
  const auto found = keys.find(key);
  if (found == keys.end() || found->second.empty() || found->second.back().is_marker) return nullptr;
  return &found->second.back().object;
}

std::map<std::string, Object> MemoryContents::standing() const {
  std::map<std::string, Object> all;
  for (const auto& [key, versions] : keys)
    if (const Object* object = find(key)) all.emplace(key, *object);
  return all;
}

MemoryStore::MemoryStore() {
  store.versioning = Versioning::enabled;
  store.lifecycle.emplace();
  store.identity = "memory media";
}

std::string MemoryStore::new_id() {
  return "v" + std::to_string(contents.next_id++);
}

void MemoryStore::put(const std::string& key, std::uint64_t size, Timestamp time, std::string etag) {
  Object object{Key(key), size, time, etag.empty() ? "e" + new_id() : std::move(etag), ""};
  auto& versions = contents.keys[key];
  if (store.versioning != Versioning::enabled) versions.clear();
  versions.push_back({new_id(), false, std::move(object)});
}

void MemoryStore::erase(const std::string& key) {
  auto& versions = contents.keys[key];
  if (store.versioning == Versioning::enabled) {
    versions.push_back({new_id(), true, {}});
  } else {
    contents.keys.erase(key);
  }
}

Result<StoreFacts> MemoryStore::facts() {
  ++facts_calls;
  if (facts_fail) return std::unexpected(*facts_fail);
  return store;
}

Result<ListingProof> MemoryStore::list(const Scope& scope, const ListingOptions& /*options*/,
                                       ListingSink& sink) {
  RangeSink& range = sink.open_range(KeyView(""));
  std::vector<ObjectView> page;
  const auto standing = contents.standing();
  for (const auto& [key, object] : standing)
    if (scope.contains(object.key.view())) page.push_back(object.view());
  FLOTSAM_TRY(range.page(page));
  ListingProof proof;
  proof.objects = page.size();
  return proof;
}

Result<void> MemoryStore::prepare(const RemoveOptions& options) {
  ++prepare_calls;
  if (prepare_fails) return std::unexpected(*prepare_fails);
  if (options.method == DeleteMethod::version && store.versioning != Versioning::enabled)
    return fail(ErrorCode::refused, "the bucket keeps no versions any more");
  return {};
}

Result<std::vector<Look>> MemoryStore::look(std::span<const Object> objects) {
  ++look_calls;
  if (look_fails) return std::unexpected(*look_fails);
  std::vector<Look> looks;
  for (const Object& object : objects) {
    Look& look = looks.emplace_back();
    if (const auto told = look_for ? look_for(object) : std::nullopt) {
      look = *told;
      continue;
    }
    const Object* now = contents.find(object.key.bytes());
    look.state = now == nullptr          ? LookState::gone
                 : is_same(*now, object) ? LookState::same
                                         : LookState::changed;
    if (now != nullptr) look.now = *now;
  }
  return looks;
}

RemoveOutcome MemoryStore::take(const Object& object, const RemoveOptions& options) {
  RemoveOutcome outcome;
  const std::string& key = object.key.bytes();
  auto& versions = contents.keys[key];
  if (versions.empty() || versions.back().is_marker) {
    outcome.result = RemoveResult::gone;
    return outcome;
  }
  outcome.result = RemoveResult::removed;
  if (options.method == DeleteMethod::version) {
    outcome.version_id = versions.back().id;
    versions.push_back({new_id(), true, {}});
    outcome.marker_id = forgets_markers ? "" : versions.back().id;
  } else {
    if (options.method == DeleteMethod::quarantine)
      contents.quarantine[{options.run_id, key}] = versions.back().object;
    contents.keys.erase(key);
  }
  return outcome;
}

std::vector<RemoveOutcome> MemoryStore::remove(std::span<const Object> objects,
                                               const RemoveOptions& options) {
  if (before_remove) before_remove();
  const std::uint64_t call = remove_calls++;
  batches.push_back(objects.size());
  options_seen.push_back(options);
  std::vector<RemoveOutcome> outcomes(objects.size());
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (lose_requests.contains(call)) continue;
    if (const auto told = outcome_for ? outcome_for(objects[i]) : std::nullopt) {
      outcomes[i] = *told;
      continue;
    }
    outcomes[i] = take(objects[i], options);
    if (outcomes[i].result == RemoveResult::removed) removed_keys.push_back(objects[i].key.bytes());
    if (on_deleted) on_deleted(objects[i].key.bytes());
  }
  if (lose_answers.contains(call)) outcomes.assign(objects.size(), RemoveOutcome{});
  return outcomes;
}

std::vector<RemoveOutcome> MemoryStore::reconcile(std::span<const Object> objects,
                                                  const RemoveOptions& options, Timestamp /*since*/) {
  std::vector<RemoveOutcome> outcomes;
  for (const Object& object : objects) {
    const std::string& key = object.key.bytes();
    reconciled_keys.push_back(key);
    RemoveOutcome& outcome = outcomes.emplace_back();
    if (cannot_reconcile) continue;
    const auto found = contents.keys.find(key);
    const Object* now = contents.find(key);
    outcome.result = RemoveResult::gone;
    if (now != nullptr) {
      const bool same = is_same(*now, object);
      outcome.result = same ? RemoveResult::failed : RemoveResult::changed;
      outcome.retryable = same;
      outcome.code = same ? "Standing" : "";
    } else if (options.method == DeleteMethod::quarantine) {
      if (contents.quarantine.contains({options.run_id, key})) outcome.result = RemoveResult::removed;
    } else if (options.method == DeleteMethod::permanent) {
      outcome.result = RemoveResult::removed;
    } else if (found != contents.keys.end() && found->second.size() > 1) {
      const auto& below = found->second[found->second.size() - 2];
      if (!below.is_marker && is_same(below.object, object)) {
        outcome.result = RemoveResult::removed;
        outcome.marker_id = forgets_markers ? "" : found->second.back().id;
        outcome.version_id = below.id;
      }
    }
  }
  return outcomes;
}

std::vector<RemoveOutcome> MemoryStore::discard(std::span<const QuarantinedObject> objects) {
  std::vector<RemoveOutcome> outcomes;
  for (const QuarantinedObject& object : objects) {
    RemoveOutcome& outcome = outcomes.emplace_back();
    if (const auto told = outcome_for ? outcome_for(object.stored) : std::nullopt) {
      outcome = *told;
      continue;
    }
    const bool erased = contents.quarantine.erase({object.run_id, object.key.bytes()}) == 1;
    outcome.result = erased ? RemoveResult::removed : RemoveResult::gone;
    if (on_deleted) on_deleted(object.key.bytes());
  }
  return outcomes;
}

std::vector<RestoreOutcome> MemoryStore::restore(std::span<const Remains> all, Mode mode) {
  std::vector<RestoreOutcome> outcomes;
  for (const Remains& remains : all) {
    RestoreOutcome& outcome = outcomes.emplace_back();
    if (const auto told = restored_for ? restored_for(remains) : std::nullopt) {
      outcome = *told;
      continue;
    }
    const std::string& key = remains.object.key.bytes();
    if (const Object* now = contents.find(key)) {
      outcome.result = is_same(*now, remains.object) ? RestoreResult::standing : RestoreResult::superseded;
      continue;
    }
    outcome.result = RestoreResult::restored;
    if (remains.place == Remains::Place::quarantine) {
      const auto found = contents.quarantine.find({remains.run_id, key});
      if (found == contents.quarantine.end()) {
        outcome.result = RestoreResult::lost;
        continue;
      }
      if (mode == Mode::dry_run) continue;
      contents.keys[key].push_back({new_id(), false, found->second});
      contents.quarantine.erase(found);
    } else {
      auto& versions = contents.keys[key];
      if (versions.size() < 2 || versions.back().id != remains.marker_id) {
        outcome.result = versions.empty() ? RestoreResult::lost : RestoreResult::superseded;
        continue;
      }
      if (mode == Mode::dry_run) continue;
      versions.pop_back();
    }
    restored_keys.push_back(key);
    if (on_deleted) on_deleted(key);
  }
  return outcomes;
}

Result<std::vector<std::optional<Remains>>> MemoryStore::find(std::span<const Key> keys) {
  std::vector<std::optional<Remains>> all;
  for (const Key& key : keys) {
    auto& remains = all.emplace_back();
    if (contents.find(key.bytes()) != nullptr) continue;
    const auto found = contents.keys.find(key.bytes());
    if (found != contents.keys.end() && found->second.size() > 1 &&
        !found->second[found->second.size() - 2].is_marker) {
      const auto& below = found->second[found->second.size() - 2];
      remains = Remains{Remains::Place::marker, below.object, found->second.back().id, below.id, ""};
      continue;
    }
    for (const auto& [place, object] : contents.quarantine)
      if (place.second == key.bytes())
        remains = Remains{Remains::Place::quarantine, object, "", "", place.first};
  }
  return all;
}

Result<void> MemoryStore::list_quarantine(const std::function<Result<void>(const QuarantinedObject&)>& use,
                                          const Cancel& cancel) {
  const auto listed = contents.quarantine;
  for (const auto& [place, object] : listed) {
    FLOTSAM_TRY(cancel.check());
    FLOTSAM_TRY(use(QuarantinedObject{place.first, Key(place.second), object}));
  }
  return {};
}

}  // namespace flotsam::test
