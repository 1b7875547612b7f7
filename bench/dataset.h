#pragma once

/// bench/: benchmarks with known truth. A data set is a formula: every program of this folder (generator,
/// synthetic server, measurements, checks) makes the same keys from the same parameters and stores none of
/// them.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flotsam::bench {

/// What the keys look like. All lie under "books/"; a database stores them without it.
enum class KeyShape {
  incident,  ///< books/<id>/image_NN.webp, eight images an id
  hex2,      ///< books/ab/cd/<uuid>.jpg
  uuid,      ///< books/<uuid>.jpg
  dates,     ///< books/YYYY/MM/DD/<uuid>.jpg, 70 % of them on one of 1,344 days
  hot99,     ///< books/pNNN/<number>.jpg, 99 % of them under one of 200 prefixes
  integers,  ///< books/N.jpg, unpadded
};
std::span<const std::string_view> shape_names();
std::optional<KeyShape> shape_of_name(std::string_view name);

inline constexpr std::string_view kPrefix = "books/";

struct DatasetParameters {
  KeyShape shape = KeyShape::incident;
  std::uint64_t objects = 1'000'000;
  std::uint64_t orphans = 1'000;  ///< objects without a reference; at most `objects`
  std::uint64_t dangling = 500;   ///< references without an object
  std::uint64_t seed = 1;
};

/// One object as a listing shows it.
struct ObjectFields {
  std::uint64_t size_bytes = 0;
  std::int64_t modified_seconds = 0;  ///< since 1970: some moment of 2023
  std::uint64_t etag_high = 0, etag_low = 0;
};

/// Keys by formula. Objects have ranks 0 … objects-1 in rising key order; the dangling keys lie evenly
/// between them; orphans are one object of each of `orphans` equal parts, at a place drawn from the seed.
/// Pure; any thread.
class Dataset {
 public:
  explicit Dataset(const DatasetParameters& parameters);

  std::uint64_t objects() const { return objects_; }
  std::uint64_t orphans() const { return orphans_; }
  std::uint64_t dangling() const { return dangling_; }
  std::uint64_t references() const { return objects_ - orphans_ + dangling_; }

  /// Writes the key of an object, or of the number-th dangling reference, to `out` (cleared first).
  void object_key(std::uint64_t rank, std::string& out) const;
  void dangling_key(std::uint64_t number, std::string& out) const;
  bool is_orphan(std::uint64_t rank) const;
  ObjectFields fields(std::uint64_t rank) const;

  /// The rank of the first object whose key is >= `bytes`; objects() where there is none.
  std::uint64_t lower_bound(std::string_view bytes) const;

  /// The key that the number-th row of the table refers to, number < references_and_orphans(): objects and
  /// dangling keys in an order that is shuffled but fixed. False where that object is an orphan: there is no
  /// such row.
  bool row_key(std::uint64_t number, std::string& out) const;
  std::uint64_t references_and_orphans() const { return objects_ + dangling_; }

 private:
  void slot_key(std::uint64_t slot, std::string& out) const;
  void append_incident(std::uint64_t slot, std::string& out) const;
  void append_date(std::uint64_t slot, std::string& out) const;
  void append_hot(std::uint64_t slot, std::string& out) const;
  /// A UUID that rises with `index` of `count`.
  void append_uuid(std::uint64_t index, std::uint64_t count, bool with_folders, std::string& out) const;

  KeyShape shape_;
  std::uint64_t objects_, orphans_, dangling_, seed_;
  std::uint64_t slots_;         ///< objects and dangling keys together, in key order
  std::uint64_t first_id_ = 1;  ///< incident: the first book; all have as many digits
  std::uint64_t stride_ = 1;    ///< of the shuffled order; coprime to slots_
};

/// A 64-bit mix of two words: the only randomness of this folder.
std::uint64_t mix(std::uint64_t a, std::uint64_t b);

}  // namespace flotsam::bench
