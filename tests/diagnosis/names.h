#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flotsam::test {

/// Names as applications make them, the same for the same seed.
class Names {
 public:
  explicit Names(std::uint64_t seed) : state_(seed * 0xd1342543de82ef95ULL + 0x2545f4914f6cdd1dULL) {}

  std::uint64_t next();
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  std::uint64_t between(std::uint64_t low, std::uint64_t high) { return low + below(high - low + 1); }
  bool percent(unsigned share) { return below(100) < share; }

  std::string hex(std::size_t size);
  std::string base36(std::size_t size);
  std::string uuid();
  std::string word();
  /// "quiet-harbour-42"
  std::string slug();
  /// "2024-03-05 10:11:12"
  std::string date();
  /// One of a few.
  std::string extension();
  template <typename... Texts>
  std::string one_of(Texts... texts) {
    const std::vector<std::string> all{texts...};
    return all[below(all.size())];
  }

 private:
  std::uint64_t state_;
};

std::string padded(std::uint64_t number, std::size_t width);
/// "123456" → "123/456"
std::string in_groups(std::string_view text, std::size_t width);
std::string lower(std::string_view text);
std::string upper(std::string_view text);
std::string replaced(std::string text, std::string_view from, std::string_view to);
std::string percent_encoded(std::string_view text);
std::string without_extension(std::string_view text);
std::string base_of(std::string_view path);

}  // namespace flotsam::test
