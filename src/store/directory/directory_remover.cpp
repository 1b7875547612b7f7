#include "store/directory/directory_remover.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <set>
#include <unistd.h>

#include "base/bytes.h"
#include "base/check.h"
#include "model/scope.h"
#include "store/directory/directory_store.h"
#include "store/directory/removal.h"

namespace flotsam {
namespace {

using Kind = KeyedTree::Standing::Kind;

// Each folder that waits for its sync is an open file.
constexpr std::size_t kFoldersHeld = 64;

/// The outcomes of a batch, of which some wait until their folders are synced.
class Settling {
 public:
  Settling(std::size_t size, const DirectoryRemovalOptions& options) : options_(options) {
    outcomes_.reserve(size);
  }
  FolderSyncs& syncs() { return syncs_; }
  void add(const Key& key, RemoveOutcome outcome) {
    outcomes_.push_back(std::move(outcome));
    last_ = &key;
    if (syncs_.size() >= kFoldersHeld) settle();
  }
  void settle() {
    if (last_ != nullptr) options_.step("sync", last_->view());
    if (const auto synced = syncs_.sync(options_.failure("sync")); !synced)
      for (std::size_t i = settled_; i < outcomes_.size(); ++i) {
        // What failed by itself stays failed. What was moved, or moved and put back, may not last.
        const RemoveResult result = outcomes_[i].result;
        if (result != RemoveResult::removed && result != RemoveResult::changed) continue;
        outcomes_[i] = failed_by(synced.error());
        outcomes_[i].result = RemoveResult::unknown;
      }
    settled_ = outcomes_.size();
  }
  std::vector<RemoveOutcome> take() {
    settle();
    return std::move(outcomes_);
  }

 private:
  const DirectoryRemovalOptions& options_;
  std::vector<RemoveOutcome> outcomes_;
  FolderSyncs syncs_;
  std::size_t settled_ = 0;
  const Key* last_ = nullptr;
};

std::vector<RemoveOutcome> all_failed(std::size_t count, const Error& error) {
  return std::vector<RemoveOutcome>(count, failed_by(error));
}

class DirectoryRemover final : public Remover {
 public:
  DirectoryRemover(std::string root, std::optional<std::string> quarantine, std::unique_ptr<Lister> lister,
                   const DirectoryRemovalOptions& options)
      : root_(std::move(root)),
        quarantine_(std::move(quarantine)),
        lister_(std::move(lister)),
        options_(options) {}

  Result<StoreFacts> facts() override { return lister_->facts(); }
  Result<void> prepare(const RemoveOptions& options) override;
  Result<std::vector<Look>> look(std::span<const Object> objects) override;
  std::vector<RemoveOutcome> remove(std::span<const Object> objects, const RemoveOptions& options) override;
  std::vector<RemoveOutcome> reconcile(std::span<const Object> objects, const RemoveOptions& options,
                                       Timestamp since) override;
  std::vector<RemoveOutcome> discard(std::span<const QuarantinedObject> objects) override;

 private:
  Look look_at(const KeyedTree& store, const Object& object) const;
  Result<KeyedTree> quarantine_of(const KeyedTree& store, Missing missing) const;
  Result<std::optional<KeyedTree>> shelf_of(const KeyedTree& store, const RemoveOptions& options,
                                            Missing missing, FolderSyncs& syncs) const;
  void tidy(const KeyedTree& store, const KeyedTree& shelf, std::span<const Object> objects,
            const RemoveOptions& options) const;
  RemoveOutcome discard_one(const KeyedTree& quarantine, const QuarantinedObject& object,
                            FolderSyncs& syncs) const;

