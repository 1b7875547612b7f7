#include "store/s3/s3_look.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "store/s3/page_walk.h"
#include "store/s3/xml_answer.h"

namespace flotsam {
namespace {

/// A page pays where it answers for so many objects.
constexpr std::size_t kPageWorth = 8;
/// Fewer objects are looked at one by one anyway.
constexpr std::size_t kPagesFrom = 16;

Look unknown(std::string reason) {
  return {.state = LookState::unknown, .now = {}, .reason = std::move(reason)};
}

/// Errors that would be the same for every object.
bool stops_everything(const Error& error) {
  static constexpr std::array<std::string_view, 8> kCodes = {
      "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken",      "InvalidToken",
      "NoSuchBucket",       "RequestTimeTooSkewed",  "AllAccessDisabled", "TokenRefreshRequired"};
  // No S3 server answers 404 to a listing without saying why: something else stands in its place.
  if (error.http_status == 404 && error.service_code.empty()) return true;
  return std::find(kCodes.begin(), kCodes.end(), error.service_code) != kCodes.end();
}

/// What all keys from `from` on begin with.
std::string common_prefix_of(std::span<const Object> objects) {
  const std::string& first = objects.front().key.bytes();
  const std::string& last = objects.back().key.bytes();  // in order: what these two share, all do
  const auto [end, ignored] = std::mismatch(first.begin(), first.end(), last.begin(), last.end());
  return {first.begin(), end};
}

/// Whether the XML of a retention or a legal hold says that the object is held.
enum class Held { no, yes, unread };
Held read_retention(std::string body, const std::optional<Timestamp>& now) {
  pugi::xml_document document;
  const auto root = parse_xml_in_place(document, body);
  if (!root || std::string_view(root->name()) != "Retention") return Held::unread;
  const auto until = parse_rfc3339(text_of_child(*root, "RetainUntilDate"));
  if (!until || !now) return root->first_child() ? Held::yes : Held::no;
  return *until > *now ? Held::yes : Held::no;
}
Held read_legal_hold(std::string body) {
  pugi::xml_document document;
  const auto root = parse_xml_in_place(document, body);
  if (!root || std::string_view(root->name()) != "LegalHold") return Held::unread;
  return text_of_child(*root, "Status") == "OFF" ? Held::no : Held::yes;
}

/// The object has neither; Ceph says so in the words that S3 has for a bucket. A bucket without object lock
/// has no code of its own for it, only words.
bool says_none(const Error& error) {
  const std::string& said = error.message;
  const auto says = [&](std::string_view words) { return said.find(words) != std::string::npos; };
  if (error.http_status == 400 && error.service_code == "InvalidRequest")
    return says("missing Object Lock Configuration") || says("missing ObjectLockConfiguration") ||
           says("bucket object lock not configured");
  return error.http_status == 404 && (error.service_code == "NoSuchObjectLockConfiguration" ||
                                      error.service_code == "ObjectLockConfigurationNotFoundError");
}

/// GET /bucket/key?retention= or ?legal-hold=. The reason why the object is held; empty: it is not.
std::string why_held(S3Client& client, KeyView key, std::string_view what) {
  HttpResponse response;
  Held held = Held::unread;
  const auto asked = client.read(
      S3Ask::of_object("GET", key, sub_resource_parameters(what)), response,
      [&](HttpResponse& answer) -> Result<void> {
        const auto date = parse_http_date(answer.header("date").value_or(""));
        held = what == "retention" ? read_retention(answer.body, date ? std::optional(*date) : std::nullopt)
                                   : read_legal_hold(answer.body);
        return {};
      });
  if (!asked && says_none(asked.error())) return {};
  if (!asked) return fmt::format("its {} cannot be read: {}", what, asked.error().message);
  if (held == Held::unread) return fmt::format("its {} cannot be read", what);
  return held == Held::yes ? fmt::format("the store holds it by a {}", what) : std::string();
}

}  // namespace

Look look_of(const Object& planned, const Result<std::optional<ObjectHead>>& head) {
  if (!head) return unknown(head.error().message);
  if (!*head) return {.state = LookState::gone, .now = {}, .reason = {}};
  const Object& now = (*head)->object;
  return {
      .state = is_same_object(planned, now) ? LookState::same : LookState::changed, .now = now, .reason = {}};
}

/// Asks for the page behind object `from` and takes what it shows. Returns how many objects it answered for.
std::size_t S3Look::take_page(std::size_t from) {
  const std::span<const Object> rest = objects_.subspan(from);
  PageWalk walk(holdings_.hands().store(), holdings_.bucket(),
                {.prefix = common_prefix_of(rest),
                 .start_after = rest.front().key.bytes(),
                 .token = "",
                 .delimiter = "",
                 .max_keys = holdings_.tuning().page_keys},
                0);
  const auto page = walk.next();
  if (!page) {
    holdings_.log().debug(fmt::format("looking by HEAD: {}", page.error().message));
    return 0;
  }
  absence_.note_page();
  std::size_t answered = 0;
  std::size_t i = from;
  for (const ObjectView& shown : (*page)->objects) {
    while (i < objects_.size() && objects_[i].key.view() < shown.key) ++i;
    if (i == objects_.size()) break;
    if (objects_[i].key.view() != shown.key || !is_open_[i]) continue;
    if (!shown.last_modified || shown.etag.empty()) continue;  // says too little: HEAD says more
    const Object now = Object::of(shown);
    looks_[i] = {.state = is_same_object(objects_[i], now) ? LookState::same : LookState::changed,
                 .now = now,
                 .reason = {}};
    is_open_[i] = 0;
    ++answered;
  }
  return answered;
}

/// Pages, as long as they pay; after one that does not, some objects are left to HEAD before the next try.
/// What a page does not show is looked at by HEAD as well: there are stores whose pages leave something out.
void S3Look::by_pages() {
  std::size_t leap = kPagesFrom;
  std::size_t from = 0;
  while (from + kPagesFrom <= objects_.size()) {
    const std::size_t answered = take_page(from);
    if (answered >= kPageWorth) {
      // Go on at the first object behind the last one that was seen.
      std::size_t last = objects_.size();
      while (last > from && is_open_[last - 1]) --last;
      from = last;
    } else {
      from += leap;
      leap *= 2;
    }
  }
}

void S3Look::look_at_lock(S3Client& client, std::size_t number) {
  Look& look = looks_[number];
  if (look.state != LookState::same) return;
  for (const std::string_view what : {"retention", "legal-hold"}) {
    std::string reason = why_held(client, objects_[number].key.view(), what);
    if (reason.empty()) continue;
    look.state = LookState::held;
    look.reason = std::move(reason);
    return;
  }
}

void S3Look::by_heads() {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < objects_.size(); ++i)
    if (is_open_[i]) open.push_back(i);
  holdings_.for_each(open.size(), [&](S3Hands& hands, std::size_t number) {
    const std::size_t i = open[number];
    const auto head = absence_.head(hands, objects_[i].key.view());
    looks_[i] = look_of(objects_[i], head);
    if (looks_[i].state == LookState::same && *head && (*head)->lock_shown) {
      looks_[i].state = LookState::held;
      looks_[i].reason = "the store holds it by a retention or a legal hold";
    }
    if (lock_ != ObjectLock::none) look_at_lock(hands.store(), i);
  });
}

