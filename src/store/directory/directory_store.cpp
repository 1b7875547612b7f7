#include "store/directory/directory_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <optional>

#include "base/bytes.h"
#include "base/file.h"
#include "store/directory/tree_walk.h"

namespace flotsam {
namespace {

class DirectoryStore final : public Lister {
 public:
  DirectoryStore(std::filesystem::path root, Clock& clock) : root_(std::move(root)), clock_(clock) {}
  Result<StoreFacts> facts() override;
  Result<ListingProof> list(const Scope& scope, const ListingOptions& options, ListingSink& sink) override;

 private:
  Result<FileDescriptor> open_root() const;
  Result<std::optional<FileDescriptor>> open_prefix(std::string_view prefix) const;
  std::filesystem::path root_;
  Clock& clock_;
};

Result<FileDescriptor> DirectoryStore::open_root() const {
  FileDescriptor root(open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (root.valid()) return root;
  const int error_number = errno;
  Error error = error_of_errno(error_number, "open the store's folder", root_);
  if (error_number == ENOTDIR) error.message = fmt::format("{} is not a folder", in_quotes(root_.native()));
  error.hint = "Look at [store] url.";
  return std::unexpected(std::move(error));
}

Result<StoreFacts> DirectoryStore::facts() {
  FLOTSAM_ASSIGN(const FileDescriptor root, open_root());
  struct stat status {};
  if (fstat(root.get(), &status) != 0) return std::unexpected(error_of_errno(errno, "look at", root_));
  StoreFacts facts;
  facts.clock = clock_.now();
  facts.local_clock = facts.clock;
  facts.versioning = Versioning::none;
  facts.lifecycle.emplace();
  facts.identity = fmt::format("directory:{:x}:{:x}", status.st_dev, status.st_ino);
  return facts;
}

/// The folder of a prefix, or nothing where it does not exist. Names that no folder can have are never given to the
/// system: "..", "." and "" would lead somewhere else.
Result<std::optional<FileDescriptor>> DirectoryStore::open_prefix(std::string_view prefix) const {
  FLOTSAM_ASSIGN(FileDescriptor folder, open_root());
  for (std::size_t start = 0; start < prefix.size();) {
    const std::size_t slash = prefix.find('/', start);
    const std::string name(prefix.substr(start, slash - start));
    if (name.empty() || name == "." || name == ".." || name.find('\0') != std::string::npos) return std::nullopt;
    FileDescriptor next(openat(folder.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next.valid()) {
      const int error_number = errno;
      struct stat status {};
      const bool exists = fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
      if (exists && S_ISLNK(status.st_mode))
        return fail(ErrorCode::refused,
                    fmt::format("the prefix {} leads through the symbolic link {}, and links are never followed",
                                in_quotes(prefix), in_quotes(prefix.substr(0, slash))),
                    "Name the folder that it points to, if it lies in the store.");
      if (error_number == ENOENT || error_number == ENOTDIR) return std::nullopt;
      return std::unexpected(error_of_errno(error_number, "open the folder", root_ / prefix.substr(0, slash)));
    }
    folder = std::move(next);
    start = slash + 1;
  }
  return folder;
}

Result<ListingProof> DirectoryStore::list(const Scope& scope, const ListingOptions& options, ListingSink& sink) {
  ListingProof proof;
  proof.started_at = clock_.now();
  for (const std::string& prefix : scope.prefixes()) {
    RangeSink& range = sink.open_range(KeyView(prefix));
    FLOTSAM_ASSIGN(auto folder, open_prefix(prefix));
    if (!folder) continue;
    DirectoryPage page(range);
    TreeWalk walk(page, proof, options.cancel);
    if (auto walked = walk.walk(std::move(*folder), prefix); !walked)
      return fail(walked.error(), fmt::format("while listing {}", in_quotes(root_.native() + "/" + prefix)));
    proof.objects += page.objects();
  }
  proof.finished_at = clock_.now();
  return proof;
}

}  // namespace

std::unique_ptr<Lister> open_directory_store(const std::filesystem::path& root, const StoreContext& context) {
  return std::make_unique<DirectoryStore>(root, *context.clock);
}

}  // namespace flotsam
