#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace flotsam {

/// The fields of one JSON object, each read on demand. Borrows the text it was parsed from.
///
/// Strict: one whole JSON object and nothing beside it, no name twice. All errors are corrupt and name the
/// field; the caller adds file and line.
class JsonFields {
 public:
  static Result<JsonFields> parse(std::string_view text);

  bool has(std::string_view name) const { return find(name) != nullptr; }
  /// The value's own JSON text, byte for byte.
  Result<std::string_view> raw(std::string_view name) const;
  /// A string, or {"base64": "…"}, as bytes.
  Result<std::string> bytes(std::string_view name) const;
  /// A whole number that is not negative.
  Result<std::uint64_t> number(std::string_view name) const;
  Result<Timestamp> time(std::string_view name) const;
  /// A list of strings (or {"base64"}).
  Result<std::vector<std::string>> list(std::string_view name) const;
  /// A list of objects.
  Result<std::vector<JsonFields>> objects(std::string_view name) const;
  /// An object's fields.
  Result<JsonFields> object(std::string_view name) const;
  /// Names and values in the order of the text.
  const std::vector<std::pair<std::string, std::string_view>>& all() const { return fields_; }

 private:
  const std::string_view* find(std::string_view name) const;
  std::vector<std::pair<std::string, std::string_view>> fields_;
};

/// Where the JSON value that begins at `at` ends. Only for text that is known to be well-formed JSON.
std::size_t end_of_value(std::string_view json, std::size_t at);

}  // namespace flotsam
