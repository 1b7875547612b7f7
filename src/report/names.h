#pragma once

#include <string_view>

#include "scan/result.h"

namespace flotsam {

// The report is not linked to the rooms that define these values, so that their names in output stand here.
std::string_view name_of(Ruling ruling);
std::string_view name_of(Versioning versioning);
std::string_view name_of(DeleteMethod method);

}  // namespace flotsam
