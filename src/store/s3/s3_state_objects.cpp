#include "store/s3/s3_state_objects.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "store/s3/listing_page.h"
#include "store/s3/s3_settle.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kPieceBytes = 16U << 20U;
constexpr unsigned kEmptyPagesMax = 1000;
constexpr std::chrono::milliseconds kTimeout{120'000};

std::string quoted_etag(const std::string& etag) {
  return "\"" + etag + "\"";
}

std::string_view writer_of(const ObjectHead& head) {
  for (const auto& [name, value] : head.carried)
    if (name == kWriterHeader) return value;
  return {};
}

bool is_missing(const Error& error) {
  return error.http_status == 404 && error.service_code != "NoSuchBucket";
}

Result<void> take_any(HttpResponse& /*response*/) {
  return {};
}

}  // namespace

S3StateObjects::S3StateObjects(std::unique_ptr<S3Place> place, std::string prefix)
    : place_(std::move(place)), prefix_(std::move(prefix)), transports_(place_->transports(nullptr)) {}

std::unique_ptr<S3Client> S3StateObjects::take() {
  const std::lock_guard lock(clients_mutex_);
  if (!idle_.empty()) {
    auto client = std::move(idle_.back());
    idle_.pop_back();
    return client;
  }
  auto client = std::make_unique<S3Client>(place_->session(), transports_->make(), nullptr);
  client->set_timeout(kTimeout);
  return client;
}

void S3StateObjects::give_back(std::unique_ptr<S3Client> client) {
  const std::lock_guard lock(clients_mutex_);
  idle_.push_back(std::move(client));
}

Result<void> S3StateObjects::fetch_pieces(S3Client& client, const ObjectHead& head, const Use& use) {
  const std::uint64_t size = head.object.size_bytes;
  for (std::uint64_t at = 0; at < size; at += kPieceBytes) {
    const std::uint64_t end = std::min(size, at + kPieceBytes);
    const S3Ask ask = S3Ask::of_object(
        "GET", head.object.key.view(), {},
        {{"range", fmt::format("bytes={}-{}", at, end - 1)}, {"if-match", quoted_etag(head.object.etag)}});
    FLOTSAM_ASSIGN(const S3Settled settled, settle(place_->session(), client, ask));
    if (!settled.done && (settled.status == 412 || is_missing(settled.error)))
      return fail(ErrorCode::unavailable, "the entry was changed while it was read", "try again");
    if (!settled.done) return std::unexpected<Error>(settled.error);
    if (settled.status != 206 || settled.response.body.size() != end - at)
      return fail(ErrorCode::corrupt,
                  fmt::format("asked for bytes {} to {}, the store answered {} with {} bytes", at, end - 1,
                              settled.status, settled.response.body.size()));
    FLOTSAM_TRY(use(settled.response.body));
  }
  return {};
}

Result<std::optional<std::string>> S3StateObjects::fetch(const std::string& key, std::uint64_t limit_bytes,
                                                         const Use& use) {
  FLOTSAM_TRY(ensure_region());
  const Lent client(*this);
  const auto too_large = [&](std::uint64_t size) {
    return fail(ErrorCode::refused,
                fmt::format("it has {} bytes, more than the {} that are read", size, limit_bytes));
  };
  FLOTSAM_ASSIGN(const auto head, head_object(*client, KeyView(key)));
  if (!head) return std::nullopt;
  if (head->object.size_bytes > limit_bytes) return too_large(head->object.size_bytes);
  if (head->object.size_bytes > kPieceBytes) {
    FLOTSAM_TRY(fetch_pieces(*client, *head, use));
    return head->object.etag;
  }
  FLOTSAM_ASSIGN(const auto entry, get_small(key));
  if (!entry) return std::nullopt;
  if (entry->bytes.size() > limit_bytes) return too_large(entry->bytes.size());
  FLOTSAM_TRY(use(entry->bytes));
  return entry->tag;
}

