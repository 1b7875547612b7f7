#include "store/directory/directory_probe.h"

#include <cerrno>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <set>
#include <unistd.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "store/directory/own_folders.h"

namespace flotsam {
namespace {

using Way = KeyedTree::Folder::Way;

/// The folder of one probe, removed with all that the probe may have put into it.
class ProbeFolder {
 public:
  static Result<ProbeFolder> make(KeyedTree::Folder parent, const std::string& parents_path) {
    ProbeFolder made;
    made.path_ = parents_path + "/" + parent.name;
    made.parent_ = std::move(parent);
    if (mkdirat(made.parent_.fd.get(), made.parent_.name.c_str(), 0700) != 0)
      return std::unexpected(tree_error(errno, "make the folder", made.path_));
    made.folder_ = FileDescriptor(openat(made.parent_.fd.get(), made.parent_.name.c_str(),
                                         O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (made.folder_.valid()) return made;
    return std::unexpected(tree_error(errno, "open the folder", made.path_));
  }

  int fd() const { return folder_.get(); }
  std::string path_of(std::string_view name) const { return fmt::format("{}/{}", path_, name); }

  /// 0, or the errno.
  int create(const std::string& name) const {
    const FileDescriptor file(
        openat(fd(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    return file.valid() ? 0 : errno;
  }

  /// The names in it, as the file system lists them.
  Result<std::set<std::string>> names() const {
    const int copy = openat(fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* const listing = copy < 0 ? nullptr : fdopendir(copy);
    if (listing == nullptr) {
      const int error = errno;
      if (copy >= 0) close(copy);
      return std::unexpected(tree_error(error, "read the folder", path_));
    }
    std::set<std::string> names;
    errno = 0;
    while (const dirent* entry = readdir(listing))
      if (const std::string name = entry->d_name; name != "." && name != "..") names.insert(name);
    const int error = errno;
    closedir(listing);
    if (error != 0) return std::unexpected(tree_error(error, "read the folder", path_));
    return names;
  }

  /// Removes the folder and every name in it.
  Result<void> remove() const {
    FLOTSAM_ASSIGN(const std::set<std::string> left, names());
    for (const std::string& name : left)
      if (unlinkat(fd(), name.c_str(), 0) != 0 && errno != ENOENT)
        return std::unexpected(tree_error(errno, "remove", path_of(name)));
    if (unlinkat(parent_.fd.get(), parent_.name.c_str(), AT_REMOVEDIR) != 0)
      return std::unexpected(tree_error(errno, "remove the folder", path_));
    return {};
  }
  const std::string& path() const { return path_; }

 private:
  KeyedTree::Folder parent_;  ///< name: the probe's own
  FileDescriptor folder_;
  std::string path_;
};

Result<void> probe_creation(const ProbeFolder& folder, ProbeFindings& findings) {
  if (const int error = folder.create("taken"); error != 0)
    return std::unexpected(tree_error(error, "write", folder.path_of("taken")));
  const bool again = folder.create("taken") == EEXIST;
  findings.steps.push_back({"create a name that is taken", again ? "refused" : "not refused"});
  if (const int error = folder.create("other"); error != 0)
    return std::unexpected(tree_error(error, "write", folder.path_of("other")));
  const int linked = linkat(folder.fd(), "other", folder.fd(), "taken", 0) == 0 ? 0 : errno;
  findings.steps.push_back({"link to a name that is taken",
                            linked == 0        ? "not refused"
                            : linked == EEXIST ? "refused"
                                               : fmt::format("not possible: {}", strerrordesc_np(linked))});
  // Without links at all there is still the rename below.
  findings.create_if_absent = again && linked != 0;
  return {};
}

void probe_renames(const ProbeFolder& folder, ProbeFindings& findings) {
  const auto rename_to = [&](const char* name) {
    return renameat2(folder.fd(), "other", folder.fd(), name, RENAME_NOREPLACE) == 0 ? 0 : errno;
  };
  const int onto_taken = rename_to("taken");
  const int onto_free = onto_taken == 0 ? 0 : rename_to("free");
  findings.steps.push_back({"rename, replacing nothing, to a name that is taken",
                            onto_taken == EEXIST ? "refused"
                            : onto_taken == 0
                                ? "not refused"
                                : fmt::format("not possible: {}", strerrordesc_np(onto_taken))});
  findings.steps.push_back({"rename, replacing nothing, to a free name",
                            onto_taken == 0  ? "not tried"
                            : onto_free == 0 ? "renamed"
                                             : fmt::format("not possible: {}", strerrordesc_np(onto_free))});
  if (onto_taken == 0) findings.create_if_absent = false;
}

Result<void> probe_names(const ProbeFolder& folder, const std::vector<std::string>& names,
                         ProbeFindings& findings) {
  bool all = true;
  for (const std::string& name : names) {
    const int error = folder.create(name);
    if (error != 0 && error != EEXIST && error != EILSEQ && error != EINVAL)
      return std::unexpected(tree_error(error, "write", folder.path_of(name)));
    all = all && error == 0;
  }
  FLOTSAM_ASSIGN(const auto listed, folder.names());
  for (const std::string& name : names) all = all && listed.contains(name);
  findings.distinct_keys = all;
  findings.steps.push_back(
      {"names that differ in case or in the form of an accent",
       all ? "are names of their own" : "are not told apart, or not kept byte for byte"});
  return {};
}

Result<void> probe_in(const ProbeFolder& folder, const std::vector<std::string>& names,
                      ProbeFindings& findings, const Cancel& cancel) {
  FLOTSAM_TRY(probe_creation(folder, findings));
  FLOTSAM_TRY(cancel.check());
  probe_renames(folder, findings);
  return probe_names(folder, names, findings);
}

/// The open folder below which the probe goes: that of the prefix, or the nearest above.
Result<KeyedTree::Folder> parent_of(const KeyedTree& store, std::string prefix, const std::string& name,
                                    std::string& path) {
  for (;;) {
    FLOTSAM_ASSIGN(KeyedTree::Folder folder, store.folder_of(KeyView(prefix + name)));
    if (folder.way == Way::open) {
      path = prefix.empty() ? store.path() : store.path_of(KeyView(prefix.substr(0, prefix.size() - 1)));
      return folder;
    }
    if (folder.way == Way::link)
      return fail(ErrorCode::refused,
                  fmt::format("the prefix {} leads through a symbolic link, and links are never followed",
                              in_quotes(prefix)),
                  "Name the folder behind the link as the store, or mount it in the link's place.");
    const std::size_t slash = prefix.size() < 2 ? std::string::npos : prefix.rfind('/', prefix.size() - 2);
    prefix = slash == std::string::npos ? std::string() : prefix.substr(0, slash + 1);
  }
}

}  // namespace

std::vector<std::string> names_to_tell_apart() {
  return {"a", "A", "\xC3\xA9", "e\xCC\x81"};
}

Result<ProbeFindings> probe_directory(const std::filesystem::path& root, const std::string& prefix,
                                      const Cancel& cancel, const std::vector<std::string>& names) {
  FLOTSAM_TRY(cancel.check());
  std::string plain = root.native();
  while (plain.ends_with('/')) plain.pop_back();
  FLOTSAM_ASSIGN(const KeyedTree store, open_root_tree(plain));
  std::string path;
  FLOTSAM_ASSIGN(KeyedTree::Folder parent, parent_of(store, prefix, ".flotsam-probe-" + random_hex(8), path));
  FLOTSAM_ASSIGN(const ProbeFolder folder, ProbeFolder::make(std::move(parent), path));
  ProbeFindings findings;
  findings.replace_if_match = false;
  findings.versions_kept = false;
  auto probed = probe_in(folder, names, findings, cancel);
  const auto removed = folder.remove();
  if (!removed) {
    Error error = probed ? removed.error() : std::move(probed).error();
    error.message += fmt::format("; the folder {} was left behind", in_quotes(folder.path()));
    return fail(std::move(error), "while probing the directory");
  }
  if (!probed) return fail(std::move(probed).error(), "while probing the directory");
  findings.steps.push_back({"remove what was written", "removed"});
  return findings;
}

}  // namespace flotsam
