#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/command_line.h"
#include "support/fake_s3.h"

namespace flotsam::test {
namespace {

/// Whole command lines on a bucket: twenty live images, two orphans, and mostly the state in the bucket, too.
struct Bucket {
  CommandLine line;
  FakeS3 s3;

  explicit Bucket(FakeS3Settings settings, std::string_view rest = {},
                  const std::string& state = "s3://bucket/.flotsam-state/")
      : s3(settings) {
    line.variables["AWS_ACCESS_KEY_ID"] = settings.access_key;
    line.variables["AWS_SECRET_ACCESS_KEY"] = settings.secret_key;
    std::vector<std::string> rows;
    for (int i = 10; i < 30; ++i) {
      rows.push_back("515/image_" + std::to_string(i) + ".webp");
      s3.put("books/" + rows.back(), {.body = "live " + std::to_string(i)});
    }
    for (const char* key : {"books/600/left_0.jpg", "books/600/left_1.jpg"}) s3.put(key, {.body = key});
    make_directory_and_database(line.folder, {}, rows);
    line.folder.write(
        "flotsam.toml",
        "[store]\nurl = \"s3://bucket\"\nprefixes = [\"books/\"]\nregion = \"us-east-1\"\nendpoint = \"" +
            s3.endpoint() +
            "\"\n[[references]]\nname = \"book images\"\ndatabase = \"sqlite:app.db\"\n"
            "query = \"SELECT s3_key FROM book_images\"\nobjects = [\"books/{s3_key}\"]\n"
            "[state]\ndir = \"" +
            state + "\"\n" + std::string(rest));
    // Requests are signed with the time, and a server believes no other than its own.
    line.clock.set(SystemClock().now());
  }
  nlohmann::json run(std::vector<std::string> args, int code) {
    args.emplace_back("--json");
    EXPECT_EQ(line.run(args), code) << line.err << line.out;
    return nlohmann::json::parse(line.out, nullptr, false);
  }
  /// What stands below books/, with its bytes.
  std::map<std::string, std::string> standing() const {
    std::map<std::string, std::string> found;
    for (const auto& [key, object] : s3.objects())
      if (key.starts_with("books/")) found[key] = object.body.value_or("");
    return found;
  }
};

FakeS3Settings versioned() {
  FakeS3Settings settings;
  settings.versioning = "Enabled";
  return settings;
}

TEST(Bucket, OfVersionsGoesThroughDeletionAndBack) {
  Bucket bucket(versioned());
  const auto before = bucket.standing();
  const auto probe = bucket.run({"check", "--probe"}, 0);
  EXPECT_EQ(probe["probe"]["condition"], "batch") << bucket.line.out;
  EXPECT_EQ(bucket.standing(), before);
  const auto report = bucket.run({"scan"}, 0);
  const std::string plan = report["plan"]["path"];
  EXPECT_TRUE(plan.starts_with("s3://bucket/.flotsam-state/plans/")) << plan;
  EXPECT_EQ(bucket.standing(), before);

  EXPECT_EQ(bucket.line.run({"apply", plan, "--expect", "1"}), 4) << bucket.line.err;
  EXPECT_EQ(bucket.standing(), before);
  const auto applied = bucket.run({"apply", plan, "--expect", "2"}, 0);
  EXPECT_EQ(applied["deleted"], 2);
  EXPECT_EQ(applied["method"], "version");
  EXPECT_EQ(bucket.standing().size(), before.size() - 2);
  EXPECT_EQ(bucket.s3.versions("books/600/left_0.jpg").size(), 2U) << "a marker over the version";

  const std::string journal = applied["journal"];
  EXPECT_TRUE(journal.starts_with("s3://bucket/.flotsam-state/journals/")) << journal;
  EXPECT_EQ(bucket.run({"undo", journal, "--dry-run"}, 0)["restored"], 2);
  EXPECT_EQ(bucket.standing().size(), before.size() - 2);
  EXPECT_EQ(bucket.run({"undo", journal}, 0)["restored"], 2);
  EXPECT_EQ(bucket.standing(), before);
  EXPECT_EQ(bucket.s3.versions("books/600/left_0.jpg").size(), 1U) << "exactly the marker is gone";
  EXPECT_EQ(bucket.line.run({"apply", plan, "--expect", "2"}), 6) << "the plan is spent";
  EXPECT_EQ(bucket.run({"history"}, 0)["runs"].size(), 3U);
  EXPECT_TRUE(bucket.run({"unlock"}, 0)["holders"].empty());
}

TEST(Bucket, WithoutVersionsGoesThroughAQuarantine) {
  Bucket bucket({}, "[delete]\nquarantine = \"s3://bucket/.flotsam-quarantine/\"\n");
  const auto before = bucket.standing();
  const std::string plan = bucket.run({"scan"}, 0)["plan"]["id"];
  const auto applied = bucket.run({"apply", plan, "--expect", "2"}, 0);
  EXPECT_EQ(applied["method"], "quarantine");
  EXPECT_EQ(bucket.standing().size(), before.size() - 2);
  EXPECT_TRUE(bucket.s3.stands(".flotsam-quarantine/" + plan + "/books/600/left_0.jpg"));
  EXPECT_EQ(bucket.run({"undo", plan}, 0)["restored"], 2);
  EXPECT_EQ(bucket.standing(), before);
  EXPECT_FALSE(bucket.s3.stands(".flotsam-quarantine/" + plan + "/books/600/left_0.jpg"));
}

TEST(Bucket, WithoutVersionsAndQuarantineIsLeftAlone) {
  Bucket bucket({});
  const auto before = bucket.standing();
  const std::string plan = bucket.run({"scan"}, 4)["plan"]["id"];
  EXPECT_NE(bucket.line.run({"apply", plan, "--expect", "2", "--override", "recoverable"}), 0)
      << "an override changes no method";
  EXPECT_EQ(bucket.standing(), before);
}

TEST(Bucket, GivesBackWhatSomethingElseDeleted) {
  Bucket bucket(versioned());
  const auto before = bucket.standing();
  bucket.s3.remove("books/515/image_10.webp");
  const auto found = bucket.run({"rescue"}, 0);
  EXPECT_EQ(found["found"], 1) << bucket.line.out;
  EXPECT_EQ(found["sample"][0]["place"], "marker");
  EXPECT_FALSE(bucket.s3.stands("books/515/image_10.webp"));
  EXPECT_EQ(bucket.line.run({"rescue", "--expect", "2"}), 4) << bucket.line.err;
  EXPECT_FALSE(bucket.s3.stands("books/515/image_10.webp"));
  EXPECT_EQ(bucket.run({"rescue", "--expect", "1"}, 0)["restored"], 1);
  EXPECT_EQ(bucket.standing(), before);
}

TEST(Bucket, ThatForbidsDeletionIsExitFive) {
  Bucket bucket(versioned(), {}, "state");
  const auto before = bucket.standing();
  const std::string plan = bucket.run({"scan"}, 0)["plan"]["id"];
  bucket.s3.change([](FakeS3Settings& settings) {
    settings.denied.insert({Operation::delete_one, Operation::delete_batch});
  });
  const auto applied = bucket.run({"apply", plan, "--expect", "2"}, 5);
  EXPECT_EQ(applied["deleted"], 0);
  EXPECT_NE(applied["status"], "ok");
  EXPECT_EQ(bucket.standing(), before);
  bucket.s3.change([](FakeS3Settings& settings) { settings.denied.clear(); });
  EXPECT_EQ(bucket.run({"apply", plan, "--expect", "2"}, 0)["deleted"], 2) << "it goes on in its journal";
}

}  // namespace
}  // namespace flotsam::test
