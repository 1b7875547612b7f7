#include "store/s3/s3_address.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/secret.h"

namespace flotsam {
namespace {

bool is_digit_or_lower(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

std::string_view partition_of(std::string_view region) {
  if (region.starts_with("cn-")) return "aws-cn";
  if (region.starts_with("us-gov-")) return "aws-us-gov";
  return "aws";
}

/// What is wrong with an endpoint; empty for the faults that parse_endpoint finds its own words for.
std::string_view words_for(EndpointFault fault) {
  switch (fault) {
    case EndpointFault::none:
    case EndpointFault::metadata:
      break;
    case EndpointFault::user_information:
      return "holds a user name: credentials are set elsewhere";
    case EndpointFault::no_scheme:
      return "has no scheme";
    case EndpointFault::other_scheme:
      return "is neither http nor https";
    case EndpointFault::query:
      return "holds a query";
    case EndpointFault::character:
      return "holds a character that no URL or host name holds";
    case EndpointFault::no_host:
      return "names no host";
    case EndpointFault::port:
      return "has a port that is no number from 1 to 65535";
    case EndpointFault::plain_aws:
      return "would reach AWS without TLS: use https";
  }
  return {};
}

Result<Endpoint> parse_endpoint(std::string_view text, std::string_view origin) {
  EndpointReading reading = read_endpoint(text);
  if (reading.fault == EndpointFault::none) return std::move(reading.endpoint);
  if (reading.fault == EndpointFault::metadata)
    return fail(ErrorCode::refused,
                fmt::format("endpoint {} ({}) is a link-local or metadata address", in_quotes(text), origin),
                "no S3 server lives there: correct the endpoint");
  // What stands before an "@" may be a secret that does not look like one.
  const std::string shown = reading.fault == EndpointFault::user_information ? std::string(Secret::shown())
                                                                             : in_quotes(redacted(text));
  return fail(ErrorCode::invalid_argument,
              fmt::format("endpoint {} ({}) {}", shown, origin, words_for(reading.fault)),
              "write it like \"https://s3.example.com\" or \"http://127.0.0.1:9000\"");
}

Result<std::string> bucket_of(std::string_view url) {
  if (!url.starts_with("s3://"))
    return fail(ErrorCode::invalid_argument,
                fmt::format("store URL {} does not begin with s3://", in_quotes(url)));
  std::string_view name = url.substr(5);
  if (name.ends_with('/')) name.remove_suffix(1);
  if (name.empty())
    return fail(ErrorCode::invalid_argument, fmt::format("store URL {} names no bucket", in_quotes(url)));
  if (name.starts_with("arn:"))
    return fail(ErrorCode::invalid_argument, fmt::format("store URL {} is an ARN", in_quotes(url)),
                "write the name of the bucket or the alias of the access point: s3://BUCKET");
  if (name.find('/') != std::string_view::npos)
    return fail(ErrorCode::invalid_argument,
                fmt::format("store URL {} names more than a bucket", in_quotes(url)),
                fmt::format("write url = \"s3://{}\" and put the rest into prefixes",
                            name.substr(0, name.find('/'))));
  const bool is_clean =
      name.size() <= 255 && name != "." && name != ".." && std::all_of(name.begin(), name.end(), [](char c) {
        return is_digit_or_lower(c) || (c >= 'A' && c <= 'Z') ||
               std::string_view("-._").find(c) != std::string_view::npos;
      });
  if (!is_clean)
    return fail(ErrorCode::invalid_argument, fmt::format("{} is no bucket's name", in_quotes(name)),
                "a name has letters, digits, '-', '.' and '_'");
  if (name.ends_with("--x-s3"))
    return fail(ErrorCode::refused,
                fmt::format("{} is a directory bucket (S3 Express One Zone)", in_quotes(name)),
                "directory buckets list without order and keep no versions: flotsam does not work on them");
  return std::string(name);
}

bool is_virtual_name(std::string_view bucket) {
  return bucket.size() >= 3 && bucket.size() <= 63 && std::all_of(bucket.begin(), bucket.end(), [](char c) {
           return is_digit_or_lower(c) || c == '-' || c == '.';
         });
}

bool is_set(const Environment& environment, std::string_view name) {
  const auto value = environment.get(name);
  return value && equal_ignoring_case(*value, "true");
}

Result<void> choose_addressing(const std::string& wish, S3Address& address) {
  const bool on_aws = address.host.empty();
  const bool dotted = address.bucket.find('.') != std::string::npos;
  if (wish == "virtual") {
    if (!is_virtual_name(address.bucket) || address.host.find(':') != std::string::npos)
      return fail(
          ErrorCode::invalid_argument,
          fmt::format("addressing \"virtual\" needs a bucket name that can be part of a host, {} cannot",
                      in_quotes(address.bucket)),
          "set addressing = \"path\"");
    address.addressing = Addressing::virtual_host;
  } else if (wish == "path") {
    address.addressing = Addressing::path;
  } else if (wish.empty() || wish == "auto") {
    const bool is_virtual = on_aws && !dotted && is_virtual_name(address.bucket);
    address.addressing = is_virtual ? Addressing::virtual_host : Addressing::path;
  } else {
    return fail(ErrorCode::invalid_argument, fmt::format("addressing {} is unknown", in_quotes(wish)),
                "use \"path\" or \"virtual\"");
  }
  return {};
}

}  // namespace

bool is_region_name(std::string_view text) {
  return !text.empty() && text.size() <= 40 &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit_or_lower(c) || c == '-'; });
}

