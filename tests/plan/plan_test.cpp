#include "plan/plan.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>
#include <set>
#include <sys/stat.h>

#include "base/hash.h"
#include "plan/plan_fixture.h"

namespace flotsam::test {
namespace {

std::vector<std::string> lines_of(const std::string& content) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  for (std::size_t end = content.find('\n'); end != std::string::npos; end = content.find('\n', start)) {
    lines.push_back(content.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

/// Lines with a last line that fits them: what a forger would write.
std::string sealed(const std::vector<std::string>& lines) {
  std::string content;
  for (const std::string& line : lines) content += line + "\n";
  return content + "{\"objects\":" + std::to_string(lines.size() - 1) + ",\"sha256\":\"" +
         sha256_hex(content) + "\"}\n";
}

std::string error_of(const std::filesystem::path& path, ErrorCode code = ErrorCode::corrupt) {
  const auto plan = Plan::load(path);
  if (plan) return "it was loaded";
  EXPECT_EQ(plan.error().code, code) << to_text(plan.error());
  return plan.error().message;
}

class PlanFile : public testing::Test {
 protected:
  /// A plan of two objects; its lines without the last.
  std::vector<std::string> two_objects() {
    EXPECT_TRUE(write_plan(path_, header_of_test(), {planned("books/a"), planned("books/b", 5)}).has_value());
    auto lines = lines_of(content_of(path_));
    lines.pop_back();
    return lines;
  }
  TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "plan.ndjson";
};

TEST_F(PlanFile, HoldsHeaderObjectsAndALastLineWithTheirDigest) {
  PlannedObject versioned = planned("books/b", 5);
  versioned.object.version_id = "v1";
  ASSERT_TRUE(write_plan(path_, header_of_test(), {planned("books/a"), versioned}).has_value());
  const std::string content = content_of(path_);
  const auto lines = lines_of(content);
  ASSERT_EQ(lines.size(), 4U);
  const auto header = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(header["flotsam_plan"], 1);
  EXPECT_EQ(header["id"], "00112233445566778899aabbccddeeff");
  EXPECT_EQ(header["created_at"], "2026-11-23T06:41:21.5Z");
  EXPECT_EQ(header["expires_at"], "2026-11-24T06:41:21.5Z");
  EXPECT_EQ(header["store_url"], "s3://my-bucket");
  EXPECT_EQ(header["store_identity"], "https://s3.example.com my-bucket");
  EXPECT_EQ(header["prefixes"], nlohmann::json::array({"books/"}));
  EXPECT_EQ(header["config_digest"], "abcd");
  EXPECT_EQ(header["cutoff"], "2026-11-16T06:41:02.000000007Z");
  EXPECT_EQ(header["method"], "version");
  ASSERT_EQ(header["sources"].size(), 2U);
  EXPECT_EQ(header["sources"][0]["name"], "book images");
  EXPECT_EQ(header["sources"][0]["rules_digest"], "0123");
  EXPECT_EQ(header["sources"][0]["database"][0], nlohmann::json({{"name", "system"}, {"value", "7"}}));
  EXPECT_EQ(header["sources"][0]["distinct_keys"], 5074);
  EXPECT_EQ(header["evidence"]["clock"], "2026-11-23T06:41:02Z");
  EXPECT_EQ(header["report"]["orphan_percentage"], 0.3);
  EXPECT_EQ(lines[1],
            R"({"key":"books/a","size":7,"etag":"9b2cf535","last_modified":"2026-11-10T10:00:00.000000001Z",)"
            R"("shape":"books/#"})");
  EXPECT_EQ(nlohmann::json::parse(lines[2])["version_id"], "v1");
  const auto end = nlohmann::json::parse(lines[3]);
  EXPECT_EQ(end["objects"], 2);
  EXPECT_EQ(end["sha256"], sha256_hex(content.substr(0, content.rfind("{\"objects\""))));
  EXPECT_EQ(end.size(), 2U);
}

TEST_F(PlanFile, ReadsBackWhatWasWritten) {
  const std::vector<PlannedObject> objects = {planned("books/a"), planned("books/b", 5)};
  ASSERT_TRUE(write_plan(path_, header_of_test(), objects).has_value());
  const auto plan = Plan::load(path_);
  ASSERT_TRUE(plan.has_value()) << to_text(plan.error());
  const PlanHeader expected = header_of_test();
  EXPECT_EQ(plan->header().format, 1);
  EXPECT_EQ(plan->header().id, expected.id);
  EXPECT_EQ(plan->header().created_at, expected.created_at);
  EXPECT_EQ(plan->header().expires_at, expected.expires_at);
  EXPECT_EQ(plan->header().store_url, expected.store_url);
  EXPECT_EQ(plan->header().store_identity, expected.store_identity);
  EXPECT_EQ(plan->header().prefixes, expected.prefixes);
  EXPECT_EQ(plan->header().config_digest, expected.config_digest);
  EXPECT_EQ(plan->header().cutoff, expected.cutoff);
  EXPECT_EQ(plan->header().method, expected.method);
  EXPECT_EQ(plan->header().sources, expected.sources);
  EXPECT_EQ(plan->header().report, expected.report);
  EXPECT_EQ(plan->header().evidence, expected.evidence);
  EXPECT_EQ(plan->objects(), 2U);
  EXPECT_EQ(plan->bytes(), 12U);
  EXPECT_EQ(plan->path(), path_);
  const auto read = objects_of(*plan);
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].object, objects[0].object);
  EXPECT_EQ(read[1].object, objects[1].object);
  EXPECT_EQ(read[1].shape, "books/#");
}

TEST_F(PlanFile, MayHoldNoObject) {
  ASSERT_TRUE(write_plan(path_, header_of_test(), {}).has_value());
  const auto plan = Plan::load(path_);
  ASSERT_TRUE(plan.has_value()) << to_text(plan.error());
  EXPECT_EQ(plan->objects(), 0U);
  EXPECT_TRUE(objects_of(*plan).empty());
}

TEST_F(PlanFile, IsForItsOwnerAlone) {
  two_objects();
  struct stat status{};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

// One bit of every byte; all eight would take ten times as long and find the same.
TEST_F(PlanFile, WithABitOfAnyByteFlippedIsRefused) {
  two_objects();
  const std::string whole = content_of(path_);
  for (std::size_t byte = 0; byte < whole.size(); ++byte) {
    std::string flipped = whole;
    flipped[byte] = static_cast<char>(static_cast<unsigned char>(flipped[byte]) ^ (1U << byte % 8));
    folder_.write("flipped", flipped);
    const auto plan = Plan::load(folder_ / "flipped");
    ASSERT_FALSE(plan.has_value()) << "byte " << byte;
    ASSERT_EQ(plan.error().code, ErrorCode::corrupt) << "byte " << byte;
  }
}

TEST_F(PlanFile, CutAtAnyByteIsRefused) {
  two_objects();
  const std::string whole = content_of(path_);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    folder_.write("cut", whole.substr(0, size));
    const auto plan = Plan::load(folder_ / "cut");
    ASSERT_FALSE(plan.has_value()) << size;
    ASSERT_EQ(plan.error().code, ErrorCode::corrupt) << size;
    ASSERT_FALSE(plan.error().hint.empty()) << size;
  }
}

struct Forgery {
  std::string name;
  std::string (*forge)(std::vector<std::string> lines);
  std::string says;
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

class ForgedPlan : public PlanFile, public testing::WithParamInterface<Forgery> {};

TEST_P(ForgedPlan, IsRefusedAndSaysWhy) {
  folder_.write("forged", GetParam().forge(two_objects()));
  EXPECT_NE(error_of(folder_ / "forged").find(GetParam().says), std::string::npos)
      << error_of(folder_ / "forged");
}

using Lines = std::vector<std::string>;
INSTANTIATE_TEST_SUITE_P(
    Cases, ForgedPlan,
    testing::Values(
        Forgery{"an_object_removed",
                [](Lines lines) {
                  const std::string whole = sealed(lines);
                  return replaced(whole, lines[1] + "\n", "");
                },
                "changed or damaged"},
        Forgery{"a_wrong_count",
                [](Lines lines) { return replaced(sealed(lines), "{\"objects\":2", "{\"objects\":3"); },
                "changed or damaged"},
        Forgery{"no_last_line", [](Lines lines) { return lines[0] + "\n" + lines[1] + "\n"; }, "last line"},
        Forgery{"a_trailing_byte", [](Lines lines) { return sealed(lines) + "x"; }, "has no end"},
        Forgery{"a_trailing_line", [](Lines lines) { return sealed(lines) + "{}\n"; },
                "follows its last line"},
        Forgery{"a_plan_behind_a_plan", [](Lines lines) { return sealed(lines) + sealed(lines); },
                "follows its last line"},
        Forgery{"keys_out_of_order", [](Lines lines) { return sealed({lines[0], lines[2], lines[1]}); },
                "out of order"},
        Forgery{"a_key_twice", [](Lines lines) { return sealed({lines[0], lines[1], lines[1]}); },
                "stands twice"},
        Forgery{"a_field_twice",
                [](Lines lines) {
                  lines[1] = replaced(lines[1], "\"size\":7", "\"size\":7,\"size\":8");
                  return sealed(lines);
                },
                "stands twice"},
        Forgery{"an_unknown_field",
                [](Lines lines) {
                  lines[1] = replaced(lines[1], "\"size\":7", "\"size\":7,\"sise\":8");
                  return sealed(lines);
                },
                "not written as flotsam writes it"},
        Forgery{"blanks",
                [](Lines lines) {
                  lines[1] = replaced(lines[1], ",", ", ");
                  return sealed(lines);
                },
                "not written as flotsam writes it"},
        Forgery{"a_negative_size",
                [](Lines lines) {
                  lines[1] = replaced(lines[1], "\"size\":7", "\"size\":-7");
                  return sealed(lines);
                },
                "'size' is not a whole number"},
        Forgery{"no_etag",
                [](Lines lines) {
                  lines[1] = replaced(lines[1], "\"etag\":\"9b2cf535\",", "");
                  return sealed(lines);
                },
                "'etag' is missing"},
        Forgery{"a_date_that_is_none",
                [](Lines lines) {
                  lines[1] = replaced(lines[1], "2026-11-10", "2026-13-10");
                  return sealed(lines);
                },
                "'last_modified' is not a time"},
        Forgery{"no_time",
                [](Lines lines) {
                  lines[1] = replaced(lines[1], "\"2026-11-10T10:00:00.000000001Z\"", "null");
                  return sealed(lines);
                },
                "last_modified"},
        Forgery{"base64_of_plain_text",
                [](Lines lines) {
                  lines[1] = replaced(lines[1], "\"books/a\"", "{\"base64\":\"Ym9va3MvYQ==\"}");
                  return sealed(lines);
                },
                "not written as flotsam writes it"},
        Forgery{"a_key_outside_the_prefixes",
                [](Lines lines) {
                  lines[1] = replaced(lines[1], "books/a", "boats/a");
                  return sealed(lines);
                },
                "outside the plan's prefixes"},
        Forgery{"a_key_of_flotsam_itself",
                [](Lines lines) {
                  lines[1] = replaced(lines[1], "books/a", "books/.flotsam-quarantine/a");
                  return sealed(lines);
                },
                "flotsam's own"},
        Forgery{"a_newer_format",
                [](Lines lines) {
                  lines[0] = replaced(lines[0], "\"flotsam_plan\":1", "\"flotsam_plan\":2");
                  return sealed(lines);
                },
                "written by a newer flotsam"},
        Forgery{"another_file_of_json", [](Lines) { return sealed({"{\"hello\":1}"}); },
                "does not begin like a plan"},
        Forgery{"text", [](Lines) { return std::string("hello\n"); }, "not a JSON object"},
        Forgery{"a_header_alone_and_its_field_twice",
                [](Lines lines) { return sealed({replaced(lines[0], "\"id\":", "\"id\":\"x\",\"id\":")}); },
                "stands twice"},
        Forgery{"no_cutoff",
                [](Lines lines) {
                  return sealed({replaced(lines[0], "\"cutoff\":\"2026-11-16T06:41:02.000000007Z\",", "")});
                },
                "'cutoff' is missing"},
        Forgery{"no_sources",
                [](Lines lines) { return sealed({replaced(lines[0], "\"sources\":[", "\"others\":[")}); },
                "'sources' is missing"},
        Forgery{"a_source_without_rules",
                [](Lines lines) { return sealed({replaced(lines[0], "\"rules_digest\":\"0123\",", "")}); },
                "'rules_digest' is missing"},
        Forgery{"a_source_whose_database_has_more_to_say",
                [](Lines lines) {
                  return sealed({replaced(lines[0], "\"value\":\"7\"", "\"value\":\"7\",\"later\":1")});
                },
                "not written as flotsam writes it"},
        Forgery{"a_report_that_is_no_object",
                [](Lines lines) {
                  return sealed(
                      {replaced(lines[0], R"({"orphan_percentage":0.30,"a":["\u200b",{"b":null}]})", "3")});
                },
                "not an object"}),
    [](const auto& each) { return each.param.name; });

TEST_F(PlanFile, ThatIsNotThereIsNotFound) {
  EXPECT_NE(error_of(folder_ / "none", ErrorCode::not_found).find("none"), std::string::npos);
}

TEST_F(PlanFile, ThatIsEmptyIsRefused) {
  folder_.write("empty", "");
  EXPECT_NE(error_of(folder_ / "empty").find("it is empty"), std::string::npos);
}

TEST_F(PlanFile, ThatIsAFolderIsRefused) {
  EXPECT_NE(error_of(folder_.path()).find("it is a folder"), std::string::npos);
}

TEST_F(PlanFile, ThatIsAPipeIsRefusedWithoutWaiting) {
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_NE(error_of(folder_ / "pipe").find("not a regular file"), std::string::npos);
}

TEST_F(PlanFile, ThatChangedSinceItWasLoadedIsNotUsed) {
  two_objects();
  const auto plan = Plan::load(path_);
  ASSERT_TRUE(plan.has_value());
  PlanHeader other = header_of_test();
  const auto ignore = [](const PlannedObject&) -> Result<void> { return {}; };
  ASSERT_TRUE(write_plan(path_, other, {planned("books/a")}).has_value());
  ASSERT_FALSE(plan->for_each(ignore).has_value());
  EXPECT_EQ(plan->for_each(ignore).error().code, ErrorCode::corrupt);
  other.id = "ff112233445566778899aabbccddeeff";
  ASSERT_TRUE(write_plan(path_, other, {planned("books/a"), planned("books/b", 5)}).has_value());
  std::size_t given = 0;
  const auto count = [&](const PlannedObject&) -> Result<void> { return ++given, Result<void>{}; };
  EXPECT_FALSE(plan->for_each(count).has_value());
  EXPECT_EQ(given, 0U);
}

TEST_F(PlanFile, PassesOnWhatItsReaderSays) {
  two_objects();
  const auto plan = Plan::load(path_);
  ASSERT_TRUE(plan.has_value());
  const auto stopped =
      plan->for_each([](const PlannedObject&) { return Result<void>(fail(ErrorCode::interrupted, "stop")); });
  ASSERT_FALSE(stopped.has_value());
  EXPECT_EQ(stopped.error().code, ErrorCode::interrupted);
}

struct Unplannable {
  std::string name;
  void (*change)(PlannedObject&);
};
class PlanWriterObjection : public PlanFile, public testing::WithParamInterface<Unplannable> {};

TEST_P(PlanWriterObjection, LeavesNoPlanBehind) {
  auto writer = PlanWriter::create(path_, header_of_test());
  ASSERT_TRUE(writer.has_value());
  PlannedObject good = planned("books/m"), bad = planned("books/n");
  ASSERT_TRUE(writer->add(good.object.view(), good.shape).has_value());
  GetParam().change(bad);
  EXPECT_FALSE(writer->add(bad.object.view(), bad.shape).has_value());
  EXPECT_FALSE(writer->commit().has_value());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, PlanWriterObjection,
    testing::Values(
        Unplannable{"out_of_order", [](PlannedObject& each) { each.object.key = Key("books/a"); }},
        Unplannable{"twice", [](PlannedObject& each) { each.object.key = Key("books/m"); }},
        Unplannable{"outside_the_prefixes", [](PlannedObject& each) { each.object.key = Key("boots/n"); }},
        Unplannable{"own", [](PlannedObject& each) { each.object.key = Key("books/x/.flotsam-y/n"); }},
        Unplannable{"of_unknown_time", [](PlannedObject& each) { each.object.last_modified.reset(); }}),
    [](const auto& each) { return each.param.name; });

TEST_F(PlanFile, IsNotWrittenForAHeaderThatCouldNotBeReadBack) {
  PlanHeader header = header_of_test();
  header.prefixes.clear();
  EXPECT_FALSE(PlanWriter::create(path_, header).has_value());
  header = header_of_test();
  header.report = "{\n}";
  EXPECT_FALSE(PlanWriter::create(path_, header).has_value());
  header.report = "[]";
  EXPECT_FALSE(PlanWriter::create(path_, header).has_value());
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(PlanFile, StandsUnderItsNameOnlyOnceItIsComplete) {
  {
    auto writer = PlanWriter::create(path_, header_of_test());
    ASSERT_TRUE(writer.has_value());
    EXPECT_FALSE(std::filesystem::exists(path_));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST(PlanLine, CarriesKeysThatAreNotUtf8) {
  EXPECT_EQ(to_json_key("caf\xc3\xa9"), "\"caf\xc3\xa9\"");
  EXPECT_EQ(to_json_key("caf\xe9"), "{\"base64\":\"Y2Fm6Q==\"}");
  EXPECT_EQ(to_json_key("\x1b\x7f\"\\\n\t\r\xe2\x80\xae"), R"("\u001b\u007f\"\\\n\t\r\u202e")");
  EXPECT_EQ(nlohmann::json::parse(to_json_key("\xf3\xa0\x80\xa1")), "\xf3\xa0\x80\xa1");
}

TEST(PlanLine, SaysNullForAnObjectOfUnknownTime) {
  PlannedObject each = planned("books/a");
  each.object.last_modified.reset();
  EXPECT_TRUE(nlohmann::json::parse(to_json_line(each.object.view(), each.shape))["last_modified"].is_null());
}

TEST(PlanProperty, PlanToFileToPlanIsTheIdentity) {
  const TemporaryFolder folder;
  const auto property = [&] {
    // Keys of any bytes; of few letters too, so that they come close to each other.
    const auto any = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    const auto few =
        rc::gen::container<std::string>(rc::gen::element('a', '/', '\xff', '"', '\\', '\n', '\x1b'));
    const auto names = *rc::gen::container<std::set<std::string>>(rc::gen::oneOf(any, few));
    PlanHeader header = header_of_test();
    header.prefixes = {*any};
    header.store_url = *any;
    header.store_identity = *any;
    std::vector<PlannedObject> objects;
    for (const std::string& name : names) {
      PlannedObject each = planned(header.prefixes.front() + name, *rc::gen::arbitrary<std::uint64_t>());
      if (each.object.key.bytes().empty() || each.object.key.bytes().find(".flotsam-") != std::string::npos)
        continue;
      each.object.etag = *any;
      each.object.version_id = *any;
      each.object.last_modified = Timestamp(std::chrono::nanoseconds(
          *rc::gen::inRange<std::int64_t>(-9'000'000'000'000'000'000, 9'000'000'000'000'000'000)));
      each.shape = *any;
      objects.push_back(each);
    }
    RC_ASSERT(write_plan(folder / "plan", header, objects).has_value());
    const auto plan = Plan::load(folder / "plan");
    if (!plan) RC_FAIL(to_text(plan.error()));
    RC_ASSERT(plan->header().prefixes == header.prefixes);
    RC_ASSERT(plan->header().store_url == header.store_url);
    RC_ASSERT(plan->header().store_identity == header.store_identity);
    const auto read = objects_of(*plan);
    RC_ASSERT(read.size() == objects.size());
    for (std::size_t i = 0; i < read.size(); ++i) {
      RC_ASSERT(read[i].object == objects[i].object);
      RC_ASSERT(read[i].shape == objects[i].shape);
    }
  };
  EXPECT_TRUE(rc::check(property));
}

}  // namespace
}  // namespace flotsam::test
