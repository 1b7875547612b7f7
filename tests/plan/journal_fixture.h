#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/disk_state.h"
#include "plan/journal.h"
#include "plan/plan_fixture.h"

namespace flotsam::test {

inline JournalHeader journal_header(JournalKind kind = JournalKind::apply,
                                    const std::string& id = "00112233") {
  JournalHeader header;
  header.kind = kind;
  header.id = id;
  header.created_at = at("2026-11-23T06:41:21.5Z");
  header.plan_digest = "abcd";
  header.of_journal = kind == JournalKind::undo ? "00112233" : "";
  header.store_url = "s3://my-bucket";
  header.store_identity = "https://s3.example.com my-bucket";
  header.prefixes = {"books/", "caf\xc3\xa9/"};
  header.config_digest = "ef01";
  header.method = DeleteMethod::version;
  header.quarantine = "s3://my-bucket/.flotsam-quarantine/";
  header.condition = "single";
  header.undo_days = 30;
  header.expected = 15;
  header.overrides = {"orphan-percent", "plan-age"};
  return header;
}

inline JournalIntent intent_of(std::uint64_t number, const std::string& key, const std::string& detail = "") {
  JournalIntent intent;
  intent.number = number;
  intent.object.key = Key(key);
  intent.object.size_bytes = 7;
  intent.object.etag = "9b2cf535";
  intent.object.last_modified = at("2026-11-10T10:00:00.000000001Z");
  intent.detail = detail;
  return intent;
}

/// A line of a journal as a sentence, in the order in which the visitor was given them.
class TellingVisitor final : public JournalVisitor {
 public:
  Result<void> header(const JournalHeader& header) override {
    headers.push_back(header);
    return tell("header " + std::string(to_string(header.kind)) + " " + header.id);
  }
  Result<void> batch(Timestamp moment, std::uint64_t objects) override {
    return tell("batch " + to_rfc3339_exact(moment) + " " + std::to_string(objects));
  }
  Result<void> intent(const JournalIntent& intent) override {
    intents.push_back(intent);
    return tell("intent " + std::to_string(intent.number) + " " + intent.object.key.bytes() + " " +
                std::to_string(intent.object.size_bytes) + " " + intent.object.etag + " " +
                (intent.object.last_modified ? to_rfc3339_exact(*intent.object.last_modified) : "-") + " " +
                intent.object.version_id + " " + intent.detail);
  }
  Result<void> outcome(const JournalOutcome& outcome) override {
    return tell("outcome " + std::to_string(outcome.number) + " " + outcome.result + " " + outcome.marker_id +
                " " + outcome.version_id + " " + outcome.code + " " + outcome.message);
  }
  Result<void> skip(const JournalSkip& skip) override {
    return tell("skip " + std::to_string(skip.number) + " " + skip.why);
  }
  Result<void> note(std::string_view kind, std::string_view json) override {
    return tell("note " + std::string(kind) + " " + std::string(json));
  }
  Result<void> end(const JournalEnd& end) override {
    return tell("end " + end.status + " " + to_rfc3339_exact(end.at));
  }
  std::vector<std::string> told;
  std::vector<JournalHeader> headers;
  std::vector<JournalIntent> intents;

 private:
  Result<void> tell(std::string line) {
    told.push_back(std::move(line));
    return {};
  }
};

}  // namespace flotsam::test
