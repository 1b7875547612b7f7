#pragma once

#include <string>

namespace flotsam::test {

/// Expects that the text is what tests/report/golden/NAME.txt holds. To accept a change that was looked at:
/// FLOTSAM_TEST_ACCEPT=1.
void expect_golden(const std::string& name, const std::string& text);

}  // namespace flotsam::test
