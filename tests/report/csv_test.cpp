#include <gtest/gtest.h>

#include "report/fixture.h"
#include "support/temporary_folder.h"

namespace flotsam::test {
namespace {

/// The CSV of a plan that holds one object; its header line is checked and left out.
std::string csv_of(const Object& object, const std::string& shape) {
  const TemporaryFolder folder;
  PlanHeader header;
  header.prefixes = {""};
  auto writer = PlanWriter::create(folder / "plan", header);
  EXPECT_TRUE(writer && writer->add(object.view(), shape) && writer->commit());
  const auto plan = Plan::load(folder / "plan");
  EXPECT_TRUE(plan.has_value());
  std::string text;
  const auto done = to_csv(*plan, [&](std::string_view line) -> Result<void> {
    EXPECT_TRUE(line.ends_with("\r\n"));
    text += line;
    return {};
  });
  EXPECT_TRUE(done.has_value());
  const std::string first = "key,size,etag,last_modified,version_id,shape\r\n";
  EXPECT_TRUE(text.starts_with(first)) << text;
  return text.substr(std::min(first.size(), text.size()));
}

TEST(Csv, HasOneLineAnObject) {
  const Object object{Key("books/a"), 7, at("2026-11-10T10:00:00.5Z"), "9b2c", "v1"};
  EXPECT_EQ(csv_of(object, "books/#"), "books/a,7,9b2c,2026-11-10T10:00:00.5Z,v1,books/#\r\n");
}

TEST(Csv, LeavesUnknownFieldsEmpty) {
  const Object object{Key("books/a"), 7, at("2026-11-10T10:00:00Z"), "", ""};
  EXPECT_EQ(csv_of(object, "s"), "books/a,7,,2026-11-10T10:00:00Z,,s\r\n");
}

struct CsvKey {
  std::string name, key, field;
};
class CsvField : public testing::TestWithParam<CsvKey> {};

TEST_P(CsvField, IsHarmless) {
  const Object object{Key(GetParam().key), 7, at("2026-11-10T10:00:00Z"), "e", ""};
  EXPECT_EQ(csv_of(object, "s"), GetParam().field + ",7,e,2026-11-10T10:00:00Z,,s\r\n");
}

INSTANTIATE_TEST_SUITE_P(
    Cases, CsvField,
    testing::Values(CsvKey{"plain", "a b.webp", "a b.webp"}, CsvKey{"comma", "a,b", "\"a,b\""},
                    CsvKey{"quote", "a\"b", "\"a\"\"b\""}, CsvKey{"formula", "=1+1", "\"'=1+1\""},
                    CsvKey{"plus", "+1", "\"'+1\""}, CsvKey{"minus", "-1", "\"'-1\""},
                    CsvKey{"at", "@x", "\"'@x\""}, CsvKey{"tab", "\tx", "\"'\\x09x\""},
                    CsvKey{"carriage_return", "\rx", "\"'\\x0dx\""}, CsvKey{"formula_later", "a=1", "a=1"},
                    CsvKey{"leading_blank", " a", "\" a\""}, CsvKey{"line_break", "a\nb", "a\\x0ab"},
                    CsvKey{"escape", "\x1b[2J", "\\x1b[2J"}, CsvKey{"not_utf8", "caf\xe9", "caf\\xe9"},
                    CsvKey{"utf8", "caf\xc3\xa9", "caf\xc3\xa9"},
                    CsvKey{"bidi",
                           "a\xe2\x80\xae"
                           "b",
                           "a\\xe2\\x80\\xaeb"}),
    [](const auto& each) { return each.param.name; });

TEST(Csv, StopsWhereItsReaderFails) {
  const TemporaryFolder folder;
  PlanHeader header;
  header.prefixes = {""};
  auto writer = PlanWriter::create(folder / "plan", header);
  ASSERT_TRUE(writer && writer->commit());
  const auto plan = Plan::load(folder / "plan");
  const auto done =
      to_csv(*plan, [](std::string_view) { return Result<void>(fail(ErrorCode::unavailable, "full")); });
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().message, "full");
}

}  // namespace
}  // namespace flotsam::test
