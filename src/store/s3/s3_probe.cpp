#include "store/s3/s3_probe.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "store/s3/delete_batch.h"
#include "store/s3/s3_place.h"
#include "store/s3/s3_probe_ground.h"

namespace flotsam {
namespace {

constexpr unsigned kTriesMax = 3;
constexpr std::chrono::milliseconds kTimeout{60'000};

/// What one try of a step showed.
struct Seen {
  std::optional<bool> value;  ///< nothing: the step could not be made
  std::string outcome;
  bool lost = false;  ///< an answer was lost: to be tried on another object
};

Seen seen(bool value, std::string outcome) {
  return {.value = value, .outcome = std::move(outcome)};
}
Seen not_made(std::string outcome) {
  return {.value = std::nullopt, .outcome = std::move(outcome)};
}
Seen answer_lost() {
  return {.value = std::nullopt, .outcome = "the answers were lost", .lost = true};
}

std::string name_of(const Error& error) {
  if (!error.service_code.empty()) return to_printable(error.service_code);
  return error.http_status != 0 ? fmt::format("HTTP {}", error.http_status) : error.message;
}

std::string refusal_of(const Error& error) {
  return "refused: " + name_of(error);
}

bool is_denied(const Error& error) {
  return error.code == ErrorCode::permission_denied;
}

class S3Probe {
 public:
  S3Probe(S3Place& place, const StoreOptions& options, const StoreContext& context, const Cancel& cancel,
          const S3Tuning& tuning, const std::string& prefix)
      : options_(options),
        context_(context),
        cancel_(cancel),
        tuning_(tuning),
        place_(place),
        transports_(place.transports(&cancel)),
        client_(place.session(), transports_->make(), &cancel),
        ground_(place.session(), client_, fmt::format("{}.flotsam-probe-{}/", prefix, random_hex(8))) {
    client_.set_timeout(kTimeout);
  }

  Result<ProbeFindings> run();

 private:
  using Step = Result<Seen> (S3Probe::*)();
  Result<void> begin();
  Result<void> make_steps();
  Result<void> make(const char* name, Step step, std::optional<bool>& finding);
  Result<Seen> create_if_absent();
  Result<Seen> replace_if_match();
  Result<Seen> delete_if_match();
  Result<Seen> batch_if_match();
  Result<Seen> versions_kept();
  Result<Seen> distinct_keys();
  Result<Seen> owner_checked();

  const StoreOptions& options_;
  const StoreContext& context_;
  const Cancel& cancel_;
  const S3Tuning& tuning_;
  S3Place& place_;
  std::unique_ptr<TransportFactory> transports_;
  S3Client client_;
  ProbeGround ground_;
  ProbeFindings findings_;
};

/// Proves that the store is reached, and that something can be written and seen. A GET comes first: it puts a
/// wrong region right, which a write and a HEAD cannot.
Result<void> S3Probe::begin() {
  const std::string key = ground_.new_key("first");
  HttpResponse response;
  const auto asked = client_.read(S3Ask::of_object("GET", KeyView(key)), response,
                                  [](HttpResponse&) -> Result<void> { return {}; });
  const bool answered = asked ||
                        (asked.error().http_status == 404 && asked.error().service_code != "NoSuchBucket") ||
                        asked.error().service_code == "AccessDenied";
  if (!answered) return std::unexpected<Error>(asked.error());
  FLOTSAM_ASSIGN(const S3Settled put, ground_.put(key, "first"));
  if (!put.done) return std::unexpected<Error>(put.error);
  FLOTSAM_ASSIGN(const auto etag, ground_.etag_of(key));
  if (!etag) return fail(ErrorCode::corrupt, "the store does not show what was just written");
  return {};
}

Result<void> S3Probe::make(const char* name, Step step, std::optional<bool>& finding) {
  Seen last;
  for (unsigned tries = 0; tries < kTriesMax; ++tries) {
    FLOTSAM_TRY(cancel_.check());
    auto made = (this->*step)();
    if (!made && made.error().code == ErrorCode::interrupted) return std::unexpected<Error>(made.error());
    last = made ? std::move(*made) : not_made("could not be tried: " + name_of(made.error()));
    if (!last.lost) break;
  }
  finding = last.value;
  findings_.steps.push_back({name, last.outcome});
  return {};
}

Result<Seen> S3Probe::create_if_absent() {
  const std::string key = ground_.new_key("create");
  FLOTSAM_ASSIGN(const S3Settled first, ground_.put(key, "first", {{"if-none-match", "*"}}));
  if (first.repeated) return answer_lost();
  if (!first.done)
    return is_denied(first.error) ? not_made(refusal_of(first.error))
                                  : seen(false, "a new object was refused, too: " + name_of(first.error));
  FLOTSAM_ASSIGN(const auto before, ground_.etag_of(key));
  FLOTSAM_ASSIGN(const S3Settled second, ground_.put(key, "second", {{"if-none-match", "*"}}));
  if (second.repeated) return answer_lost();
  FLOTSAM_ASSIGN(const auto after, ground_.etag_of(key));
  if (second.done) return seen(false, "done: the condition was ignored");
  if (second.status != 412) return seen(false, refusal_of(second.error));
  if (!before || after != before) return seen(false, "refused, and overwritten all the same");
  return seen(true, refusal_of(second.error));
}

Result<Seen> S3Probe::replace_if_match() {
  FLOTSAM_ASSIGN(const auto object, ground_.put_twice("replace"));
  FLOTSAM_ASSIGN(const S3Settled wrong,
                 ground_.put(object.key, "third", {{"if-match", fmt::format("\"{}\"", object.old_etag)}}));
  if (wrong.repeated) return answer_lost();
  FLOTSAM_ASSIGN(const auto after, ground_.etag_of(object.key));
  if (wrong.done) return seen(false, "a wrong etag: done, the condition was ignored");
  if (wrong.status != 412) return seen(false, "a wrong etag: " + refusal_of(wrong.error));
  if (after != object.etag) return seen(false, "a wrong etag: refused, and replaced all the same");
  for (const char* quote : {"\"", ""}) {
    FLOTSAM_ASSIGN(
        const S3Settled right,
        ground_.put(object.key, "fourth", {{"if-match", fmt::format("{0}{1}{0}", quote, object.etag)}}));
    if (right.repeated) return answer_lost();
    if (!right.done) continue;
    FLOTSAM_ASSIGN(const auto replaced, ground_.etag_of(object.key));
    if (!replaced || replaced == object.etag) return seen(false, "the right etag: done, and not replaced");
    return seen(true, *quote == '\0' ? "a wrong etag: refused; the right one: done, without quotes alone"
                                     : "a wrong etag: refused; the right one: done");
  }
  return seen(false, "the right etag was refused, too");
}

Result<Seen> S3Probe::delete_if_match() {
  FLOTSAM_ASSIGN(const auto object, ground_.put_twice("delete"));
  HttpResponse response;
  const S3Sent wrong = ground_.send(ask_delete(KeyView(object.key), object.old_etag), response);
  if (wrong.fate == S3Sent::Fate::unknown || wrong.retryable) return answer_lost();
  FLOTSAM_ASSIGN(const auto after, ground_.etag_of(object.key));
  if (wrong.fate == S3Sent::Fate::done)
    return seen(false, after ? "a wrong etag: done, says the store, and the object stands"
                             : "a wrong etag: deleted, the condition was ignored");
  if (!after) return seen(false, "a wrong etag: refused, and deleted all the same");
  if (wrong.error.http_status != 412)
    return is_denied(wrong.error) ? not_made(refusal_of(wrong.error))
                                  : seen(false, "a wrong etag: " + refusal_of(wrong.error));
  const S3Sent right = ground_.send(ask_delete(KeyView(object.key), object.etag), response);
  if (right.fate == S3Sent::Fate::unknown || right.retryable) return answer_lost();
  if (right.fate != S3Sent::Fate::done)
    return seen(false, "the right etag was refused, too: " + name_of(right.error));
  FLOTSAM_ASSIGN(const auto gone, ground_.etag_of(object.key));
  if (gone) return seen(false, "the right etag: done, says the store, and the object stands");
  return seen(true, "a wrong etag: refused; the right one: deleted");
}

Result<Seen> S3Probe::batch_if_match() {
  FLOTSAM_ASSIGN(const auto kept, ground_.put_twice("batch-kept"));
  FLOTSAM_ASSIGN(const auto deleted, ground_.put_twice("batch-deleted"));
  const std::array<BatchDeletion, 2> deletions = {
      BatchDeletion{.key = KeyView(kept.key), .etag = kept.old_etag},
      BatchDeletion{.key = KeyView(deleted.key), .etag = deleted.etag}};
  HttpResponse response;
  const S3Sent sent = ground_.send(ask_delete_batch(deletions), response);
  if (sent.fate == S3Sent::Fate::unknown || sent.retryable) return answer_lost();
  if (sent.fate != S3Sent::Fate::done)
    return is_denied(sent.error) ? not_made(refusal_of(sent.error))
                                 : seen(false, "the batch was " + refusal_of(sent.error));
  auto entries = parse_batch_answer(response.body);
  if (!entries) return answer_lost();
  FLOTSAM_ASSIGN(const auto first, ground_.etag_of(kept.key));
  FLOTSAM_ASSIGN(const auto second, ground_.etag_of(deleted.key));
  const auto entry_of = [&](const std::string& key) {
    return std::find_if(entries->begin(), entries->end(),
                        [&](const BatchEntry& entry) { return entry.key == key; });
  };
  const auto of_kept = entry_of(kept.key), of_deleted = entry_of(deleted.key);
  if (of_kept == entries->end() || of_deleted == entries->end())
    return seen(false, "the answer does not name every key");
  if (!first) return seen(false, "a wrong etag: deleted, the condition was ignored");
  if (of_kept->deleted) return seen(false, "a wrong etag: deleted, says the store, and the object stands");
  if (of_kept->code == "AccessDenied") return not_made("refused: AccessDenied");
  if (!of_deleted->deleted || second)
    return seen(false, "the right etag was refused, too: " + of_deleted->code);
  return seen(true, "a wrong etag: refused; the right one: deleted");
}

Result<Seen> S3Probe::versions_kept() {
  FLOTSAM_ASSIGN(const auto object, ground_.put_twice("version"));
  HttpResponse response;
  const S3Sent deleted = ground_.send(ask_delete(KeyView(object.key)), response);
  if (deleted.fate == S3Sent::Fate::unknown || deleted.retryable) return answer_lost();
  if (deleted.fate != S3Sent::Fate::done) return not_made(refusal_of(deleted.error));
  const std::string marker(response.header("x-amz-version-id").value_or(std::string_view()));
  const bool is_marker = response.header("x-amz-delete-marker") == "true";
  FLOTSAM_ASSIGN(const auto gone, ground_.etag_of(object.key));
  if (gone) return seen(false, "deleted, says the store, and the object stands");
  if (!is_marker) return seen(false, "deleted without a marker");
  if (marker.empty() || marker == "null") return seen(false, "the marker has no id of its own");
  const S3Sent undone = ground_.send(ask_remove_marker(KeyView(object.key), marker), response);
  if (undone.fate == S3Sent::Fate::unknown || undone.retryable) return answer_lost();
  if (undone.fate != S3Sent::Fate::done)
    return not_made("a marker was made, and could not be removed: " + name_of(undone.error));
  FLOTSAM_ASSIGN(const auto back, ground_.etag_of(object.key));
  if (back != object.etag) return seen(false, "the marker was removed, and the object is not back");
  return seen(true, "a marker was made; without it the object is back");
}

Result<Seen> S3Probe::distinct_keys() {
  const std::string folder = ground_.new_key("keys") + "/";
  std::vector<std::string> keys;
  for (const char* name :
       {"a/b", "a//b", "a/./b", "\xC3\xA9", "e\xCC\x81", "x y", "x+y", "x%2By", "x%20y", "case", "Case"})
    keys.push_back(folder + name);
  std::vector<std::string> refused;
  for (const std::string& key : keys) {
    FLOTSAM_ASSIGN(const S3Settled put, ground_.put(key, key));
    if (!put.done && is_denied(put.error)) return not_made(refusal_of(put.error));
    if (!put.done) refused.push_back(in_quotes(key.substr(folder.size())));
  }
  std::vector<std::string> mistaken;
  for (const std::string& key : keys) {
    HttpResponse response;
    const auto got = client_.read(S3Ask::of_object("GET", KeyView(key)), response,
                                  [](HttpResponse&) -> Result<void> { return {}; });
    if (!got && got.error().http_status != 404 && !(got.error().http_status == 400 && !refused.empty()))
      return std::unexpected<Error>(got.error());
    if (got && response.body != key) mistaken.push_back(in_quotes(key.substr(folder.size())));
  }
  if (!mistaken.empty())
    return seen(false, fmt::format("another key's object is under {}", fmt::join(mistaken, ", ")));
  if (!refused.empty()) return seen(false, fmt::format("the store refuses {}", fmt::join(refused, ", ")));
  auto listed = ground_.list();
  if (!listed && listed.error().code == ErrorCode::corrupt)
    return seen(false, "the listing cannot be trusted: " + listed.error().message);
  FLOTSAM_TRY(listed);
  std::erase_if(*listed, [&](const std::string& key) { return !key.starts_with(folder); });
  std::sort(keys.begin(), keys.end());
  if (*listed != keys) return seen(false, "the listing shows other keys than were written");
  return seen(true, fmt::format("{} keys that look alike stay apart", keys.size()));
}

Result<Seen> S3Probe::owner_checked() {
  const std::string key = ground_.new_key("owner");
  FLOTSAM_ASSIGN(const S3Settled put, ground_.put(key, "owner"));
  if (!put.done) return not_made(refusal_of(put.error));
  const auto head = ground_.etag_of(key);
  if (!head || !*head) return not_made("the object could not be looked at");
  StoreOptions other = options_;
  other.expected_bucket_owner =
      options_.expected_bucket_owner == "000000000000" ? "999999999999" : "000000000000";
  other.region = place_.session().region();
  FLOTSAM_ASSIGN(const auto place, open_s3_place(other, context_, tuning_));
  const auto transports = place->transports(&cancel_);
  S3Client client(place->session(), transports->make(), &cancel_);
  client.set_timeout(kTimeout);
  const auto asked = head_object(client, KeyView(key));
  if (asked) return seen(false, "a wrong owner was not noticed");
  if (asked.error().http_status != 403) return std::unexpected<Error>(asked.error());
  return seen(true, "a wrong owner was refused");
}

Result<void> S3Probe::make_steps() {
  FLOTSAM_TRY(begin());
  findings_.steps.push_back({"write an object", "done"});
  FLOTSAM_TRY(make("create where an object stands (If-None-Match)", &S3Probe::create_if_absent,
                   findings_.create_if_absent));
  FLOTSAM_TRY(
      make("replace on a condition (If-Match)", &S3Probe::replace_if_match, findings_.replace_if_match));
  FLOTSAM_TRY(make("delete on a condition (If-Match)", &S3Probe::delete_if_match, findings_.delete_if_match));
  FLOTSAM_TRY(
      make("delete a batch on conditions (ETag)", &S3Probe::batch_if_match, findings_.batch_if_match));
  FLOTSAM_TRY(make("delete, and remove the marker", &S3Probe::versions_kept, findings_.versions_kept));
  FLOTSAM_TRY(make("keep apart keys that look alike", &S3Probe::distinct_keys, findings_.distinct_keys));
  return make("name a wrong owner", &S3Probe::owner_checked, findings_.owner_checked);
}

Result<ProbeFindings> S3Probe::run() {
  auto made = make_steps();
  // Even where the person has asked to stop.
  const auto transports = place_.transports(nullptr);
  S3Client cleaner(place_.session(), transports->make(), nullptr);
  cleaner.set_timeout(kTimeout);
  const std::vector<std::string> left = ground_.clean_up(cleaner);
  const std::string left_behind = fmt::format("left behind: {}", fmt::join(left, ", "));
  if (!made) {
    Error error = std::move(made).error();
    if (!left.empty()) error.message += "; " + to_printable(left_behind);
    return fail(std::move(error), fmt::format("while probing s3://{}/{}", place_.bucket(), ground_.base()));
  }
  findings_.steps.push_back({"clean up", left.empty() ? "done" : left_behind});
  return std::move(findings_);
}

}  // namespace

Result<ProbeFindings> probe_s3(const StoreOptions& options, const std::string& prefix,
                               const StoreContext& context, const Cancel& cancel, const S3Tuning& tuning) {
  FLOTSAM_ASSIGN(const auto place, open_s3_place(options, context, tuning));
  return S3Probe(*place, options, context, cancel, tuning, prefix).run();
}

}  // namespace flotsam
