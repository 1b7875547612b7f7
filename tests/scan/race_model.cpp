#include "scan/race_model.h"

#include <algorithm>
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
  int deleted_at = kNever;  // of the row that was there before
  int uploader = 0;         // its next step
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
    add(deleted_at);
    add(uploader);
    add(uploader_at);
    add(cleaner);
    add(read_at);
    add(listed_at);
    add_thing(listed);
    return bits;
  }
};

enum Step : int {
  kFirst,
  kSecond,
  kSightAgain,
  kReread,
  kLook,
  kCopy,
  kDelete,
  kRepeat,
  kPurgeRead,
  kPurge,
  kDone
};

// Breadth first, so that the first way to an outcome is a shortest one.
class Search {
 public:
  Search(const Cleaner& cleaner, Uploader uploader) : cleaner_(cleaner), uploader_(uploader) {
    horizon_ = uploader == Uploader::new_put || uploader == Uploader::multipart ? 12 : 9;
  }

  Outcome run() {
    State start;
    if (horizon_ == 9) start.object = {true, 0, kLongAgo};
    visit(start, "");
    for (; at_ < nodes_.size(); ++at_) expand(State(nodes_[at_].state));
    return worst_;
  }

  std::vector<std::string> way_to_worst() const {
    std::vector<std::string> way;
    if (worst_ == Outcome::safe) return way;
    for (std::size_t node = worst_node_; node != 0; node = nodes_[node].from)
      if (nodes_[node].label[0] != '\0')
        way.push_back(std::to_string(nodes_[node].state.now) + " " + nodes_[node].label);
    std::reverse(way.begin(), way.end());
    return way;
  }

 private:
  struct Node {
    State state;
    std::size_t from = 0;
    const char* label = "";
  };

  bool has_row(const State& state, int moment) const {
    return (uploader_ == Uploader::replaced && state.deleted_at > moment) || state.committed_at <= moment;
  }

  Outcome outcome_of(const State& state) const {
    if (!has_row(state, state.now)) return Outcome::safe;
    const int needed = uploader_ == Uploader::put_other ? 1 : 0;
    const auto is_it = [&](const Thing& thing) { return thing.present && thing.etag == needed; };
    if (is_it(state.object)) return Outcome::safe;
    return is_it(state.trash) ? Outcome::dangling : Outcome::loss;
  }

  void visit(const State& state, const char* label) {
    if (!seen_.insert(state.packed()).second) return;
    if (const Outcome outcome = outcome_of(state); outcome > worst_) {
      worst_ = outcome;
      worst_node_ = nodes_.size();
    }
    nodes_.push_back({state, at_, label});
  }

  void expand(const State& state) {
    upload(state);
    clean(state);
    if (state.now < horizon_) {
      State next = state;
      ++next.now;
      visit(next, "");
    }
  }

  void put(State next, int etag, const char* label) {
    next.object = {true, etag, next.now};
    next.uploader = 1;
    next.uploader_at = next.now;
    visit(next, label);
  }

  void upload(const State& state) {
    if (state.uploader == 1) {
      commit(state);
      return;
    }
    State next = state;
    switch (uploader_) {
      case Uploader::new_put:
        put(next, 0, "put");
        return;
      case Uploader::put_same:
        put(next, 0, "put the same bytes");
        return;
      case Uploader::touch:  // a PUT where it is gone
        put(next, 0, "copy onto itself");
        return;
      case Uploader::put_other:
        put(next, 1, "put other bytes");
        return;
      case Uploader::reuse:
        if (!state.object.present) {
          put(next, 0, "put");
          return;
        }
        next.uploader = 1;
        next.uploader_at = state.now;
        visit(next, "look: it stands");
        return;
      case Uploader::row_back:
      case Uploader::taken_up:
        commit(state);
        return;
      case Uploader::replaced:
        next.deleted_at = state.now;
        next.uploader = 1;
        next.uploader_at = state.now;
        visit(next, "delete the row");
        return;
      case Uploader::multipart:
        upload_in_parts(next);
        return;
    }
  }

  void commit(const State& state) {
    const bool at_any_time = uploader_ == Uploader::row_back || uploader_ == Uploader::taken_up;
    if (state.committed_at != kNever || (!at_any_time && state.now > state.uploader_at + kRowDelay)) return;
    // The plan waits for the first step of the apply.
    if (uploader_ == Uploader::taken_up && state.cleaner > after_selection()) return;
    State next = state;
    next.committed_at = state.now;
    visit(next, "commit the row");
  }

  void upload_in_parts(State next) {
    if (next.uploader == 0) {
      next.uploader = 2;
      next.uploader_at = next.now;
      visit(next, "begin the upload");
    } else if (next.now <= next.uploader_at + kUploadDuration) {
      next.object = {true, 0, next.uploader_at};
      next.uploader = 1;
      next.uploader_at = next.now;
      visit(next, "complete the upload");
    }
  }

