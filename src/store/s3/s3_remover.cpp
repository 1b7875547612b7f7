#include "store/s3/s3_remover.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/text.h"
#include "model/scope.h"
#include "store/s3/bucket_settings.h"
#include "store/s3/listing_page.h"
#include "store/s3/s3_deleter.h"
#include "store/s3/s3_look.h"
#include "store/s3/s3_mover.h"
#include "store/s3/s3_reconciler.h"

namespace flotsam {
namespace {

/// Where S3 begins to refuse signatures.
constexpr std::chrono::minutes kClockDifferenceMax{15};

/// The code of discarded objects that are deleted and yet not away for good.
constexpr const char* kVersionKept = "VersionKept";

Result<Versioning> versioning_of(S3Client& client) {
  Versioning versioning = Versioning::unknown;
  HttpResponse response;
  FLOTSAM_TRY(client.get(sub_resource_parameters("versioning"), response,
                         [&](HttpResponse& answer) -> Result<void> {
                           versioning = parse_versioning(answer.body);
                           return {};
                         }));
  return versioning;
}

class S3Remover final : public Remover {
 public:
  explicit S3Remover(std::unique_ptr<S3Holdings> holdings)
      : holdings_(std::move(holdings)),
        deleter_(*holdings_, S3Deleter::Where::store),
        discarder_(*holdings_, S3Deleter::Where::quarantine) {}

  Result<StoreFacts> facts() override;
  Result<void> prepare(const RemoveOptions& options) override;
  Result<std::vector<Look>> look(std::span<const Object> objects) override;
  std::vector<RemoveOutcome> remove(std::span<const Object> objects, const RemoveOptions& options) override;
  std::vector<RemoveOutcome> reconcile(std::span<const Object> objects, const RemoveOptions& options,
                                       Timestamp since) override;
  std::vector<RemoveOutcome> discard(std::span<const QuarantinedObject> objects) override;

 private:
  Result<void> prepare_versions(const StoreFacts& facts);
  Result<void> prepare_quarantine();
  Versioning quarantine_versioning() {
    return versioning_of(holdings_->hands().quarantine()).value_or(Versioning::unknown);
  }
  Result<void> prepare_permanent(const StoreFacts& facts);
  Result<ObjectLock> lock();
  BucketLock bucket_lock() const { return lock_ == ObjectLock::on ? BucketLock::on : BucketLock::none; }
  std::optional<RemoveOutcome> objection_to(const RemoveOptions& options);
  std::vector<RemoveOutcome> remove_in_place(std::span<const Object> objects, const RemoveOptions& options,
                                             AbsenceProof& absence);
  std::vector<RemoveOutcome> move_aside(std::span<const Object> objects, const RemoveOptions& options,
                                        AbsenceProof& absence);
  std::vector<RemoveOutcome> mark(std::span<const Object> objects, const RemoveOptions& options,
                                  AbsenceProof& absence);
  void stop_without_versions(std::span<const Object> objects, const std::vector<std::size_t>& hidden,
                             std::vector<RemoveOutcome>& outcomes);
  void settle(std::span<const Object> objects, const RemoveOptions& options, Timestamp since,
              AbsenceProof& absence, std::vector<RemoveOutcome>& outcomes);