Result<std::optional<State::Entry>> S3StateObjects::get_small(const std::string& key) {
  FLOTSAM_TRY(ensure_region());
  const Lent client(*this);
  HttpResponse response;
  const auto asked = client->read(S3Ask::of_object("GET", KeyView(key)), response, take_any);
  if (!asked && is_missing(asked.error())) return std::nullopt;
  FLOTSAM_TRY(asked);
  std::string_view etag = response.header("etag").value_or(std::string_view());
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  if (etag.empty()) return fail(ErrorCode::corrupt, "the store gives the entry no etag");
  State::Entry entry;
  entry.tag = etag;
  entry.bytes = std::move(response.body);
  return entry;
}

Result<std::optional<State::Entry>> S3StateObjects::get(const std::string& key, std::uint64_t limit_bytes) {
  State::Entry entry;
  FLOTSAM_ASSIGN(const auto etag, fetch(key, limit_bytes, [&](std::string_view bytes) -> Result<void> {
                   entry.bytes += bytes;
                   return {};
                 }));
  if (!etag) return std::nullopt;
  entry.tag = *etag;
  return entry;
}

Result<bool> S3StateObjects::get_in_pieces(const std::string& key, const Use& use) {
  FLOTSAM_ASSIGN(const auto etag, fetch(key, kObjectSizeMax, use));
  return etag.has_value();
}

Result<std::vector<std::string>> S3StateObjects::list(const std::string& prefix) {
  const Lent client(*this);
  std::vector<std::string> keys;
  ListingPageParser parser(bucket());
  ListingPage page;
  HttpResponse response;
  ListObjectsAsk ask{.prefix = prefix,
                     .start_after = "",
                     .token = "",
                     .delimiter = "",
                     .max_keys = place_->session().tuning().page_keys};
  for (unsigned empty_pages = 0;;) {
    FLOTSAM_TRY(client->get(list_objects_parameters(ask), response,
                            [&](HttpResponse& answer) { return parser.parse(ask, answer.body, page); }));
    for (const ObjectView& object : page.objects) {
      if (!keys.empty() && object.key.bytes() <= keys.back())
        return fail(ErrorCode::corrupt, fmt::format("key {} comes after {}: keys must rise",
                                                    in_quotes(object.key.bytes()), in_quotes(keys.back())));
      keys.emplace_back(object.key.bytes());
    }
    if (!page.truncated) return keys;
    if (page.objects.empty() && ++empty_pages > kEmptyPagesMax)
      return fail(ErrorCode::corrupt, "the listing does not end");
    ask.token = page.token;
  }
}

Result<void> S3StateObjects::ensure_region() {
  const std::lock_guard lock(region_mutex_);
  if (region_known_) return {};
  const Lent client(*this);
  HttpResponse response;
  const auto asked =
      client->read(S3Ask::of_object("GET", KeyView(prefix_ + ".flotsam-region")), response, take_any);
  // Not there, or not to be seen: an answer of the right region all the same.
  const bool answered = asked || is_missing(asked.error()) || asked.error().service_code == "AccessDenied";
  if (!answered) return std::unexpected<Error>(asked.error());
  region_known_ = true;
  return {};
}

Result<void> S3StateObjects::ensure_proven() {
  FLOTSAM_TRY(ensure_region());
  const std::lock_guard lock(proof_mutex_);
  if (proven_) return {};
  if (disproven_) return std::unexpected<Error>(*disproven_);
  const Lent client(*this);
  const std::string key = prefix_ + ".flotsam-proof-" + random_hex(8);
  const auto proof = prove_conditions(place_->session(), *client, key);
  if (!proof) {
    Error error = proof.error();
    error.context.push_back(fmt::format("while proving that s3://{}/{} can hold locks", bucket(), prefix_));
    if (error.code == ErrorCode::refused) disproven_ = error;
    return std::unexpected<Error>(std::move(error));
  }
  proof_ = *proof;
  proven_ = true;
  return {};
}

