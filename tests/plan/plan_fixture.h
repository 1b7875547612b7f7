#pragma once

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "plan/plan.h"
#include "support/temporary_folder.h"

namespace flotsam::test {

inline Timestamp at(const std::string& rfc3339) {
  const auto moment = parse_rfc3339(rfc3339);
  EXPECT_TRUE(moment.has_value()) << rfc3339;
  return moment.value_or(Timestamp{});
}

inline PlanHeader header_of_test() {
  PlanHeader header;
  header.id = "00112233445566778899aabbccddeeff";
  header.created_at = at("2026-11-23T06:41:21.5Z");
  header.expires_at = at("2026-11-24T06:41:21.5Z");
  header.store_url = "s3://my-bucket";
  header.store_identity = "https://s3.example.com my-bucket";
  header.prefixes = {"books/"};
  header.config_digest = "abcd";
  header.cutoff = at("2026-11-16T06:41:02.000000007Z");
  header.method = "version";
  header.sources = {{"book images", "0123", {{"system", "7"}, {"name \"x\"", "caf\xe9"}}, 5074},
                    {"caf\xc3\xa9", "", {}, 0}};
  header.report = R"({"orphan_percentage":0.30,"a":["\u200b",{"b":null}]})";
  header.evidence = R"({"clock":"2026-11-23T06:41:02Z"})";
  return header;
}

inline PlannedObject planned(const std::string& key, std::uint64_t size = 7) {
  PlannedObject planned;
  planned.object.key = Key(key);
  planned.object.size_bytes = size;
  planned.object.etag = "9b2cf535";
  planned.object.last_modified = at("2026-11-10T10:00:00.000000001Z");
  planned.shape = "books/#";
  return planned;
}

inline Result<void> write_plan(const std::filesystem::path& path, const PlanHeader& header,
                               const std::vector<PlannedObject>& objects) {
  FLOTSAM_ASSIGN(auto writer, PlanWriter::create(path, header));
  for (const PlannedObject& each : objects) FLOTSAM_TRY(writer.add(each.object.view(), each.shape));
  return writer.commit();
}

inline std::vector<PlannedObject> objects_of(const Plan& plan) {
  std::vector<PlannedObject> objects;
  const auto done = plan.for_each([&](const PlannedObject& each) -> Result<void> {
    objects.push_back(each);
    return {};
  });
  EXPECT_TRUE(done.has_value()) << (done ? "" : to_text(done.error()));
  return objects;
}

}  // namespace flotsam::test
