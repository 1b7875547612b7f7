#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/error.h"
#include "base/file.h"
#include "store/lister.h"

namespace flotsam {

/// Objects on their way to a sink: an arena of bytes and views into it, built when the page is full.
class DirectoryPage {
 public:
  explicit DirectoryPage(RangeSink& sink) : sink_(sink) {}
  Result<void> add(std::string_view folder, std::string_view name, std::uint64_t size_bytes, Timestamp last_modified,
                   std::string_view etag);
  Result<void> flush();
  std::uint64_t objects() const { return objects_; }

 private:
  struct Entry {
    std::size_t key_at, key_size, etag_size;  ///< the etag follows its key
    std::uint64_t size_bytes;
    Timestamp last_modified;
  };
  RangeSink& sink_;
  std::string arena_;
  std::vector<Entry> entries_;
  std::vector<ObjectView> views_;
  std::uint64_t objects_ = 0;
};

/// Walks everything below one open folder in byte order of the full keys, every step by descriptor and without following
/// links, and counts what it skips in `proof`.
class TreeWalk {
 public:
  TreeWalk(DirectoryPage& page, ListingProof& proof, const Cancel* cancel)
      : page_(page), proof_(proof), cancel_(cancel) {}
  /// `prefix` is the key of the folder, "" for the root, else with its trailing "/".
  Result<void> walk(FileDescriptor folder, std::string_view prefix);

 private:
  struct Frame;
  Result<void> enter(std::vector<Frame>& frames, FileDescriptor folder, std::string_view name);
  Result<void> visit_file(const Frame& frame, const char* name);
  Result<void> visit_folder(std::vector<Frame>& frames, const std::string& name);
  DirectoryPage& page_;
  ListingProof& proof_;
  const Cancel* cancel_;
  std::string prefix_;  ///< of the folder at hand
};

}  // namespace flotsam
