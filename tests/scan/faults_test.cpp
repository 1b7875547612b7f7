#include <fmt/format.h>
#include <gtest/gtest.h>

#include "scan/world.h"

namespace flotsam::test {
namespace {

ScanFixture& filled(ScanFixture& f) {
  f.source({.name = "a", .objects = {"books/{v}"}});
  f.source({.name = "b", .objects = {"books/{v}"}, .derived = {"books/t_{v}"}});
  for (int i = 0; i < 12; ++i) {
    f.row(i % 2 == 0 ? "a" : "b", std::to_string(i));
    f.lister.put(fmt::format("books/{}", i));
    f.lister.put(fmt::format("books/orphan{}", i));
  }
  f.lister.page_size = 3;
  f.lister.cuts = {"books/5", "books/orphan3"};
  return f;
}

ErrorCode code_of(ScanFixture& f) {
  const auto result = f.run();
  EXPECT_FALSE(result) << "a scan with a fault gave a result";
  return result ? ErrorCode::internal : result.error().code;
}

}  // namespace

TEST(Faults, AListingThatFailsAtAnyPageGivesNoResult) {
  for (const unsigned threads : {1U, 3U})
    for (std::uint64_t page = 0; page <= 10; ++page) {
      SCOPED_TRACE(fmt::format("page {} of {} threads", page, threads));
      ScanFixture f;
      filled(f).lister.fail_at_page = page;
      f.lister.threads = threads;
      EXPECT_FALSE(f.run());
    }
}

TEST(Faults, AReadingThatFailsAtAnyRowGivesNoResult) {
  for (std::uint64_t row = 0; row <= 12; ++row) {
    SCOPED_TRACE(row);
    ScanFixture f;
    filled(f).database.fail_at_row = row;
    const auto result = f.run();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::unavailable);
    EXPECT_NE(to_text(result.error()).find("for the sources 'a' and 'b'"), std::string::npos)
        << to_text(result.error());
  }
}

TEST(Faults, FewerOrMoreRowsThanTheProofSaysAreNotBelieved) {
  for (const std::int64_t more : {-1, 1}) {
    ScanFixture f;
    filled(f).database.tables["b"].announces_more = more;
    EXPECT_EQ(code_of(f), ErrorCode::corrupt);
  }
}

TEST(Faults, AMissingProofIsNotBelieved) {
  ScanFixture f;
  filled(f).database.forgets_proof = true;
  EXPECT_EQ(code_of(f), ErrorCode::corrupt);
}

TEST(Faults, AListingThatGaveAnotherNumberThanItSaysIsNotBelieved) {
  for (const std::int64_t more : {-1, 1}) {
    ScanFixture f;
    filled(f).lister.claims_more = more;
    EXPECT_EQ(code_of(f), ErrorCode::corrupt);
  }
}

TEST(Faults, KeysOutOfOrderTwiceOrOutOfScopeAreNotBelieved) {
  const std::vector<std::vector<std::string>> listings = {
      {"books/b", "books/a"}, {"books/a", "books/a"}, {"books/a", "c/a"}, {"books/.flotsam-q/a"}, {"books"}};
  for (const std::size_t page_size : {1U, 1000U})
    for (const auto& keys : listings) {
      SCOPED_TRACE(keys.back());
      ScanFixture f;
      filled(f).lister.page_size = page_size;
      for (const std::string& key : keys)
        f.lister.as_given.push_back(Object{Key(key), 1, days_ago(40), "e", ""});
      EXPECT_EQ(code_of(f), ErrorCode::corrupt);
    }
}

namespace {

// Lists two ranges that are told to it.
class RangesLister final : public Lister {
 public:
  using Ranges = std::vector<std::pair<std::string, std::vector<std::string>>>;
  RangesLister(StoreFacts facts, Ranges ranges) : facts_(std::move(facts)), ranges_(std::move(ranges)) {}
  Result<StoreFacts> facts() override { return facts_; }
  Result<ListingProof> list(const Scope&, const ListingOptions&, ListingSink& sink) override {
    ListingProof proof;
    for (const auto& [lower_bound, keys] : ranges_) {
      RangeSink& range = sink.open_range(KeyView(lower_bound));
      for (const std::string& key : keys) {
        const ObjectView object{KeyView(key), 1, days_ago(40), "e", ""};
        FLOTSAM_TRY(range.page({&object, 1}));
        ++proof.objects;
      }
    }
    return proof;
  }

 private:
  StoreFacts facts_;
  Ranges ranges_;
};

}  // namespace

TEST(Faults, RangesThatOverlapAreNotBelieved) {
  const std::vector<std::pair<RangesLister::Ranges, bool>> cases = {
      {{{"", {"books/a", "books/b"}}, {"books/b", {"books/c"}}}, true},
      {{{"books/b", {"books/c"}}, {"", {"books/a", "books/b"}}}, true},
      {{{"", {}}, {"", {"books/a"}}, {"books/a", {}}}, true},
      {{{"", {"books/a", "books/c"}}, {"books/b", {"books/d"}}}, true},
      {{{"", {"books/a", "books/c"}}, {"books/b", {"books/c"}}}, false},
      {{{"", {"books/a", "books/d"}}, {"books/b", {"books/c"}}}, false},
      {{{"", {}}, {"books/b", {"books/a"}}}, false},
  };
  for (const auto& [ranges, good] : cases) {
    ScanFixture f;
    f.source({.objects = {"books/{v}"}});
    RangesLister lister(f.lister.store, ranges);
    f.world.lister = &lister;
    const auto result = f.run();
    EXPECT_EQ(result.has_value(), good);
    if (!result) {
      EXPECT_EQ(result.error().code, ErrorCode::corrupt);
    }
  }
}

TEST(Faults, ATemplateThatDoesNotFitTheColumnsStopsTheRun) {
  ScanFixture f;
  f.source({.objects = {"books/{nosuch}"}});
  EXPECT_EQ(code_of(f), ErrorCode::invalid_argument);
}

TEST(Faults, AWishToStopStopsTheRun) {
  ScanFixture f;
  filled(f).cancel.request();
  EXPECT_EQ(code_of(f), ErrorCode::interrupted);
}

TEST(Faults, ASpoolFolderThatDoesNotExistStopsTheRunOnceItIsNeeded) {
  ScanFixture f;
  filled(f).world.spool_folder = "/no/such/folder";
  f.world.on_dangling = [](std::string_view, std::string_view) { return Result<void>(); };
  EXPECT_EQ(code_of(f), ErrorCode::not_found);
}

TEST(Faults, ReferencesBeyondMemoryAreRefusedWithTheFigureThatWouldDo) {
  ScanFixture f;
  f.source({.objects = {"books/{v}"}});
  for (int i = 0; i < 60000; ++i) f.row("images", fmt::format("{}.webp", i % 50000));
  f.lister.put("books/1.webp");
  f.rules.memory_bytes = 1U << 20U;
  const auto refused = f.run();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::refused);
  const std::string& hint = refused.error().hint;
  const std::size_t quote = hint.find('"');
  ASSERT_NE(quote, std::string::npos) << hint;
  std::uint64_t mebibytes = 0;
  for (std::size_t i = quote + 1; i < hint.size() && hint[i] >= '0' && hint[i] <= '9'; ++i)
    mebibytes = mebibytes * 10 + static_cast<std::uint64_t>(hint[i] - '0');
  EXPECT_LE(mebibytes, 8U);
  f.rules.memory_bytes = mebibytes << 20U;
  EXPECT_EQ(f.scanned().sources[0].distinct_keys, 50000U);
}

}  // namespace flotsam::test
