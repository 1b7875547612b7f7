#include "scan/race_model.h"

#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <string_view>

#include "support/temporary_folder.h"

namespace flotsam::test {
namespace {

Cleaner cleaner(const char* name, const Cleaner& like, void (*change)(Cleaner&)) {
  Cleaner made = like;
  made.name = name;
  change(made);
  return made;
}

constexpr std::array<Uploader, 9> kUploaders = {Uploader::new_put,  Uploader::multipart, Uploader::put_other,
                                                Uploader::put_same, Uploader::reuse,     Uploader::touch,
                                                Uploader::row_back, Uploader::taken_up,  Uploader::replaced};

// What flotsam does: the anchor, an age beyond the longest upload, references read again, identity, a
// quarantine longer than a row takes.
Cleaner shipped() {
  return {.name = "all of it, quarantine 3, G = D + M + 1",
          .min_age = 9,
          .reread = true,
          .condition = Condition::etag_and_time,
          .quarantine = 3};
}

// The rows of the table: each adds to the one it is like.
std::vector<Cleaner> cleaners() {
  const Cleaner plain;
  const Cleaner reread = cleaner("+ reread just before", plain, [](Cleaner& c) { c.reread = true; });
  const Cleaner etag = cleaner("+ ETag condition", reread, [](Cleaner& c) { c.condition = Condition::etag; });
  const Cleaner etag_and_time =
      cleaner("+ ETag and LastModified", reread, [](Cleaner& c) { c.condition = Condition::etag_and_time; });
  const Cleaner quarantine =
      cleaner("+ quarantine 3 ticks", etag_and_time, [](Cleaner& c) { c.quarantine = 3; });
  const Cleaner all = shipped();
  const Cleaner listing_first = cleaner("listing first, anchored at the read that follows, G = D + 1", plain,
                                        [](Cleaner& c) { c.listing_first = true; });
  const Cleaner listing_first_condition = cleaner("listing first, with ETag and LastModified", listing_first,
                                                  [](Cleaner& c) { c.condition = Condition::etag_and_time; });
  return {
      cleaner("references first, not anchored (age at the listing)", plain,
              [](Cleaner& c) { c.anchored = false; }),
      cleaner("references first, anchored, G = D", plain, [](Cleaner& c) { c.min_age = 2; }),
      cleaner("references first, anchored, G = D + 1", plain, [](Cleaner&) {}),
      cleaner("references first, anchored, lag 2, G = 3", plain, [](Cleaner& c) { c.lag = 2; }),
      cleaner("references first, anchored, lag 2, G = D + lag + 1", plain,
              [](Cleaner& c) { c.lag = 2, c.min_age = 5; }),
      cleaner("references first, anchored, G = D + M", plain, [](Cleaner& c) { c.min_age = 8; }),
      cleaner("references first, anchored, G = D + M + 1", plain, [](Cleaner& c) { c.min_age = 9; }),
      reread,
      etag,
      etag_and_time,
      cleaner("+ quarantine 1 tick", etag_and_time, [](Cleaner& c) { c.quarantine = 1; }),
      quarantine,
      cleaner("+ never purged", quarantine, [](Cleaner& c) { c.purges = false; }),
      cleaner("quarantine 3, ETag alone", quarantine, [](Cleaner& c) { c.condition = Condition::etag; }),
      all,
      cleaner("all of it, condition taken out", all, [](Cleaner& c) { c.condition = Condition::none; }),
      cleaner("all of it, reread taken out", all, [](Cleaner& c) { c.reread = false; }),
      cleaner("quarantine 3, condition, no anchor, with reread (G = 3)", quarantine,
              [](Cleaner& c) { c.anchored = false; }),
      cleaner("quarantine 3, condition, no anchor, no reread (G = 3)", quarantine,
              [](Cleaner& c) { c.anchored = false, c.reread = false; }),
      cleaner("all of it, G = D", all, [](Cleaner& c) { c.min_age = 2; }),
      cleaner("all of it, no age at all", all, [](Cleaner& c) { c.min_age = 0; }),
      cleaner("all of it, quarantine taken out", all, [](Cleaner& c) { c.quarantine = -1; }),
      cleaner("all of it, purge does not read", all, [](Cleaner& c) { c.purge_rereads = false; }),
      cleaner("all of it, never purged", all, [](Cleaner& c) { c.purges = false; }),
      cleaner("versions, a look and no condition", all, [](Cleaner& c) { c.looks = true, c.purges = false; }),
      cleaner("quarantine by copy, a look and no condition", all,
              [](Cleaner& c) { c.looks = true, c.copies = true; }),
      cleaner("the same, purge counts from the copy", all,
              [](Cleaner& c) { c.looks = true, c.copies = true, c.counts_from_copy = true; }),
      cleaner("lost answer, delete repeated, no condition", plain,
              [](Cleaner& c) { c.repeats_delete = true; }),
      cleaner("lost answer, repeated with ETag and LastModified", plain,
              [](Cleaner& c) { c.repeats_delete = true, c.condition = Condition::etag_and_time; }),
      listing_first,
      listing_first_condition,
      cleaner("listing first, with the condition and quarantine 3", listing_first_condition,
              [](Cleaner& c) { c.quarantine = 3; }),
      cleaner("listing first, two sightings G apart, ETag and LastModified", listing_first_condition,
              [](Cleaner& c) { c.sightings = 2; }),
  };
}

const char* name_of(Outcome outcome) {
  if (outcome == Outcome::safe) return "safe";
  return outcome == Outcome::dangling ? "dangling" : "LOSS";
}

std::string line_of(const std::string& name, const std::vector<std::string>& cells) {
  std::string line = fmt::format("{:<66}", name);
  for (const std::string& cell : cells) line += fmt::format(" | {:<8}", cell);
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

// To accept a change that was looked at: FLOTSAM_TEST_ACCEPT=1.
void expect_golden(const char* path, const std::string& text) {
  if (const char* accept = std::getenv("FLOTSAM_TEST_ACCEPT");
      accept != nullptr && std::string_view(accept) == "1")
    std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(text, content_of(path));
}

// The steps of the shortest way to the worst, one a line.
std::string way(const Cleaner& cleaner, Uploader uploader) {
  std::string text;
  for (const std::string& step : shortest_way_to_worst(cleaner, uploader)) text += step + "\n";
  return text;
}

}  // namespace

TEST(RaceModel, SaysOfEveryCleanerAndUploaderWhatTheTableSays) {
  std::string table = line_of(
      "cleaner", {"new", "mpu", "other", "same", "reuse", "touch", "row back", "taken up", "replaced"});
  for (const Cleaner& each : cleaners()) {
    std::vector<std::string> cells;
    for (const Uploader uploader : kUploaders) cells.emplace_back(name_of(worst_of(each, uploader)));
    table += line_of(each.name, cells);
  }
  expect_golden(FLOTSAM_SOURCE_DIR "/tests/scan/race_model.golden", table);
}

TEST(RaceModel, TheShippedOrderLosesNothingThatTheAssumptionsCover) {
  for (const Uploader uploader : kUploaders) {
    // A row for an old object while the apply runs is outside of them (A4), and only undo heals it.
    if (uploader == Uploader::row_back) continue;
    EXPECT_NE(worst_of(shipped(), uploader), Outcome::loss) << static_cast<int>(uploader);
  }
  EXPECT_EQ(worst_of(shipped(), Uploader::row_back), Outcome::loss);
  Cleaner never_purged = shipped();
  never_purged.purges = false;
  EXPECT_EQ(worst_of(never_purged, Uploader::row_back), Outcome::dangling);
}

TEST(RaceModel, EveryWeakenedVariantIsCaught) {
  struct Case {
    const char* without;
    Uploader uploader;
    Outcome shipped, weakened;
    void (*weaken)(Cleaner&);
  };
  const Case cases[] = {
      {"an age", Uploader::new_put, Outcome::safe, Outcome::dangling, [](Cleaner& c) { c.min_age = 0; }},
      {"an age beyond D", Uploader::new_put, Outcome::safe, Outcome::dangling,
       [](Cleaner& c) { c.min_age = 2; }},
      {"an age beyond the longest upload", Uploader::multipart, Outcome::safe, Outcome::dangling,
       [](Cleaner& c) { c.min_age = 8; }},
      {"the anchor, and a reading again", Uploader::new_put, Outcome::safe, Outcome::dangling,
       [](Cleaner& c) { c.anchored = false, c.reread = false, c.min_age = 3; }},
      {"a reading again", Uploader::taken_up, Outcome::safe, Outcome::dangling,
       [](Cleaner& c) { c.reread = false; }},
      {"identity", Uploader::put_other, Outcome::safe, Outcome::dangling,
       [](Cleaner& c) { c.condition = Condition::none; }},
      {"identity, of the same bytes", Uploader::put_same, Outcome::safe, Outcome::dangling,
       [](Cleaner& c) { c.condition = Condition::etag; }},
      {"identity, of what was touched", Uploader::touch, Outcome::safe, Outcome::dangling,
       [](Cleaner& c) { c.condition = Condition::etag; }},
      {"quarantine", Uploader::reuse, Outcome::dangling, Outcome::loss,
       [](Cleaner& c) { c.quarantine = -1; }},
      {"a quarantine longer than D", Uploader::reuse, Outcome::dangling, Outcome::loss,
       [](Cleaner& c) { c.quarantine = 1; }},
      {"a reading by purge", Uploader::reuse, Outcome::dangling, Outcome::loss,
       [](Cleaner& c) { c.purge_rereads = false; }},
      {"a condition on the deletion itself", Uploader::put_other, Outcome::safe, Outcome::loss,
       [](Cleaner& c) { c.looks = c.copies = true; }},
      {"a condition on the deletion itself, of the same bytes", Uploader::put_same, Outcome::safe,
       Outcome::dangling, [](Cleaner& c) { c.looks = c.copies = true; }},
      {"that, and a purge that counts from the deletion", Uploader::put_same, Outcome::safe, Outcome::loss,
       [](Cleaner& c) { c.looks = c.copies = c.counts_from_copy = true; }},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.without);
    Cleaner weakened = shipped();
    each.weaken(weakened);
    EXPECT_STREQ(name_of(worst_of(shipped(), each.uploader)), name_of(each.shipped));
    EXPECT_STREQ(name_of(worst_of(weakened, each.uploader)), name_of(each.weakened));
  }
}

TEST(RaceModel, WithoutQuarantineEveryWeakenedVariantLosesAnObject) {
  struct Case {
    const char* without;
    Uploader uploader;
    void (*weaken)(Cleaner&);
  };
  const Case cases[] = {
      {"an age", Uploader::new_put, [](Cleaner& c) { c.min_age = 0; }},
      {"a reading again", Uploader::taken_up, [](Cleaner& c) { c.reread = false; }},
      {"identity", Uploader::put_other, [](Cleaner& c) { c.condition = Condition::none; }},
      {"identity, of the same bytes", Uploader::put_same, [](Cleaner& c) { c.condition = Condition::etag; }},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.without);
    Cleaner whole = shipped();
    whole.quarantine = -1;
    Cleaner weakened = whole;
    each.weaken(weakened);
    EXPECT_STREQ(name_of(worst_of(whole, each.uploader)), "safe");
    EXPECT_STREQ(name_of(worst_of(weakened, each.uploader)), "LOSS");
  }
}

