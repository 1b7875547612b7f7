#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flotsam {

/// The loose forms of a text: hashes of its name in several cuts (base name without affixes, with its parent
/// or grandparent folder, shards joined, long parts, numbers without zeros in front). A reference and the
/// object that it means share at least one of them, whatever stands between their spellings; so does little
/// else. Case, encoding, URL, punctuation and accents do not matter. Scratch of one thread.
class LooseForms {
 public:
  enum class Kinds { all, names_only };
  /// names_only: without the numbers, which two texts share by chance.
  explicit LooseForms(Kinds kinds = Kinds::all) : kinds_(kinds) {}

  /// The forms of the first 8 KiB of `text`, each once, in `out` (cleared first).
  void of(std::string_view text, std::vector<std::uint64_t>& out);
  /// The same in no order and some of them twice, which is cheaper.
  void unsorted_of(std::string_view text, std::vector<std::uint64_t>& out);

  /// A name: letters and digits hashed so that two can be joined.
  struct Name {
    std::uint64_t hash = 0;
    std::uint64_t power = 1;
    std::size_t size = 0;
  };

 private:
  Kinds kinds_;
  struct Part {
    std::string_view text;
    std::size_t first = 0, last = 0;  ///< tokens
    bool digits = true;
  };
  void fold(std::string_view text);
  void split();
  Name joined(std::size_t first, std::size_t last) const;
  void add(const Name& name, std::size_t size_min, std::vector<std::uint64_t>& out) const;
  void add_number(std::string_view digits, std::vector<std::uint64_t>& out) const;
  void add_names(std::vector<std::uint64_t>& out) const;
  void add_long(std::vector<std::uint64_t>& out) const;
  void add_numbers(std::vector<std::uint64_t>& out) const;

  std::string folded_;
  std::vector<std::string_view> tokens_;
  std::vector<Name> names_;  ///< of the tokens
  std::vector<Part> parts_;
};

}  // namespace flotsam
