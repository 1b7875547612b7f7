#include "report/fixture.h"

#include <gtest/gtest.h>
#include <utility>

namespace flotsam::test {
namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr std::uint64_t kDay = 86400;

void set(ScanResult& result, Verdict verdict, Count count) {
  result.verdicts[static_cast<std::size_t>(verdict)] = count;
}

GuardRuling passing(std::string id, std::optional<double> value, std::optional<double> limit) {
  GuardRuling guard;
  guard.id = std::move(id);
  guard.value = value;
  guard.limit = limit;
  guard.message = "Nothing to say.";
  return guard;
}

std::vector<GuardRuling> all_passing() {
  return {passing("references-empty", 0, 0),
          passing("resolution", 100, 90),
          passing("unexpected-prefix", 0, 0),
          passing("orphan-percent", 0.294, 10),
          passing("shape-percent", 0, 90),
          passing("suspects", 0, 1),
          passing("max-deletions", 15, 1000),
          passing("max-bytes", 3.0 * kMiB, 100.0 * 1024 * 1024 * 1024),
          passing("reference-drop", std::nullopt, 5),
          passing("young-cliff", std::nullopt, 90),
          passing("rules-unused", 0, 0),
          passing("recoverable", std::nullopt, 30 * 86400.0),
          passing("conditional-delete", std::nullopt, std::nullopt),
          passing("sightings", 0, 1)};
}

void refuse(ScanResult& result, const std::string& id, double value, std::string message,
            bool overridable = true) {
  for (GuardRuling& guard : result.guards) {
    if (guard.id != id) continue;
    guard.ruling = Ruling::refuse;
    guard.value = value;
    guard.message = std::move(message);
    guard.overridable = overridable;
  }
}

SampleObject sample(const std::string& key, std::uint64_t size, const std::string& time, Verdict verdict) {
  SampleObject out;
  out.object.key = Key(key);
  out.object.size_bytes = size;
  out.object.last_modified = at(time);
  out.object.etag = "9b2cf535f27731c974343645a3985328";
  out.verdict = verdict;
  out.shape = "books/#/image_#.webp";
  return out;
}

HistogramBin bin(std::optional<std::uint64_t> from, std::optional<std::uint64_t> to, Count all,
                 std::uint64_t orphans) {
  return {from, to, all, orphans};
}

ScanResult base_scan() {
  ScanResult result;
  result.store_url = "s3://my-bucket";
  result.prefixes = {"books/"};
  result.store.clock = at("2026-11-23T06:41:02Z");
  result.store.local_clock = at("2026-11-23T06:41:03Z");
  result.store.versioning = Versioning::enabled;
  result.store.lifecycle = std::vector<LifecycleRule>{{"old versions", "", false, std::nullopt, 90}};
  result.store.identity = "https://s3.eu-west-1.amazonaws.com my-bucket";
  result.store.region = "eu-west-1";
  result.store.credentials = "profile cleanup";
  result.started_at = at("2026-11-23T06:41:03Z");
  result.finished_at = at("2026-11-23T06:41:21Z");
  result.cutoff = at("2026-11-16T06:41:02Z");
  result.min_age = Seconds(7 * 86400);
  result.guards = all_passing();
  result.method = DeleteMethod::version;
  result.listing.requests = 9;
  result.listing.started_at = at("2026-11-23T06:41:07Z");
  result.listing.finished_at = at("2026-11-23T06:41:20Z");
  return result;
}

SourceFindings book_images() {
  SourceFindings source;
  source.name = "book images";
  source.database = "postgresql://db/app";
  source.rows = 5074;
  source.distinct_keys = 5074;
  source.resolved = 5074;
  source.has_objects = true;
  source.templates = {
      {.text = "books/{s3_key}", .distinct_keys = 5074, .resolved = 5074, .matched_objects = 5074}};
  source.sample_values = {"515/image_00.webp"};
  source.proof.rows = 5074;
  source.proof.started_at = at("2026-11-23T06:41:05Z");
  source.proof.finished_at = at("2026-11-23T06:41:06Z");
  source.proof.evidence = {{"rows_received", "5074"}, {"rows_announced", "5074"}, {"snapshot", "100:100:"}};
  source.identity = {{"system_identifier", "7301"}, {"database", "app"}};
  return source;
}

}  // namespace

