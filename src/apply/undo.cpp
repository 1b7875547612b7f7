#include "apply/undo.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>
#include <vector>

#include "apply/intents.h"
#include "apply/restore_batches.h"
#include "apply/same_store.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/text.h"
#include "plan/journal.h"
#include "plan/lock.h"

namespace flotsam {
namespace {

constexpr std::string_view kUndoSuffix = ".undo";

std::unexpected<Error> not_this_journal(ErrorCode code, std::string message, std::string hint,
                                        std::string service_code) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  error.hint = std::move(hint);
  error.service_code = std::move(service_code);
  return std::unexpected(std::move(error));
}

/// Takes the first line alone.
class HeaderReader final : public JournalVisitor {
 public:
  Result<void> header(const JournalHeader& header) override {
    header_ = header;
    return fail(ErrorCode::interrupted, "the first line was all that was asked for");
  }
  std::optional<JournalHeader> header_;
};

/// What an earlier undo brought back: a byte an object.
class RestoredReader final : public IntentReader {
 public:
  bool contains(std::uint64_t number) const { return number < restored_.size() && restored_[number] != 0; }

 private:
  Result<void> settled(const Intent& /*intent*/, const JournalOutcome& outcome) override {
    if (outcome.result != "restored") return {};
    if (outcome.number >= restored_.size()) restored_.resize(outcome.number + 1);
    restored_[outcome.number] = 1;
    return {};
  }
  std::vector<unsigned char> restored_;
};

/// Gives every deletion of an apply journal to `use`, in the order of the journal.
class RemovedReader final : public IntentReader {
 public:
  using Use = std::function<Result<void>(const Intent& intent, const JournalOutcome& outcome)>;
  explicit RemovedReader(Use use) : use_(std::move(use)) {}

 private:
  Result<void> settled(const Intent& intent, const JournalOutcome& outcome) override {
    return outcome.result == "removed" ? use_(intent, outcome) : Result<void>();
  }
  Use use_;
};

class UndoRun {
 public:
  UndoRun(const UndoRequest& request, RestoreWorld& world, ScopeLock* lock, JournalHeader header)
      : request_(request), world_(world), lock_(lock), header_(std::move(header)) {}

  Result<RestoreResultSummary> go();

 private:
  Result<void> work();
  Result<void> begin();
  Result<void> restore_removed();
  Result<void> restore_doubtful(const std::map<std::uint64_t, Intent>& doubtful);
  Result<void> add(const Intent& intent, const JournalOutcome& outcome);
  Result<void> flush();
  /// Where markers are not known by id: what lies under the keys, if it is what was deleted.
  Result<std::vector<std::optional<Remains>>> find(const std::vector<Object>& objects);
  Result<void> flush_unmarked();
  Remains in_quarantine(const Object& object) const;
  void step(const char* name) const {
    if (world_.on_step) world_.on_step(name);
  }

