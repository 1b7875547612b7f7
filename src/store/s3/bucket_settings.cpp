#include "store/s3/bucket_settings.h"

#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "store/s3/xml_answer.h"

namespace flotsam {
namespace {

/// A copy of an answer, parsed.
struct Document {
  explicit Document(std::string_view body) : text(body) {
    if (const auto parsed = parse_xml_in_place(document, text)) root = *parsed;
  }
  bool is(std::string_view name) const { return root && name == root.name(); }
  std::string text;
  pugi::xml_document document;
  pugi::xml_node root;
};

std::optional<int> days_of(pugi::xml_node element) {
  std::string_view text;
  const auto days = read_text(element, text) ? parse_unsigned(text) : std::nullopt;
  if (!days || *days > 1'000'000) return std::nullopt;
  return static_cast<int>(*days);
}

/// The prefix of a rule, in the old form or in a filter, and whether the rule asks for more than that.
void read_filter(pugi::xml_node rule, LifecycleRule& read) {
  pugi::xml_node filter = rule.child("Filter");
  if (const auto all = filter.child("And"); all) filter = all;
  read.prefix = filter.child("Prefix") ? text_of_child(filter, "Prefix") : text_of_child(rule, "Prefix");
  for (const pugi::xml_node part : filter.children()) {
    const std::string_view name = part.name();
    if (name != "Prefix" && name != "And") read.has_other_filter = true;
  }
}

/// False where the rule cannot be read.
bool read_expirations(pugi::xml_node rule, Timestamp now, LifecycleRule& read) {
  const auto expiration = rule.child("Expiration");
  if (const auto days = expiration.child("Days"); days) {
    read.expiration_days = days_of(days);
    if (!read.expiration_days) return false;
  } else if (expiration.child("Date")) {
    const auto date = parse_rfc3339(text_of_child(expiration, "Date"));
    if (!date) return false;
    const auto left = std::chrono::floor<std::chrono::days>(*date - now).count();
    read.expiration_days = static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
  }
  const auto noncurrent = rule.child("NoncurrentVersionExpiration");
  if (noncurrent) {
    const auto days = noncurrent.child("NoncurrentDays");
    read.noncurrent_expiration_days = days ? days_of(days) : std::optional<int>(0);
    if (!read.noncurrent_expiration_days) return false;
  }
  return true;
}

}  // namespace

Versioning parse_versioning(std::string_view body) {
  const Document answer(body);
  // moto names the root after the call.
  if (!answer.is("VersioningConfiguration") && !answer.is("GetBucketVersioningResponse"))
    return Versioning::unknown;
  if (!answer.root.child("Status")) return Versioning::none;
  const std::string_view status = text_of_child(answer.root, "Status");
  if (status == "Enabled") return Versioning::enabled;
  if (status == "Suspended") return Versioning::suspended;
  return Versioning::unknown;
}

bool parse_mfa_delete(std::string_view body) {
  const Document answer(body);
  // S3 writes "MfaDelete" and is sent "MFADelete".
  return text_of_child(answer.root, "MfaDelete") == "Enabled" ||
         text_of_child(answer.root, "MFADelete") == "Enabled";
}

std::optional<std::vector<LifecycleRule>> parse_lifecycle(std::string_view body, Timestamp now) {
  const Document answer(body);
  if (!answer.is("LifecycleConfiguration")) return std::nullopt;
  std::vector<LifecycleRule> rules;
  for (const pugi::xml_node rule : answer.root.children("Rule")) {
    const std::string_view status = text_of_child(rule, "Status");
    if (status == "Disabled") continue;
    if (status != "Enabled") return std::nullopt;
    LifecycleRule read;
    read.id = text_of_child(rule, "ID");
    read_filter(rule, read);
    if (!read_expirations(rule, now, read)) return std::nullopt;
    if (read.expiration_days || read.noncurrent_expiration_days) rules.push_back(std::move(read));
  }
  return rules;
}

ObjectLock parse_object_lock(std::string_view body) {
  const Document answer(body);
  if (!answer.is("ObjectLockConfiguration")) return ObjectLock::unknown;
  const bool is_on = text_of_child(answer.root, "ObjectLockEnabled") == "Enabled";
  return is_on ? ObjectLock::on : ObjectLock::none;
}

ObjectLock object_lock_of(const Error& error) {
  const std::string& code = error.service_code;
  const bool says_none = error.http_status == 404 && (code == "ObjectLockConfigurationNotFoundError" ||
                                                      code == "NoSuchObjectLockConfiguration");
  const bool says_never = error.http_status == 501 || code == "NotImplemented";
  return says_none || says_never ? ObjectLock::none : ObjectLock::unknown;
}

}  // namespace flotsam