Timestamp at(const std::string& rfc3339) {
  const auto moment = parse_rfc3339(rfc3339);
  EXPECT_TRUE(moment.has_value()) << rfc3339;
  return moment.value_or(Timestamp{});
}

TallyRow row(const std::string& name, Count all, Count orphans, std::uint64_t known) {
  TallyRow out;
  out.name = name;
  out.all = all;
  out.orphans = orphans;
  out.known = known;
  out.judged = known + orphans.objects;
  return out;
}

PlanReference plan_reference() {
  return {"/srv/state/plans/7f3a00000000000000000000000000c4.ndjson", "7f3a00000000000000000000000000c4",
          at("2026-11-24T06:41:21Z")};
}

std::string text_of(const ScanResult& result, const TextStyle& style) {
  const auto text = to_text_report(to_report(result, plan_reference()), to_evidence(result), style);
  EXPECT_TRUE(text.has_value()) << (text ? "" : to_text(text.error()));
  return text.value_or("");
}

ScanResult healthy_scan() {
  ScanResult result = base_scan();
  result.scanned = {5089, 1303 * kMiB};
  set(result, Verdict::referenced, {5074, 1300 * kMiB});
  set(result, Verdict::orphan, {15, 3 * kMiB});
  result.objects_in_database = 5074;
  result.shapes = {row("books/orphan#/photo.jpg", {15, 3 * kMiB}, {15, 3 * kMiB}, 0),
                   row("books/#/image_#.webp", {5074, 1300 * kMiB}, {0, 0}, 5074)};
  result.groups = {row("books/orphan1/", {1, 204 * kKiB}, {1, 204 * kKiB}, 0),
                   row("books/515/", {8, 2 * kMiB}, {0, 0}, 8)};
  result.prefixes_found = {row("books/", {5089, 1303 * kMiB}, {15, 3 * kMiB}, 5074)};
  result.age_histogram = {bin(0, kDay, {0, 0}, 0),
                          bin(kDay, 7 * kDay, {0, 0}, 0),
                          bin(7 * kDay, 30 * kDay, {89, 23 * kMiB}, 15),
                          bin(30 * kDay, 90 * kDay, {1000, 280 * kMiB}, 0),
                          bin(90 * kDay, 365 * kDay, {4000, kMiB * 1000}, 0),
                          bin(365 * kDay, std::nullopt, {0, 0}, 0),
                          bin(std::nullopt, std::nullopt, {0, 0}, 0)};
  result.size_histogram = {bin(0, 1, {0, 0}, 0),
                           bin(1, kKiB, {0, 0}, 0),
                           bin(kKiB, 16 * kKiB, {89, kMiB}, 0),
                           bin(16 * kKiB, 256 * kKiB, {2000, 302 * kMiB}, 15),
                           bin(256 * kKiB, 4 * kMiB, {3000, 1000 * kMiB}, 0),
                           bin(4 * kMiB, std::nullopt, {0, 0}, 0)};
  result.sample_unreferenced = {
      sample("books/orphan1/photo.jpg", 204 * kKiB, "2026-11-10T10:00:00Z", Verdict::orphan),
      sample("books/orphan7/photo.jpg", 199 * kKiB, "2026-11-02T10:00:00Z", Verdict::orphan)};
  result.sources = {book_images()};
  result.listing.objects = 5089;
  result.plan = {15, 3 * kMiB};
  return result;
}

