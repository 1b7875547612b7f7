#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/key_template.h"
#include "model/reference.h"

namespace flotsam {

/// How the rows of one source become keys: templates and the optional RE2 pattern `extract`.
struct ResolverRules {
  std::vector<KeyTemplate> objects;  ///< keys that a row needs
  std::vector<KeyTemplate> derived;  ///< keys that it merely explains
  std::string extract;               ///< empty: none
};

/// Whether a key must exist or may exist.
enum class KeyKind { needed, derived, derived_folder };

/// One key that a row yields. Borrowed: dead after the call.
struct ResolvedKey {
  KeyKind kind = KeyKind::needed;
  std::uint32_t template_index = 0;  ///< objects first, then derived, in the order of ResolverRules
  std::string_view key;              ///< bytes; for derived_folder the folder with its trailing "/"
  std::string_view raw_value;  ///< the used column's value where the template has a single column, else empty
};

class ResolvedKeySink {
 public:
  virtual ~ResolvedKeySink() = default;
  virtual void key(const ResolvedKey& key) = 0;
};

/// What one row came to.
enum class RowOutcome { resolved, empty, unmatched };

/// Turns rows into keys. One thread.
class Resolver {
 public:
  /// Checks `extract` (RE2, bytes: Latin-1 mode, so that any bytes match `[^"]`) at once; columns are bound
  /// later. Errors: invalid_argument with RE2's own words, or where a pattern matches the empty text.
  static Result<Resolver> create(ResolverRules rules);
  Resolver(Resolver&&) noexcept;
  Resolver& operator=(Resolver&&) noexcept;
  ~Resolver();

  /// Binds the templates to the columns of the source. With `extract` the known fields are its named groups
  /// and then the columns (a group hides a column of its name); "value" is the pattern's only unnamed group,
  /// else the whole match. Errors as KeyTemplate::bind.
  Result<void> bind(const ColumnNames& columns);

  /// Gives every key of the row to the sink. `extract` looks at the first column; each match is a reference
  /// of its own.
  ///   empty      no template yielded a key (a NULL or empty column in each)
  ///   unmatched  `extract` found nothing in a value that is neither NULL nor empty
  /// A blank-padded column resolves twice: right-trimmed as it is, and raw as derived.
  RowOutcome resolve(RowView row, ResolvedKeySink& sink);

  const ResolverRules& rules() const;

 private:
  struct State;
  explicit Resolver(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace flotsam