  const UndoRequest& request_;
  RestoreWorld& world_;
  ScopeLock* lock_;
  JournalHeader header_;
  RestoredReader restored_;
  std::optional<JournalWriter> journal_;
  RestoreResultSummary summary_;
  std::optional<RestoreBatches> batches_;
  std::vector<RestoreItem> pending_;
  std::vector<RestoreItem> unmarked_;
  std::uint64_t total_ = 0;
};

Result<RestoreResultSummary> UndoRun::go() {
  auto worked = begin();
  if (!worked) return std::unexpected(std::move(worked).error());
  worked = restore_removed();
  const std::uint64_t done = summary_.restored + summary_.superseded_count + summary_.failed_count;
  if (!worked) summary_.left = total_ - std::min(total_, done);
  return finish_restore(std::move(worked), *batches_, journal_ ? &*journal_ : nullptr, world_,
                        std::move(summary_));
}

Result<void> UndoRun::begin() {
  const std::string undo_name = journal_name(header_.id + std::string(kUndoSuffix));
  FLOTSAM_TRY(read_journal(*world_.state, undo_name, restored_));
  // The whole journal must be believed before anything is brought back by it.
  RemovedReader count([&](const Intent&, const JournalOutcome&) -> Result<void> {
    ++total_;
    return {};
  });
  FLOTSAM_TRY(read_journal(*world_.state, journal_name(header_.id), count));
  total_ += count.unsettled().size();
  world_.progress->phase("restoring", "objects", total_);
  if (!request_.dry_run) {
    JournalHeader undo;
    undo.kind = JournalKind::undo;
    undo.id = header_.id + std::string(kUndoSuffix);
    undo.created_at = world_.clock->now();
    undo.of_journal = header_.id;
    undo.store_url = header_.store_url;
    undo.store_identity = header_.store_identity;
    undo.prefixes = header_.prefixes;
    undo.config_digest = header_.config_digest;
    undo.method = header_.method;
    undo.quarantine = header_.quarantine;
    undo.undo_days = header_.undo_days;
    undo.expected = total_;
    step("journal");
    FLOTSAM_ASSIGN(journal_, JournalWriter::open(*world_.state, undo));
    summary_.journal = world_.state->place_of(undo_name);
  }
  batches_.emplace(world_, journal_ ? &*journal_ : nullptr, lock_, summary_);
  return {};
}

Remains UndoRun::in_quarantine(const Object& object) const {
  Remains remains;
  remains.place = Remains::Place::quarantine;
  remains.object = object;
  remains.run_id = header_.id;
  return remains;
}

Result<void> UndoRun::add(const Intent& intent, const JournalOutcome& outcome) {
  if (restored_.contains(outcome.number)) {
    ++summary_.restored;
    summary_.bytes += intent.object.size_bytes;
    world_.progress->advance(1);
    return {};
  }
  if (header_.method == DeleteMethod::quarantine) {
    pending_.push_back({outcome.number, in_quarantine(intent.object)});
  } else {
    Remains remains;
    remains.place = Remains::Place::marker;
    remains.object = intent.object;
    remains.marker_id = outcome.marker_id;
    remains.version_id = outcome.version_id;
    (outcome.marker_id.empty() ? unmarked_ : pending_).push_back({outcome.number, std::move(remains)});
  }
  if (pending_.size() >= RestoreBatches::kBatch) FLOTSAM_TRY(flush());
  return unmarked_.size() >= RestoreBatches::kBatch ? flush_unmarked() : Result<void>();
}

Result<void> UndoRun::flush() {
  const auto done = batches_->run(pending_);
  pending_.clear();
  return done;
}

bool is_what_was_deleted(const Object& found, const Object& deleted) {
  if (!found.version_id.empty() && !deleted.version_id.empty()) return found.version_id == deleted.version_id;
  if (!found.etag.empty() && !deleted.etag.empty()) return found.etag == deleted.etag;
  return found.size_bytes == deleted.size_bytes;
}

Result<std::vector<std::optional<Remains>>> UndoRun::find(const std::vector<Object>& objects) {
  std::vector<Key> keys;
  for (const Object& object : objects) keys.push_back(object.key);
  FLOTSAM_ASSIGN(auto found, world_.restorer->find(keys));
  if (found.size() != keys.size())
    return fail(ErrorCode::internal, "the store did not say of every key where its bytes are");
  return found;
}

// A marker whose id nobody told: what lies under it comes back if it is what was deleted.
Result<void> UndoRun::flush_unmarked() {
  if (unmarked_.empty()) return {};
  FLOTSAM_TRY(batches_->check_stops());
  std::vector<RestoreItem> unmarked = std::move(unmarked_);
  unmarked_.clear();
  std::vector<Object> objects;
  for (const RestoreItem& item : unmarked) objects.push_back(item.remains.object);
  const auto found = find(objects);
  std::vector<RestoreItem> items;
  for (std::size_t i = 0; i < unmarked.size(); ++i) {
    const Object& deleted = unmarked[i].remains.object;
    if (!found) {
      batches_->failed(deleted.key, "NotSeen", found.error().message);
    } else if (!(*found)[i]) {
      batches_->failed(deleted.key, "NotFound",
                       "something stands there, or no older version is left; flotsam rescue looks further");
    } else if (!is_what_was_deleted((*found)[i]->object, deleted)) {
      batches_->superseded(deleted.key);
    } else {
      items.push_back({unmarked[i].number, *(*found)[i]});
      items.back().remains.object.size_bytes = deleted.size_bytes;
    }
  }
  return batches_->run(items);
}

Result<void> UndoRun::restore_removed() {
  RemovedReader reader(
      [&](const Intent& intent, const JournalOutcome& outcome) { return add(intent, outcome); });
  FLOTSAM_TRY(read_journal(*world_.state, journal_name(header_.id), reader));
  FLOTSAM_TRY(flush());
  FLOTSAM_TRY(flush_unmarked());
  return restore_doubtful(reader.unsettled());
}

// Intents of which no outcome is known: apply was killed, or the store never said. What was deleted comes
// back; what still stands is no business of undo.
Result<void> UndoRun::restore_doubtful(const std::map<std::uint64_t, Intent>& doubtful) {
  std::vector<RestoreItem> items;
  std::vector<std::pair<std::uint64_t, const Intent*>> all;
  for (const auto& [number, intent] : doubtful) all.emplace_back(number, &intent);
  for (std::size_t at = 0; at < all.size(); at += RestoreBatches::kBatch) {
    const std::size_t end = std::min(all.size(), at + RestoreBatches::kBatch);
    FLOTSAM_TRY(batches_->check_stops());
    items.clear();
    std::vector<Object> objects;
    std::vector<std::uint64_t> numbers;
    for (std::size_t i = at; i < end; ++i) {
      if (restored_.contains(all[i].first)) {
        ++summary_.restored;
        summary_.bytes += all[i].second->object.size_bytes;
        continue;
      }
      numbers.push_back(all[i].first);
      objects.push_back(all[i].second->object);
    }
    if (header_.method == DeleteMethod::version) {
      FLOTSAM_ASSIGN(const auto found, find(objects));
      for (std::size_t i = 0; i < objects.size(); ++i) {
        if (!found[i] || !is_what_was_deleted(found[i]->object, objects[i])) continue;
        items.push_back({numbers[i], *found[i]});
        items.back().remains.object.size_bytes = objects[i].size_bytes;
      }
    } else {
      std::vector<Remains> remains;
      for (const Object& object : objects) remains.push_back(in_quarantine(object));
      const auto told = world_.restorer->restore(remains, Restorer::Mode::dry_run);
      for (std::size_t i = 0; i < objects.size() && i < told.size(); ++i) {
        if (told[i].result == RestoreResult::standing) continue;
        if (told[i].result == RestoreResult::superseded) {
          batches_->superseded(objects[i].key);
        } else {
          items.push_back({numbers[i], remains[i]});
        }
      }
    }
    FLOTSAM_TRY(batches_->run(items));
  }
  return {};
}

Result<JournalHeader> header_of(const UndoRequest& request, State& state) {
  HeaderReader reader;
  const auto read = read_journal(state, journal_name(request.journal_id), reader);
  if (!reader.header_) {
    if (!read) return std::unexpected(read.error());
    return not_this_journal(ErrorCode::not_found,
                            fmt::format("there is no journal {} in the state", in_quotes(request.journal_id)),
                            "flotsam history lists the runs of this state.", "Plan");
  }
  return *std::move(reader.header_);
}

Result<void> check_header(const UndoRequest& request, const JournalHeader& header, Log& log) {
  if (header.kind != JournalKind::apply)
    return not_this_journal(ErrorCode::refused,
                            fmt::format("the journal {} is of {}: only an apply can be undone",
                                        in_quotes(header.id), to_string(header.kind)),
                            "flotsam history lists the runs of this state.", "Journal");
  const bool is_other = header.store_identity != request.store_identity;
  if (is_other && !is_same_directory(header.store_url, request.store_url))
    return not_this_journal(
        ErrorCode::corrupt,
        fmt::format("the journal {} is of another store: {} then, {} now", in_quotes(header.id),
                    in_quotes(header.store_identity), in_quotes(request.store_identity)),
        "Use the configuration with which it was applied.", "Plan");
  if (header.method == DeleteMethod::quarantine && request.quarantine &&
      *request.quarantine != header.quarantine)
    return not_this_journal(
        ErrorCode::corrupt,
        fmt::format("the journal {} moved its objects to {}, and the quarantine of the configuration is {}",
                    in_quotes(header.id), in_quotes(header.quarantine), in_quotes(*request.quarantine)),
        "Use the configuration with which it was applied.", "Plan");
  if (is_other)
    log.warn(fmt::format(
        "The journal {} says that {} was {}, and now it is {}: only what is proved to be what was deleted "
        "comes back.",
        in_quotes(header.id), in_quotes(header.store_url), in_quotes(header.store_identity),
        in_quotes(request.store_identity)));
  if (header.method == DeleteMethod::version || header.method == DeleteMethod::quarantine) return {};
  return not_this_journal(
      ErrorCode::refused,
      fmt::format("the journal {} cannot be undone: it deleted with the method \"{}\", which keeps nothing",
                  in_quotes(header.id), to_string(header.method)),
      "Look for the objects in backups.", "Permanent");
}

}  // namespace

Result<RestoreResultSummary> undo(const UndoRequest& request, RestoreWorld& world) {
  CHECK(world.restorer != nullptr && world.state != nullptr && world.clock != nullptr &&
        world.log != nullptr && world.progress != nullptr && world.cancel != nullptr);
  FLOTSAM_ASSIGN(JournalHeader header, header_of(request, *world.state));
  FLOTSAM_TRY(check_header(request, header, *world.log));
  std::optional<ScopeLock> lock;
  if (!request.dry_run) {
    if (world.on_step) world.on_step("lock");
    FLOTSAM_ASSIGN(
        lock, ScopeLock::acquire(*world.state, {request.store_identity, header.prefixes, "undo " + header.id},
                                 *world.clock));
  }
  return UndoRun(request, world, lock ? &*lock : nullptr, std::move(header)).go();
}

}  // namespace flotsam
