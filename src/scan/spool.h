#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "model/object.h"
#include "model/verdict.h"

namespace flotsam {

/// Keeps judged objects outside memory: one part a range, each in key order, in memory until it has grown and
/// then in one unlinked file that all parts share. Peak memory does not grow with the number of objects.
class Spool {
 public:
  struct Record {
    ObjectView object;
    Verdict verdict = Verdict::orphan;
    bool disposable = false;
  };

  /// One range's records. One thread at a time; parts of one spool from several threads.
  class Part {
   public:
    explicit Part(Spool& spool) : spool_(spool) {}
    /// Errors: unavailable (a full disk). Afterwards the spool is of no use.
    Result<void> add(const Record& record);

   private:
    friend class Spool;
    struct Extent {
      std::uint64_t offset = 0;
      std::uint64_t size = 0;
    };
    Spool& spool_;
    std::string buffer_;
    std::vector<Extent> extents_;
    std::uint64_t records_ = 0;
  };

  /// memory_bytes: what all parts together may keep before they write.
  Spool(std::filesystem::path folder, std::uint64_t memory_bytes)
      : folder_(std::move(folder)), memory_bytes_(memory_bytes) {}
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  Part& open_part();
  /// The parts in key order. No part may be added to afterwards.
  void seal(std::vector<Part*> order);

  /// Every record, in key order. Callable from several threads once sealed.
  Result<void> for_each(const std::function<Result<void>(const Record&)>& use) const;
  /// The same, and what `use` makes of the record's verdict stays. One thread, no for_each() beside it.
  Result<void> revise(const std::function<Result<void>(Record&)>& use);

 private:
  Result<void> flush(Part& part);
  Result<void> visit(const std::function<Result<bool>(std::string& block)>& use, bool write_back) const;

  std::filesystem::path folder_;
  std::uint64_t memory_bytes_;
  std::atomic<std::uint64_t> buffered_{0};
  std::atomic<std::uint64_t> file_end_{0};
  std::mutex mutex_;
  FileDescriptor file_;
  std::deque<Part> parts_;
  std::vector<Part*> order_;
};

}  // namespace flotsam