  // Gives what a read may show: now, or up to `lag` ticks ago.
  template <typename Use>
  void read(const State& state, Use use) const {
    for (int ago = 0; ago <= cleaner_.lag && ago <= state.now; ++ago) use(has_row(state, state.now - ago));
  }

  bool old_enough(const Thing& thing, int moment) const {
    return thing.time == kLongAgo || thing.time <= moment - cleaner_.min_age;
  }

  void go_on(State next, int step, const char* label) {
    next.cleaner = step;
    visit(next, label);
  }
  int first_of_removal() const { return cleaner_.looks ? kLook : kDelete; }
  int after_selection() const { return cleaner_.reread ? kReread : first_of_removal(); }
  int after_reading(bool referenced, int step) const { return referenced ? kDone : step; }

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
        read(state, [&](bool referenced) {
          go_on(state, after_reading(referenced, first_of_removal()),
                referenced ? "read again: a row" : "read again: no row");
        });
        return;
      case kLook:
        look(state);
        return;
      case kCopy:
        copy(state);
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
      const char* label = referenced ? "read: a row" : "read: no row";
      if (!cleaner_.listing_first)
        go_on(next, after_reading(referenced, kSecond), label);
      else
        go_on(next, after_reading(referenced || !old_enough(state.listed, state.now), after_selection()),
              label);
    });
  }

  void list(const State& state) {
    State next = state;
    next.listed = state.object;
    next.listed_at = state.now;
    if (!state.object.present)
      go_on(next, kDone, "list: nothing");
    else if (cleaner_.listing_first)
      go_on(next, cleaner_.sightings > 1 ? kSightAgain : kSecond, "list");
    else if (old_enough(state.object, cleaner_.anchored ? state.read_at : state.now))
      go_on(next, after_selection(), "list: old enough");
    else
      go_on(next, kDone, "list: too young");
  }

  void sight_again(const State& state) {
    if (state.now < state.listed_at + cleaner_.min_age) return;
    go_on(state, is_unchanged(state, Condition::etag_and_time) ? kSecond : kDone, "list again");
  }

  static bool is_unchanged(const State& state, Condition condition) {
    if (condition == Condition::none) return true;
    return state.object.present && state.object.etag == state.listed.etag &&
           (condition == Condition::etag || state.object.time == state.listed.time);
  }

  void look(const State& state) {
    const bool same = is_unchanged(state, cleaner_.condition);
    go_on(state,
          !same             ? kDone
          : cleaner_.copies ? kCopy
                            : kDelete,
          same ? "look: unchanged" : "look: changed");
  }

  void copy(State state) {
    if (!is_unchanged(state, cleaner_.condition)) {
      go_on(state, kDone, "copy: changed");
      return;
    }
    state.trash = state.object;
    if (cleaner_.counts_from_copy) state.moved_at = state.now;
    go_on(state, kDelete, "copy aside");
  }

  void remove(const State& state) {
    State next = state;
    if (state.object.present && (cleaner_.looks || is_unchanged(state, cleaner_.condition))) {
      if (cleaner_.quarantine >= 0 && !cleaner_.copies) {
        next.trash = state.object;
        next.moved_at = state.now;
      }
      if (cleaner_.copies && !cleaner_.counts_from_copy) next.moved_at = state.now;
      next.object = {};
    }
    if (cleaner_.repeats_delete && state.cleaner == kDelete) {
      go_on(next, kRepeat, "delete, the answer is lost");
      return;
    }
    const bool is_move = cleaner_.quarantine >= 0 && !cleaner_.copies;
    go_on(next, next.trash.present && cleaner_.purges ? kPurgeRead : kDone,
          is_move ? "move aside" : "delete");
  }

  void purge(const State& state) {
    State next = state;
    if (state.cleaner == kPurge) {
      next.trash = {};
      go_on(next, kDone, "purge");
      return;
    }
    if (state.now < state.moved_at + cleaner_.quarantine) return;
    if (!cleaner_.purge_rereads) {
      go_on(next, kPurge, "purge does not read");
      return;
    }
    read(state, [&](bool referenced) {
      State read_state = state;
      if (referenced) {
        if (!state.object.present) read_state.object = state.trash;
        read_state.trash = {};
      }
      go_on(read_state, after_reading(referenced, kPurge),
            referenced ? "purge reads: a row" : "purge reads: no row");
    });
  }

  const Cleaner& cleaner_;
  Uploader uploader_;
  int horizon_ = 0;
  Outcome worst_ = Outcome::safe;
  std::size_t worst_node_ = 0;
  std::size_t at_ = 0;
  std::unordered_set<std::uint64_t> seen_;
  std::vector<Node> nodes_;
};

}  // namespace

Outcome worst_of(const Cleaner& cleaner, Uploader uploader) {
  return Search(cleaner, uploader).run();
}

std::vector<std::string> shortest_way_to_worst(const Cleaner& cleaner, Uploader uploader) {
  Search search(cleaner, uploader);
  search.run();
  return search.way_to_worst();
}

}  // namespace flotsam::test
