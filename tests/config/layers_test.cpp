#include <gtest/gtest.h>

#include "config/loading.h"

namespace flotsam::test {
namespace {

TEST(Precedence, IsFlagThenEnvironmentThenFileThenDefault) {
  Loading loading;
  EXPECT_EQ(origin(loading.valid(config_text()), "store.min_age"), "default");
  const std::string text = config_text(std::string(kStore) + "min_age = \"2d\"\n");
  Config config = loading.valid(text);
  EXPECT_EQ(config.store.min_age, Seconds(2 * 86400));
  EXPECT_EQ(origin(config, "store.min_age"), "flotsam.toml:4");
  loading.variables["FLOTSAM_STORE_MIN_AGE"] = "3d";
  config = loading.valid(text);
  EXPECT_EQ(config.store.min_age, Seconds(3 * 86400));
  EXPECT_EQ(origin(config, "store.min_age"), "FLOTSAM_STORE_MIN_AGE");
  loading.assignments = {"store.min_age=4d", "store.min_age=5d"};
  config = loading.valid(text);
  EXPECT_EQ(config.store.min_age, Seconds(5 * 86400)) << "the last flag";
  EXPECT_EQ(origin(config, "store.min_age"), "--set store.min_age");
  EXPECT_EQ(shown(config, "store.min_age"), "\"5d\"");
}

TEST(Precedence, AnOverriddenValueIsNotLookedAt) {
  Loading loading;
  loading.assignments = {"store.url=s3://other"};
  EXPECT_EQ(loading.valid(config_text("url = \"s3://${NOT_SET}\"\nprefixes = [\"a/\"]\n")).store.url,
            "s3://other");
}

TEST(Problems, AreSaidOnce) {
  const Loading loading;
  EXPECT_EQ(
      loading.problems(config_text("url = \"s3://my-bucket\"\nprefixes = [\"${A}/\", \"${A}/x/\"]\n")).size(),
      1U);
}

TEST(Environment, SetsEveryType) {
  Loading loading;
  loading.variables.insert({{"FLOTSAM_MEMORY", "64MiB"},
                            {"FLOTSAM_STORE_URL", "s3://other"},
                            {"FLOTSAM_STORE_PREFIXES", R"(["a/", 'b/'])"},
                            {"FLOTSAM_STORE_ALLOW_SHORT_MIN_AGE", "true"},
                            {"FLOTSAM_STORE_MIN_AGE", "0s"},
                            {"FLOTSAM_GUARDS_ORPHAN_PERCENT", "12.5"},
                            {"FLOTSAM_GUARDS_MAX_DELETIONS", "7"},
                            {"FLOTSAM_GUARDS_MAX_BYTES", "1048576"},
                            {"FLOTSAM_DELETE_METHOD", "permanent"},
                            {"FLOTSAM_STATE_DIR", "/var/lib/flotsam"}});
  const Config config = loading.valid(config_text());
  EXPECT_EQ(config.memory_bytes, 64U << 20U);
  EXPECT_EQ(config.store.url, "s3://other");
  EXPECT_EQ(config.store.scope.prefixes(), (std::vector<std::string>{"a/", "b/"}));
  EXPECT_EQ(config.store.min_age, Seconds(0));
  EXPECT_EQ(config.guards.orphan_percent.hundredths, 1250U);
  EXPECT_EQ(config.guards.max_deletions, 7U);
  EXPECT_EQ(config.guards.max_bytes, 1U << 20U);
  EXPECT_EQ(config.deletion.method, "permanent");
  EXPECT_EQ(config.state.dir, "/var/lib/flotsam");
}

TEST(Environment, LeavesVariablesOfOthersAlone) {
  Loading loading;
  loading.variables.insert({{"FLOTSAM_CONFIG_TOML", "x"}, {"FLOTSAM_TEST_ACCEPT", "1"}, {"FLOTSAMX", "1"}});
  EXPECT_EQ(loading.problems(config_text()), std::vector<std::string>{});
}

TEST(Environment, SaysWhatIsWrong) {
  struct Row {
    std::string name;
    std::string value;
    std::string expected;
  };
  const std::vector<Row> rows = {
      {"FLOTSAM_STORE_MINAGE", "7d", "no setting has this name; did you mean FLOTSAM_STORE_MIN_AGE?"},
      {"FLOTSAM_ZZZZZZZZZZZZ", "7d",
       "no setting has this name; they are called like FLOTSAM_STORE_MIN_AGE (flotsam check --show-config "
       "lists all)"},
      {"FLOTSAM_REFERENCES_QUERY", "x",
       "sources are set in the file only; an environment variable gets into them as ${NAME}"},
      {"FLOTSAM_STORE_PREFIXES", "books/",
       "store.prefixes is the string \"books/\", but must be a list of strings like [\"a\", \"b\"]"},
      {"FLOTSAM_STORE_PREFIXES", "",
       "store.prefixes is the string \"\", but must be a list of strings like [\"a\", \"b\"]"},
      {"FLOTSAM_STORE_REGION", "", "store.region is an empty string; write something, or leave it out"},
      {"FLOTSAM_GUARDS_MAX_DELETIONS", "many",
       "guards.max-deletions is the string \"many\", but must be a whole number"},
      {"FLOTSAM_GUARDS_MAX_DELETIONS", "1\nx = 2",
       "guards.max-deletions is the string \"1\\nx = 2\", but must be a whole number"},
      {"FLOTSAM_STORE_ALLOW_SHORT_MIN_AGE", "yes",
       "store.allow_short_min_age is the string \"yes\", but must be true or false"},
  };
  for (const Row& row : rows) {
    Loading loading;
    loading.variables[row.name] = row.value;
    EXPECT_EQ(loading.problems(config_text()), std::vector<std::string>{row.name + ": " + row.expected});
  }
}

TEST(Flags, SayWhatIsWrong) {
  struct Row {
    std::string assignment;
    std::string expected;
  };
  const std::vector<Row> rows = {
      {"store.min_age", "--set store.min_age: write --set NAME=VALUE, like --set store.min_age=7d"},
      {"store.minage=7d", "--set store.minage: unknown setting; did you mean store.min_age?"},
      {"min_age=7d", "--set min_age: unknown setting; did you mean store.min_age?"},
      {"zzzzzzzzzzzz=1",
       "--set zzzzzzzzzzzz: unknown setting; they are called like store.min_age (flotsam check --show-config "
       "lists all)"},
      {"references[0].query=x",
       "--set references[0].query: sources are set in the file only; an environment variable gets into them "
       "as ${NAME}"},
      {"guards.resolution=10",
       "--set guards.resolution: guards.resolution is 10, but must be between 50 and 100"},
      {"store.min_age=7x",
       "--set store.min_age: store.min_age: '7x' is not a duration: write a number and s, m, h, d or w, like "
       "\"7d\""},
  };
  for (const Row& row : rows) {
    Loading loading;
    loading.assignments = {row.assignment};
    EXPECT_EQ(loading.problems(config_text()), std::vector<std::string>{row.expected});
  }
}

TEST(Problems, ComeFromAllLayersInOrder) {
  Loading loading;
  loading.variables["FLOTSAM_MEMRY"] = "1GiB";
  loading.assignments = {"guards.suspects=200", "store.zzz=1"};
  const auto problems = loading.problems(config_text(std::string(kStore) + "regon = \"x\"\nmin_age = 1\n"));
  ASSERT_EQ(problems.size(), 5U);
  EXPECT_TRUE(problems[0].starts_with("flotsam.toml:4: "));
  EXPECT_TRUE(problems[1].starts_with("flotsam.toml:5: "));
  EXPECT_TRUE(problems[2].starts_with("FLOTSAM_MEMRY: "));
  EXPECT_TRUE(problems[3].starts_with("--set guards.suspects: "));
  EXPECT_TRUE(problems[4].starts_with("--set store.zzz: "));
}

TEST(Expansion, PutsVariablesAndFilesIn) {
  Loading loading;
  loading.folder.write("secret/password", "p@ss/wo:rd?\n");
  loading.folder.write("url", "postgresql://u:p%40@h/d\r\n");
  loading.variables.insert({{"BUCKET", "other"},
                            {"EMPTY", ""},
                            {"USER_NAME", "a@b"},
                            {"URL", "mysql://u:x@h/d"},
                            {"DATA", "/srv/data"},
                            {"NESTED", "${BUCKET}"}});
  struct Row {
    std::string text;
    std::string expected;
  };
  const std::vector<Row> rows = {
      {"postgresql://${USER_NAME}:${file:secret/password}@db/app",
       "postgresql://a%40b:p%40ss%2Fwo%3Ard%3F@db/app"},
      {"postgresql://app:${UNSET:-a b}@db/app", "postgresql://app:a%20b@db/app"},
      {"postgresql://app:${EMPTY:-x}@db/app", "postgresql://app:x@db/app"},
      {"postgresql://app:${EMPTY}@db/app", "postgresql://app:@db/app"},
      {"postgresql://app:$${literal}@db/app", "postgresql://app:${literal}@db/app"},
      {"postgresql://app:$5@db/app", "postgresql://app:$5@db/app"},
      {"postgresql://app:${NESTED}@db/app", "postgresql://app:%24%7BBUCKET%7D@db/app"},
      {"${URL}", "mysql://u:x@h/d"},
      {"${file:url}", "postgresql://u:p%40@h/d"},
      {"sqlite:${DATA}/app.db", "sqlite:/srv/data/app.db"},
  };
  for (const Row& row : rows) {
    const Config config =
        loading.valid(config_text(kStore, "name = \"x\"\ndatabase = '" + row.text +
                                              "'\nquery = \"SELECT a FROM t\"\nderived = [\"{a}\"]\n"));
    ASSERT_EQ(config.references.size(), 1U) << row.text;
    EXPECT_EQ(config.references[0].database.reveal(), row.expected);
  }
  const Config config =
      loading.valid(config_text("url = \"s3://${BUCKET}\"\nprefixes = [\"${BUCKET}/\", \"x/\"]\n"));
  EXPECT_EQ(config.store.bucket, "other");
  EXPECT_EQ(config.store.scope.prefixes(), (std::vector<std::string>{"other/", "x/"}));
  EXPECT_EQ(shown(config, "store.url"), "\"s3://other\"");
}

TEST(Expansion, OfAMissingFileNamesIt) {
  const Loading loading;
  const auto problems =
      loading.problems(config_text("url = \"s3://${file:nowhere}\"\nprefixes = [\"a/\"]\n"));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0], "flotsam.toml:2: store.url: ${file:nowhere}: cannot open '" +
                             (loading.folder / "nowhere").native() + "': No such file or directory");
}

