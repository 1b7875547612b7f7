#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace flotsam {

/// Tells a person how far the work is. Callable from several threads; advance() is cheap.
class Progress {
 public:
  virtual ~Progress() = default;
  /// A new phase begins: "reading references", "listing". `total` where it is known.
  virtual void phase(std::string_view name, std::string_view unit, std::optional<std::uint64_t> total) = 0;
  virtual void advance(std::uint64_t count) = 0;
};

class NullProgress final : public Progress {
 public:
  void phase(std::string_view /*name*/, std::string_view /*unit*/,
             std::optional<std::uint64_t> /*total*/) override {}
  void advance(std::uint64_t /*count*/) override {}
};

}  // namespace flotsam