TEST(RaceModel, AnAgeTakenAtTheListingLosesWhatIsCommittedAfterTheRead) {
  const Cleaner not_anchored = {.name = "", .anchored = false};
  EXPECT_EQ(way(not_anchored, Uploader::new_put),
            "0 put\n"
            "0 read: no row\n"
            "0 commit the row\n"
            "3 list: old enough\n"
            "3 delete\n");
}

TEST(RaceModel, AnAgeOfExactlyDLosesWhatIsCommittedAtTheInstantOfTheRead) {
  const Cleaner at_d = {.name = "", .min_age = 2};
  EXPECT_EQ(way(at_d, Uploader::new_put),
            "0 put\n"
            "2 read: no row\n"
            "2 commit the row\n"
            "2 list: old enough\n"
            "2 delete\n");
}

TEST(RaceModel, AReplicaThatLagsHidesACommittedRow) {
  const Cleaner lagging = {.name = "", .lag = 2};
  EXPECT_EQ(way(lagging, Uploader::new_put),
            "0 put\n"
            "2 commit the row\n"
            "3 read: no row\n"
            "3 list: old enough\n"
            "3 delete\n");
}

TEST(RaceModel, AnUploadInPartsIsAsOldAsItsBeginning) {
  EXPECT_EQ(way(Cleaner(), Uploader::multipart),
            "0 begin the upload\n"
            "1 complete the upload\n"
            "3 read: no row\n"
            "3 commit the row\n"
            "3 list: old enough\n"
            "3 delete\n");
}

