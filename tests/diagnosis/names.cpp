#include "diagnosis/names.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace flotsam::test {
namespace {

constexpr std::array<std::string_view, 40> kWords = {
    "harbour", "quiet",  "lamp",   "report",  "summer", "invoice", "garden", "copper", "river",   "signal",
    "meadow",  "violet", "anchor", "bridge",  "candle", "dragon",  "ember",  "falcon", "glacier", "hazel",
    "island",  "jasper", "kettle", "lantern", "marble", "nectar",  "orchid", "pepper", "quartz",  "raven",
    "saffron", "timber", "umber",  "velvet",  "walnut", "yarrow",  "zephyr", "basil",  "cedar",   "delta"};

}  // namespace

std::uint64_t Names::next() {
  std::uint64_t x = state_ += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

std::string Names::hex(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += "0123456789abcdef"[below(16)];
  return out;
}

std::string Names::base36(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += "0123456789abcdefghijklmnopqrstuvwxyz"[below(36)];
  return out;
}

std::string Names::uuid() {
  return fmt::format("{}-{}-4{}-a{}-{}", hex(8), hex(4), hex(3), hex(3), hex(12));
}

std::string Names::word() {
  return std::string(kWords[below(kWords.size())]);
}

std::string Names::slug() {
  return fmt::format("{}-{}-{}", word(), word(), between(1, 9999));
}

std::string Names::date() {
  return fmt::format("20{}-{:02}-{:02} {:02}:{:02}:{:02}", between(19, 25), between(1, 12), between(1, 28),
                     below(24), below(60), below(60));
}

std::string Names::extension() {
  return one_of("jpg", "png", "pdf", "webp");
}

std::string padded(std::uint64_t number, std::size_t width) {
  return fmt::format("{:0{}}", number, width);
}

std::string in_groups(std::string_view text, std::size_t width) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += width) {
    if (at > 0) out += '/';
    out += text.substr(at, width);
  }
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return out;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string without_extension(std::string_view text) {
  return std::string(text.substr(0, text.rfind('.')));
}

std::string base_of(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

}  // namespace flotsam::test