  std::unique_ptr<S3Holdings> holdings_;
  S3Deleter deleter_;
  S3Deleter discarder_;
  std::optional<ObjectLock> lock_;
  std::optional<RemoveOutcome> stop_;  ///< why nothing more is deleted by marker
};

Result<StoreFacts> S3Remover::facts() {
  FLOTSAM_ASSIGN(StoreFacts facts, holdings_->facts());
  lock_ = holdings_->object_lock();
  return facts;
}

Result<ObjectLock> S3Remover::lock() {
  if (!lock_) FLOTSAM_TRY(facts());
  return *lock_;
}

Result<void> S3Remover::prepare_versions(const StoreFacts& facts) {
  if (facts.versioning == Versioning::enabled) return {};
  const std::string_view hint =
      facts.versioning == Versioning::unknown
          ? "grant s3:GetBucketVersioning, or configure a quarantine"
          : "enable versioning (and wait a quarter of an hour), or configure a quarantine";
  return fail(
      ErrorCode::refused,
      fmt::format("method \"version\" needs a bucket that keeps versions, but s3://{} has versioning {}",
                  holdings_->bucket(), to_string(facts.versioning)),
      std::string(hint));
}

Result<void> S3Remover::prepare_permanent(const StoreFacts& facts) {
  if (facts.versioning == Versioning::none || facts.versioning == Versioning::suspended) return {};
  return fail(
      ErrorCode::refused,
      fmt::format("method \"permanent\" is for buckets without versions, but s3://{} has versioning {}",
                  holdings_->bucket(), to_string(facts.versioning)),
      "use method \"version\" or \"quarantine\"");
}

Result<void> S3Remover::prepare_quarantine() {
  if (!holdings_->has_quarantine())
    return fail(ErrorCode::refused, "method \"quarantine\" is chosen, but no quarantine is configured",
                "set [delete] quarantine, for example to \"s3://my-bucket/.flotsam-quarantine/\"");
  S3Place& place = holdings_->quarantine_place();
  const ListObjectsAsk ask{.prefix = holdings_->quarantine().prefix,
                           .start_after = "",
                           .token = "",
                           .delimiter = "",
                           .max_keys = 1};
  ListingPageParser parser(place.bucket());
  ListingPage page;
  HttpResponse response;
  const auto asked = holdings_->hands().quarantine().get(
      list_objects_parameters(ask), response,
      [&](HttpResponse& answer) { return parser.parse(ask, answer.body, page); });
  if (!asked)
    return fail(asked.error(), fmt::format("while looking into the quarantine s3://{}/{}", place.bucket(),
                                           to_printable(ask.prefix)));
  if (quarantine_versioning() == Versioning::enabled)
    holdings_->log().warn(fmt::format(
        "s3://{} keeps versions: what is purged from the quarantine stays there as a version and is paid for "
        "until a lifecycle rule for noncurrent versions removes it",
        place.bucket()));
  return {};
}

Result<void> S3Remover::prepare(const RemoveOptions& options) {
  FLOTSAM_ASSIGN(const StoreFacts now, facts());
  const auto difference = std::chrono::abs(now.local_clock - now.clock);
  if (difference > kClockDifferenceMax)
    return fail(ErrorCode::refused,
                fmt::format("this machine's clock and the store's differ by {}",
                            to_human_seconds(std::chrono::duration_cast<Seconds>(difference).count())),
                "set this machine's clock (for example with NTP): nothing is deleted by a wrong clock");
  switch (options.method) {
    case DeleteMethod::version:
      return prepare_versions(now);
    case DeleteMethod::quarantine:
      return prepare_quarantine();
    case DeleteMethod::permanent:
      return prepare_permanent(now);
    case DeleteMethod::none:
      break;
  }
  return fail(ErrorCode::invalid_argument, "there is no way of deleting that the configuration allows",
              "set [delete] method, enable versioning, or configure a quarantine");
}

Result<std::vector<Look>> S3Remover::look(std::span<const Object> objects) {
  if (objects.empty()) return std::vector<Look>{};
  holdings_->find_regions();
  FLOTSAM_ASSIGN(const ObjectLock held, lock());
  return S3Look(*holdings_, held).look(objects);
}

/// A bucket whose versioning was switched off since prepare() would lose for good what is deleted now.
std::optional<RemoveOutcome> S3Remover::objection_to(const RemoveOptions& options) {
  CHECK(options.method != DeleteMethod::none);
  if (stop_ && options.method == DeleteMethod::version) return stop_;
  if (const auto held = lock(); !held) {
    RemoveOutcome outcome = outcome_of(RemoveResult::failed, code_of(held.error()), held.error().message);
    outcome.retryable = held.error().code == ErrorCode::unavailable;
    return outcome;
  }
  if (options.method == DeleteMethod::quarantine && !holdings_->has_quarantine())
    return outcome_of(RemoveResult::failed, "NoQuarantine", "no quarantine is configured");
  if (options.method == DeleteMethod::quarantine) return std::nullopt;
  const auto asked = versioning_of(holdings_->hands().store());
  const Versioning versioning = asked.value_or(Versioning::unknown);
  const bool is_right = options.method == DeleteMethod::version
                            ? versioning == Versioning::enabled
                            : versioning == Versioning::none || versioning == Versioning::suspended;
  if (is_right) return std::nullopt;
  RemoveOutcome outcome =
      outcome_of(RemoveResult::failed, "VersioningChanged",
                 fmt::format("the bucket's versioning is {} now: nothing is deleted by method \"{}\"",
                             to_string(versioning), to_string(options.method)));
  if (!asked) {
    outcome.code = code_of(asked.error());
    outcome.message = "the bucket's versioning could not be read again: " + asked.error().message;
    outcome.retryable = asked.error().code == ErrorCode::unavailable;
  }
  return outcome;
}

/// The store says that it keeps versions and that it deleted, and nothing is left: then it does not keep
/// them.
void S3Remover::stop_without_versions(std::span<const Object> objects, const std::vector<std::size_t>& hidden,
                                      std::vector<RemoveOutcome>& outcomes) {
  for (const std::size_t i : hidden) {
    if (outcomes[i].result != RemoveResult::gone || outcomes[i].code != kNoVersionLeft) continue;
    outcomes[i] = outcome_of(RemoveResult::removed, kNoVersionLeft,
                             "the store kept no version of it: this deletion cannot be undone");
    stop_ = outcome_of(RemoveResult::failed, "NotVersioned",
                       fmt::format("the store kept no version of {}: nothing more is deleted by marker",
                                   in_quotes(objects[i].key.bytes())));
  }
}

/// Tells what became of deletions whose answers do not: `removed` by a marker whose id the answer hid, and
/// `gone` and `changed`, which are what a request is answered that was carried out and then sent on once
/// more.
void S3Remover::settle(std::span<const Object> objects, const RemoveOptions& options, Timestamp since,
                       AbsenceProof& absence, std::vector<RemoveOutcome>& outcomes) {
  std::vector<std::size_t> hidden, doubtful;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const RemoveResult result = outcomes[i].result;
    const bool hides = options.method == DeleteMethod::version && result == RemoveResult::removed &&
                       outcomes[i].marker_id.empty();
    if (hides) hidden.push_back(i);
    if (hides || result == RemoveResult::gone || result == RemoveResult::changed) doubtful.push_back(i);
  }
  const S3Reconciler reconciler(*holdings_, options, since, absence);
  holdings_->for_each(doubtful.size(), [&](S3Hands& hands, std::size_t i) {
    RemoveOutcome& outcome = outcomes[doubtful[i]];
    RemoveOutcome told = reconciler.reconcile(hands, objects[doubtful[i]]);
    // The store's condition said no: to send it again by itself would gain nothing.
    if (outcome.result == RemoveResult::changed && told.result == RemoveResult::failed) return;
    outcome = std::move(told);
  });
  for (const std::size_t i : hidden)
    if (outcomes[i].result == RemoveResult::removed) deleter_.avoid_batches();
  stop_without_versions(objects, hidden, outcomes);
  for (RemoveOutcome& outcome : outcomes)
    if (outcome.result == RemoveResult::removed && outcome.marker_id == "null") say_suspended(outcome);
}

std::vector<RemoveOutcome> S3Remover::remove_in_place(std::span<const Object> objects,
                                                      const RemoveOptions& options, AbsenceProof& absence) {
  std::vector<Deletion> deletions;
  for (const Object& object : objects) deletions.push_back({object.key, object.etag});
  const Timestamp since = holdings_->clock().now();
  auto outcomes = deleter_.remove(
      deletions, {.condition = options.condition, .lock = bucket_lock(), .absence = &absence});
  settle(objects, options, since, absence, outcomes);
  return outcomes;
}

/// There are stores (MinIO) that keep versions of all keys but those that end in "/": such an object is asked
/// for its version first.
std::vector<RemoveOutcome> S3Remover::mark(std::span<const Object> objects, const RemoveOptions& options,
                                           AbsenceProof& absence) {
  std::vector<RemoveOutcome> outcomes(objects.size());
  std::vector<std::size_t> folders;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    outcomes[i] = outcome_of(RemoveResult::removed);  // is to be
    if (objects[i].key.bytes().ends_with('/')) folders.push_back(i);
  }
  holdings_->for_each(folders.size(), [&](S3Hands& hands, std::size_t i) {
    const auto head = absence.head(hands, objects[folders[i]].key.view());
    if (head && *head && !(*head)->object.version_id.empty()) return;
    outcomes[folders[i]] = outcome_of(RemoveResult::failed, "NotVersioned",
                                      "the store shows no version of it: its deletion could not be undone");
    if (head && !*head) outcomes[folders[i]] = outcome_of(RemoveResult::gone);
  });
  std::vector<Object> marked;
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (outcomes[i].result != RemoveResult::removed) continue;
    marked.push_back(objects[i]);
    numbers.push_back(i);
  }
  auto done = remove_in_place(marked, options, absence);
  for (std::size_t i = 0; i < numbers.size(); ++i) outcomes[numbers[i]] = std::move(done[i]);
  return outcomes;
}

