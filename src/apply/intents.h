#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "model/object.h"
#include "plan/journal.h"

namespace flotsam {

/// An intent of a journal: which object, and when it was written by the machine's clock.
struct Intent {
  Object object;
  std::string detail;
  Timestamp at;
};

/// The code of a deletion of which nobody could say what became of it, even on asking again: it is asked
/// about again by the next run, and undo counts with both.
inline constexpr std::string_view kUnknownCode = "Unknown";

/// Joins the intents of a journal with their outcomes as they are read. Holds the intents of the batch in
/// hand and those whose outcome is not known; `unsettled` are those once the journal was read to its end.
class IntentReader : public JournalVisitor {
 public:
  Result<void> batch(Timestamp at, std::uint64_t objects) override;
  Result<void> intent(const JournalIntent& intent) override;
  Result<void> outcome(const JournalOutcome& outcome) override;

  /// By number: intents without an outcome, and those whose outcome is "failed" with kUnknownCode.
  const std::map<std::uint64_t, Intent>& unsettled() const { return unsettled_; }
  /// When the first batch of the journal was written.
  std::optional<Timestamp> first_batch() const { return first_batch_; }

 protected:
  virtual Result<void> intended(std::uint64_t /*number*/, const Intent& /*intent*/) { return {}; }
  /// An outcome with its intent. One that is not known comes here too.
  virtual Result<void> settled(const Intent& intent, const JournalOutcome& outcome) = 0;

 private:
  std::optional<Timestamp> first_batch_;
  Timestamp at_;
  std::map<std::uint64_t, Intent> unsettled_;
};

}  // namespace flotsam
