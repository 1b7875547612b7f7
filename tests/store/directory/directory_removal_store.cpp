// The directory in the contract of removal. Its own paths go through open(2) and the like alone.

#include "store/directory/directory_removal_store.h"

#include <algorithm>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/file.h"
#include "store/directory/keyed_tree.h"

namespace flotsam::test {
namespace {

void collect(const std::string& folder, const std::string& prefix, std::vector<std::string>& keys) {
  DIR* const listing = opendir(folder.c_str());
  ASSERT_NE(listing, nullptr) << folder;
  while (const dirent* entry = readdir(listing)) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat status;
    ASSERT_EQ(lstat((folder + "/" + name).c_str(), &status), 0);
    if (S_ISDIR(status.st_mode))
      collect(folder + "/" + name, prefix + name + "/", keys);
    else
      keys.push_back(prefix + name);
  }
  closedir(listing);
}

bool write_file(const std::string& path, const std::string& bytes, unsigned mode) {
  const FileDescriptor fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode));
  return fd.valid() && write_all(fd.get(), bytes, path).has_value();
}

}  // namespace

bool DirectoryRemovalStore::put(const std::string& key, const std::string& bytes) {
  if (!can_be_key(KeyView(key))) return false;
  for (std::size_t at = key.find('/'); at != std::string::npos; at = key.find('/', at + 1))
    mkdir(tree_.path(key.substr(0, at)).c_str(), 0755);
  struct stat status;
  const std::string path = tree_.path(key);
  if (lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return false;
  // As programs that upload do: a new file, then renamed onto its name.
  const std::string temporary = tree_.root() + ".new";
  return write_file(temporary, bytes, 0644) && rename(temporary.c_str(), path.c_str()) == 0;
}

bool DirectoryRemovalStore::put_rich(const std::string& key, const std::string& bytes) {
  if (!put(key, bytes)) return false;
  const timespec times[2] = {{1'000'000'000, 1}, {1'100'000'000, 987'654'321}};
  return chmod(tree_.path(key).c_str(), 0614) == 0 &&
         utimensat(AT_FDCWD, tree_.path(key).c_str(), times, AT_SYMLINK_NOFOLLOW) == 0;
}

std::string DirectoryRemovalStore::properties_of(const std::string& key) {
  struct stat status;
  if (lstat(tree_.path(key).c_str(), &status) != 0) return "(none)";
  return fmt::format("mode {:o}, owner {}:{}, written {}.{:09}", status.st_mode, status.st_uid, status.st_gid,
                     status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

void DirectoryRemovalStore::erase(const std::string& key) {
  EXPECT_EQ(unlink(tree_.path(key).c_str()), 0) << key;
}

std::optional<std::string> DirectoryRemovalStore::bytes_of(const std::string& key) {
  struct stat status;
  if (!can_be_key(KeyView(key)) || lstat(tree_.path(key).c_str(), &status) != 0 || !S_ISREG(status.st_mode))
    return std::nullopt;
  const auto bytes = read_file(tree_.path(key));
  return bytes ? std::optional(*bytes) : std::nullopt;
}

std::vector<std::string> DirectoryRemovalStore::keys() {
  std::vector<std::string> keys;
  collect(tree_.root(), {}, keys);
  std::sort(keys.begin(), keys.end());
  return keys;
}

void DirectoryRemovalStore::spoil_quarantined(const std::string& run_id, const std::string& key,
                                              const std::string& bytes) {
  EXPECT_TRUE(write_file(quarantine() + run_id + "/" + key, bytes, 0644)) << key;
}

Result<std::unique_ptr<Lister>> DirectoryRemovalStore::open_lister() {
  return open_directory_store(tree_.root(), context());
}
Result<std::unique_ptr<Remover>> DirectoryRemovalStore::open_remover() {
  return open_directory_remover(tree_.root(), quarantine(), context(), options);
}
Result<std::unique_ptr<Restorer>> DirectoryRemovalStore::open_restorer() {
  return open_directory_restorer(tree_.root(), quarantine(), context(), options);
}

namespace {

Result<std::unique_ptr<RemovalStore>> make_directory() {
  return std::make_unique<DirectoryRemovalStore>();
}
/// On a file system that cannot be told to replace nothing.
Result<std::unique_ptr<RemovalStore>> make_plain_renames() {
  auto store = std::make_unique<DirectoryRemovalStore>();
  store->options.has_noreplace = false;
  return store;
}

INSTANTIATE_TEST_SUITE_P(
    Directory, RemovalContract,
    testing::Values(
        RemovalImplementation{"Quarantine", DeleteMethod::quarantine, make_directory},
        RemovalImplementation{"Permanent", DeleteMethod::permanent, make_directory},
        RemovalImplementation{"QuarantineByPlainRenames", DeleteMethod::quarantine, make_plain_renames},
        RemovalImplementation{"PermanentByPlainRenames", DeleteMethod::permanent, make_plain_renames}),
    name_of_removal);

}  // namespace
}  // namespace flotsam::test