ScanResult incident_scan() {
  ScanResult result = base_scan();
  result.prefixes = {""};
  result.scanned = {6892, 1474 * kMiB};
  set(result, Verdict::suspect, {5089, 1303 * kMiB});
  set(result, Verdict::orphan, {1803, 171 * kMiB});
  result.objects_in_database = 5089;
  const auto lost = [](const std::string& name, Count count) { return row(name, count, count, 0); };
  result.shapes = {
      lost("books/#/image_#.webp", {5089, 1303 * kMiB}), lost("listings/item_#.html", {1486, 120 * kMiB}),
      lost("images/header_#.png", {300, 50 * kMiB}), lost("prompts/prompt_#.txt", {12, 500 * kKiB}),
      lost("packages/lambda-#.zip", {5, 524 * kKiB})};
  result.groups = {lost("listings/", {1486, 120 * kMiB}), lost("images/", {300, 50 * kMiB}),
                   lost("books/515/", {8, 2 * kMiB})};
  result.prefixes_found = {lost("books/", {5089, 1303 * kMiB}), lost("images/", {300, 50 * kMiB}),
                           lost("listings/", {1486, 120 * kMiB}), lost("packages/", {5, 524 * kKiB}),
                           lost("prompts/", {12, 500 * kKiB})};
  result.age_histogram = {bin(30 * kDay, 90 * kDay, {6892, 1474 * kMiB}, 6892)};
  result.size_histogram = {bin(16 * kKiB, 256 * kKiB, {6892, 1474 * kMiB}, 6892)};
  result.sample_unreferenced = {
      sample("books/515/image_00.webp", 204 * kKiB, "2026-10-01T10:00:00Z", Verdict::suspect),
      sample("listings/item_7.html", 82 * kKiB, "2026-10-02T10:00:00Z", Verdict::orphan),
      sample("images/header_1.png", 170 * kKiB, "2026-10-03T10:00:00Z", Verdict::orphan)};
  result.sample_suspects = {
      sample("books/515/image_00.webp", 204 * kKiB, "2026-10-01T10:00:00Z", Verdict::suspect),
      sample("books/812/image_03.webp", 99 * kKiB, "2026-10-01T10:00:00Z", Verdict::suspect)};
  result.sample_suspects[0].near_reference = "515/image_00.webp";
  result.sample_suspects[1].near_reference = "812/image_03.webp";
  SourceFindings source = book_images();
  source.rows = source.distinct_keys = source.dangling = 5089;
  source.resolved = 0;
  source.templates = {{.text = "{s3_key}", .distinct_keys = 5089, .resolved = 0}};
  source.sample_dangling = {"515/image_00.webp", "812/image_03.webp"};
  source.proof.rows = 5089;
  source.proof.evidence = {{"rows_announced", "5089"}, {"snapshot", "100:100:"}};
  result.sources = {source};
  result.listing.objects = 6892;
  result.plan = {1803, 171 * kMiB};
  refuse(result, "resolution", 0,
         "Of 5,089 keys that 'book images' needs, 0 (0.0 %) exist in the store; the limit is 90 %. It needs "
         "515/image_00.webp; the store has books/515/image_00.webp. Correct objects in its [[references]] "
         "block and scan "
         "again. Nothing has been deleted. Below 50 % no override exists.",
         false);
  refuse(result, "unexpected-prefix", 5,
         "No reference needs or explains anything under books/ (5,089 objects), listings/ (1,486 objects), "
         "images/ (300 "
         "objects), prompts/ (12 objects) and packages/ (5 objects). Nothing has been deleted.");
  refuse(result, "orphan-percent", 100,
         "6,892 of 6,892 judged objects (100.0 %) are unreferenced; the limit is 10 %.");
  refuse(result, "shape-percent", 100,
         "All 5,089 objects like books/#/image_#.webp are unreferenced; the limit is 90 %.");
  refuse(result, "suspects", 73.839,
         "Of 5,089 of 6,892 judged objects (73.8 %) another spelling is referenced.");
  refuse(result, "max-deletions", 1803,
         "The plan holds 1,803 orphans; the limit is 1,000. Nothing has been deleted.");
  return result;
}

ScanResult empty_scan() {
  ScanResult result = base_scan();
  SourceFindings source = book_images();
  source.rows = source.distinct_keys = source.resolved = source.proof.rows = 0;
  source.may_be_empty = true;
  source.templates = {{.text = "books/{s3_key}"}};
  source.proof.evidence.clear();
  result.sources = {source};
  return result;
}