Result<S3Address> make_s3_address(const StoreOptions& options, const AwsSettings& settings,
                                  const Environment& environment) {
  S3Address address;
  FLOTSAM_ASSIGN(address.bucket, bucket_of(options.url));
  const bool ours = options.endpoint && !options.endpoint->empty();
  const std::string endpoint_text = ours ? *options.endpoint : settings.endpoint.value_or("");
  if (!endpoint_text.empty()) {
    FLOTSAM_ASSIGN(Endpoint endpoint,
                   parse_endpoint(endpoint_text, ours ? "[store] endpoint" : settings.endpoint_origin));
    address.scheme = std::move(endpoint.scheme);
    address.host = std::move(endpoint.host);
    address.base_path = std::move(endpoint.base_path);
    address.port = endpoint.port;
  }
  address.region = options.region ? *options.region : settings.region.value_or("");
  if (address.region.empty() && !address.host.empty()) address.region = "us-east-1";
  if (!address.region.empty() && !is_region_name(address.region) && address.host.empty())
    return fail(ErrorCode::invalid_argument, fmt::format("{} is no region's name", in_quotes(address.region)),
                "write it like \"eu-west-1\"");
  address.dualstack = is_set(environment, "AWS_USE_DUALSTACK_ENDPOINT");
  address.fips = is_set(environment, "AWS_USE_FIPS_ENDPOINT");
  address.expected_bucket_owner = options.expected_bucket_owner.value_or("");
  FLOTSAM_TRY(choose_addressing(options.addressing ? *options.addressing : settings.addressing.value_or(""),
                                address));
  return address;
}

std::string service_host_of(const S3Address& address, std::string_view region) {
  if (!address.host.empty()) return address.host;
  const std::string_view where = region.empty() ? "us-east-1" : region;
  return fmt::format("s3{}{}.{}.amazonaws.com{}", address.fips ? "-fips" : "",
                     address.dualstack ? ".dualstack" : "", where, where.starts_with("cn-") ? ".cn" : "");
}

std::string identity_of(const S3Address& address) {
  if (address.host.empty() || is_aws_host(address.host)) {
    const bool is_china = address.region.starts_with("cn-") || address.host.ends_with(".cn");
    return fmt::format("arn:{}:s3:::{}", is_china ? "aws-cn" : partition_of(address.region), address.bucket);
  }
  const std::string port = address.port == 0 ? std::string() : fmt::format(":{}", address.port);
  return fmt::format("s3://{}{}{}/{}", address.host, port, address.base_path, address.bucket);
}

}  // namespace flotsam
