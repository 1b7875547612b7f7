#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "base/time.h"
#include "store/lister.h"
#include "store/open.h"

namespace flotsam::test {

/// A clock that is right but never sleeps, so that retries cost no time. Thread-safe.
class WakefulClock final : public Clock {
 public:
  Timestamp now() const override { return SystemClock().now(); }
  std::chrono::nanoseconds monotonic() const override { return SystemClock().monotonic(); }
  void sleep_for(std::chrono::nanoseconds /*duration*/) override {}
};

/// An empty store of one implementation that the contract fills and lists.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  /// Stores an object of so many bytes. False where this store cannot hold the key.
  virtual bool put(const std::string& key, std::size_t size) = 0;
  /// A lister that asks for so many keys a page, where it has pages.
  virtual Result<std::unique_ptr<Lister>> open(unsigned page_keys) = 0;
  /// A lister for a store that does not exist.
  virtual Result<std::unique_ptr<Lister>> open_missing() = 0;
  /// Requests seen that could change the store, where they can be counted.
  virtual std::uint64_t writes() const { return 0; }

 protected:
  WakefulClock clock_;
  NullLog log_;
};

/// One implementation by name. A new one is one more row in store_contract_stores.cpp.
struct StoreImplementation {
  const char* name;
  /// Errors: the server that it needs does not start: the test fails.
  Result<std::unique_ptr<StoreUnderTest>> (*make)();
};
inline void PrintTo(const StoreImplementation& implementation, std::ostream* out) {
  *out << implementation.name;
}

/// The fake S3, the Ceph gateway and a directory; or, where FLOTSAM_TEST_S3_ENDPOINT names a server, that one
/// alone.
std::vector<StoreImplementation> store_implementations();

}  // namespace flotsam::test