std::vector<RemoveOutcome> S3Remover::move_aside(std::span<const Object> objects,
                                                 const RemoveOptions& options, AbsenceProof& absence) {
  std::vector<RemoveOutcome> outcomes(objects.size());
  const S3Mover mover(*holdings_, options, bucket_lock(), absence);
  holdings_->for_each(objects.size(),
                      [&](S3Hands& hands, std::size_t i) { outcomes[i] = mover.move(hands, objects[i]); });
  return outcomes;
}

std::vector<RemoveOutcome> S3Remover::remove(std::span<const Object> objects, const RemoveOptions& options) {
  if (objects.empty()) return {};
  holdings_->find_regions();
  if (auto why = objection_to(options)) return {objects.size(), *why};
  // What is flotsam's own is in no plan; one that holds it all the same is not obeyed.
  std::vector<Object> allowed;
  std::vector<std::size_t> numbers;
  std::vector<RemoveOutcome> outcomes(
      objects.size(), outcome_of(RemoveResult::failed, "OwnKey", "it is flotsam's own and in no scope"));
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (is_own(objects[i].key.view())) continue;
    allowed.push_back(objects[i]);
    numbers.push_back(i);
  }
  AbsenceProof absence(*holdings_);
  auto done = options.method == DeleteMethod::quarantine ? move_aside(allowed, options, absence)
              : options.method == DeleteMethod::version  ? mark(allowed, options, absence)
                                                         : remove_in_place(allowed, options, absence);
  for (std::size_t i = 0; i < numbers.size(); ++i) outcomes[numbers[i]] = std::move(done[i]);
  return outcomes;
}