TEST(RaceModel, AnObjectThatIsReusedWithoutAWriteIsLostInSpiteOfTheReread) {
  const Cleaner reread = {.name = "", .reread = true, .condition = Condition::etag_and_time};
  EXPECT_EQ(way(reread, Uploader::reuse),
            "0 look: it stands\n"
            "0 read: no row\n"
            "0 list: old enough\n"
            "0 read again: no row\n"
            "0 commit the row\n"
            "0 delete\n");
}

TEST(RaceModel, APurgeThatComesTooEarlyLosesWhatQuarantineHeld) {
  const Cleaner early = {.name = "", .reread = true, .condition = Condition::etag_and_time, .quarantine = 1};
  EXPECT_EQ(way(early, Uploader::multipart),
            "0 begin the upload\n"
            "2 complete the upload\n"
            "3 read: no row\n"
            "3 list: old enough\n"
            "3 read again: no row\n"
            "3 move aside\n"
            "4 purge reads: no row\n"
            "4 commit the row\n"
            "4 purge\n");
}

TEST(RaceModel, WhereADeletionHasNoConditionACopyInQuarantineMayBeOfOlderBytes) {
  Cleaner by_copy = shipped();
  by_copy.looks = by_copy.copies = true;
  EXPECT_EQ(way(by_copy, Uploader::put_other),
            "0 read: no row\n"
            "0 list: old enough\n"
            "0 read again: no row\n"
            "0 look: unchanged\n"
            "0 copy aside\n"
            "0 put other bytes\n"
            "0 commit the row\n"
            "0 delete\n");
}

TEST(RaceModel, ARowThatReturnsWhileAPlanWaitsIsSeenByTheRereadAlone) {
  Cleaner no_reread = shipped();
  no_reread.reread = false;
  EXPECT_EQ(way(no_reread, Uploader::taken_up),
            "0 read: no row\n"
            "0 commit the row\n"
            "0 list: old enough\n"
            "0 move aside\n");
  EXPECT_EQ(way(shipped(), Uploader::taken_up), "");
}

}  // namespace flotsam::test
