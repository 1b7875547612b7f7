#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "store/lister.h"
#include "store/remover.h"
#include "store/restorer.h"

namespace flotsam::test {

/// One version of a key, or a marker over the others.
struct MemoryVersion {
  std::string id;
  bool is_marker = false;
  Object object;
  friend bool operator==(const MemoryVersion&, const MemoryVersion&) = default;
};

/// What a store holds: a value, so that tests compare and copy it.
struct MemoryContents {
  std::map<std::string, std::vector<MemoryVersion>> keys;            ///< oldest version first
  std::map<std::pair<std::string, std::string>, Object> quarantine;  ///< by run and key
  std::uint64_t next_id = 1;

  /// What stands under each key.
  std::map<std::string, Object> standing() const;
  const Object* find(const std::string& key) const;
};

/// A store in memory that keeps versions or not, deletes, restores and lists, and misbehaves as told. It
/// looks at identities only in look(): what stands when remove() comes goes, as in a store that knows no
/// condition.
class MemoryStore final : public Lister, public Remover, public Restorer {
 public:
  MemoryStore();

  void put(const std::string& key, std::uint64_t size, Timestamp time, std::string etag = {});
  /// Deletes as somebody else would.
  void erase(const std::string& key);

  Result<StoreFacts> facts() override;
  Result<ListingProof> list(const Scope& scope, const ListingOptions& options, ListingSink& sink) override;
  Result<void> prepare(const RemoveOptions& options) override;
  Result<std::vector<Look>> look(std::span<const Object> objects) override;
  std::vector<RemoveOutcome> remove(std::span<const Object> objects, const RemoveOptions& options) override;
  std::vector<RemoveOutcome> reconcile(std::span<const Object> objects, const RemoveOptions& options,
                                       Timestamp since) override;
  std::vector<RemoveOutcome> discard(std::span<const QuarantinedObject> objects) override;
  std::vector<RestoreOutcome> restore(std::span<const Remains> remains, Mode mode) override;
  Result<std::vector<std::optional<Remains>>> find(std::span<const Key> keys) override;
  Result<void> list_quarantine(const std::function<Result<void>(const QuarantinedObject&)>& use,
                               const Cancel& cancel) override;

  MemoryContents contents;
  StoreFacts store;

  // How it misbehaves.
  std::function<void()> before_remove;                     ///< between look and deletion
  std::function<void(const std::string& key)> on_deleted;  ///< after each deletion, inside remove()
  std::function<std::optional<RemoveOutcome>(const Object&)> outcome_for;  ///< instead of deleting
  std::function<std::optional<Look>(const Object&)> look_for;
  std::function<std::optional<RestoreOutcome>(const Remains&)> restored_for;
  std::optional<Error> facts_fail, prepare_fails, look_fails;
  std::set<std::uint64_t> lose_answers;   ///< numbers of remove() calls, from 0: done, and not said
  std::set<std::uint64_t> lose_requests;  ///< not done, and not said
  bool cannot_reconcile = false;
  bool forgets_markers = false;  ///< removes without naming the marker

  // What it saw.
  std::vector<std::size_t> batches;       ///< sizes of remove() calls
  std::vector<std::string> removed_keys;  ///< every key that remove() took, in order
  std::vector<std::string> reconciled_keys;
  std::vector<std::string> restored_keys;
  std::uint64_t remove_calls = 0, prepare_calls = 0, look_calls = 0, facts_calls = 0;
  std::vector<RemoveOptions> options_seen;

 private:
  RemoveOutcome take(const Object& object, const RemoveOptions& options);
  std::string new_id();
};

/// Same size, etag and time.
bool is_same(const Object& a, const Object& b);

}  // namespace flotsam::test
