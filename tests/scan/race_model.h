#pragma once

#include <string>
#include <vector>

namespace flotsam::test {

/// A small model of one uploader and one cleaner on one key in discrete time, searched exhaustively: every
/// interleaving of their steps and of the clock's ticks. It shows which parts of the order of a scan and an
/// apply are needed.
///
/// The uploader's row is committed at most kRowDelay ticks after its upload is complete, or never.
enum class Uploader { new_put, multipart, put_other, put_same, reuse, touch, row_back };

enum class Condition { none, etag, etag_and_time };

/// What a cleaner does. Times in ticks.
struct Cleaner {
  std::string name;
  bool listing_first = false;
  bool anchored = true;  ///< age counts back from the first read of the references, else from the listing
  int min_age = 3;
  int lag = 0;          ///< a read may show any of the last lag + 1 states
  bool reread = false;  ///< of the references, just before the deletion
  Condition condition = Condition::none;
  int quarantine = -1;  ///< ticks until the purge, which reads again; -1: deleted for good
  bool purges = true;
  bool repeats_delete = false;  ///< the answer is lost and the deletion is sent again
  int sightings = 1;            ///< 2: listed twice, unchanged, min_age apart
};

/// The worst that can happen: `dangling`: the row's bytes are in quarantine only; `loss`: nowhere.
enum class Outcome { safe, dangling, loss };

Outcome worst_of(const Cleaner& cleaner, Uploader uploader);

}  // namespace flotsam::test
