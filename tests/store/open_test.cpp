// Which implementation a URL opens, and what fits no store.

#include "store/open.h"

#include <gtest/gtest.h>

#include "store/prober.h"
#include "store/remover.h"
#include "store/restorer.h"
#include "store/store_contract.h"
#include "support/fake_s3.h"
#include "support/temporary_folder.h"

namespace flotsam::test {
namespace {

/// A store by its URL and one more setting.
StoreOptions options_of(const std::string& url, std::optional<std::string> StoreOptions::* setting = nullptr,
                        const std::string& value = {}) {
  StoreOptions options;
  options.url = url;
  if (setting != nullptr) options.*setting = value;
  return options;
}

struct OpenRow {
  const char* name;
  StoreOptions options;
  std::optional<std::string> quarantine;
  ErrorCode code;
  const char* part;            ///< of the message
  bool of_quarantine = false;  ///< the mistake is in the quarantine: open_store() does not see it
};

class Open : public testing::Test {
 protected:
  StoreContext context() { return {&environment_, &clock_, &log_}; }
  WakefulClock clock_;
  NullLog log_;
  Environment environment_;
  const Cancel cancel_;
};

TEST_F(Open, RefusesWhatFitsNoStore) {
  const OpenRow rows[] = {
      {"another scheme",
       options_of("gs://bucket"),
       {},
       ErrorCode::invalid_argument,
       "neither s3:// nor file://"},
      {"no scheme", options_of("/srv/media"), {}, ErrorCode::invalid_argument, "neither s3:// nor file://"},
      {"a relative folder", options_of("file://media"), {}, ErrorCode::invalid_argument, "no absolute path"},
      {"a region of a folder",
       options_of("file:///srv/media", &StoreOptions::region, "eu-west-1"),
       {},
       ErrorCode::invalid_argument,
       "region"},
      {"an owner of a folder",
       options_of("file:///srv/media", &StoreOptions::expected_bucket_owner, "123456789012"),
       {},
       ErrorCode::invalid_argument,
       "expected_bucket_owner"},
      {"a folder's quarantine in a bucket", options_of("file:///srv/media"),
       "s3://bucket/.flotsam-quarantine/", ErrorCode::invalid_argument, "no absolute path", true},
      {"a bucket's quarantine in a folder",
       options_of("s3://bucket", &StoreOptions::endpoint, "http://127.0.0.1:1"), "/srv/.flotsam-quarantine/",
       ErrorCode::invalid_argument, "in no bucket", true},
  };
  for (const OpenRow& row : rows) {
    SCOPED_TRACE(row.name);
    const auto expect = [&](const auto& opened) {
      ASSERT_FALSE(opened);
      EXPECT_EQ(opened.error().code, row.code) << to_text(opened.error());
      EXPECT_NE(opened.error().message.find(row.part), std::string::npos) << to_text(opened.error());
      EXPECT_FALSE(opened.error().hint.empty());
    };
    expect(open_remover(row.options, row.quarantine, context()));
    expect(open_restorer(row.options, row.quarantine, context()));
    if (row.of_quarantine) continue;
    expect(open_store(row.options, context()));
    expect(probe_store(row.options, "", context(), cancel_));
  }
}

TEST_F(Open, OpensAFolder) {
  const TemporaryFolder folder;
  folder.write("a/1", "bytes");
  const StoreOptions options = options_of("file://" + folder.path().string());
  const std::string quarantine = (folder / ".flotsam-quarantine/").string();
  const auto lister = open_store(options, context());
  ASSERT_TRUE(lister) << to_text(lister.error());
  const auto facts = (*lister)->facts();
  ASSERT_TRUE(facts);
  const auto remover = open_remover(options, quarantine, context());
  ASSERT_TRUE(remover) << to_text(remover.error());
  EXPECT_EQ((*remover)->facts()->identity, facts->identity);
  EXPECT_TRUE((*remover)->prepare({DeleteMethod::quarantine, DeleteCondition::none, "run"}));
  EXPECT_TRUE(std::filesystem::is_directory(quarantine)) << "the quarantine is handed on";
  const auto restorer = open_restorer(options, quarantine, context());
  ASSERT_TRUE(restorer) << to_text(restorer.error());
  EXPECT_EQ((*restorer)->facts()->identity, facts->identity);
  const auto findings = probe_store(options, "a/", context(), cancel_);
  ASSERT_TRUE(findings) << to_text(findings.error());
  EXPECT_EQ(findings->create_if_absent, true);
}

TEST_F(Open, OpensABucket) {
  FakeS3 s3;
  s3.put("a/1", {});
  environment_ = s3.environment();
  const auto facts = (*open_store(s3.options(), context()))->facts();
  ASSERT_TRUE(facts) << to_text(facts.error());
  const auto remover = open_remover(s3.options(), std::nullopt, context());
  ASSERT_TRUE(remover) << to_text(remover.error());
  EXPECT_EQ((*remover)->facts()->identity, facts->identity);
  const auto restorer = open_restorer(s3.options(), std::nullopt, context());
  ASSERT_TRUE(restorer) << to_text(restorer.error());
  EXPECT_EQ((*restorer)->facts()->identity, facts->identity);
  const auto findings = probe_store(s3.options(), "a/", context(), cancel_);
  ASSERT_TRUE(findings) << to_text(findings.error());
  EXPECT_EQ(findings->distinct_keys, true);
}

}  // namespace
}  // namespace flotsam::test
