#include "dataset.h"

#include <array>
#include <chrono>
#include <numeric>

#include "base/check.h"

namespace flotsam::bench {
namespace {

constexpr std::array<std::string_view, 6> kShapeNames = {"incident", "hex2",  "uuid",
                                                         "dates",    "hot99", "integers"};
constexpr std::uint64_t kImagesPerBook = 8;
constexpr std::uint64_t kDays = 1344, kHotDay = 1000;
constexpr std::uint64_t kPrefixes = 200, kHotPrefix = 117;

__extension__ using Wide = unsigned __int128;

/// a * b / c without overflow.
std::uint64_t scaled(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  return static_cast<std::uint64_t>(static_cast<Wide>(a) * b / c);
}

void append_padded(std::uint64_t value, unsigned digits, std::string& out) {
  const std::size_t start = out.size();
  out.append(digits, '0');
  for (std::size_t i = digits; i > 0; --i, value /= 10)
    out[start + i - 1] = static_cast<char>('0' + value % 10);
}

void append_number(std::uint64_t value, std::string& out) {
  std::array<char, 20> digits;
  std::size_t count = 0;
  do digits[count++] = static_cast<char>('0' + value % 10);
  while ((value /= 10) != 0);
  while (count > 0) out.push_back(digits[--count]);
}

void append_hex(std::uint64_t value, unsigned from_digit, unsigned digits, std::string& out) {
  for (unsigned i = from_digit; i < from_digit + digits; ++i)
    out.push_back("0123456789abcdef"[(value >> (60 - 4 * i)) & 15U]);
}

/// Numbers 1 … count written without padding and sorted as text: the index-th of them.
std::uint64_t number_in_text_order(std::uint64_t index, std::uint64_t count) {
  std::uint64_t number = 1;
  for (std::uint64_t left = index; left > 0;) {
    // How many of the numbers begin with `number`'s digits.
    std::uint64_t below = 0;
    for (std::uint64_t first = number, width = 1; first <= count; first *= 10, width *= 10)
      below += std::min(width, count - first + 1);
    if (left >= below) {
      left -= below;
      ++number;
    } else {
      number *= 10;
      --left;
    }
  }
  return number;
}

}  // namespace

std::span<const std::string_view> shape_names() {
  return kShapeNames;
}

std::optional<KeyShape> shape_of_name(std::string_view name) {
  for (std::size_t i = 0; i < kShapeNames.size(); ++i)
    if (kShapeNames[i] == name) return static_cast<KeyShape>(i);
  return std::nullopt;
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t x = a + 0x9e3779b97f4a7c15ULL * (b + 1);
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

Dataset::Dataset(const DatasetParameters& parameters)
    : shape_(parameters.shape),
      objects_(parameters.objects),
      orphans_(parameters.orphans),
      dangling_(parameters.dangling),
      seed_(parameters.seed),
      slots_(objects_ + dangling_) {
  CHECK(objects_ > 0 && orphans_ <= objects_);
  const std::uint64_t books = slots_ / kImagesPerBook + 1;
  while (first_id_ * 9 < books) first_id_ *= 10;
  stride_ = static_cast<std::uint64_t>(static_cast<double>(slots_) * 0.6180339887498949) | 1U;
  while (std::gcd(stride_, slots_) != 1) stride_ += 2;
}

void Dataset::object_key(std::uint64_t rank, std::string& out) const {
  CHECK(rank < objects_);
  slot_key(rank + scaled(rank, dangling_, objects_), out);
}

// Between objects rank and rank + 1 lie as many dangling keys as keep the two sides in proportion.
void Dataset::dangling_key(std::uint64_t number, std::string& out) const {
  CHECK(number < dangling_);
  const Wide ordinal = number + 1;
  const auto rank = static_cast<std::uint64_t>((ordinal * objects_ + dangling_ - 1) / dangling_) - 1;
  slot_key(rank + static_cast<std::uint64_t>(ordinal), out);
}

bool Dataset::is_orphan(std::uint64_t rank) const {
  CHECK(rank < objects_);
  if (orphans_ == 0) return false;
  const auto part = static_cast<std::uint64_t>((static_cast<Wide>(rank + 1) * orphans_ - 1) / objects_);
  const std::uint64_t begin = scaled(part, objects_, orphans_);
  const std::uint64_t end = scaled(part + 1, objects_, orphans_);
  return rank == begin + mix(seed_, part) % (end - begin);
}

ObjectFields Dataset::fields(std::uint64_t rank) const {
  const std::uint64_t random = mix(seed_ + 1, rank);
  ObjectFields fields;
  fields.size_bytes = 1024 + random % (1U << 20U);
  fields.modified_seconds = 1'672'531'200 + static_cast<std::int64_t>((random >> 32U) % 31'536'000);
  fields.etag_high = mix(seed_ + 2, rank);
  fields.etag_low = mix(seed_ + 3, rank);
  return fields;
}

std::uint64_t Dataset::lower_bound(std::string_view bytes) const {
  std::uint64_t begin = 0, end = objects_;
  std::string key;
  while (begin < end) {
    const std::uint64_t middle = begin + (end - begin) / 2;
    object_key(middle, key);
    if (key < bytes)
      begin = middle + 1;
    else
      end = middle;
  }
  return begin;
}

bool Dataset::row_key(std::uint64_t number, std::string& out) const {
  const auto place = static_cast<std::uint64_t>((static_cast<Wide>(number) * stride_ + seed_) % slots_);
  if (place >= objects_) {
    dangling_key(place - objects_, out);
    return true;
  }
  if (is_orphan(place)) return false;
  object_key(place, out);
  return true;
}

void Dataset::slot_key(std::uint64_t slot, std::string& out) const {
  out.assign(kPrefix);
  switch (shape_) {
    case KeyShape::incident:
      append_incident(slot, out);
      return;
    case KeyShape::hex2:
      append_uuid(slot, slots_, true, out);
      break;
    case KeyShape::uuid:
      append_uuid(slot, slots_, false, out);
      break;
    case KeyShape::dates:
      append_date(slot, out);
      break;
    case KeyShape::hot99:
      append_hot(slot, out);
      break;
    case KeyShape::integers:
      append_number(number_in_text_order(slot, slots_), out);
      break;
  }
  out.append(".jpg");
}

void Dataset::append_incident(std::uint64_t slot, std::string& out) const {
  append_number(first_id_ + slot / kImagesPerBook, out);
  out.append("/image_");
  append_padded(slot % kImagesPerBook, 2, out);
  out.append(".webp");
}

void Dataset::append_uuid(std::uint64_t index, std::uint64_t count, bool with_folders,
                          std::string& out) const {
  // One value out of each of `count` equal parts of the 64-bit numbers, so that they rise and differ.
  const std::uint64_t width = ~std::uint64_t{0} / count;
  const std::uint64_t high = index * width + mix(seed_ + 4, index) % width;
  const std::uint64_t low = mix(seed_ + 5, index);
  if (with_folders) {
    append_hex(high, 0, 2, out);
    out.push_back('/');
    append_hex(high, 2, 2, out);
    out.push_back('/');
  }
  append_hex(high, 0, 8, out);
  out.push_back('-');
  append_hex(high, 8, 4, out);
  out.push_back('-');
  append_hex(high, 12, 4, out);
  out.push_back('-');
  append_hex(low, 0, 4, out);
  out.push_back('-');
  append_hex(low, 4, 12, out);
}

void Dataset::append_date(std::uint64_t slot, std::string& out) const {
  const std::uint64_t before = scaled(slots_, 22, 100), hot_end = before + scaled(slots_, 70, 100);
  const std::uint64_t after = slots_ - hot_end;
  std::uint64_t day = kHotDay, index = slot - before, count = hot_end - before;
  const auto spread = [&](std::uint64_t place, std::uint64_t size, std::uint64_t first_day,
                          std::uint64_t days) {
    const std::uint64_t of_days = scaled(place, days, size);
    const std::uint64_t begin = (of_days * size + days - 1) / days,
                        end = ((of_days + 1) * size + days - 1) / days;
    day = first_day + of_days;
    index = place - begin;
    count = end - begin;
  };
  if (slot < before) spread(slot, before, 0, kHotDay);
  if (slot >= hot_end) spread(slot - hot_end, after, kHotDay + 1, kDays - kHotDay - 1);
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::year{2020} / 1 / 1} +
                                         std::chrono::days{static_cast<int>(day)}};
  append_padded(static_cast<std::uint64_t>(static_cast<int>(date.year())), 4, out);
  out.push_back('/');
  append_padded(static_cast<unsigned>(date.month()), 2, out);
  out.push_back('/');
  append_padded(static_cast<unsigned>(date.day()), 2, out);
  out.push_back('/');
  append_uuid(index, count, false, out);
}

void Dataset::append_hot(std::uint64_t slot, std::string& out) const {
  const std::uint64_t cold = slots_ / 100;
  const std::uint64_t before = scaled(cold, kHotPrefix, kPrefixes - 1), hot_end = slots_ - (cold - before);
  std::uint64_t prefix = kHotPrefix;
  if (slot < before) prefix = scaled(slot, kHotPrefix, before);
  if (slot >= hot_end)
    prefix = kHotPrefix + 1 + scaled(slot - hot_end, kPrefixes - 1 - kHotPrefix, slots_ - hot_end);
  out.push_back('p');
  append_padded(prefix, 3, out);
  out.push_back('/');
  append_padded(slot, 12, out);
}

}  // namespace flotsam::bench