/// An answer to HEAD has no body, so it cannot say that it is the credentials that are refused: a page can.
Result<void> S3Look::stop_where_refused() {
  const bool any = std::any_of(looks_.begin(), looks_.end(),
                               [](const Look& look) { return look.state == LookState::unknown; });
  if (!any) return {};
  HttpResponse response;
  const ListObjectsAsk ask{
      .prefix = objects_.front().key.bytes(), .start_after = "", .token = "", .delimiter = "", .max_keys = 1};
  const auto asked = holdings_.hands().store().get(list_objects_parameters(ask), response,
                                                   [](HttpResponse&) -> Result<void> { return {}; });
  if (!asked && (stops_everything(asked.error()) || asked.error().code == ErrorCode::interrupted))
    return fail(asked.error(), fmt::format("while looking at objects of s3://{}", holdings_.bucket()));
  return {};
}

Result<std::vector<Look>> S3Look::look(std::span<const Object> objects) {
  objects_ = objects;
  looks_.assign(objects.size(), Look{});
  is_open_.assign(objects.size(), 1);
  for (std::size_t i = 1; i < objects.size(); ++i) CHECK(objects[i - 1].key < objects[i].key);
  FLOTSAM_TRY(holdings_.place().session().credentials());
  // Pages show neither retention nor hold.
  if (lock_ == ObjectLock::none) by_pages();
  by_heads();
  FLOTSAM_TRY(stop_where_refused());
  return std::move(looks_);
}

}  // namespace flotsam
