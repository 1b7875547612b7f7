#pragma once

/// What a FakeS3 is made of: the bucket, what was asked of it, and the threads that answer. No test includes
/// this.

#include <mutex>
#include <set>
#include <thread>

#include "support/fake_s3_bucket.h"

namespace flotsam::test {

/// The requests number `from` up to `until` - 1 of an operation go wrong.
struct FaultRule {
  Operation operation = Operation::list;
  Fault fault = Fault::none;
  std::uint64_t from = 0, until = 0;
};

struct FakeS3::State {
  mutable std::recursive_mutex mutex;  ///< recursive: a callback may change the bucket
  FakeS3Settings settings;
  FakeBucket bucket;
  std::vector<FaultRule> faults;
  std::function<void(unsigned)> listing_callback;
  std::function<void(Operation, unsigned)> request_callback;
  std::string previous_page;
  std::uint64_t requests = 0, writes = 0, refused = 0, deletes = 0;
  std::map<Operation, std::uint64_t> counts;
  double tokens = 0;  ///< keys that may be written now
  std::chrono::steady_clock::time_point filled_at{};
  std::vector<std::string> lines;

  int listener = -1;
  int port = 0;
  bool stopping = false;
  std::set<int> connections;
  std::map<std::thread::id, std::thread> threads;
  std::vector<std::thread::id> ended;
  std::thread acceptor;

  // fake_s3_wire.cpp
  bool start();
  void stop();
  void accept_all();
  void serve(int fd);

  // fake_s3_dispatch.cpp; both with the mutex held
  WireAnswer answer(WireRequest& request);
  std::string now() const;

 private:
  WireAnswer dispatch(const WireRequest& request, const std::string& key);
  WireAnswer answer_setting(const WireRequest& request, const std::string& name);
  WireAnswer answer_list(const WireRequest& request);
  WireAnswer perform(const Exchange& exchange, Operation operation);
  std::optional<WireAnswer> limit(Operation operation, std::uint64_t keys);
  Fault count(Operation operation);
};

std::string http_date(std::chrono::system_clock::time_point moment);

}  // namespace flotsam::test
