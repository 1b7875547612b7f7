#include "apply/intents.h"

#include <fmt/format.h>

namespace flotsam {

Result<void> IntentReader::batch(Timestamp at, std::uint64_t /*objects*/) {
  at_ = at;
  if (!first_batch_) first_batch_ = at;
  return {};
}

Result<void> IntentReader::intent(const JournalIntent& intent) {
  const auto [place, is_new] =
      unsettled_.insert_or_assign(intent.number, Intent{intent.object, intent.detail, at_});
  return intended(intent.number, place->second);
}

Result<void> IntentReader::outcome(const JournalOutcome& outcome) {
  const auto found = unsettled_.find(outcome.number);
  if (found == unsettled_.end()) {
    auto failure =
        fail(ErrorCode::corrupt,
             fmt::format("the journal tells an outcome of object {} without an intent", outcome.number));
    failure.error().service_code = "Plan";
    return failure;
  }
  FLOTSAM_TRY(settled(found->second, outcome));
  if (outcome.result != "failed" || outcome.code != kUnknownCode) unsettled_.erase(found);
  return {};
}

}  // namespace flotsam
