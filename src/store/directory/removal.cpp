#include "store/directory/removal.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/bytes.h"
#include "model/scope.h"

namespace flotsam {
namespace {

using Kind = KeyedTree::Standing::Kind;
using Way = KeyedTree::Folder::Way;

RemoveOutcome failed(std::string code, std::string message) {
  RemoveOutcome outcome = outcome_of(RemoveResult::failed);
  outcome.code = std::move(code);
  outcome.message = std::move(message);
  return outcome;
}

RemoveOutcome failed_by_errno(int error_number, std::string_view action, const std::string& path) {
  RemoveOutcome outcome = failed_by(tree_error(error_number, action, path));
  outcome.retryable = is_passing(error_number);
  return outcome;
}

RemoveOutcome not_known(const Error& error) {
  RemoveOutcome outcome = failed_by(error);
  outcome.result = RemoveResult::unknown;
  return outcome;
}

RemoveOutcome still_standing(const std::string& path) {
  RemoveOutcome outcome = failed("NotRemoved", fmt::format("{} still stands unchanged", in_quotes(path)));
  outcome.retryable = true;
  return outcome;
}

bool is_same_inode(const struct stat& one, const struct stat& other) {
  return one.st_ino == other.st_ino && one.st_dev == other.st_dev;
}

}  // namespace

RemoveOutcome outcome_of(RemoveResult result) {
  RemoveOutcome outcome;
  outcome.result = result;
  return outcome;
}

RemoveOutcome failed_by(const Error& error) {
  return failed(error.service_code.empty() ? "IOError" : error.service_code, error.message);
}

bool PutBack::is_planned(const struct stat& status, const Object& planned) const {
  if (is_object(status, planned)) return true;
  const auto found = etags_.find(planned.key.bytes());
  return found != etags_.end() && S_ISREG(status.st_mode) && found->second.first == planned.etag &&
         found->second.second == object_of_file(planned.key, status).etag;
}

RemoveOutcome Removal::remove(const Object& object) {
  const KeyView key = object.key.view();
  if (is_own(key))
    return failed("OutOfScope", fmt::format("{} is flotsam's own and in no scope", in_quotes(key.bytes())));
  auto standing = trees_.store->look(key);
  if (!standing) return failed_by(standing.error());
  if (standing->kind == Kind::nothing) return outcome_of(RemoveResult::gone);
  if (standing->kind == Kind::other || !put_back_.is_planned(standing->status, object))
    return outcome_of(RemoveResult::changed);
  return take(object, *standing);
}

RemoveOutcome Removal::take(const Object& object, const KeyedTree::Standing& standing) {
  const KeyView key = object.key.view();
  const KeyedTree::Folder& from = standing.folder;
  auto to = trees_.shelf->make_folder_of(key, *trees_.store, KeyedTree::Modes::readable, syncs_);
  if (!to) return failed_by(to.error());
  options_.step("move", key);
  const std::string path = trees_.store->path_of(key), aside = trees_.shelf->path_of(key);
  switch (const int error = moves_.aside(from.fd.get(), from.name, to->fd.get())) {
    case 0:
      return verify(object, from, *to);
    case EEXIST:
      return failed("QuarantineOccupied", fmt::format("{} is taken already, so that {} was left where it is",
                                                      in_quotes(aside), in_quotes(path)));
    case EXDEV:
      return failed("CrossDevice",
                    fmt::format("{} is on another file system or mount than {}, and objects are only "
                                "renamed: it was left where it is",
                                in_quotes(path), in_quotes(trees_.shelf->path())));
    case EIO:
      return not_known(tree_error(error, "move", path));
    case ENOENT: {
      const auto now = trees_.store->look(key);
      if (now && now->kind == Kind::nothing) return outcome_of(RemoveResult::gone);
      RemoveOutcome outcome = failed_by_errno(error, "move", path);
      outcome.retryable = true;
      return outcome;
    }
    default:
      return failed_by_errno(error, "move", path);
  }
}

RemoveOutcome Removal::verify(const Object& object, const KeyedTree::Folder& from,
                              const KeyedTree::Folder& to) {
  const KeyView key = object.key.view();
  options_.step("verify", key);
  struct stat moved;
  if (fstatat(to.fd.get(), to.name.c_str(), &moved, AT_SYMLINK_NOFOLLOW) != 0)
    return not_known(tree_error(errno, "look at", trees_.shelf->path_of(key)));
  // Its ctime is that of the move: what is compared lasts through one.
  if (!is_moved_file(moved, object.etag))
    return put_back(object, to, from, outcome_of(RemoveResult::changed));
  // A folder that was moved away meanwhile took the object to another key, perhaps out of the store.
  const auto still = is_still_the_way(key, from.fd.get());
  if (!still) return put_back(object, to, from, failed_by(still.error()));
  if (!*still) return put_back(object, to, from, outcome_of(RemoveResult::changed));
  if (is_permanent_) {
    options_.step("unlink", key);
    if (unlinkat(to.fd.get(), to.name.c_str(), 0) != 0)
      return put_back(object, to, from, failed_by_errno(errno, "delete", trees_.shelf->path_of(key)));
  }
  return synced(outcome_of(RemoveResult::removed), to, from);
}

Result<bool> Removal::is_still_the_way(KeyView key, int folder) const {
  FLOTSAM_ASSIGN(const KeyedTree::Folder now, trees_.store->folder_of(key));
  if (now.way != Way::open) return false;
  struct stat one, other;
  if (fstat(folder, &one) != 0 || fstat(now.fd.get(), &other) != 0)
    return std::unexpected(tree_error(errno, "look at", trees_.store->path_of(key)));
  return is_same_inode(one, other);
}

RemoveOutcome Removal::put_back(const Object& object, const KeyedTree::Folder& shelf,
                                const KeyedTree::Folder& store, RemoveOutcome otherwise) {
  const std::string aside = trees_.shelf->path_of(object.key.view());
  const int error = moves_.back(shelf.fd.get(), shelf.name, store.fd.get());
  if (error != 0) {
    RemoveOutcome outcome =
        failed("LeftAside",
               fmt::format("what stood under the key lies in {} and could not be put back ({}): look at "
                           "both and move by hand what is wanted",
                           in_quotes(aside),
                           error == EEXIST ? "something else stands there now" : strerrordesc_np(error)));
    return synced(outcome, shelf, store);
  }
  struct stat now;
  if (fstatat(store.fd.get(), store.name.c_str(), &now, AT_SYMLINK_NOFOLLOW) == 0 &&
      is_moved_file(now, object.etag))
    put_back_.add(object, now);
  return synced(std::move(otherwise), store, shelf);
}

RemoveOutcome Removal::synced(RemoveOutcome outcome, const KeyedTree::Folder& one,
                              const KeyedTree::Folder& other) {
  for (const int fd : {one.fd.get(), other.fd.get()})
    if (const auto added = syncs_.add(fd); !added) return not_known(added.error());
  return outcome;
}

RemoveOutcome Removal::reconcile(const Object& object) {
  const KeyView key = object.key.view();
  if (is_own(key))
    return failed("OutOfScope", fmt::format("{} is flotsam's own and in no scope", in_quotes(key.bytes())));
  auto here = trees_.store->look(key);
  if (!here) return not_known(here.error());
  const std::string path = trees_.store->path_of(key);
  if (trees_.shelf_error != nullptr) {
    const bool is_planned = here->kind == Kind::file && put_back_.is_planned(here->status, object);
    return is_planned ? still_standing(path) : not_known(*trees_.shelf_error);
  }
  KeyedTree::Standing aside;
  if (trees_.shelf != nullptr) {
    auto looked = trees_.shelf->look(key);
    if (!looked) return not_known(looked.error());
    aside = *std::move(looked);
  }
  if (here->kind == Kind::nothing) return reconcile_absent(object, aside);
  if (here->kind == Kind::file && aside.kind == Kind::file && is_same_inode(here->status, aside.status))
    return finish_two_names(object, *here, aside);
  if (here->kind == Kind::file && put_back_.is_planned(here->status, object)) return still_standing(path);
  if (aside.kind != Kind::file || !is_moved_file(aside.status, object.etag))
    return outcome_of(RemoveResult::changed);
  // The planned object was taken, and something newer was written since.
  if (!is_permanent_) return synced(outcome_of(RemoveResult::removed), aside.folder, aside.folder);
  return failed("LeftAside",
                fmt::format("the object lies in {}, and something newer stands at {}: delete it by hand",
                            in_quotes(trees_.shelf->path_of(key)), in_quotes(path)));
}

RemoveOutcome Removal::reconcile_absent(const Object& object, const KeyedTree::Standing& aside) {
  const KeyView key = object.key.view();
  if (aside.kind == Kind::nothing)
    return outcome_of(is_permanent_ ? RemoveResult::removed : RemoveResult::gone);
  const bool is_planned = aside.kind == Kind::file && is_moved_file(aside.status, object.etag);
  if (is_planned && !is_permanent_) {
    // Said to last, so it must: the crash may have come before the folders were synced.
    const auto from = trees_.store->folder_of(key);
    if (!from) return not_known(from.error());
    const int other = from->way == Way::open ? from->fd.get() : aside.folder.fd.get();
    for (const int fd : {aside.folder.fd.get(), other})
      if (const auto added = syncs_.add(fd); !added) return not_known(added.error());
    return outcome_of(RemoveResult::removed);
  }
  // The crash came between move and verification (or deletion): as if it had not been touched.
  auto to = trees_.store->make_folder_of(key, *trees_.shelf, KeyedTree::Modes::as_twin, syncs_);
  if (!to) return not_known(to.error());
  return put_back(
      object, aside.folder, *to,
      is_planned ? still_standing(trees_.store->path_of(key)) : outcome_of(RemoveResult::changed));
}

RemoveOutcome Removal::finish_two_names(const Object& object, const KeyedTree::Standing& here,
                                        const KeyedTree::Standing& aside) {
  const std::string path = trees_.store->path_of(object.key.view());
  if (unlinkat(aside.folder.fd.get(), aside.folder.name.c_str(), 0) != 0)
    return not_known(tree_error(errno, "remove the second name of", path));
  struct stat now;
  if (fstatat(here.folder.fd.get(), here.folder.name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0)
    return not_known(tree_error(errno, "look at", path));
  if (!is_moved_file(now, object.etag))
    return synced(outcome_of(RemoveResult::changed), here.folder, aside.folder);
  put_back_.add(object, now);
  return synced(still_standing(path), here.folder, aside.folder);
}

}  // namespace flotsam
