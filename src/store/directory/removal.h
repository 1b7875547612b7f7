#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "model/object.h"
#include "store/directory/file_identity.h"
#include "store/directory/keyed_tree.h"
#include "store/directory/own_folders.h"
#include "store/directory/safe_moves.h"
#include "store/remover.h"

namespace flotsam {

/// The objects that were put back under their keys in this process: their ctime is another since, and they
/// are the planned ones all the same.
class PutBack {
 public:
  void add(const Object& planned, const struct stat& now) {
    etags_[planned.key.bytes()] = {planned.etag, object_of_file(planned.key, now).etag};
  }
  /// True where the file under the key is the planned object.
  bool is_planned(const struct stat& status, const Object& planned) const;

 private:
  std::map<std::string, std::pair<std::string, std::string>> etags_;  ///< key: etag of the plan, etag now
};

/// Moves single objects out of a store's tree and back: what remove() and reconcile() are made of. `shelf` is
/// the tree in which each lies under its own key: QUARANTINE/run_id, or ROOT/.flotsam-removing-RUN_ID.
class Removal {
 public:
  struct Trees {
    const KeyedTree* store = nullptr;
    const KeyedTree* shelf = nullptr;    ///< reconcile(): none where there is no such folder
    const Error* shelf_error = nullptr;  ///< reconcile(): why it cannot be told what lies there
  };
  Removal(Trees trees, bool is_permanent, const DirectoryRemovalOptions& options, PutBack& put_back,
          FolderSyncs& syncs)
      : trees_(trees),
        is_permanent_(is_permanent),
        options_(options),
        moves_([&options] { return options.failure("rename"); }),
        put_back_(put_back),
        syncs_(syncs) {}

  /// Removes one object. `removed` and `changed` count once the folders in `syncs` are synced.
  RemoveOutcome remove(const Object& object);
  /// Tells what became of it, and puts back what was left half moved.
  RemoveOutcome reconcile(const Object& object);

 private:
  RemoveOutcome take(const Object& object, const KeyedTree::Standing& standing);
  RemoveOutcome verify(const Object& object, const KeyedTree::Folder& from, const KeyedTree::Folder& to);
  Result<bool> is_still_the_way(KeyView key, int folder) const;
  RemoveOutcome put_back(const Object& object, const KeyedTree::Folder& shelf, const KeyedTree::Folder& store,
                         RemoveOutcome otherwise);
  RemoveOutcome reconcile_absent(const Object& object, const KeyedTree::Standing& aside);
  RemoveOutcome finish_two_names(const Object& object, const KeyedTree::Standing& here,
                                 const KeyedTree::Standing& aside);
  RemoveOutcome synced(RemoveOutcome outcome, const KeyedTree::Folder& one, const KeyedTree::Folder& other);

  Trees trees_;
  bool is_permanent_;
  const DirectoryRemovalOptions& options_;
  SafeMoves moves_;
  PutBack& put_back_;
  FolderSyncs& syncs_;
};

RemoveOutcome outcome_of(RemoveResult result);
/// With the error's service_code as its code, and its text.
RemoveOutcome failed_by(const Error& error);

}  // namespace flotsam
