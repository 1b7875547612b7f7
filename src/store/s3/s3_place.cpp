#include "store/s3/s3_place.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/text.h"
#include "store/s3/listing_page.h"
#include "store/s3/s3_request.h"

namespace flotsam {
namespace {

constexpr Seconds kClockDifferenceMax{60};

/// Not permitted or not supported: the answer stays unknown and the careful assumption holds.
bool is_unreadable(const Error& error) {
  return error.service_code == "AccessDenied" || error.code == ErrorCode::refused;
}

/// A store that errs fails the scan; one that does not let us see a setting, or does not know it, does not.
bool is_fault(const Error& error) {
  return error.code == ErrorCode::unavailable || error.code == ErrorCode::interrupted;
}

/// One asking for a bucket's settings.
class FactsReading {
 public:
  FactsReading(S3Session& session, std::unique_ptr<Transport> transport, const std::string& listable_prefix)
      : session_(session),
        client_(session, std::move(transport), nullptr),
        listable_prefix_(listable_prefix) {}
  Result<StoreFacts> read();
  ObjectLock lock() const { return lock_; }

 private:
  Result<void> read_versioning(StoreFacts& facts);
  Result<void> prove_by_listing(StoreFacts& facts);
  Result<void> note_clock(const HttpResponse& response, StoreFacts& facts);
  Result<void> read_lifecycle(StoreFacts& facts);
  Result<void> read_object_lock(StoreFacts& facts);

