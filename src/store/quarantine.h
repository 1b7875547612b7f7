#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/cancel.h"
#include "base/error.h"
#include "base/time.h"
#include "model/object.h"

namespace flotsam {

/// One object in a quarantine: QUARANTINE/run_id/key.
struct QuarantinedObject {
  std::string run_id;  ///< the first path part below the quarantine: the journal that moved it
  Key key;             ///< where it stood before
  Object stored;       ///< as it lies there: size, etag and time are the quarantined copy's
};

}  // namespace flotsam
