#include "store/directory/directory_restorer.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/check.h"
#include "model/scope.h"
#include "store/directory/directory_store.h"
#include "store/directory/file_identity.h"
#include "store/directory/folder_walk.h"
#include "store/directory/safe_moves.h"

namespace flotsam {
namespace {

using Kind = KeyedTree::Standing::Kind;
using Way = KeyedTree::Folder::Way;

constexpr std::size_t kFoldersHeld = 64;
constexpr std::size_t kPageObjects = 1000;

RestoreOutcome outcome_of(RestoreResult result, std::string code = {}, std::string message = {}) {
  return {result, std::move(code), std::move(message)};
}
RestoreOutcome failed(std::string code, std::string message) {
  return outcome_of(RestoreResult::failed, std::move(code), std::move(message));
}
RestoreOutcome failed_by(const Error& error) {
  return failed(error.service_code.empty() ? "IOError" : error.service_code, error.message);
}

std::string place_of(const std::string& run_id, const Key& key) {
  return run_id + "/" + key.bytes();
}

/// Gives a run's objects to a visitor.
class QuarantineSink final : public RangeSink {
 public:
  QuarantineSink(const std::string& run_id, const std::function<Result<void>(const QuarantinedObject&)>& use)
      : run_id_(run_id), use_(use) {}
  Result<void> page(std::span<const ObjectView> objects) override {
    for (const ObjectView& object : objects)
      FLOTSAM_TRY(use_({run_id_, Key(object.key), Object::of(object)}));
    return {};
  }

