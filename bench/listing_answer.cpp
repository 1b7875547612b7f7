#include "listing_answer.h"

#include <charconv>
#include <chrono>
#include <fmt/format.h>
#include <iterator>

namespace flotsam::bench {
namespace {

constexpr std::uint64_t kTokenKey = 0x746f6b656e000001ULL;
constexpr std::uint64_t kObjectBytesGuess = 330;

void append_padded(std::uint64_t value, unsigned digits, std::string& out) {
  const std::size_t start = out.size();
  out.append(digits, '0');
  for (std::size_t i = digits; i > 0; --i, value /= 10)
    out[start + i - 1] = static_cast<char>('0' + value % 10);
}

void append_hex(std::uint64_t value, std::string& out) {
  for (int shift = 60; shift >= 0; shift -= 4)
    out.push_back("0123456789abcdef"[(value >> static_cast<unsigned>(shift)) & 15U]);
}

void append_time(std::int64_t seconds, std::string& out) {
  using namespace std::chrono;
  const sys_seconds moment{std::chrono::seconds(seconds)};
  const auto day = floor<days>(moment);
  const year_month_day date{day};
  const hh_mm_ss time{moment - day};
  append_padded(static_cast<std::uint64_t>(static_cast<int>(date.year())), 4, out);
  out.push_back('-');
  append_padded(static_cast<unsigned>(date.month()), 2, out);
  out.push_back('-');
  append_padded(static_cast<unsigned>(date.day()), 2, out);
  out.push_back('T');
  append_padded(static_cast<std::uint64_t>(time.hours().count()), 2, out);
  out.push_back(':');
  append_padded(static_cast<std::uint64_t>(time.minutes().count()), 2, out);
  out.push_back(':');
  append_padded(static_cast<std::uint64_t>(time.seconds().count()), 2, out);
  out.append(".000Z");
}

/// A token says where to go on, and is refused when it was made up.
std::string token_of(std::uint64_t rank) {
  return fmt::format("{:016x}{:016x}", rank ^ kTokenKey, mix(kTokenKey, rank));
}

std::optional<std::uint64_t> rank_of_token(std::string_view token) {
  std::uint64_t masked = 0;
  if (token.size() != 32 ||
      std::from_chars(token.data(), token.data() + 16, masked, 16).ptr != token.data() + 16)
    return std::nullopt;
  const std::uint64_t rank = masked ^ kTokenKey;
  return token_of(rank) == token ? std::optional(rank) : std::nullopt;
}

/// The smallest string behind all that begin with `text`; empty where there is none.
std::string behind(std::string_view text) {
  std::string end(text);
  while (!end.empty() && end.back() == '\xFF') end.pop_back();
  if (!end.empty()) ++end.back();
  return end;
}

/// Text for XML, percent-encoded first where the page is.
std::string echo(std::string_view text, bool encoded) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                       (byte >= 'A' && byte <= 'Z') || c == '/' || c == '-' || c == '_' || c == '.' ||
                       c == '*';
    if (plain)
      out.push_back(c);
    else if (encoded)
      out += fmt::format("%{:02X}", byte);
    else
      out += fmt::format("&#{};", byte);
  }
  return out;
}

}  // namespace

ListingAnswers::ListingAnswers(const Dataset& dataset, std::string bucket, std::uint64_t memory_bytes)
    : dataset_(dataset), bucket_(std::move(bucket)) {
  if (dataset.objects() > memory_bytes / kObjectBytesGuess) return;
  std::string key;
  rendering_.reserve(dataset.objects() * kObjectBytesGuess);
  places_.reserve(dataset.objects() + 1);
  for (std::uint64_t rank = 0; rank < dataset.objects(); ++rank) {
    places_.push_back(rendering_.size());
    append_object(rank, key, rendering_);
  }
  places_.push_back(rendering_.size());
}

