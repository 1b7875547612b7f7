#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/diagnosis_sample.h"
#include "diagnosis/draft.h"

namespace flotsam {

/// One template of one source under diagnosis: its sampled rows, and what is true of each now. Templates are
/// scored on it by running them.
struct Subject {
  const ReferenceRows* rows = nullptr;
  const ListedKeys* keys = nullptr;
  const std::function<bool(std::string_view)>* is_reference = nullptr;
  const DiagnosisCaps* caps = nullptr;
  std::vector<std::uint64_t>
      current;  ///< by row: the hash of the key that it needs now; 0 where it yields none
  std::vector<std::uint8_t> resolved;  ///< by row: an object stands there
  std::vector<std::vector<std::uint64_t>>
      taken;              ///< by row: keys that other templates yield, which do not count
  bool explains = false;  ///< keys that references need do not count: a derived template is sought

  std::uint64_t unresolved_count() const;
};

/// The subject of a source's template.
Subject subject_of(const DiagnosisSample& sample, std::size_t source, std::size_t template_index,
                   const std::function<bool(std::string_view)>& is_reference);

/// How a template fares on rows.
struct Score {
  std::uint64_t testable = 0;    ///< rows whose new key's existence is known
  std::uint64_t hits = 0;        ///< of these, those under whose new key an object stands
  std::uint64_t newly = 0;       ///< hits that do not resolve now
  std::uint64_t broken = 0;      ///< resolve now, and would not
  std::uint64_t unresolved = 0;  ///< testable rows that do not resolve now
  std::uint64_t signature = 0;   ///< equal where the first keys are equal

  double rate() const {
    return testable == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(testable);
  }
};

/// One expansion: what a template makes of a row.
struct NewKey {
  std::uint64_t hash = 0;  ///< 0: none
  bool testable = false;
  bool hit = false;
};

/// Runs a template on rows of a subject.
class Runner {
 public:
  Runner(const Subject& subject, const KeyTemplate& one) : subject_(subject), one_(one) {}
  NewKey run(std::size_t row);
  /// The same for fields that are no row of the sample; nothing is taken.
  NewKey run(RowView row);
  const std::string& key() const { return key_; }

 private:
  NewKey look_up() const;

  const Subject& subject_;
  const KeyTemplate& one_;
  std::string key_;
};

/// Scores a template on the first rows until `testable_max` of them are testable. Stops early where it is
/// plainly worse than `rate_to_beat`.
Score score_of(const Subject& subject, const KeyTemplate& one, std::size_t testable_max,
               double rate_to_beat = 0);
void add_to(Score& score, const Subject& subject, std::size_t row, const NewKey& key);

}  // namespace flotsam
