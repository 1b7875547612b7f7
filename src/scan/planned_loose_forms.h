#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/error.h"
#include "model/key.h"
#include "scan/fingerprints.h"
#include "scan/pod_buffer.h"

namespace flotsam {

/// Which of these keys (rising, each once) have no object now: as many answers as keys. The caller has a
/// store at hand; scan has none that it may ask here.
using FindAbsent = std::function<Result<std::vector<bool>>(std::span<const Key> keys)>;

/// The loose forms (SPEC §4) of a plan's objects, as ReferenceHashes::loose() gives them, and the needed keys
/// that share one. A planned object whose loose form is that of a dangling key is a suspect; which of the
/// keys dangle is asked after the reading.
///
/// Bounded: where more needed keys than the limits share a loose form with the plan, none is asked about and
/// each counts as dangling, because doubt keeps the object. What comes out does not depend on the order of
/// rows.
///
/// In this order: add() all, freeze(), needed() all, ask(). One thread.
class PlannedLooseForms {
 public:
  struct Limits {
    std::size_t keys = 200'000;
    std::uint64_t bytes = 64U << 20U;  ///< of the keys alone
  };
  explicit PlannedLooseForms(const Limits& limits) : limits_(limits) {}

  void add(std::uint64_t loose);
  void freeze();
  /// A needed key in scope; doubles are welcome.
  void needed(std::uint64_t loose, std::string_view key);
  /// Finds which of the kept keys dangle. Errors: those of find_absent; internal where it gave another number
  /// of answers; interrupted.
  Result<void> ask(const FindAbsent& find_absent, const Cancel& cancel);

  /// More keys came than the limits allow: every one of them counts as dangling.
  bool is_over() const { return is_over_; }
  /// True where a dangling key, or one of which it is not known, has this loose form.
  bool makes_suspect(std::uint64_t loose) const;

 private:
  std::size_t number_of(std::uint64_t loose) const;
  void give_up();

  Limits limits_;
  PodBuffer<std::uint64_t> adding_;
  FingerprintSet forms_;
  std::vector<bool> dangling_;  ///< by number of the form
  std::map<std::string, std::size_t, std::less<>> keys_;
  std::uint64_t key_bytes_ = 0;
  bool is_over_ = false;
};

}  // namespace flotsam