ScanResult several_prefixes_scan() {
  ScanResult result = base_scan();
  result.store_url = "file:///srv/media";
  result.prefixes = {"avatars/", "books/", "uploads/2026/"};
  result.store.versioning = Versioning::none;
  result.store.region.clear();
  result.store.credentials.clear();
  result.store.lifecycle.reset();
  result.store.identity = "device 2049 inode 131";
  result.store.local_clock = at("2026-11-23T07:41:02Z");
  result.store.warnings = {"The file system does not say when a file was made."};
  result.method = DeleteMethod::quarantine;
  result.scanned = {40, 40 * kKiB};
  set(result, Verdict::referenced, {10, 10 * kKiB});
  set(result, Verdict::derived, {4, 4 * kKiB});
  set(result, Verdict::marker, {2, 0});
  set(result, Verdict::protected_, {1, kKiB});
  set(result, Verdict::unrecognised, {2, 2 * kKiB});
  set(result, Verdict::young, {1, 3 * kKiB});
  set(result, Verdict::suspect, {3, 3 * kKiB});
  set(result, Verdict::orphan, {17, 17 * kKiB});
  result.objects_in_database = 15;
  result.shapes = {row("books/#.jpg", {30, 30 * kKiB}, {20, 20 * kKiB}, 10),
                   row("avatars/#.png", {10, 10 * kKiB}, {0, 0}, 4)};
  result.groups = {row("books/", {30, 30 * kKiB}, {20, 20 * kKiB}, 10),
                   row("avatars/", {10, 10 * kKiB}, {0, 0}, 4)};
  result.prefixes_found = {row("avatars/", {10, 10 * kKiB}, {0, 0}, 4),
                           row("books/", {30, 30 * kKiB}, {20, 20 * kKiB}, 10)};
  result.scope_prefixes = result.prefixes_found;
  SourceFindings needed = book_images();
  needed.name = "books";
  needed.database = "sqlite:/srv/app.db";
  needed.rows = 20;
  needed.empty = 3;
  needed.unmatched = 2;
  needed.distinct_keys = 12;
  needed.outside = 3;
  needed.resolved = 10;
  needed.dangling = 2;
  needed.templates = {{.text = "books/{id}.jpg", .distinct_keys = 8, .outside = 3, .resolved = 8},
                      {.text = "books/{cover|lower}", .distinct_keys = 4, .resolved = 2}};
  needed.sample_dangling = {"books/91.jpg", "books/92.jpg"};
  needed.proof.rows = 20;
  needed.proof.evidence.clear();
  needed.proof.non_text_values = 2;
  needed.proof.invalid_utf8 = 1;
  SourceFindings explaining = book_images();
  explaining.name = "avatars";
  explaining.database = "csv:/srv/avatars.csv.gz";
  explaining.has_objects = false;
  explaining.rows = explaining.proof.rows = 4;
  explaining.distinct_keys = explaining.resolved = 0;
  explaining.explained = 4;
  explaining.templates = {{.text = "avatars/{id}.png",
                           .is_derived = true,
                           .distinct_keys = 4,
                           .resolved = 4,
                           .matched_objects = 4}};
  explaining.proof.true_at = at("2026-11-20T00:00:00Z");
  explaining.proof.evidence.clear();
  explaining.proof.warnings = {"The file is three days old."};
  result.sources = {needed, explaining};
  result.listing = {.objects = 40,
                    .requests = 3,
                    .retries = 1,
                    .skipped_special = 1,
                    .skipped_symlinks = 2,
                    .skipped_own = 3,
                    .started_at = at("2026-11-23T06:41:07Z"),
                    .finished_at = at("2026-11-23T06:41:20Z")};
  result.rules = {{"protect", "books/keep/**", 1}, {"candidates", "nothing/**", 0}};
  result.plan = {17, 17 * kKiB};
  for (GuardRuling& guard : result.guards)
    if (guard.id == "rules-unused") {
      guard.ruling = Ruling::warn;
      guard.value = 1;
      guard.message =
          "No object matches candidates 'nothing/**': a rule that matches nothing is mostly a misspelt one.";
    }
  return result;
}

ScanResult hostile_scan() {
  ScanResult result = healthy_scan();
  result.sample_unreferenced.clear();
  const std::string name = "books/";
  for (const std::string& key :
       {name + "\x1b[2J\x1b[31mgone", name + "safe\rrm -rf", name + "bidi\xe2\x80\xaegpj.exe",
        name + "caf\xe9.jpg", name + "日本語の本/表紙.webp", name + "=HYPERLINK(\"http://x\")",
        name + "zero\xe2\x80\x8bwidth", name + std::string(300, 'a') + "/thumb_00.webp",
        name + "back\\slash \"quote\""})
    result.sample_unreferenced.push_back(sample(key, 1, "2026-11-10T10:00:00Z", Verdict::orphan));
  result.shapes.front().name = "books/caf\xe9\x1b[0m#.jpg";
  result.groups.front().name = "books/caf\xe9/";
  result.prefixes_found = {row("b\xff/", {5089, 1303 * kMiB}, {15, 3 * kMiB}, 5074)};
  result.sources.front().name = "book \x1b[31mimages";
  result.sources.front().sample_dangling = {"books/\xe2\x80\xa8line", "books/\xff\xfe"};
  result.sources.front().dangling = 2;
  return result;
}

}  // namespace flotsam::test
