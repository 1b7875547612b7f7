#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"
#include "store/directory/folder_entries.h"
#include "store/lister.h"

namespace flotsam {

/// Walks a folder to its depths and gives its files to a sink as objects, in the order of their keys. One
/// thread.
class FolderWalk {
 public:
  struct Options {
    std::string root;              ///< path for messages, without a slash at its end
    std::size_t page_objects = 0;  ///< > 0
    const Cancel* cancel = nullptr;
  };
  /// Counts go into `proof`, which outlives the walk.
  FolderWalk(Options options, ListingProof& proof) : options_(std::move(options)), proof_(proof) {}

  /// Lists the open folder, whose keys begin with `prefix` ("" or with a slash at its end).
  /// Errors: as open_directory_store(); interrupted; those of the sink.
  Result<void> walk(FileDescriptor folder, std::string_view prefix, RangeSink& sink);

 private:
  struct Frame {
    FileDescriptor fd;
    FolderEntries entries;
    std::size_t key_length = 0;  ///< of the folder's own key prefix
  };
  /// An object of the page, by places in arena_, which moves while it grows.
  struct Row {
    std::size_t key_offset, key_length, etag_length;
    std::uint64_t size_bytes;
    std::optional<Timestamp> time;
  };

  FolderPlace place() const { return {options_.root, key_}; }
  Result<void> enter(FileDescriptor folder);
  void leave();
  Result<void> take_folder(const FolderEntries::Next& entry);
  Result<void> take_file(const FolderEntries::Next& entry, RangeSink& sink);
  /// What stands where a file or folder stood a moment ago: counted, or an error.
  Result<void> take_changed(const FolderEntries::Next& entry, unsigned mode);
  Result<void> flush(RangeSink& sink);

  Options options_;
  ListingProof& proof_;
  std::vector<std::unique_ptr<Frame>> frames_;  ///< those beyond depth_ keep their memory for the next folder
  std::size_t depth_ = 0;
  std::string key_;  ///< of the folder on top
  std::string arena_;
  std::vector<Row> rows_;
  std::vector<ObjectView> page_;
};

}  // namespace flotsam
