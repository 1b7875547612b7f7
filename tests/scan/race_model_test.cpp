#include "scan/race_model.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/temporary_folder.h"

namespace flotsam::test {
namespace {

Cleaner cleaner(const char* name, const Cleaner& like, void (*change)(Cleaner&)) {
  Cleaner made = like;
  made.name = name;
  change(made);
  return made;
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
  const Cleaner all =
      cleaner("all of it, quarantine 3, G = D + M + 1", quarantine, [](Cleaner& c) { c.min_age = 9; });
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

}  // namespace

TEST(RaceModel, SaysOfEveryCleanerAndUploaderWhatTheTableSays) {
  std::string table = line_of("cleaner", {"new", "mpu", "other", "same", "reuse", "touch", "row back"});
  for (const Cleaner& each : cleaners()) {
    std::vector<std::string> cells;
    for (const Uploader uploader : {Uploader::new_put, Uploader::multipart, Uploader::put_other,
                                    Uploader::put_same, Uploader::reuse, Uploader::touch, Uploader::row_back})
      cells.emplace_back(name_of(worst_of(each, uploader)));
    table += line_of(each.name, cells);
  }
  EXPECT_EQ(table, content_of(FLOTSAM_SOURCE_DIR "/tests/scan/race_model.golden"));
}

}  // namespace flotsam::test
