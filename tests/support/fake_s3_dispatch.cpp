// What a request to the fake S3 asks for, and how it goes wrong.

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <time.h>

#include "support/fake_s3_inside.h"

namespace flotsam::test {
namespace {

using Parameters = std::map<std::string, std::string>;

Operation operation_of_bucket(const std::string& method, const Parameters& parameters) {
  if (method == "POST" && parameters.contains("delete")) return Operation::delete_batch;
  if (method != "GET") return Operation::unknown;
  for (const char* name : {"versioning", "lifecycle", "object-lock"})
    if (parameters.contains(name)) return Operation::settings;
  return parameters.contains("versions") ? Operation::list_versions : Operation::list;
}

Operation operation_of_object(const WireRequest& request, const Parameters& parameters) {
  const auto has = [&](const char* name) { return parameters.contains(name); };
  const bool is_plain = parameters.empty() || (parameters.size() == 1 && has("versionId"));
  const bool is_part = has("uploadId") && has("partNumber");
  const std::string& method = request.method;
  if (method == "PUT") {
    if (is_part) return Operation::multipart_part;
    if (has("tagging")) return Operation::put_tags;
    if (!parameters.empty()) return Operation::unknown;
    return request.has_header("x-amz-copy-source") ? Operation::copy : Operation::put;
  }
  if (method == "POST" && has("uploads")) return Operation::multipart_create;
  if (method == "POST" && has("uploadId")) return Operation::multipart_complete;
  if (method == "DELETE" && has("uploadId")) return Operation::multipart_abort;
  if (method == "GET" && has("tagging")) return Operation::get_tags;
  if (method == "GET" && has("retention")) return Operation::get_retention;
  if (method == "GET" && has("legal-hold")) return Operation::get_legal_hold;
  if (!is_plain) return Operation::unknown;
  if (method == "DELETE") return has("versionId") ? Operation::delete_version : Operation::delete_one;
  if (method == "GET") return Operation::get;
  return method == "HEAD" ? Operation::head : Operation::unknown;
}

bool writes_a_key(Operation operation) {
  static const std::set<Operation> kWrites = {
      Operation::put,      Operation::copy,           Operation::delete_one,        Operation::delete_version,
      Operation::put_tags, Operation::multipart_part, Operation::multipart_complete};
  return kWrites.contains(operation);
}

/// What happens to an answer on its way.
void spoil(Fault fault, Operation operation, WireAnswer& answer) {
  switch (fault) {
    case Fault::other_root:
      if (operation != Operation::list_versions) answer.body = "<ListAllMyBucketsResult/>";
      break;
    case Fault::lost_answer:
      answer.cut_connection = true;
      break;
    case Fault::cut_body:
      answer.cut_body = true;
      break;
    case Fault::truncated_xml:
      answer.body.resize(answer.body.size() - std::min<std::size_t>(answer.body.size(), 30));
      break;
    case Fault::done_then_500:
      answer = error_answer(500, "InternalError", "We encountered an internal error.");
      break;
    default:
      break;
  }
}

}  // namespace

std::string http_date(std::chrono::system_clock::time_point moment) {
  const time_t seconds = std::chrono::system_clock::to_time_t(moment);
  tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text.data();
}

std::string FakeS3::State::now() const {
  const auto moment = std::chrono::system_clock::now() + settings.clock_offset;
  const auto since = std::chrono::floor<std::chrono::milliseconds>(moment.time_since_epoch()).count();
  const time_t seconds = since / 1000;
  tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string milliseconds = std::to_string(1000 + since % 1000).substr(1);
  return std::string(text.data()) + "." + milliseconds + "Z";
}

WireAnswer FakeS3::State::answer_setting(const WireRequest& request, const std::string& name) {
  if (settings.settings_denied) return error_answer(403, "AccessDenied", "Access Denied");
  if (settings.settings_missing) return error_answer(501, "NotImplemented", "not implemented");
  if (settings.settings_as_listing) {
    WireRequest listing = request;
    listing.query = "list-type=2";
    return answer_listing(listing, settings, bucket.standing(), Fault::none, previous_page);
  }
  WireAnswer found;
  if (name == "versioning")
    found.body = field("VersioningConfiguration",
                       settings.versioning.empty() ? "" : field("Status", settings.versioning));
  if (name == "lifecycle") found.body = settings.lifecycle;
  if (name == "lifecycle" && settings.lifecycle.empty())
    return error_answer(404, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist");
  if (name == "object-lock" && !settings.object_lock)
    return error_answer(404, "ObjectLockConfigurationNotFoundError", "no object lock");
  if (name == "object-lock")
    found.body = field("ObjectLockConfiguration", field("ObjectLockEnabled", "Enabled"));
  return found;
}

Fault FakeS3::State::count(Operation operation) {
  const std::uint64_t number = ++counts[operation];
  if (request_callback) request_callback(operation, static_cast<unsigned>(number));
  if (operation == Operation::list && listing_callback) listing_callback(static_cast<unsigned>(number));
  for (const FaultRule& rule : faults)
    if (rule.operation == operation && number >= rule.from && number < rule.until) return rule.fault;
  return Fault::none;
}

WireAnswer FakeS3::State::answer_list(const WireRequest& request) {
  const bool below = settings.listing_allowed_below.empty() ||
                     request.query.find("prefix=" + settings.listing_allowed_below) != std::string::npos;
  if (settings.listing_denied || !below) return error_answer(403, "AccessDenied", settings.denied_message);
  const Fault fault = count(Operation::list);
  if (fault == Fault::denied) return *answer_of_fault(fault);
  const auto& standing = bucket.standing();
  if (settings.folding != KeyFolding::loses_from_list)
    return answer_listing(request, settings, standing, fault, previous_page);
  std::map<std::string, FakeObject> shown;
  for (const auto& [key, object] : standing) shown.emplace(*folded(key, KeyFolding::slashes), object);
  return answer_listing(request, settings, shown, fault, previous_page);
}

std::optional<WireAnswer> FakeS3::State::limit(Operation operation, std::uint64_t keys) {
  if (settings.keys_per_second == 0 || (operation != Operation::delete_batch && !writes_a_key(operation)))
    return std::nullopt;
  const double full = settings.keys_per_second;
  const auto moment = std::chrono::steady_clock::now();
  const std::chrono::duration<double> passed = moment - filled_at;
  tokens = std::min(full, tokens + passed.count() * full);
  filled_at = moment;
  if (tokens < std::min(full, static_cast<double>(keys))) return answer_of_fault(Fault::slow_down);
  tokens -= static_cast<double>(keys);
  return std::nullopt;
}

WireAnswer FakeS3::State::perform(const Exchange& exchange, Operation operation) {
  switch (operation) {
    case Operation::list_versions:
      return answer_list_versions(exchange);
    case Operation::head:
      return answer_head_or_get(exchange, false);
    case Operation::get:
      return answer_head_or_get(exchange, true);
    case Operation::put:
      return answer_put(exchange);
    case Operation::copy:
      return answer_copy(exchange);
    case Operation::delete_one:
      return answer_delete(exchange);
    case Operation::delete_version:
      return answer_delete_version(exchange);
    case Operation::delete_batch:
      return answer_delete_batch(exchange, deletes);
    case Operation::get_tags:
      return answer_get_tags(exchange);
    case Operation::put_tags:
      return answer_put_tags(exchange);
    case Operation::get_retention:
    case Operation::get_legal_hold:
      return answer_lock(exchange, operation);
    case Operation::multipart_create:
    case Operation::multipart_part:
    case Operation::multipart_complete:
    case Operation::multipart_abort:
      return answer_multipart(exchange, operation);
    case Operation::settings:
    case Operation::list:
    case Operation::unknown:
      break;
  }
  return error_answer(501, "NotImplemented", "this server does not know such a request");
}

WireAnswer FakeS3::State::dispatch(const WireRequest& request, const std::string& named) {
  Parameters parameters;
  for (const auto& [name, value] : parameters_of(request.query)) parameters[name] = value;
  const Operation operation = named.empty() ? operation_of_bucket(request.method, parameters)
                                            : operation_of_object(request, parameters);
  EXPECT_FALSE(named.empty() && (request.method == "DELETE" || request.method == "PUT"))
      << "a request that would make or delete a bucket: " << request.line;
  if (settings.not_implemented.contains(operation))
    return error_answer(501, "NotImplemented", "A request implies functionality that is not implemented");
  if (settings.denied.contains(operation)) return error_answer(403, "AccessDenied", "Access Denied");
  if (operation == Operation::list) return answer_list(request);
  const Fault fault = count(operation);
  if (auto spoiled = answer_of_fault(fault)) return *spoiled;
  if (operation == Operation::settings) return answer_setting(request, parameters.begin()->first);
  const auto key = folded(named, settings.folding);
  if (!key) return error_answer(400, "InvalidObjectName", "such a key cannot be");
  if (key->size() > 1024) return error_answer(400, "KeyTooLongError", "Your key is too long");
  if (operation == Operation::delete_one || operation == Operation::delete_version) ++deletes;
  std::uint64_t keys = 1;
  if (operation == Operation::delete_batch) {
    keys = 0;
    for (auto at = request.body.find("<Key>"); at != std::string::npos;
         at = request.body.find("<Key>", at + 1))
      ++keys;
  }
  if (auto slow = limit(operation, keys)) return *slow;
  const Exchange exchange{request, parameters, *key, settings, bucket, now(), fault};
  WireAnswer answer = perform(exchange, operation);
  spoil(fault, operation, answer);
  return answer;
}

WireAnswer FakeS3::State::answer(WireRequest& request) {
  ++requests;
  lines.push_back(request.line);
  if (request.method != "GET" && request.method != "HEAD") ++writes;
  const auto moment = std::chrono::system_clock::now() + settings.clock_offset;
  const bool is_virtual = request.header("host").starts_with(settings.bucket + ".");
  const std::string path = percent_decoded(request.path);
  const std::string start = is_virtual ? "/" : "/" + settings.bucket;
  std::string key = path.starts_with(start) ? path.substr(start.size()) : "";
  const bool is_ours = is_virtual || path == start || (path.starts_with(start) && key.starts_with('/'));
  if (!is_virtual && !key.empty()) key.erase(0, 1);
  WireAnswer answer;
  const std::string owner = request.header("x-amz-expected-bucket-owner");
  if (auto wrong = check_signature(request, settings, moment)) {
    ++refused;
    answer = *wrong;
  } else if (!owner.empty() && owner != settings.owner && !settings.owner_ignored) {
    answer = error_answer(403, "AccessDenied", "Access Denied");
  } else if (!is_ours) {
    answer = error_answer(404, "NoSuchBucket", "The specified bucket does not exist");
  } else {
    answer = dispatch(request, key);
  }
  if (settings.tells_time) answer.headers.emplace_back("Date", http_date(moment));
  return answer;
}

}  // namespace flotsam::test
