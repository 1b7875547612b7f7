#pragma once

#include <string>
#include <vector>

namespace flotsam::test {

/// A small model of one application and one cleaner on one key in discrete time, searched exhaustively: every
/// interleaving of their steps and of the clock's ticks. It shows which parts of the order of a scan and an
/// apply are needed.
///
/// What the application does. Its row is committed at most kRowDelay ticks after its upload is complete, or
/// never.
enum class Uploader {
  new_put,
  multipart,  ///< its time is that of its beginning
  put_other,  ///< over an old object
  put_same,
  reuse,     ///< looks whether the object stands, and writes only if not
  touch,     ///< the same, with a copy onto itself first
  row_back,  ///< a row for an old object, at any time
  taken_up,  ///< the same, but not while an apply runs: at the latest when it begins to read
  replaced,  ///< its row is deleted and inserted anew, in two transactions
};

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
  bool looks = false;   ///< the condition is a look before the deletion, and no part of it
  int quarantine = -1;  ///< ticks until the purge; -1: deleted for good
  bool copies = false;  ///< into the quarantine by a copy before the deletion; else both are one step
  bool counts_from_copy = false;  ///< the purge's ticks; else from the deletion
  bool purges = true;
  bool purge_rereads = true;
  bool repeats_delete = false;  ///< the answer is lost and the deletion is sent again
  int sightings = 1;            ///< 2: listed twice, unchanged, min_age apart
};

/// The worst that can happen: `dangling`: the row's bytes are in quarantine only; `loss`: nowhere.
enum class Outcome { safe, dangling, loss };

Outcome worst_of(const Cleaner& cleaner, Uploader uploader);

/// The fewest steps to the worst outcome, one "TICK step" each; empty where that is `safe`.
std::vector<std::string> shortest_way_to_worst(const Cleaner& cleaner, Uploader uploader);

}  // namespace flotsam::test