Result<bool> S3StateObjects::is_ours(S3Client& client, const ObjectHead& now, std::string_view bytes,
                                     std::string_view writer) {
  if (const std::string_view by = writer_of(now); !by.empty()) return by == writer;
  // A store that drops metadata: the bytes are all there is.
  if (now.object.size_bytes != bytes.size()) return false;
  HttpResponse response;
  const auto asked = client.read(S3Ask::of_object("GET", now.object.key.view()), response, take_any);
  if (!asked && is_missing(asked.error())) return false;
  FLOTSAM_TRY(asked);
  return response.body == bytes;
}

Result<bool> S3StateObjects::put_on_condition(const std::string& key, std::string_view bytes,
                                              const std::string& etag) {
  FLOTSAM_TRY(ensure_proven());
  const Lent client(*this);
  const std::string writer = random_hex(16);
  const bool creates = etag.empty();
  const S3Ask ask =
      S3Ask::of_object("PUT", KeyView(key), {},
                       {{"content-type", "application/octet-stream"},
                        {std::string(kWriterHeader), writer},
                        {creates ? "if-none-match" : "if-match", creates             ? "*"
                                                                 : proof_.bare_etags ? etag
                                                                                     : quoted_etag(etag)}},
                       std::string(bytes));
  auto settled = settle(place_->session(), *client, ask);
  if (settled && settled->done) return true;
  if (settled && !settled->repeated) {
    if (settled->status == 412 || (!creates && is_missing(settled->error))) return false;
    return std::unexpected<Error>(std::move(settled->error));
  }
  // An answer was lost: what stands there tells whether it was ours.
  auto now = head_object(*client, KeyView(key));
  if (!now) return std::unexpected<Error>(std::move(now).error());
  if (*now) {
    FLOTSAM_ASSIGN(const bool ours, is_ours(*client, **now, bytes, writer));
    if (ours) return true;
  }
  const bool still_fits = creates ? !*now : *now && (*now)->object.etag == etag;
  if (!still_fits) return false;
  if (settled) return std::unexpected<Error>(std::move(settled->error));
  return std::unexpected<Error>(std::move(settled).error());
}

Result<bool> S3StateObjects::create(const std::string& key, std::string_view bytes) {
  return put_on_condition(key, bytes, {});
}

Result<bool> S3StateObjects::replace(const std::string& key, std::string_view bytes,
                                     const std::string& etag) {
  if (etag.empty()) return false;
  return put_on_condition(key, bytes, etag);
}

Result<void> S3StateObjects::put(const std::string& key, std::string_view bytes) {
  FLOTSAM_TRY(ensure_region());
  const Lent client(*this);
  HttpResponse response;
  return client->repeat(S3Ask::of_object("PUT", KeyView(key), {},
                                         {{"content-type", "application/octet-stream"}}, std::string(bytes)),
                        response, take_any);
}

Result<bool> S3StateObjects::remove(const std::string& key, const std::string& etag) {
  FLOTSAM_TRY(ensure_proven());
  const Lent client(*this);
  S3Session& session = place_->session();
  bool was_sent = false;
  for (unsigned attempt = 1;; ++attempt) {
    FLOTSAM_ASSIGN(const auto now, head_object(*client, KeyView(key)));
    if (!now) return was_sent;
    if (now->object.etag != etag) return false;
    HttpResponse response;
    S3Sent sent =
        client->send_once(ask_delete(KeyView(key), proof_.delete_takes_condition ? etag : ""), response);
    if (sent.fate == S3Sent::Fate::done) return true;
    const int status = sent.error.http_status;
    const bool is_refused = sent.fate == S3Sent::Fate::refused;
    if (is_refused && (status == 412 || is_missing(sent.error))) return false;
    was_sent = was_sent || sent.fate == S3Sent::Fate::unknown;
    const bool may_pass = sent.fate == S3Sent::Fate::unknown || sent.retryable || status == 409;
    const auto wait = may_pass
                          ? session.retry().wait_after(
                                attempt, sent.throttled ? RetryClass::throttled : RetryClass::transient, {})
                          : std::nullopt;
    if (!wait) return std::unexpected<Error>(std::move(sent.error));
    FLOTSAM_TRY(sleep_unless_cancelled(session.clock(), *wait, nullptr));
  }
}

}  // namespace flotsam