 private:
  const std::string& run_id_;
  const std::function<Result<void>(const QuarantinedObject&)>& use_;
};

/// The folders of runs in a quarantine, sorted.
Result<std::vector<std::string>> runs_of(const KeyedTree& quarantine) {
  const FileDescriptor fd(openat(quarantine.root(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return std::unexpected(tree_error(errno, "read the folder", quarantine.path()));
  FolderEntries entries;
  ListingProof proof;
  FLOTSAM_TRY(entries.read(fd.get(), {quarantine.path(), {}}, proof));
  std::vector<std::string> runs;
  while (!entries.at_end())
    if (const auto entry = entries.take_next(); entry.is_folder) runs.emplace_back(entry.bytes);
  // As keys they were in the order of names with a slash behind.
  std::sort(runs.begin(), runs.end());
  return runs;
}

bool is_later(const timespec& a, const timespec& b) {
  return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec >= b.tv_nsec;
}

/// What one call works on.
struct Places {
  KeyedTree store;
  std::optional<KeyedTree> quarantine;  ///< nothing: it is not there, or none is configured
};

class DirectoryRestorer final : public Restorer {
 public:
  DirectoryRestorer(std::string root, std::optional<std::string> quarantine, std::unique_ptr<Lister> lister,
                    const DirectoryRemovalOptions& options)
      : root_(std::move(root)),
        quarantine_(std::move(quarantine)),
        lister_(std::move(lister)),
        options_(options),
        moves_([this] { return options_.failure("rename"); }) {}

  Result<StoreFacts> facts() override { return lister_->facts(); }
  std::vector<RestoreOutcome> restore(std::span<const Remains> remains, Mode mode) override;
  Result<std::vector<std::optional<Remains>>> find(std::span<const Key> keys) override;
  Result<void> list_quarantine(const std::function<Result<void>(const QuarantinedObject&)>& use,
                               const Cancel& cancel) override;

 private:
  Result<Places> places() const;
  RestoreOutcome restore_one(const Places& places, const Remains& remains, Mode mode,
                             FolderSyncs& syncs) const;
  RestoreOutcome decide(const Places& places, const Remains& remains, const KeyedTree::Standing& here,
                        const KeyedTree::Standing& aside) const;
  RestoreOutcome bring_back(const Places& places, const Remains& remains, const KeyedTree::Standing& aside,
                            FolderSyncs& syncs) const;
  RestoreOutcome finish_two_names(const Remains& remains, const KeyedTree::Standing& here,
                                  const KeyedTree::Standing& aside, FolderSyncs& syncs) const;
  Result<std::optional<Remains>> find_one(const Places& places, const std::vector<std::string>& runs,
                                          const Key& key) const;

  std::string root_;
  std::optional<std::string> quarantine_;
  std::unique_ptr<Lister> lister_;
  DirectoryRemovalOptions options_;
  SafeMoves moves_;
};

Result<Places> DirectoryRestorer::places() const {
  FLOTSAM_ASSIGN(KeyedTree store, open_root_tree(root_));
  std::optional<KeyedTree> quarantine;
  if (quarantine_) {
    FLOTSAM_ASSIGN(quarantine, open_quarantine(store, *quarantine_, Missing::leave));
  }
  return Places{std::move(store), std::move(quarantine)};
}

std::vector<RestoreOutcome> DirectoryRestorer::restore(std::span<const Remains> remains, Mode mode) {
  if (remains.empty()) return {};
  const auto places = this->places();
  if (!places) return std::vector<RestoreOutcome>(remains.size(), failed_by(places.error()));
  std::vector<RestoreOutcome> outcomes;
  outcomes.reserve(remains.size());
  FolderSyncs syncs;
  std::size_t settled = 0;
  const auto settle = [&] {
    if (syncs.size() > 0) options_.step("sync", remains[outcomes.size() - 1].object.key.view());
    if (const auto synced = syncs.sync(options_.failure("sync")); !synced)
      for (std::size_t i = settled; i < outcomes.size(); ++i)
        if (outcomes[i].result == RestoreResult::restored) outcomes[i] = failed_by(synced.error());
    settled = outcomes.size();
  };
  for (const Remains& one : remains) {
    outcomes.push_back(restore_one(*places, one, mode, syncs));
    if (syncs.size() >= kFoldersHeld) settle();
  }
  settle();
  for (std::size_t i = 0; i < remains.size() && mode == Mode::really; ++i)
    if (places->quarantine &&
        (outcomes[i].result == RestoreResult::restored || outcomes[i].result == RestoreResult::standing))
      places->quarantine->prune(KeyView(place_of(remains[i].run_id, remains[i].object.key)));
  return outcomes;
}

RestoreOutcome DirectoryRestorer::restore_one(const Places& places, const Remains& remains, Mode mode,
                                              FolderSyncs& syncs) const {
  const Key& key = remains.object.key;
  if (remains.place != Remains::Place::quarantine)
    return failed("NoVersions",
                  "a directory keeps no versions: only what lies in its quarantine can come back");
  if (!can_be_run(remains.run_id) || !can_be_key(key.view()))
    return failed("InvalidPlace", fmt::format("no file of a directory can lie at {} of run {}",
                                              in_quotes(key.bytes()), in_quotes(remains.run_id)));
  if (is_own(key.view()))
    return failed("OutOfScope", fmt::format("{} is flotsam's own and in no scope", in_quotes(key.bytes())));
  const auto here = places.store.look(key.view());
  if (!here) return failed_by(here.error());
  KeyedTree::Standing aside;
  if (places.quarantine) {
    auto looked = places.quarantine->look(KeyView(place_of(remains.run_id, key)));
    if (!looked) return failed_by(looked.error());
    aside = *std::move(looked);
  }
  RestoreOutcome outcome = decide(places, remains, *here, aside);
  if (outcome.result != RestoreResult::restored || mode == Mode::dry_run) return outcome;
  return here->kind == Kind::file ? finish_two_names(remains, *here, aside, syncs)
                                  : bring_back(places, remains, aside, syncs);
}

RestoreOutcome DirectoryRestorer::decide(const Places& places, const Remains& remains,
                                         const KeyedTree::Standing& here,
                                         const KeyedTree::Standing& aside) const {
  const Key& key = remains.object.key;
  const std::string path = places.store.path_of(key.view());
  if (here.folder.way == Way::link || here.folder.way == Way::blocked)
    return failed("NotADirectory",
                  fmt::format("a {} stands where a folder on the way to {} must be",
                              here.folder.way == Way::link ? "symbolic link" : "file", in_quotes(path)));
  if (here.kind == Kind::file && aside.kind == Kind::file && here.status.st_ino == aside.status.st_ino &&
      here.status.st_dev == aside.status.st_dev)
    return outcome_of(RestoreResult::restored);  // once its name in the quarantine is removed
  if (here.kind == Kind::file && is_moved_file(here.status, remains.object.etag))
    return outcome_of(RestoreResult::standing);
  if (here.kind != Kind::nothing)
    return outcome_of(RestoreResult::superseded, {},
                      fmt::format("{} stands at {} now",
                                  here.kind == Kind::file ? "another file" : "a folder, link or special file",
                                  in_quotes(path)));
  if (!places.quarantine)
    return failed("QuarantineMissing",
                  quarantine_ ? fmt::format("the quarantine {} is not there", in_quotes(*quarantine_))
                              : std::string("no quarantine is configured"));
  const std::string place = places.quarantine->path_of(KeyView(place_of(remains.run_id, key)));
  if (aside.folder.way == Way::link)
    return failed("NotADirectory", fmt::format("a symbolic link stands on the way to {}", in_quotes(place)));
  if (aside.kind == Kind::nothing)
    return outcome_of(RestoreResult::lost, {},
                      fmt::format("it stands neither at {} nor at {}", in_quotes(path), in_quotes(place)));
  // Without an etag nothing is known of it but its place.
  if (aside.kind == Kind::other ||
      (!remains.object.etag.empty() && !is_moved_file(aside.status, remains.object.etag)))
    return failed("Changed",
                  fmt::format("what lies at {} is not what was moved there: look at it, and move it by "
                              "hand if it is wanted",
                              in_quotes(place)));
  return outcome_of(RestoreResult::restored);
}

RestoreOutcome DirectoryRestorer::bring_back(const Places& places, const Remains& remains,
                                             const KeyedTree::Standing& aside, FolderSyncs& syncs) const {
  const KeyView key = remains.object.key.view();
  const std::string path = places.store.path_of(key);
  const auto run = open_subtree(*places.quarantine, remains.run_id, Missing::leave, syncs);
  if (!run) return failed_by(run.error());
  if (!*run)
    return failed("IOError", fmt::format("the folder of run {} vanished", in_quotes(remains.run_id)));
  const auto to = places.store.make_folder_of(key, **run, KeyedTree::Modes::as_twin, syncs);
  if (!to) return failed_by(to.error());
  options_.step("move", key);
  const int error = moves_.back(aside.folder.fd.get(), aside.folder.name, to->fd.get());
  if (error == EEXIST)
    return outcome_of(RestoreResult::superseded, {},
                      fmt::format("something else stands at {} now", in_quotes(path)));
  if (error != 0) return failed_by(tree_error(error, "bring back", path));
  options_.step("verify", key);
  const auto now = places.store.look(key);
  if (!now) return failed_by(now.error());
  const std::string etag = object_of_file(remains.object.key, aside.status).etag;
  if (now->kind != Kind::file || !is_moved_file(now->status, etag))
    return failed("Changed", fmt::format("it was brought back to {}, and something else stands there now",
                                         in_quotes(path)));
  for (const int fd : {to->fd.get(), aside.folder.fd.get()})
    if (const auto added = syncs.add(fd); !added) return failed_by(added.error());
  return outcome_of(RestoreResult::restored);
}

RestoreOutcome DirectoryRestorer::finish_two_names(const Remains& remains, const KeyedTree::Standing& here,
                                                   const KeyedTree::Standing& aside,
                                                   FolderSyncs& syncs) const {
  if (unlinkat(aside.folder.fd.get(), aside.folder.name.c_str(), 0) != 0)
    return failed_by(tree_error(errno, "remove from the quarantine", remains.object.key.bytes()));
  for (const int fd : {here.folder.fd.get(), aside.folder.fd.get()})
    if (const auto added = syncs.add(fd); !added) return failed_by(added.error());
  return outcome_of(RestoreResult::restored);
}

Result<std::vector<std::optional<Remains>>> DirectoryRestorer::find(std::span<const Key> keys) {
  std::vector<std::optional<Remains>> found(keys.size());
  if (keys.empty()) return found;
  auto places = this->places();
  if (!places) return fail(std::move(places).error(), "while looking for removed objects");
  if (!places->quarantine) return found;
  auto runs = runs_of(*places->quarantine);
  if (!runs) return fail(std::move(runs).error(), "while looking for removed objects");
  for (std::size_t i = 0; i < keys.size(); ++i) {
    auto one = find_one(*places, *runs, keys[i]);
    if (!one)
      return fail(std::move(one).error(), fmt::format("while looking for {}", in_quotes(keys[i].bytes())));
    found[i] = *std::move(one);
  }
  return found;
}

Result<std::optional<Remains>> DirectoryRestorer::find_one(const Places& places,
                                                           const std::vector<std::string>& runs,
                                                           const Key& key) const {
  if (!can_be_key(key.view()) || is_own(key.view())) return std::nullopt;
  FLOTSAM_ASSIGN(const KeyedTree::Standing here, places.store.look(key.view()));
  if (here.kind != Kind::nothing) return std::nullopt;
  std::optional<Remains> newest;
  timespec moved_at{};
  for (const std::string& run : runs) {
    FLOTSAM_ASSIGN(const KeyedTree::Standing aside, places.quarantine->look(KeyView(place_of(run, key))));
    // Its ctime is when it was moved.
    if (aside.kind != Kind::file || (newest && !is_later(aside.status.st_ctim, moved_at))) continue;
    moved_at = aside.status.st_ctim;
    newest = Remains{Remains::Place::quarantine, object_of_file(key, aside.status), {}, {}, run};
  }
  return newest;
}

Result<void> DirectoryRestorer::list_quarantine(
    const std::function<Result<void>(const QuarantinedObject&)>& use, const Cancel& cancel) {
  FLOTSAM_TRY(cancel.check());
  FLOTSAM_ASSIGN(const Places places, this->places());
  if (!places.quarantine) return {};
  FLOTSAM_ASSIGN(const std::vector<std::string> runs, runs_of(*places.quarantine));
  for (const std::string& run : runs) {
    const std::string path = places.quarantine->path() + "/" + run;
    FileDescriptor folder(
        openat(places.quarantine->root(), run.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder.valid() && errno == ENOENT) continue;
    if (!folder.valid()) return std::unexpected(tree_error(errno, "read the folder", path));
    ListingProof proof;
    QuarantineSink sink(run, use);
    FolderWalk walk({path, kPageObjects, &cancel}, proof);
    FLOTSAM_TRY(walk.walk(std::move(folder), {}, sink));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Restorer>> open_directory_restorer(const std::filesystem::path& root,
                                                          const std::optional<std::string>& quarantine,
                                                          const StoreContext& context,
                                                          const DirectoryRemovalOptions& options) {
  FLOTSAM_ASSIGN(auto lister, open_directory_store(root, context));
  std::string plain = root.native();
  while (plain.ends_with('/')) plain.pop_back();
  return std::make_unique<DirectoryRestorer>(std::move(plain), quarantine, std::move(lister), options);
}

}  // namespace flotsam
