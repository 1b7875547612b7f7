#include "scan/race_model.h"

#include <cstdint>
#include <unordered_set>

namespace flotsam::test {
namespace {

constexpr int kRowDelay = 2;        // D
constexpr int kUploadDuration = 6;  // M
constexpr int kNever = 15;
constexpr int kLongAgo = 14;  // an object that is older than any minimum age

struct Thing {
  bool present = false;
  int etag = 0;
  int time = 0;  // LastModified; kLongAgo is before all others
};

// Every field fits into four bits.
struct State {
  int now = 0;
  Thing object;
  Thing trash;
  int moved_at = 0;
  int committed_at = kNever;
  int uploader = 0;  // its next step
  int uploader_at = 0;
  int cleaner = 0;  // its next step, an index into Step
  int read_at = 0;
  int listed_at = 0;
  Thing listed;

  std::uint64_t packed() const {
    std::uint64_t bits = 0;
    const auto add = [&](int value) { bits = bits << 4U | static_cast<unsigned>(value); };
    const auto add_thing = [&](const Thing& thing) {
      add((thing.present ? 2 : 0) + thing.etag);
      add(thing.time);
    };
    add(now);
    add_thing(object);
    add_thing(trash);
    add(moved_at);
    add(committed_at);
    add(uploader);
    add(uploader_at);
    add(cleaner);
    add(read_at);
    add(listed_at);
    add_thing(listed);
    add((listed.present ? 1 : 0));
    return bits;
  }
};

enum Step : int { kFirst, kSecond, kSightAgain, kReread, kDelete, kRepeat, kPurgeRead, kPurge, kDone };

class Search {
 public:
  Search(const Cleaner& cleaner, Uploader uploader) : cleaner_(cleaner), uploader_(uploader) {
    horizon_ = uploader == Uploader::new_put || uploader == Uploader::multipart ? 12 : 9;
  }

  Outcome run() {
    State start;
    if (horizon_ == 9) start.object = {true, 0, kLongAgo};
    visit(start);
    while (!open_.empty()) {
      const State state = open_.back();
      open_.pop_back();
      expand(state);
    }
    return worst_;
  }

 private:
  void visit(const State& state) {
    if (!seen_.insert(state.packed()).second) return;
    if (state.committed_at != kNever && !state.object.present)
      worst_ = std::max(worst_, state.trash.present ? Outcome::dangling : Outcome::loss);
    open_.push_back(state);
  }

  void expand(const State& state) {
    if (state.now < horizon_) {
      State next = state;
      ++next.now;
      visit(next);
    }
    upload(state);
    clean(state);
  }

  void put(State next, int etag) {
    next.object = {true, etag, next.now};
    next.uploader = 1;
    next.uploader_at = next.now;
    visit(next);
  }

  void upload(const State& state) {
    if (state.uploader == 1) {
      const bool in_time = uploader_ == Uploader::row_back || state.now <= state.uploader_at + kRowDelay;
      if (state.committed_at != kNever || !in_time) return;
      State next = state;
      next.committed_at = state.now;
      visit(next);
      return;
    }
    State next = state;
    switch (uploader_) {
      case Uploader::new_put:
      case Uploader::put_same:
      case Uploader::touch:  // a copy onto itself, or a PUT where it is gone
        put(next, 0);
        return;
      case Uploader::put_other:
        put(next, 1);
        return;
      case Uploader::reuse:
        if (!state.object.present) {
          put(next, 0);
          return;
        }
        [[fallthrough]];
      case Uploader::row_back:
        next.uploader = 1;
        next.uploader_at = state.now;
        visit(next);
        return;
      case Uploader::multipart:
        upload_in_parts(next);
        return;
    }
  }

  void upload_in_parts(State next) {
    if (next.uploader == 0) {
      next.uploader = 2;
      next.uploader_at = next.now;
      visit(next);
    } else if (next.now <= next.uploader_at + kUploadDuration) {
      next.object = {true, 0, next.uploader_at};
      next.uploader = 1;
      next.uploader_at = next.now;
      visit(next);
    }
  }

