// A store that misbehaves must fail the listing, or be survived with exactly the right keys.

#include "store/s3_fixture.h"

namespace flotsam::test {
namespace {

using S3Faults = S3Fixture;
using Keys = std::vector<std::string>;

struct FaultCase {
  const char* name;
  Fault fault;
};
/// Asked again, and survived where the next answer is right.
const FaultCase kTransient[] = {
    {"cut connection", Fault::cut_connection},
    {"cut body", Fault::cut_body},
    {"500", Fault::status_500},
    {"502 of a proxy", Fault::status_502_html},
    {"503", Fault::status_503},
    {"SlowDown", Fault::slow_down},
    {"429", Fault::status_429},
    {"Error in a 200", Fault::error_in_200},
    {"cut XML", Fault::truncated_xml},
    {"no XML", Fault::not_xml},
    {"empty body", Fault::empty_body},
    {"other root", Fault::other_root},
    {"unknown entity", Fault::unknown_entity},
    {"NUL", Fault::nul_character},
};
/// An answer that lies is not asked for again.
const FaultCase kLies[] = {
    {"DOCTYPE", Fault::doctype},
    {"truncated without token", Fault::truncated_without_token},
    {"token without truncated", Fault::token_without_truncated},
    {"same token", Fault::same_token},
    {"no IsTruncated", Fault::no_is_truncated},
    {"odd IsTruncated", Fault::bad_is_truncated},
    {"unordered", Fault::unordered},
    {"duplicate key", Fault::duplicate_key},
    {"out of prefix", Fault::out_of_prefix},
    {"empty key", Fault::empty_key},
    {"two keys", Fault::two_keys},
    {"two dates", Fault::two_dates},
    {"two sizes", Fault::two_sizes},
    {"markup in a key", Fault::markup_in_key},
    {"wrong name", Fault::wrong_name},
    {"no name", Fault::no_name},
    {"wrong prefix", Fault::wrong_prefix},
    {"wrong key count", Fault::wrong_key_count},
    {"wrong max keys", Fault::wrong_max_keys},
    {"more than asked", Fault::more_than_asked},
    {"wrong encoding echo", Fault::wrong_encoding_echo},
    {"broken escape", Fault::broken_escape},
    {"not encoded", Fault::not_encoded},
    {"groups", Fault::groups_unasked},
    {"delimiter", Fault::delimiter_unasked},
    {"huge size", Fault::huge_size},
    {"negative size", Fault::negative_size},
    {"no size", Fault::no_size},
};
const FaultCase kHarmless[] = {
    {"unreadable date", Fault::unreadable_date},
    {"no date", Fault::no_date},
    {"no quotes", Fault::no_etag_quotes},
    {"no key count", Fault::no_key_count},
};

TEST_F(S3Faults, TransientOnesAreSurvivedOnAnyPage) {
  for (const FaultCase& row : kTransient) {
    for (unsigned page = 1; page <= 4; ++page) {
      for (const unsigned connections : {1U, 4U}) {
        const auto lister = open();
        s3_.misbehave(row.fault, page);
        const Listed listed = list(*lister, connections);
        ASSERT_TRUE(listed.proof) << row.name << " on page " << page << ": " << to_text(listed.proof.error());
        EXPECT_EQ(listed.keys, keys_) << row.name << " on page " << page;
        if (row.fault != Fault::cut_connection &&
            connections == 1) {  // libcurl itself repeats on a new connection
          EXPECT_EQ(listed.proof->retries, 1U) << row.name << " on page " << page;
        }
      }
    }
  }
}

TEST_F(S3Faults, TransientOnesThatStayFailTheListing) {
  for (const FaultCase& row : kTransient) {
    for (unsigned page = 1; page <= 4; ++page) {
      const auto lister = open();
      s3_.misbehave(row.fault, page, FakeS3::kForever);
      const Listed listed = list(*lister, 1);
      ASSERT_FALSE(listed.proof) << row.name << " from page " << page;
      EXPECT_EQ(listed.proof.error().code, ErrorCode::unavailable)
          << row.name << ": " << to_text(listed.proof.error());
    }
    s3_.misbehave(row.fault, 1, FakeS3::kForever);
    EXPECT_FALSE(list(*open(), 4, keys_).proof) << row.name;
  }
}

TEST_F(S3Faults, TheCodeOfAnErrorInA200IsSaid) {
  s3_.misbehave(Fault::error_in_200, 1, FakeS3::kForever);
  const Listed listed = list(*open(), 1);
  ASSERT_FALSE(listed.proof);
  EXPECT_EQ(listed.proof.error().service_code, "InternalError");
  EXPECT_NE(to_text(listed.proof.error()).find("after asking 5 times"), std::string::npos);
}

TEST_F(S3Faults, AsksAsOftenAsTheAwsSettingsSay) {
  Environment environment = s3_.environment();
  environment.set("AWS_MAX_ATTEMPTS", "2");
  const auto lister = open_s3_store(s3_.options(), {&environment, &clock_, &log_});
  ASSERT_TRUE(lister) << to_text(lister.error());
  s3_.misbehave(Fault::status_500, 1, FakeS3::kForever);
  ASSERT_FALSE(list(**lister, 1).proof);
  EXPECT_EQ(s3_.listings(), 2U);
}

TEST_F(S3Faults, LiesFailTheListingOnAnyPage) {
  for (const FaultCase& row : kLies) {
    for (unsigned page = 1; page <= 4; ++page) {
      const auto lister = open();
      s3_.misbehave(row.fault, page);
      const Listed listed = list(*lister, 1);
      ASSERT_FALSE(listed.proof) << row.name << " on page " << page;
      EXPECT_EQ(listed.proof.error().code, ErrorCode::corrupt)
          << row.name << ": " << to_text(listed.proof.error());
      EXPECT_NE(to_text(listed.proof.error()).find("while listing s3://bucket/p/ (page "), std::string::npos);
    }
    s3_.misbehave(row.fault, 1, FakeS3::kForever);
    EXPECT_FALSE(list(*open(), 4, keys_).proof) << row.name;
  }
}

TEST_F(S3Faults, NoFaultOfASplitListingLeadsToWrongKeys) {
  for (const auto& table : {std::span<const FaultCase>(kLies), std::span<const FaultCase>(kTransient)}) {
    for (const FaultCase& row : table) {
      for (unsigned number = 1; number <= 9; ++number) {
        const auto lister = open();
        s3_.misbehave(row.fault, number);
        const Listed listed = list(*lister, 4, {"p/1/04.webp", "p/1/07.webp!", "p/3/17.webp"});
        if (listed.proof) {
          EXPECT_EQ(listed.keys, keys_) << row.name << " on request " << number;
        } else {
          EXPECT_EQ(listed.proof.error().code, ErrorCode::corrupt)
              << row.name << ": " << to_text(listed.proof.error());
        }
      }
    }
  }
}

TEST_F(S3Faults, APageThatWasGivenBeforeFailsTheListing) {
  for (unsigned page = 2; page <= 4; ++page) {
    const auto lister = open();
    s3_.misbehave(Fault::repeated_page, page);
    const Listed listed = list(*lister, 1);
    ASSERT_FALSE(listed.proof);
    EXPECT_EQ(listed.proof.error().code, ErrorCode::corrupt);
  }
}

TEST_F(S3Faults, AStoreThatIgnoresTokensFailsTheListing) {
  for (unsigned page = 2; page <= 4; ++page) {
    const auto lister = open();
    s3_.misbehave(Fault::ignored_token, page, FakeS3::kForever);
    const Listed listed = list(*lister, 1);
    ASSERT_FALSE(listed.proof);
    EXPECT_EQ(listed.proof.error().code, ErrorCode::corrupt);
    EXPECT_NE(listed.proof.error().message.find("must rise"), std::string::npos)
        << listed.proof.error().message;
  }
}

TEST_F(S3Faults, EmptyPagesWithoutEndFailTheListing) {
  for (unsigned page = 1; page <= 4; ++page) {
    for (const unsigned connections : {1U, 4U}) {
      const auto lister = open();
      s3_.misbehave(Fault::empty_page, page, FakeS3::kForever);
      const std::uint64_t before = s3_.listings();
      const Listed listed = list(*lister, connections, keys_);
      ASSERT_FALSE(listed.proof);
      EXPECT_EQ(listed.proof.error().code, ErrorCode::corrupt);
      EXPECT_NE(listed.proof.error().message.find("empty pages"), std::string::npos)
          << listed.proof.error().message;
      EXPECT_LE(s3_.listings() - before, 300U) << "must not go on for ever";
    }
  }
}

TEST_F(S3Faults, HarmlessOddityChangesNoKey) {
  for (const FaultCase& row : kHarmless) {
    s3_.misbehave(row.fault, 1, FakeS3::kForever);
    const Listed listed = list(*open(), 1);
    ASSERT_TRUE(listed.proof) << row.name << ": " << to_text(listed.proof.error());
    EXPECT_EQ(listed.keys, keys_) << row.name;
    const bool dateless = row.fault == Fault::unreadable_date || row.fault == Fault::no_date;
    for (const Object& object : listed.objects) {
      EXPECT_EQ(object.last_modified.has_value(), !dateless) << row.name;
      EXPECT_EQ(object.etag, FakeObject{}.etag) << row.name;
    }
  }
}

TEST_F(S3Faults, AnEmptyPageThatNamesANextOneIsNoEnd) {
  for (unsigned page = 1; page <= 4; ++page) {
    for (const unsigned connections : {1U, 4U}) {
      const auto lister = open();
      s3_.misbehave(Fault::empty_page, page, 3);
      const Listed listed = list(*lister, connections, {"p/1/07.webp", "p/3/17"});
      ASSERT_TRUE(listed.proof) << to_text(listed.proof.error());
      EXPECT_EQ(listed.keys, keys_) << "from page " << page;
    }
  }
}

struct StartAfterCase {
  const char* name;
  StartAfter mode;
};
TEST_F(S3Faults, StartAfterThatDoesNotWorkChangesNoKey) {
  for (const StartAfterCase& row : {StartAfterCase{"inclusive", StartAfter::inclusive},
                                    {"ignored", StartAfter::ignored},
                                    {"decoded twice", StartAfter::decoded_twice}}) {
    s3_.change([&](FakeS3Settings& settings) { settings.start_after = row.mode; });
    for (const Keys& cuts : {keys_, Keys{}, Keys{"p/1/", "p/1/07", "p/2/10.webp", "p/3"}}) {
      const Listed listed = list(*open(), 4, cuts);
      ASSERT_TRUE(listed.proof) << row.name << ": " << to_text(listed.proof.error());
      EXPECT_EQ(listed.keys, keys_) << row.name;
      EXPECT_EQ(listed.ranges > 1, row.mode != StartAfter::ignored)
          << row.name << ": only what works is used";
    }
  }
  EXPECT_NE(log_.text().find("does not honour start-after"), std::string::npos);
}

TEST_F(S3Faults, AStoreThatDecodesTwiceIsNeverAskedForACutWithPercentOrPlus) {
  s3_.put_all({"p/4/a%41b", "p/4/a+b", "p/4/aAb", "p/4/a b", "p/4/%7E", "p/4/c"});
  for (const auto& [key, object] : s3_.objects())
    if (key.starts_with("p/4/")) keys_.push_back(key);
  s3_.change([](FakeS3Settings& settings) { settings.start_after = StartAfter::decoded_twice; });
  const Listed listed = list(*open(), 4, keys_);
  ASSERT_TRUE(listed.proof) << to_text(listed.proof.error());
  EXPECT_EQ(listed.keys, keys_);
  EXPECT_GT(listed.ranges, 4U);
}

TEST_F(S3Faults, AKeyLostBehindACutFailsTheListing) {
  s3_.change([](FakeS3Settings& settings) { settings.start_after = StartAfter::skips_one; });
  const Listed listed = list(*open(), 4, {"p/1/06.webp!", "p/2/12.webp!", "p/3/16.webp!"});
  ASSERT_FALSE(listed.proof);
  EXPECT_EQ(listed.proof.error().code, ErrorCode::corrupt);
  EXPECT_NE(listed.proof.error().message.find("left out key"), std::string::npos)
      << listed.proof.error().message;
}

TEST_F(S3Faults, KeysThatVanishMeanwhileAreNoFault) {
  for (unsigned moment = 2; moment < 9; ++moment) {
    s3_.put_all(keys_);
    const std::uint64_t before = s3_.listings();
    s3_.on_listing([&](unsigned number) {
      if (number != before + moment) return;
      for (const std::size_t i : {5U, 8U, 10U, 11U, 15U, 16U}) s3_.remove(keys_[i]);
    });
    const Listed listed =
        list(*open(), 4, {"p/1/04!", "p/1/07.webp", "p/2/10!", "p/3/14.webp~", "p/3/15.webp"});
    ASSERT_TRUE(listed.proof) << to_text(listed.proof.error());
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      const bool stays = i != 5 && i != 8 && i != 10 && i != 11 && i != 15 && i != 16;
      const bool found = std::find(listed.keys.begin(), listed.keys.end(), keys_[i]) != listed.keys.end();
      EXPECT_TRUE(found || !stays) << keys_[i] << " is missing";
    }
  }
}

TEST_F(S3Faults, UnderstandsKeysOfAStoreThatIgnoresTheEncoding) {
  s3_.change([](FakeS3Settings& settings) { settings.encoding = KeyEncoding::raw; });
  s3_.put_all({"p/9/a+b", "p/9/a%20b", "p/9/a b", "p/9/\xC3\xA4<&>"});
  const Listed listed = list(*open(), 1);
  ASSERT_TRUE(listed.proof) << to_text(listed.proof.error());
  EXPECT_EQ(listed.keys.size(), 24U);
  for (const char* key : {"p/9/a+b", "p/9/a%20b", "p/9/a b", "p/9/\xC3\xA4<&>"})
    EXPECT_TRUE(std::find(listed.keys.begin(), listed.keys.end(), key) != listed.keys.end()) << key;
  s3_.put("p/9/line\nbreak");
  const Listed doubtful = list(*open(), 1);
  ASSERT_FALSE(doubtful.proof);
  EXPECT_EQ(doubtful.proof.error().code, ErrorCode::corrupt);
}

TEST_F(S3Faults, UnderstandsAStoreThatEncodesSlashes) {
  s3_.change([](FakeS3Settings& settings) { settings.encoding = KeyEncoding::url_slashes; });
  const Listed listed = list(*open(), 4, keys_);
  ASSERT_TRUE(listed.proof) << to_text(listed.proof.error());
  EXPECT_EQ(listed.keys, keys_);
}

TEST_F(S3Faults, OneFailingWorkerEndsThemAll) {
  s3_.misbehave(Fault::unordered, 6, FakeS3::kForever);
  const std::uint64_t before = s3_.listings();
  const Listed listed = list(*open(), 4, keys_);
  ASSERT_FALSE(listed.proof);
  EXPECT_EQ(listed.proof.error().code, ErrorCode::corrupt)
      << "the first error, not that the others were interrupted";
  EXPECT_LT(s3_.listings() - before, 20U);
}

}  // namespace
}  // namespace flotsam::test
