#pragma once

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/collecting_sink.h"
#include "store/s3/s3_store.h"
#include "store/store_contract.h"
#include "support/fake_s3.h"

namespace flotsam::test {

/// Keeps what was logged. Thread-safe.
class RecordingLog final : public Log {
 public:
  void write(LogLevel level, std::string_view line) override {
    const std::lock_guard lock(mutex_);
    if (level != LogLevel::debug) text_ += std::string(line) + "\n";
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

/// A fake S3 with twenty objects below "p/" in four folders, and others beside it.
class S3Fixture : public testing::Test {
 protected:
  S3Fixture() {
    for (int i = 0; i < 20; ++i) keys_.push_back(fmt::format("p/{}/{:02}.webp", i / 5, i));
    s3_.put_all(keys_);
    s3_.put_all({"o/1", "p", "p0", "q/1"});
  }
  ~S3Fixture() override {
    EXPECT_EQ(s3_.writes(), 0U) << "a Lister only reads";
    for (const std::string& line : s3_.request_lines()) EXPECT_TRUE(line.starts_with("GET /")) << line;
  }

  Result<std::unique_ptr<Lister>> open(const StoreOptions& options, const S3Tuning& tuning) {
    environment_ = s3_.environment();
    return open_s3_store(options, {&environment_, &clock_, &log_}, tuning);
  }
  /// Five keys a page, and split wherever there is a cut.
  std::unique_ptr<Lister> open() {
    return *open(s3_.options(), {.page_keys = 5, .empty_pages_max = 50, .range_pages_min = 0});
  }

  struct Listed {
    Result<ListingProof> proof;
    std::vector<std::string> keys;
    std::vector<Object> objects;
    std::size_t ranges = 0;
  };
  Listed list(Lister& lister, unsigned connections, std::vector<std::string> cuts = {}) {
    CollectingSink sink;
    auto proof = lister.list(*Scope::of_prefixes({"p/"}),
                             {.connections = connections, .cut_points = std::move(cuts)}, sink);
    return {std::move(proof), sink.keys(), sink.objects(), sink.range_count()};
  }

  FakeS3 s3_;
  std::vector<std::string> keys_;
  Environment environment_;
  WakefulClock clock_;
  RecordingLog log_;
};

}  // namespace flotsam::test
