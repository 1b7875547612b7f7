#pragma once

/// model/: the values that everything else speaks of (keys, objects, scopes, rows, templates, globs, shapes,
/// verdicts) and what is computed from them alone. No I/O, no clock, no threads.

#include <compare>
#include <string>
#include <string_view>
#include <utility>

namespace flotsam {

/// An object's key, borrowed: bytes, ordered as unsigned bytes, never normalised, never a path. It cannot be
/// compared with a plain string or a value of a database: a row becomes a key only through a KeyTemplate.
class KeyView {
 public:
  constexpr KeyView() = default;
  constexpr explicit KeyView(std::string_view bytes) : bytes_(bytes) {}
  constexpr std::string_view bytes() const { return bytes_; }
  constexpr bool empty() const { return bytes_.empty(); }
  // std::string_view orders chars as unsigned bytes (char_traits<char>::lt), which is the order of S3.
  friend constexpr auto operator<=>(KeyView, KeyView) = default;

 private:
  std::string_view bytes_;
};

/// An object's key, owned.
class Key {
 public:
  Key() = default;
  explicit Key(std::string bytes) : bytes_(std::move(bytes)) {}
  explicit Key(KeyView view) : bytes_(view.bytes()) {}
  KeyView view() const { return KeyView(bytes_); }
  const std::string& bytes() const { return bytes_; }
  friend auto operator<=>(const Key&, const Key&) = default;

 private:
  std::string bytes_;
};

}  // namespace flotsam
