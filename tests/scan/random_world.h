#pragma once

#include <map>
#include <string>

#include "scan/world.h"

namespace flotsam::test {

/// A key at random, often in scope and often like others. May be empty. For rapidcheck's properties, as all
/// here.
std::string any_key();

/// Fills store, tables and rules at random, so that every verdict comes up.
void fill_at_random(ScanFixture& fixture);

/// Scans and gives the verdict of every object in scope; asserts that they come in key order.
std::map<std::string, Verdict> verdicts_of(ScanFixture& fixture, ScanResult& result);

}  // namespace flotsam::test