  S3Session& session_;
  S3Client client_;
  const std::string& listable_prefix_;
  ObjectLock lock_ = ObjectLock::unknown;
};

/// Accepts any 200: what is in it is judged afterwards.
Result<void> take_any(HttpResponse& /*response*/) {
  return {};
}

Result<void> FactsReading::note_clock(const HttpResponse& response, StoreFacts& facts) {
  facts.local_clock = session_.clock().now();
  const auto header = response.header("date");
  const auto date = header
                        ? parse_http_date(*header)
                        : Result<Timestamp>(fail(ErrorCode::corrupt, "the store's answer carries no Date"));
  if (!date)
    return fail(ErrorCode::corrupt, "the store does not tell its time: " + date.error().message,
                "ages cannot be judged without the store's clock: check any proxy before it");
  facts.clock = *date;
  const auto difference = std::chrono::floor<Seconds>(facts.local_clock - facts.clock);
  if (std::chrono::abs(difference) > kClockDifferenceMax)
    facts.warnings.push_back(
        fmt::format("this machine's clock is {} {} the store's; ages are judged by the store's",
                    to_human_seconds(std::chrono::abs(difference).count()),
                    difference.count() < 0 ? "behind" : "ahead of"));
  return {};
}

Result<void> FactsReading::read_versioning(StoreFacts& facts) {
  HttpResponse response;
  const auto asked = client_.get(sub_resource_parameters("versioning"), response, take_any);
  if (!asked && !is_unreadable(asked.error())) return std::unexpected<Error>(asked.error());
  facts.versioning = asked ? parse_versioning(response.body) : Versioning::unknown;
  if (asked && parse_mfa_delete(response.body))
    facts.warnings.emplace_back(
        "the bucket asks for a code of an MFA device before a delete marker is removed: undo has to copy the "
        "versions forward instead");
  if (facts.versioning != Versioning::unknown) return note_clock(response, facts);
  const std::string why = asked ? "an answer that is none" : asked.error().service_code;
  facts.warnings.push_back(
      fmt::format("the bucket's versioning could not be read ({}): treated as none", why));
  return prove_by_listing(facts);
}

/// Where the settings do not show that the bucket is there and open to us, a page of one key does.
Result<void> FactsReading::prove_by_listing(StoreFacts& facts) {
  ListingPageParser parser(session_.address().bucket);
  ListingPage page;
  HttpResponse response;
  const ListObjectsAsk ask{
      .prefix = listable_prefix_, .start_after = "", .token = "", .delimiter = "", .max_keys = 1};
  FLOTSAM_TRY(client_.get(list_objects_parameters(ask), response,
                          [&](HttpResponse& answer) { return parser.parse(ask, answer.body, page); }));
  return note_clock(response, facts);
}

Result<void> FactsReading::read_lifecycle(StoreFacts& facts) {
  HttpResponse response;
  const auto asked = client_.get(sub_resource_parameters("lifecycle"), response, take_any);
  if (asked) {
    facts.lifecycle = parse_lifecycle(response.body, facts.clock);
  } else if (asked.error().service_code == "NoSuchLifecycleConfiguration") {
    facts.lifecycle.emplace();
  } else if (is_fault(asked.error())) {
    return std::unexpected<Error>(asked.error());
  }
  return {};
}

Result<void> FactsReading::read_object_lock(StoreFacts& facts) {
  HttpResponse response;
  const auto asked = client_.get(sub_resource_parameters("object-lock"), response, take_any);
  if (!asked && is_fault(asked.error())) return std::unexpected<Error>(asked.error());
  lock_ = asked ? parse_object_lock(response.body) : object_lock_of(asked.error());
  facts.object_lock = lock_ == ObjectLock::on;
  if (lock_ != ObjectLock::unknown) return {};
  const std::string& code = asked ? std::string() : asked.error().service_code;
  const std::string why = asked          ? "an answer that is none"
                          : code.empty() ? fmt::format("HTTP {}", asked.error().http_status)
                                         : code;
  facts.warnings.push_back(
      fmt::format("whether the bucket has object lock could not be read ({}): before a deletion each object "
                  "is asked for its retention and its legal hold, and kept where these cannot be read; grant "
                  "s3:GetBucketObjectLockConfiguration",
                  why));
  return {};
}

Result<StoreFacts> FactsReading::read() {
  StoreFacts facts;
  FLOTSAM_ASSIGN(const AwsCredentials credentials, session_.credentials());
  facts.credentials = credentials.provider;
  facts.identity = identity_of(session_.address());
  FLOTSAM_TRY(read_versioning(facts));
  FLOTSAM_TRY(read_lifecycle(facts));
  FLOTSAM_TRY(read_object_lock(facts));
  facts.region = session_.region();
  return facts;
}

}  // namespace

S3Place::S3Place(S3Address address, std::unique_ptr<CredentialProvider> credentials,
                 const StoreContext& context, const S3Tuning& tuning, std::string ca_bundle,
                 std::string listable_prefix)
    : session_(std::move(address), std::move(credentials), *context.clock, *context.log, tuning),
      environment_(*context.environment),
      ca_bundle_(std::move(ca_bundle)),
      listable_prefix_(std::move(listable_prefix)) {}

std::unique_ptr<TransportFactory> S3Place::transports(const Cancel* cancel) const {
  TransportOptions options;
  options.ca_bundle = ca_bundle_;
  options.cancel = cancel;
  return make_curl_transport(environment_, options);
}

std::unique_ptr<TransportFactory> S3Place::patient_transports() const {
  TransportOptions options;
  options.ca_bundle = ca_bundle_;
  options.stall_timeout = std::chrono::seconds(0);
  return make_curl_transport(environment_, options);
}

Result<StoreFacts> S3Place::facts(ObjectLock* lock) {
  FactsReading reading(session_, transports(nullptr)->make(), listable_prefix_);
  auto facts = reading.read();
  if (lock != nullptr) *lock = reading.lock();
  if (!facts)
    return fail(std::move(facts).error(), fmt::format("while asking s3://{} for its settings", bucket()));
  return facts;
}

Result<std::unique_ptr<S3Place>> open_s3_place(const StoreOptions& options, const StoreContext& context,
                                               const S3Tuning& tuning) {
  CHECK(context.environment != nullptr && context.clock != nullptr && context.log != nullptr);
  FLOTSAM_ASSIGN(const AwsSettings settings, read_aws_settings(*context.environment, options.profile));
  FLOTSAM_ASSIGN(S3Address address, make_s3_address(options, settings, *context.environment));
  FLOTSAM_ASSIGN(auto credentials, find_credentials(*context.environment, options.profile));
  S3Tuning tuned = tuning;
  if (settings.max_attempts > 0) tuned.retry.max_attempts = settings.max_attempts;
  return std::make_unique<S3Place>(std::move(address), std::move(credentials), context, tuned,
                                   settings.ca_bundle.value_or(""), options.listable_prefix);
}

}  // namespace flotsam