TEST(Expansion, ToNothingIsNoPrefix) {
  Loading loading;
  loading.variables["FOLDER"] = "";
  EXPECT_EQ(loading.problems(config_text("url = \"s3://my-bucket\"\nprefixes = [\"${FOLDER}\"]\n")).size(),
            1U);
}

/// A secret in every place that may hold one; each row makes another kind of message.
TEST(Secrets, AreInNoMessageAndNoOutput) {
  constexpr std::string_view kCanary = "canary7secret";
  Loading loading;
  loading.folder.write("password", "canary7secret\n");
  loading.folder.write("empty", "");
  loading.variables.insert({{"PASSWORD", "canary7secret"}, {"AT", "u:canary7secret@h"}});
  const auto with_database = [](const std::string& url) {
    return config_text(
        kStore, "name = \"x\"\ndatabase = '" + url + "'\nquery = \"SELECT a FROM t\"\nderived = [\"{a}\"]\n");
  };
  const std::vector<std::string> texts = {
      with_database("postgresql://u:canary7secret@h/d"),
      with_database("postgresql://u:canary7/secret/canary7secret@h/d"),
      with_database("postgresql://h/d?password=canary7secret&sslmode=require"),
      with_database("postgresql://u:x@canary7secret@h/d"),
      with_database("postgresql://u:${PASSWORD}@h/d"),
      with_database("postgresql://u:${file:password}@h/d"),
      with_database("mysql://${AT}/d"),
      with_database("${PASSWORD}"),
      with_database("canary7secret"),
      with_database("oracle://u:canary7secret@h/d"),
      config_text(
          kStore, kSource,
          "[notify]\nurl = \"https://canary7secret@hooks.example.com/a/canary7secret?x=canary7secret\"\n"),
      config_text(kStore, kSource, "[notify]\nurl = \"canary7secret\"\n"),
      config_text(kStore,
                  "name = \"x\"\ndatabase = \"sqlite:a\"\nderived = [\"{a}\"]\n"
                  "query = \"SELECT pgp_sym_decrypt(k, '${PASSWORD}') AS a FROM t\"\n"),
      config_text(kStore, kSource, "[notify]\nurl = \"https://${PASSWORD}\"\n"),
      config_text(kStore, kSource, "[guards]\nplan-age = \"${file:password}\"\n"),
      config_text("url = \"${file:password}\"\nprefixes = [\"a/\"]\n"),
      config_text("url = \"s3://x\"\nprefixes = [\"${file:password}\"]\n"),
      config_text("url = \"s3://x\"\nprefixes = [\"a/\"]\nprofile = \"${file:password}\"\n"),
      config_text("url = \"https://u:canary7secret@h\"\nprefixes = [\"a/\"]\n"),
      config_text("url = \"s3://u:canary7secret@h\"\nprefixes = [\"a/\"]\n"),
      config_text(std::string(kStore) + "endpoint = \"http://u:canary7secret@h\"\n"),
      config_text(std::string(kStore) + "endpoint = \"u:canary7secret@h\"\n"),
  };
  for (const std::string& text : texts) {
    const auto config = loading.load(text);
    if (!config) {
      for (const ConfigProblem& problem : config.error())
        EXPECT_EQ((problem.where + problem.message).find(kCanary), std::string::npos)
            << problem.message << "\nof\n"
            << text;
      continue;
    }
    for (const ShownSetting& setting : config->shown)
      EXPECT_EQ((setting.value + setting.origin.text).find(kCanary), std::string::npos)
          << setting.value << "\nof\n"
          << text;
    for (const ReferenceSettings& source : config->references)
      EXPECT_EQ(source.shown_database.find(kCanary), std::string::npos) << source.shown_database;
  }
}

TEST(Secrets, ThatLookLikeASchemeAreHidden) {
  Loading loading;
  loading.variables["PASSWORD"] = "canarysecret";
  const auto problems = loading.problems(config_text(
      kStore, "name = \"x\"\ndatabase = \"${PASSWORD}:x\"\nquery = \"SELECT a\"\nderived = [\"{a}\"]\n"));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].find("canarysecret"), std::string::npos) << problems[0];
}

TEST(Secrets, LeaveWhatAPersonNeedsToRecogniseThePlace) {
  const Loading loading;
  const Config config = loading.valid(
      config_text(kStore,
                  "name = \"x\"\ndatabase = "
                  "\"postgresql://app:pw@db:5432/app?sslmode=require&password=x\"\nquery = \"SELECT a\"\n"
                  "derived = [\"{a}\"]\n",
                  "[notify]\nurl = \"https://hooks.example.com/services/x\"\n"));
  EXPECT_EQ(shown(config, "references[0].database"), "\"postgresql://db:5432/app?sslmode=require&***\"");
  EXPECT_EQ(shown(config, "notify.url"), "\"https://hooks.example.com/***\"");
}

}  // namespace
}  // namespace flotsam::test
