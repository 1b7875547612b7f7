#include "report/golden.h"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace flotsam::test {

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(FLOTSAM_SOURCE_DIR) + "/tests/report/golden/" + name + ".txt";
  if (const char* accept = std::getenv("FLOTSAM_TEST_ACCEPT");
      accept != nullptr && std::string(accept) == "1")
    std::ofstream(path, std::ios::binary) << text;
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file.good()) << path << " is missing: run with FLOTSAM_TEST_ACCEPT=1 and read it";
  std::stringstream accepted;
  accepted << file.rdbuf();
  EXPECT_EQ(text, accepted.str());
}

}  // namespace flotsam::test