  std::string root_;
  std::optional<std::string> quarantine_;
  std::unique_ptr<Lister> lister_;
  DirectoryRemovalOptions options_;
  PutBack put_back_;
};

Result<KeyedTree> DirectoryRemover::quarantine_of(const KeyedTree& store, Missing missing) const {
  if (!quarantine_)
    return fail(ErrorCode::invalid_argument, "no quarantine is configured",
                "Set [delete] quarantine to a folder on the store's own file system.");
  FLOTSAM_ASSIGN(auto quarantine, open_quarantine(store, *quarantine_, missing));
  if (quarantine) return *std::move(quarantine);
  Error error;
  error.code = ErrorCode::not_found;
  error.service_code = "QuarantineMissing";
  error.message = fmt::format("the quarantine {} is not there", in_quotes(*quarantine_));
  error.hint = "Mount it, or correct [delete] quarantine.";
  return std::unexpected(std::move(error));
}

Result<void> DirectoryRemover::prepare(const RemoveOptions& options) {
  CHECK(options.method != DeleteMethod::none);
  if (options.method == DeleteMethod::version)
    return fail(ErrorCode::invalid_argument, "a directory keeps no versions",
                "Set [delete] method = \"quarantine\".");
  FLOTSAM_ASSIGN(const KeyedTree store, open_root_tree(root_));
  const auto check_writable = [](const KeyedTree& tree) -> Result<void> {
    if (faccessat(tree.root(), ".", W_OK | X_OK, AT_EACCESS) == 0) return {};
    return std::unexpected(tree_error(errno, "write in the folder", tree.path()));
  };
  if (options.method == DeleteMethod::permanent) return check_writable(store);
  FLOTSAM_ASSIGN(const KeyedTree quarantine, quarantine_of(store, Missing::make));
  return check_writable(quarantine);
}

Look DirectoryRemover::look_at(const KeyedTree& store, const Object& object) const {
  Look look;
  if (is_own(object.key.view())) {
    look.reason = "the key is flotsam's own and in no scope";
    return look;
  }
  const auto standing = store.look(object.key.view());
  if (!standing) {
    look.reason = standing.error().message;
    return look;
  }
  if (standing->kind == Kind::nothing) {
    look.state = LookState::gone;
    return look;
  }
  look.now.key = object.key;
  look.state = LookState::changed;
  if (standing->kind == Kind::file) {
    look.now = object_of_file(object.key, standing->status);
    if (put_back_.is_planned(standing->status, object)) look.state = LookState::same;
  }
  return look;
}

Result<std::vector<Look>> DirectoryRemover::look(std::span<const Object> objects) {
  auto store = open_root_tree(root_);
  if (!store) return fail(std::move(store).error(), "while looking at the objects to remove");
  std::vector<Look> looks;
  looks.reserve(objects.size());
  for (const Object& object : objects) looks.push_back(look_at(*store, object));
  return looks;
}

Result<std::optional<KeyedTree>> DirectoryRemover::shelf_of(const KeyedTree& store,
                                                            const RemoveOptions& options, Missing missing,
                                                            FolderSyncs& syncs) const {
  CHECK(options.method == DeleteMethod::quarantine || options.method == DeleteMethod::permanent);
  if (!can_be_run(options.run_id)) {
    Error error;
    error.code = ErrorCode::invalid_argument;
    error.service_code = "InvalidRun";
    error.message = fmt::format("a run named {} can have no folder", in_quotes(options.run_id));
    return std::unexpected(std::move(error));
  }
  if (options.method == DeleteMethod::permanent)
    return open_subtree(store, removing_name_of(options.run_id), missing, syncs);
  FLOTSAM_ASSIGN(const KeyedTree quarantine, quarantine_of(store, missing));
  return open_subtree(quarantine, options.run_id, missing, syncs);
}

std::vector<RemoveOutcome> DirectoryRemover::remove(std::span<const Object> objects,
                                                    const RemoveOptions& options) {
  if (objects.empty()) return {};
  Settling settling(objects.size(), options_);
  const auto store = open_root_tree(root_);
  if (!store) return all_failed(objects.size(), store.error());
  const auto shelf = shelf_of(*store, options, Missing::make, settling.syncs());
  if (!shelf) return all_failed(objects.size(), shelf.error());
  Removal removal({&*store, &**shelf}, options.method == DeleteMethod::permanent, options_, put_back_,
                  settling.syncs());
  for (const Object& object : objects) settling.add(object.key, removal.remove(object));
  auto outcomes = settling.take();
  tidy(*store, **shelf, objects, options);
  return outcomes;
}

std::vector<RemoveOutcome> DirectoryRemover::reconcile(std::span<const Object> objects,
                                                       const RemoveOptions& options, Timestamp /*since*/) {
  if (objects.empty()) return {};
  Settling settling(objects.size(), options_);
  const auto store = open_root_tree(root_);
  if (!store) {
    auto outcomes = all_failed(objects.size(), store.error());
    for (RemoveOutcome& outcome : outcomes) outcome.result = RemoveResult::unknown;
    return outcomes;
  }
  const auto opened = shelf_of(*store, options, Missing::leave, settling.syncs());
  const KeyedTree* const shelf = opened && *opened ? &**opened : nullptr;
  Removal removal({&*store, shelf, opened ? nullptr : &opened.error()},
                  options.method == DeleteMethod::permanent, options_, put_back_, settling.syncs());
  for (const Object& object : objects) settling.add(object.key, removal.reconcile(object));
  auto outcomes = settling.take();
  if (shelf != nullptr) tidy(*store, *shelf, objects, options);
  return outcomes;
}

void DirectoryRemover::tidy(const KeyedTree& store, const KeyedTree& shelf, std::span<const Object> objects,
                            const RemoveOptions& options) const {
  // Folders that hold nothing: all of them after `permanent`, those of what was not moved after `quarantine`.
  std::set<std::string, std::greater<>> folders;
  for (const Object& object : objects) {
    const std::string& key = object.key.bytes();
    if (can_be_key(object.key.view())) folders.insert(key.substr(0, key.rfind('/') + 1));
  }
  for (const std::string& folder : folders) shelf.prune(KeyView(folder + "x"));
  if (options.method == DeleteMethod::permanent) {
    unlinkat(store.root(), removing_name_of(options.run_id).c_str(), AT_REMOVEDIR);
    return;
  }
  if (const auto quarantine = quarantine_of(store, Missing::leave))
    unlinkat(quarantine->root(), options.run_id.c_str(), AT_REMOVEDIR);
}

std::vector<RemoveOutcome> DirectoryRemover::discard(std::span<const QuarantinedObject> objects) {
  if (objects.empty()) return {};
  const auto store = open_root_tree(root_);
  if (!store) return all_failed(objects.size(), store.error());
  const auto quarantine = quarantine_of(*store, Missing::leave);
  if (!quarantine) return all_failed(objects.size(), quarantine.error());
  Settling settling(objects.size(), options_);
  for (const QuarantinedObject& object : objects)
    settling.add(object.key, discard_one(*quarantine, object, settling.syncs()));
  auto outcomes = settling.take();
  for (const QuarantinedObject& object : objects) {
    if (!can_be_run(object.run_id) || !can_be_key(object.key.view())) continue;
    quarantine->prune(KeyView(object.run_id + "/" + object.key.bytes()));
  }
  return outcomes;
}

RemoveOutcome DirectoryRemover::discard_one(const KeyedTree& quarantine, const QuarantinedObject& object,
                                            FolderSyncs& syncs) const {
  if (!can_be_run(object.run_id) || !can_be_key(object.key.view())) return outcome_of(RemoveResult::gone);
  const std::string place = object.run_id + "/" + object.key.bytes();
  const auto standing = quarantine.look(KeyView(place));
  if (!standing) return failed_by(standing.error());
  if (standing->kind == Kind::nothing) return outcome_of(RemoveResult::gone);
  if (standing->kind == Kind::other || !is_object(standing->status, object.stored))
    return outcome_of(RemoveResult::changed);
  options_.step("unlink", object.key.view());
  // Nobody but flotsam writes here, under a lock: what was just looked at is what goes.
  if (unlinkat(standing->folder.fd.get(), standing->folder.name.c_str(), 0) != 0) {
    if (errno == ENOENT) return outcome_of(RemoveResult::gone);
    return failed_by(tree_error(errno, "delete", quarantine.path_of(KeyView(place))));
  }
  if (const auto added = syncs.add(standing->folder.fd.get()); !added) {
    RemoveOutcome outcome = failed_by(added.error());
    outcome.result = RemoveResult::unknown;
    return outcome;
  }
  return outcome_of(RemoveResult::removed);
}

}  // namespace

Result<std::unique_ptr<Remover>> open_directory_remover(const std::filesystem::path& root,
                                                        const std::optional<std::string>& quarantine,
                                                        const StoreContext& context,
                                                        const DirectoryRemovalOptions& options) {
  FLOTSAM_ASSIGN(auto lister, open_directory_store(root, context));
  std::string plain = root.native();
  while (plain.ends_with('/')) plain.pop_back();
  return std::make_unique<DirectoryRemover>(std::move(plain), quarantine, std::move(lister), options);
}

}  // namespace flotsam
