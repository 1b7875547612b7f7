#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace flotsam {

/// A file that only grows, in whole lines. One writer.
class AppendLog {
 public:
  virtual ~AppendLog() = default;
  /// Adds one line (without its break, which it must not hold). It may be lost until sync() has returned.
  virtual Result<void> append(std::string_view line) = 0;
  /// Everything appended is on stable storage when this returns (a disk: fsync of the file, and of its folder
  /// the first time; S3: one numbered segment, created only if absent). After an error nothing more may be
  /// appended: what of the last lines stands is told by reading again.
  virtual Result<void> sync() = 0;
};

/// Where flotsam keeps what must outlive a run: plans, journals, history, locks, probes. Names are relative,
/// with "/" between parts ("journals/ID.ndjson"), of letters, digits, ".", "-" and "_". Implementations: a
/// folder (base/disk_state.h), a prefix of a bucket (store/s3/). One contract suite holds both
/// (tests/support/state_contract.h).
///
/// Threads: any. Errors: unavailable, permission_denied, corrupt; a missing entry is no error.
class State {
 public:
  struct Entry {
    std::string bytes;
    std::string tag;  ///< what replace() and remove() compare: an etag, or a digest of the bytes
  };
  virtual ~State() = default;

  /// The whole entry, or nothing where there is none. `refused` where it is larger than `limit_bytes`.
  virtual Result<std::optional<Entry>> read(const std::string& name,
                                            std::uint64_t limit_bytes = 64U << 20U) = 0;
  /// Makes the entry durable, only if there is none. False: there is one.
  virtual Result<bool> create(const std::string& name, std::string_view bytes) = 0;
  /// Replaces the entry, only if it still is the one with this tag. False: it is not, or is gone.
  virtual Result<bool> replace(const std::string& name, std::string_view bytes, const std::string& tag) = 0;
  /// Writes the entry whatever stood there; whole or not at all.
  virtual Result<void> put(const std::string& name, std::string_view bytes) = 0;
  /// Removes the entry, only if it still is the one with this tag. False: it is not, or is gone.
  virtual Result<bool> remove(const std::string& name, const std::string& tag) = 0;
  /// The names of all entries and logs below a folder ("journals"), sorted; none where there is no such
  /// folder.
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;

  /// Opens a log to append to; begins it where there is none. What a crash tore off at its end is cut off
  /// first. Errors: refused where another writer has it open (told on a disk by a file lock; on S3 the next
  /// segment's number is taken).
  virtual Result<std::unique_ptr<AppendLog>> open_log(const std::string& name) = 0;
  /// Gives every whole line of a log; a last line without its break (torn by a crash) is not given. False:
  /// there is no such log.
  virtual Result<bool> read_log(const std::string& name,
                                const std::function<Result<void>(std::string_view line)>& use) = 0;

  /// Brings an entry of any size to a local file that readers may open (a disk: the entry's own path; S3: a
  /// temporary copy, removed with `this`), or nothing.
  virtual Result<std::optional<std::filesystem::path>> local_copy(const std::string& name) = 0;
  /// Puts a finished local file in as an entry, whatever stood there; whole or not at all. The local file
  /// stays or is moved.
  virtual Result<void> take_file(const std::string& name, const std::filesystem::path& local) = 0;

  /// The entry's place for a person and for results: an absolute path, or
  /// "s3://bucket/.flotsam-state/journals/ID.ndjson".
  virtual std::string place_of(const std::string& name) const = 0;
  /// The name of the entry that such a place names, or nothing where it is outside this state.
  virtual std::optional<std::string> name_of(const std::string& place) const = 0;
};

}  // namespace flotsam
