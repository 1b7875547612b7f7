#include "base/check.h"
#include "store/remover.h"
#include "store/restorer.h"

namespace flotsam {

std::string_view to_string(LookState state) {
  switch (state) {
    case LookState::same:
      return "same";
    case LookState::changed:
      return "changed";
    case LookState::gone:
      return "gone";
    case LookState::held:
      return "held";
    case LookState::unknown:
      return "unknown";
  }
  check_failed("a look has a name", __FILE__, __LINE__);
}

std::string_view to_string(DeleteCondition condition) {
  switch (condition) {
    case DeleteCondition::none:
      return "none";
    case DeleteCondition::single:
      return "single";
    case DeleteCondition::batch:
      return "batch";
  }
  check_failed("a condition has a name", __FILE__, __LINE__);
}

std::string_view to_string(RemoveResult result) {
  switch (result) {
    case RemoveResult::removed:
      return "removed";
    case RemoveResult::gone:
      return "gone";
    case RemoveResult::changed:
      return "changed";
    case RemoveResult::held:
      return "held";
    case RemoveResult::failed:
      return "failed";
    case RemoveResult::unknown:
      return "unknown";
  }
  check_failed("the result of a removal has a name", __FILE__, __LINE__);
}

std::string_view to_string(Remains::Place place) {
  switch (place) {
    case Remains::Place::marker:
      return "marker";
    case Remains::Place::version:
      return "version";
    case Remains::Place::quarantine:
      return "quarantine";
  }
  check_failed("a place has a name", __FILE__, __LINE__);
}

std::string_view to_string(RestoreResult result) {
  switch (result) {
    case RestoreResult::restored:
      return "restored";
    case RestoreResult::standing:
      return "standing";
    case RestoreResult::superseded:
      return "superseded";
    case RestoreResult::lost:
      return "lost";
    case RestoreResult::failed:
      return "failed";
  }
  check_failed("the result of a restore has a name", __FILE__, __LINE__);
}

}  // namespace flotsam
