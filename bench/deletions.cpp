#include "deletions.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <fmt/format.h>
#include <vector>

namespace flotsam::bench {
namespace {

constexpr std::uint64_t kBits = 64;

/// The texts of all <Key> elements. Keys of the data sets need no escaping.
std::vector<std::string_view> keys_of(std::string_view body) {
  constexpr std::string_view kBegin = "<Key>", kEnd = "</Key>";
  std::vector<std::string_view> keys;
  for (std::size_t at = body.find(kBegin); at != std::string_view::npos; at = body.find(kBegin, at)) {
    at += kBegin.size();
    const std::size_t end = body.find(kEnd, at);
    if (end == std::string_view::npos) break;
    keys.push_back(body.substr(at, end - at));
    at = end;
  }
  return keys;
}

std::string http_date(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts;
  gmtime_r(&time, &parts);
  std::array<char, 64> text;
  return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

}  // namespace

bool KeyRate::take(std::uint64_t keys) {
  if (rate_ <= 0) return true;
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  tokens_ = std::min(rate_, tokens_ + rate_ * std::chrono::duration<double>(now - at_).count());
  at_ = now;
  if (tokens_ < static_cast<double>(keys)) return false;
  tokens_ -= static_cast<double>(keys);
  return true;
}

Deletions::Deletions(const Dataset& dataset, double keys_per_second)
    : dataset_(dataset),
      rate_(keys_per_second),
      gone_(std::make_unique<std::atomic<std::uint64_t>[]>(dataset.objects() / kBits + 1)) {}

std::optional<std::uint64_t> Deletions::rank_of(std::string_view key) const {
  const std::uint64_t rank = dataset_.lower_bound(key);
  if (rank >= dataset_.objects()) return std::nullopt;
  std::string found;
  dataset_.object_key(rank, found);
  if (found != key) return std::nullopt;
  return rank;
}

std::optional<std::string> Deletions::head(std::string_view key) const {
  const auto rank = rank_of(key);
  if (!rank || ((gone_[*rank / kBits].load() >> (*rank % kBits)) & 1U) != 0) return std::nullopt;
  const ObjectFields fields = dataset_.fields(*rank);
  return fmt::format(
      "ETag: \"{:016x}{:016x}\"\r\nLast-Modified: {}\r\nx-amz-version-id: v{}\r\nContent-Length: {}\r\n",
      fields.etag_high, fields.etag_low, http_date(fields.modified_seconds), *rank, fields.size_bytes);
}

std::optional<std::string> Deletions::remove(std::string_view body) {
  const auto keys = keys_of(body);
  if (!rate_.take(keys.size())) {
    refused_.fetch_add(1);
    return std::nullopt;
  }
  std::string answer =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DeleteResult "
      "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (const std::string_view key : keys) {
    const auto rank = rank_of(key);
    if (rank) {
      const std::uint64_t bit = std::uint64_t{1} << (*rank % kBits);
      if ((gone_[*rank / kBits].fetch_or(bit) & bit) == 0) removed_.fetch_add(1);
    }
    fmt::format_to(std::back_inserter(answer),
                   "<Deleted><Key>{}</Key><DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>m{}</"
                   "DeleteMarkerVersionId></Deleted>",
                   key, markers_.fetch_add(1));
  }
  return answer + "</DeleteResult>";
}

}  // namespace flotsam::bench