  // Gives what a read may show: now, or up to `lag` ticks ago.
  template <typename Use>
  void read(const State& state, Use use) const {
    for (int ago = 0; ago <= cleaner_.lag && ago <= state.now; ++ago)
      use(state.committed_at <= state.now - ago);
  }

  bool old_enough(const Thing& thing, int moment) const {
    return thing.time == kLongAgo || thing.time <= moment - cleaner_.min_age;
  }

  void go_on(State next, int step) {
    next.cleaner = step;
    visit(next);
  }
  int after_selection() const { return cleaner_.reread ? kReread : kDelete; }

  void clean(const State& state) {
    switch (state.cleaner) {
      case kFirst:
        cleaner_.listing_first ? list(state) : read_first(state);
        return;
      case kSightAgain:
        sight_again(state);
        return;
      case kSecond:
        cleaner_.listing_first ? read_first(state) : list(state);
        return;
      case kReread:
        read(state, [&](bool referenced) { go_on(state, referenced ? kDone : kDelete); });
        return;
      case kDelete:
      case kRepeat:
        remove(state);
        return;
      case kPurgeRead:
      case kPurge:
        purge(state);
        return;
      default:
        return;
    }
  }

  void read_first(const State& state) {
    read(state, [&](bool referenced) {
      State next = state;
      next.read_at = state.now;
      if (referenced)
        go_on(next, kDone);
      else if (!cleaner_.listing_first)
        go_on(next, kSecond);
      else
        go_on(next, old_enough(state.listed, state.now) ? after_selection() : kDone);
    });
  }

  void list(const State& state) {
    State next = state;
    next.listed = state.object;
    next.listed_at = state.now;
    if (!state.object.present)
      go_on(next, kDone);
    else if (cleaner_.listing_first)
      go_on(next, cleaner_.sightings > 1 ? kSightAgain : kSecond);
    else
      go_on(next, old_enough(state.object, cleaner_.anchored ? state.read_at : state.now) ? after_selection()
                                                                                          : kDone);
  }

  void sight_again(const State& state) {
    if (state.now < state.listed_at + cleaner_.min_age) return;
    go_on(state, is_unchanged(state, Condition::etag_and_time) ? kSecond : kDone);
  }

  static bool is_unchanged(const State& state, Condition condition) {
    if (condition == Condition::none) return true;
    return state.object.etag == state.listed.etag &&
           (condition == Condition::etag || state.object.time == state.listed.time);
  }

  void remove(const State& state) {
    State next = state;
    if (state.object.present && is_unchanged(state, cleaner_.condition)) {
      if (cleaner_.quarantine >= 0) {
        next.trash = state.object;
        next.moved_at = state.now;
      }
      next.object = {};
    }
    if (cleaner_.repeats_delete && state.cleaner == kDelete)
      go_on(next, kRepeat);
    else
      go_on(next, next.trash.present && cleaner_.purges ? kPurgeRead : kDone);
  }

  void purge(const State& state) {
    State next = state;
    if (state.cleaner == kPurge) {
      next.trash = {};
      go_on(next, kDone);
      return;
    }
    if (state.now < state.moved_at + cleaner_.quarantine) return;
    read(state, [&](bool referenced) {
      State read_state = state;
      if (referenced) {
        if (!state.object.present) read_state.object = state.trash;
        read_state.trash = {};
      }
      go_on(read_state, referenced ? kDone : kPurge);
    });
  }

  const Cleaner& cleaner_;
  Uploader uploader_;
  int horizon_ = 0;
  Outcome worst_ = Outcome::safe;
  std::unordered_set<std::uint64_t> seen_;
  std::vector<State> open_;
};

}  // namespace

Outcome worst_of(const Cleaner& cleaner, Uploader uploader) {
  return Search(cleaner, uploader).run();
}

}  // namespace flotsam::test