void ListingAnswers::append_object(std::uint64_t rank, std::string& key, std::string& out) const {
  dataset_.object_key(rank, key);
  const ObjectFields fields = dataset_.fields(rank);
  out.append("<Contents><Key>").append(key).append("</Key><LastModified>");
  append_time(fields.modified_seconds, out);
  out.append("</LastModified><ETag>&quot;");
  append_hex(fields.etag_high, out);
  append_hex(fields.etag_low, out);
  out.append("&quot;</ETag><Size>");
  fmt::format_to(std::back_inserter(out), "{}", fields.size_bytes);
  out.append("</Size><StorageClass>STANDARD</StorageClass></Contents>");
}

void ListingAnswers::list_flat(std::uint64_t begin, std::uint64_t end, ListAnswer& answer) const {
  answer.keys = end - begin;
  if (is_rendered()) {
    answer.rendered = std::string_view(rendering_).substr(places_[begin], places_[end] - places_[begin]);
    return;
  }
  std::string key;
  for (std::uint64_t rank = begin; rank < end; ++rank) append_object(rank, key, answer.own);
}

std::uint64_t ListingAnswers::list_groups(const ListAsk& ask, std::uint64_t begin, std::uint64_t end,
                                          ListAnswer& answer) const {
  std::string key, groups;
  std::uint64_t rank = begin;
  while (rank < end && answer.keys < ask.max_keys) {
    dataset_.object_key(rank, key);
    const std::size_t place = key.find(ask.delimiter, ask.prefix.size());
    ++answer.keys;
    if (place == std::string::npos) {
      append_object(rank++, key, answer.own);
      continue;
    }
    key.resize(place + ask.delimiter.size());
    groups += "<CommonPrefixes><Prefix>" + echo(key, ask.encoding_url) + "</Prefix></CommonPrefixes>";
    rank = std::min(end, end_of(key));
  }
  answer.own += groups;
  return rank;
}

std::uint64_t ListingAnswers::end_of(std::string_view prefix) const {
  const std::string end = behind(prefix);
  return end.empty() ? dataset_.objects() : dataset_.lower_bound(end);
}

bool ListingAnswers::answer(const ListAsk& ask, ListAnswer& answer) const {
  answer.own.clear();
  answer.rendered = {};
  answer.keys = 0;
  const std::uint64_t end = end_of(ask.prefix);
  std::uint64_t begin = dataset_.lower_bound(ask.prefix);
  if (!ask.token.empty()) {
    const auto rank = rank_of_token(ask.token);
    if (!rank) return false;
    begin = std::max(begin, *rank);
  } else if (!ask.start_after.empty()) {
    begin = std::max(begin, dataset_.lower_bound(ask.start_after + '\0'));  // exclusive
  }
  begin = std::min(begin, end);
  std::uint64_t next = begin;
  if (ask.delimiter.empty()) {
    next = std::min(end, begin + ask.max_keys);
    list_flat(begin, next, answer);
  } else {
    next = list_groups(ask, begin, end, answer);
  }
  const bool truncated = next < end && ask.max_keys > 0;
  answer.head = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
      "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "<Name>{}</Name><Prefix>{}</Prefix>",
      bucket_, echo(ask.prefix, ask.encoding_url));
  if (!ask.start_after.empty())
    answer.head += "<StartAfter>" + echo(ask.start_after, ask.encoding_url) + "</StartAfter>";
  if (!ask.token.empty()) answer.head += "<ContinuationToken>" + ask.token + "</ContinuationToken>";
  if (truncated) answer.head += "<NextContinuationToken>" + token_of(next) + "</NextContinuationToken>";
  fmt::format_to(std::back_inserter(answer.head), "<KeyCount>{}</KeyCount><MaxKeys>{}</MaxKeys>", answer.keys,
                 ask.max_keys);
  if (!ask.delimiter.empty())
    answer.head += "<Delimiter>" + echo(ask.delimiter, ask.encoding_url) + "</Delimiter>";
  if (ask.encoding_url) answer.head += "<EncodingType>url</EncodingType>";
  answer.head += truncated ? "<IsTruncated>true</IsTruncated>" : "<IsTruncated>false</IsTruncated>";
  answer.tail = "</ListBucketResult>";
  return true;
}

}  // namespace flotsam::bench
