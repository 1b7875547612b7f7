#include "model/shape.h"

#include <array>
#include <cstdint>

namespace flotsam {
namespace {

enum Class : unsigned char { kOther = 0, kDigit = 1, kHexLetter = 2, kLetter = 4 };

constexpr std::array<unsigned char, 256> make_classes() {
  std::array<unsigned char, 256> classes{};
  for (unsigned c = '0'; c <= '9'; ++c) classes[c] = kDigit;
  for (unsigned c = 'a'; c <= 'z'; ++c) classes[c] = c <= 'f' ? kHexLetter : kLetter;
  for (unsigned c = 'A'; c <= 'Z'; ++c) classes[c] = c <= 'F' ? kHexLetter : kLetter;
  return classes;
}
constexpr std::array<unsigned char, 256> kClasses = make_classes();

unsigned char class_of(char c) {
  return kClasses[static_cast<unsigned char>(c)];
}
bool is_hex(char c) {
  return (class_of(c) & (kDigit | kHexLetter)) != 0;
}
bool is_alphanumeric(char c) {
  return class_of(c) != kOther;
}
bool is_digit(char c) {
  return class_of(c) == kDigit;
}

/// The length of a UUID (8-4-4-4-12 hex digits) at `at`, or 0. What stands beside it does not matter: "image"
/// before one ends in a hex digit, too.
std::size_t uuid_at(std::string_view text, std::size_t at) {
  constexpr std::size_t kLength = 36;
  if (at + kLength > text.size()) return 0;
  for (std::size_t i = 0; i < kLength; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[at + i] != '-' : !is_hex(text[at + i])) return 0;
  }
  return kLength;
}

/// Replaces every maximal run of bytes that `in_run` takes, of at least `least`, and that `accept` takes, by
/// "#".
template <typename InRun, typename Accept>
void blank_runs(std::string& text, std::size_t least, InRun in_run, Accept accept) {
  std::size_t out = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && in_run(text[end])) ++end;
    if (end == at) {
      text[out++] = text[at++];
    } else if (end - at >= least && accept(std::string_view(text).substr(at, end - at))) {
      text[out++] = '#';
      at = end;
    } else {
      while (at < end) text[out++] = text[at++];
    }
  }
  text.resize(out);
}

void blank_uuids(std::string& text) {
  if (text.size() < 36) return;
  std::size_t out = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = is_hex(text[at]) ? uuid_at(text, at) : 0;
    text[out++] = length > 0 ? '#' : text[at];
    at += length > 0 ? length : 1;
  }
  text.resize(out);
}

bool holds_digit(std::string_view run) {
  for (const char c : run)
    if (is_digit(c)) return true;
  return false;
}

/// ".webp" of "image_#.webp"; empty where the name has no extension (a leading dot is none).
std::string_view extension_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? std::string_view() : name.substr(dot);
}

}  // namespace

void shape_of(KeyView key, std::string& out) {
  out.assign(key.bytes());
  const auto any = [](std::string_view) { return true; };
  blank_uuids(out);
  blank_runs(out, 8, is_hex, any);
  blank_runs(out, 16, is_alphanumeric, holds_digit);
  blank_runs(out, 1, is_digit, any);
}

std::string shape_of(KeyView key) {
  std::string out;
  shape_of(key, out);
  return out;
}

std::string coarser_shape(std::string_view shape, int level) {
  if (level <= 0) return std::string(shape);
  const std::size_t slash = shape.rfind('/');
  std::string_view folders =
      slash == std::string_view::npos ? std::string_view() : shape.substr(0, slash + 1);
  const std::string_view name = shape.substr(folders.size());
  std::string tail;
  if (!name.empty()) {
    tail = "*";
    // "*" has no extension of its own, and a stem that is "*" already keeps its extension: coarsening twice
    // is once.
    if (level < kCoarsestShape) tail += extension_of(name);
  }
  int starred = level >= kCoarsestShape ? 1 << 20 : level - 1;
  while (starred-- > 0 && !folders.empty()) {
    const std::size_t before =
        folders.size() >= 2 ? folders.rfind('/', folders.size() - 2) : std::string_view::npos;
    const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
    tail.insert(0, folders.size() - start > 1 ? "*/" : "/");
    folders = folders.substr(0, start);
  }
  return std::string(folders) + tail;
}

}  // namespace flotsam