std::vector<RemoveOutcome> S3Remover::reconcile(std::span<const Object> objects, const RemoveOptions& options,
                                                Timestamp since) {
  std::vector<RemoveOutcome> outcomes(objects.size());
  if (objects.empty()) return outcomes;
  holdings_->find_regions();
  if (const auto known = holdings_->facts(); !known) {  // the store's clock, which markers are dated by
    for (RemoveOutcome& outcome : outcomes)
      outcome = outcome_of(RemoveResult::unknown, code_of(known.error()), known.error().message);
    return outcomes;
  }
  AbsenceProof absence(*holdings_);
  const S3Reconciler reconciler(*holdings_, options, since, absence);
  holdings_->for_each(objects.size(), [&](S3Hands& hands, std::size_t i) {
    outcomes[i] = reconciler.reconcile(hands, objects[i]);
  });
  return outcomes;
}

std::vector<RemoveOutcome> S3Remover::discard(std::span<const QuarantinedObject> objects) {
  std::vector<RemoveOutcome> outcomes(objects.size());
  if (objects.empty()) return outcomes;
  holdings_->find_regions();
  AbsenceProof absence(*holdings_);
  const auto look = [&](S3Hands& hands, std::size_t i) {
    Object stored = objects[i].stored;
    stored.key = holdings_->key_in_quarantine(objects[i].run_id, objects[i].key.view());
    return look_of(stored, absence.head_quarantined(hands, stored.key.view()));
  };
  holdings_->for_each(objects.size(), [&](S3Hands& hands, std::size_t i) {
    const Look seen = look(hands, i);
    if (seen.state == LookState::gone) outcomes[i] = outcome_of(RemoveResult::gone);
    if (seen.state == LookState::changed) outcomes[i] = outcome_of(RemoveResult::changed);
    if (seen.state == LookState::unknown)
      outcomes[i] = outcome_of(RemoveResult::failed, "NotSeen", "it cannot be looked at: " + seen.reason);
    if (seen.state == LookState::same) outcomes[i] = outcome_of(RemoveResult::removed);  // is to be
  });
  std::vector<Deletion> deletions;
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (outcomes[i].result != RemoveResult::removed) continue;
    Key place = holdings_->key_in_quarantine(objects[i].run_id, objects[i].key.view());
    CHECK(holdings_->is_in_quarantine(place.view()));
    deletions.push_back({std::move(place), objects[i].stored.etag});
    numbers.push_back(i);
  }
  auto done = discarder_.remove(deletions, {});
  const bool keeps_versions = quarantine_versioning() == Versioning::enabled;
  // It was seen to lie there just before: where it does not now, it is our request that did it.
  holdings_->for_each(done.size(), [&](S3Hands& hands, std::size_t i) {
    if (done[i].result != RemoveResult::gone) return;
    const Look seen = look(hands, numbers[i]);
    if (seen.state == LookState::gone) done[i] = outcome_of(RemoveResult::removed);
    if (seen.state == LookState::unknown) done[i].result = RemoveResult::unknown;
    if (seen.state == LookState::changed) done[i] = outcome_of(RemoveResult::changed);
    if (seen.state == LookState::same) done[i].result = RemoveResult::failed;
  });
  for (RemoveOutcome& outcome : done)
    if (outcome.result == RemoveResult::removed &&
        (keeps_versions || (!outcome.marker_id.empty() && outcome.marker_id != "null"))) {
      outcome.code = kVersionKept;
      outcome.message = fmt::format(
          "s3://{} keeps versions: its bytes are still there, under a delete marker, until a lifecycle rule "
          "or somebody else removes that version",
          holdings_->quarantine_place().bucket());
    }
  for (std::size_t i = 0; i < numbers.size(); ++i) outcomes[numbers[i]] = std::move(done[i]);
  return outcomes;
}

}  // namespace

Result<std::unique_ptr<Remover>> open_s3_remover(const StoreOptions& options,
                                                 const std::optional<std::string>& quarantine,
                                                 const StoreContext& context, const S3Tuning& tuning) {
  FLOTSAM_ASSIGN(auto holdings, S3Holdings::open(options, quarantine, context, tuning));
  return std::make_unique<S3Remover>(std::move(holdings));
}

}  // namespace flotsam
