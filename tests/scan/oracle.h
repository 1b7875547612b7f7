#pragma once

#include <map>
#include <set>
#include <string>

#include "scan/world.h"

namespace flotsam::test {

/// What SPEC §4 says of every object, computed with plain sets from the specification's text.
struct OracleAnswer {
  std::map<std::string, Verdict> verdicts;
  std::map<std::string, std::set<std::string>> needed;    ///< by source: needed keys in scope
  std::map<std::string, std::set<std::string>> outside;   ///< by source: needed keys that are not
  std::map<std::string, std::set<std::string>> dangling;  ///< by source
};

/// Sources with `extract` are not understood.
OracleAnswer oracle_of(const ScanFixture& fixture);

}  // namespace flotsam::test
