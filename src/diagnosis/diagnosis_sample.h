#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis/collected_rows.h"
#include "diagnosis/listed_keys.h"
#include "model/resolver.h"

namespace flotsam {

/// A source as it is configured.
struct DiagnosedSource {
  std::string name;
  ResolverRules rules;
};

/// The sampled references of one source as its templates see them: rows, or with `extract` the matches in
/// them.
struct ReferenceRows {
  DiagnosedSource source;
  ColumnNames columns;                             ///< what templates can name
  std::vector<KeyTemplate> objects;                ///< the source's own, bound to `columns`
  std::vector<FieldView> fields;                   ///< row by row; views into the sample and into `texts`
  std::shared_ptr<std::deque<std::string>> texts;  ///< of matches
  std::size_t count = 0;
  std::size_t pairing = 0;  ///< the first of them, whose loose forms are known to the ListedKeys
  double distinct = 0;      ///< how many there are in all, exact where complete
  bool complete = false;

  RowView row(std::size_t index) const {
    return RowView(fields).subspan(index * columns.size(), columns.size());
  }
};

/// What a diagnosis knows: sampled references, and what the listing shows of them. Made after the last row
/// and before the first key; not to be moved, because it lends views of itself.
class DiagnosisSample {
 public:
  /// Both by source number. The rules must be the ones that the references were read with.
  DiagnosisSample(std::vector<CollectedSource> collected, std::vector<DiagnosedSource> sources,
                  DiagnosisCaps caps = {});
  DiagnosisSample(const DiagnosisSample&) = delete;
  DiagnosisSample& operator=(const DiagnosisSample&) = delete;

  /// For the KeySamplers of the listing; frozen by diagnose().
  ListedKeys& keys() { return *keys_; }
  const ListedKeys& keys() const { return *keys_; }
  const std::vector<ReferenceRows>& sources() const { return rows_; }
  const std::vector<CollectedSource>& collected() const { return collected_; }
  const DiagnosisCaps& caps() const { return caps_; }
  /// The sampled rows of a source as other rules, with an `extract`, see them; nothing where the pattern
  /// is none. They live no longer than the sample.
  std::optional<ReferenceRows> rows_with(std::size_t source, DiagnosedSource rules) const;

 private:
  void add_rows(const CollectedSource& collected, ReferenceRows& rows);

  DiagnosisCaps caps_;
  std::vector<CollectedSource> collected_;
  std::vector<ReferenceRows> rows_;
  std::unique_ptr<ListedKeys> keys_;
};

/// The loose forms of a row: of its columns, of the keys that it needs now, and of the names inside its
/// values.
void row_forms_of(const ReferenceRows& rows, std::size_t index, LooseForms& loose,
                  std::vector<std::uint64_t>& out);

}  // namespace flotsam
