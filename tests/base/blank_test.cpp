#include "base/blank.h"

#include <gtest/gtest.h>

namespace flotsam {
namespace {

std::string blanked(std::string text, std::string_view secret,
                    void (*blank_it)(std::string&, std::string_view)) {
  blank_it(text, secret);
  return text;
}

TEST(Blank, ReplacesEveryOccurrenceAndEnds) {
  EXPECT_EQ(blanked("key abcd, again abcd", "abcd", blank), "key ***, again ***");
  EXPECT_EQ(blanked("abcdabcd", "abcd", blank), "******");
  EXPECT_EQ(blanked("a*b", "*", blank), "a***b") << "a secret that stands in what replaces it";
  EXPECT_EQ(blanked("nothing", "", blank), "nothing");
}

TEST(Blank, LeavesShortExpansionsReadable) {
  EXPECT_EQ(blanked("a bad query", "bad", blank_expansion), "a bad query");
  EXPECT_EQ(blanked("a baad query", "baad", blank_expansion), "a *** query");
}

}  // namespace
}  // namespace flotsam
