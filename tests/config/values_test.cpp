#include <gtest/gtest.h>

#include "config/loading.h"

namespace flotsam::test {
namespace {

constexpr std::string_view kEverything = R"(memory = "512MiB"
[store]
url = "s3://my-bucket/"
prefixes = ["books/", "art/"]
candidates = ["books/**"]
protect = ["books/test-*/**"]
disposable = ["books/tmp_*"]
min_age = "36h"
allow_short_min_age = true
region = "eu-west-1"
endpoint = "http://127.0.0.1:8000"
addressing = "virtual"
profile = "cleanup"
expected_bucket_owner = "123456789012"
[[references]]
name = "book images"
database = "postgresql://app:hunter2secret@db:5432/app?sslmode=require"
query = "SELECT s3_key FROM book_images"
extract = 'https://(?P<path>.+)'
objects = ["books/{s3_key}"]
derived = ["books/thumb_{s3_key}", "books/all/{s3_key}/**"]
as_of = "2026-11-01T02:00:00+02:00"
outside = "ignore"
spelling = "exact"
may_be_empty = true
[[references]]
name = "sheet"
database = "csv:sheet.csv.gz"
columns = ["a", "b"]
objects = ["{a}/{b}"]
[guards]
resolution = 95.5
orphan-percent = 0
shape-percent = 100
suspects = 0.01
max-deletions = 0
max-bytes = 5
reference-drop = 33.33
sightings = 3
plan-age = "2h"
recheck = 2
[delete]
method = "quarantine"
quarantine = "s3://my-bucket/.flotsam-quarantine"
undo_days = 0
max_rate = 5
unattended = true
[state]
dir = "state"
[notify]
url = "https://user@hooks.example.com/services/T000/hunter2secret"
metrics_file = "metrics/flotsam.prom"
)";

TEST(Config, HoldsEveryKeyOfTheStore) {
  const Config config = Loading().valid(kEverything);
  EXPECT_EQ(config.memory_bytes, 512U << 20U);
  EXPECT_EQ(config.store.url, "s3://my-bucket");
  EXPECT_EQ(config.store.bucket, "my-bucket");
  EXPECT_TRUE(config.store.directory.empty());
  EXPECT_EQ(config.store.scope.prefixes(), (std::vector<std::string>{"art/", "books/"}));
  ASSERT_EQ(config.store.candidates.size(), 1U);
  EXPECT_EQ(config.store.candidates[0].text(), "books/**");
  ASSERT_EQ(config.store.protect.size(), 1U);
  EXPECT_EQ(config.store.protect[0].text(), "books/test-*/**");
  ASSERT_EQ(config.store.disposable.size(), 1U);
  EXPECT_EQ(config.store.disposable[0].text(), "books/tmp_*");
  EXPECT_EQ(config.store.min_age, Seconds(36 * 3600));
  EXPECT_TRUE(config.store.allow_short_min_age);
  EXPECT_EQ(config.store.region, "eu-west-1");
  EXPECT_EQ(config.store.endpoint, "http://127.0.0.1:8000");
  EXPECT_EQ(config.store.addressing, "virtual");
  EXPECT_EQ(config.store.profile, "cleanup");
  EXPECT_EQ(config.store.expected_bucket_owner, "123456789012");
}

TEST(Config, HoldsEveryKeyOfASource) {
  const Config config = Loading().valid(kEverything);
  ASSERT_EQ(config.references.size(), 2U);
  const ReferenceSettings& source = config.references[0];
  EXPECT_EQ(source.name, "book images");
  EXPECT_EQ(source.database.reveal(), "postgresql://app:hunter2secret@db:5432/app?sslmode=require");
  EXPECT_EQ(source.shown_database, "postgresql://db:5432/app?sslmode=require");
  EXPECT_EQ(source.query, "SELECT s3_key FROM book_images");
  EXPECT_EQ(source.extract, "https://(?P<path>.+)");
  ASSERT_EQ(source.objects.size(), 1U);
  EXPECT_EQ(source.objects[0].text(), "books/{s3_key}");
  ASSERT_EQ(source.derived.size(), 2U);
  EXPECT_EQ(source.derived[0].text(), "books/thumb_{s3_key}");
  EXPECT_TRUE(source.derived[1].is_folder_rule());
  EXPECT_EQ(source.as_of, AsOf::stated);
  ASSERT_TRUE(source.stated_as_of);
  EXPECT_EQ(to_rfc3339(*source.stated_as_of), "2026-11-01T00:00:00Z");
  EXPECT_TRUE(source.outside_ignored);
  EXPECT_TRUE(source.spelling_exact);
  EXPECT_TRUE(source.may_be_empty);
  EXPECT_EQ(source.line, 15);
  EXPECT_EQ(config.references[1].columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(config.references[1].as_of, AsOf::file) << "the default of csv";
  EXPECT_EQ(config.references[1].line, 26);
}

TEST(Config, HoldsEveryLimitAndWhatFollows) {
  const Loading loading;
  const Config config = loading.valid(kEverything);
  EXPECT_EQ(config.guards.resolution.hundredths, 9550U);
  EXPECT_EQ(config.guards.orphan_percent.hundredths, 0U);
  EXPECT_EQ(config.guards.shape_percent.hundredths, 10000U);
  EXPECT_EQ(config.guards.suspects.hundredths, 1U);
  EXPECT_EQ(config.guards.max_deletions, 0U);
  EXPECT_EQ(config.guards.max_bytes, 5U);
  EXPECT_EQ(config.guards.reference_drop.hundredths, 3333U);
  EXPECT_EQ(config.guards.sightings, 3U);
  EXPECT_EQ(config.guards.plan_age, Seconds(7200));
  EXPECT_EQ(config.guards.recheck.hundredths, 200U);
  EXPECT_EQ(config.deletion.method, "quarantine");
  EXPECT_EQ(config.deletion.quarantine, "s3://my-bucket/.flotsam-quarantine/");
  EXPECT_EQ(config.deletion.undo_days, 0);
  EXPECT_EQ(config.deletion.max_rate, 5U);
  EXPECT_TRUE(config.deletion.unattended);
  EXPECT_EQ(config.state.dir, loading.folder / "state");
  EXPECT_EQ(config.notify.url.reveal(), "https://user@hooks.example.com/services/T000/hunter2secret");
  EXPECT_EQ(config.notify.metrics_file, loading.folder / "metrics/flotsam.prom");
  EXPECT_EQ(config.path, loading.folder / "flotsam.toml");
}

TEST(Config, HasTheDefaultsOfTheSpecification) {
  const Config config = Loading().valid(config_text());
  EXPECT_EQ(config.memory_bytes, 4ULL << 30U) << "half of the machine's";
  EXPECT_EQ(config.store.min_age, Seconds(7 * 86400));
  EXPECT_FALSE(config.store.allow_short_min_age);
  EXPECT_TRUE(config.store.candidates.empty());
  EXPECT_FALSE(config.store.endpoint);
  EXPECT_EQ(config.references[0].as_of, AsOf::now);
  EXPECT_FALSE(config.references[0].outside_ignored);
  EXPECT_FALSE(config.references[0].spelling_exact);
  EXPECT_FALSE(config.references[0].may_be_empty);
  EXPECT_EQ(config.guards.resolution, Percent::of_whole(90));
  EXPECT_EQ(config.guards.orphan_percent, Percent::of_whole(10));
  EXPECT_EQ(config.guards.shape_percent, Percent::of_whole(90));
  EXPECT_EQ(config.guards.suspects, Percent::of_whole(1));
  EXPECT_EQ(config.guards.max_deletions, 1000U);
  EXPECT_EQ(config.guards.max_bytes, 100ULL << 30U);
  EXPECT_EQ(config.guards.reference_drop, Percent::of_whole(5));
  EXPECT_EQ(config.guards.sightings, 1U);
  EXPECT_EQ(config.guards.plan_age, Seconds(86400));
  EXPECT_EQ(config.guards.recheck, Percent::of_whole(1));
  EXPECT_EQ(config.deletion.method, "auto");
  EXPECT_FALSE(config.deletion.quarantine);
  EXPECT_EQ(config.deletion.undo_days, 30);
  EXPECT_EQ(config.deletion.max_rate, 1000U);
  EXPECT_FALSE(config.deletion.unattended);
  EXPECT_EQ(config.state.dir, "/home/someone/.local/state/flotsam");
  EXPECT_TRUE(config.notify.url.empty());
}

TEST(Config, PutsStateIntoTheXdgFolder) {
  Loading loading;
  loading.variables["XDG_STATE_HOME"] = "/var/state";
  EXPECT_EQ(loading.valid(config_text()).state.dir, "/var/state/flotsam");
  loading.variables["XDG_STATE_HOME"] = "relative";
  EXPECT_EQ(loading.valid(config_text()).state.dir, "/home/someone/.local/state/flotsam");
}

TEST(Config, NeedsAPlaceForState) {
  Loading loading;
  loading.variables.clear();
  EXPECT_EQ(loading.problems(config_text()),
            (std::vector<std::string>{
                "flotsam.toml: neither XDG_STATE_HOME nor HOME is set; say where plans and history "
                "go: [state] dir"}));
}

TEST(Config, ReadsDirectoriesRelativeToItself) {
  const Loading loading;
  struct Row {
    std::string url;
    std::filesystem::path directory;
  };
  const std::vector<Row> rows = {{"file:///srv/media", "/srv/media"},
                                 {"file:///srv//media/./x/../", "/srv/media"},
                                 {"file://media", loading.folder / "media"},
                                 {"file://./media/", loading.folder / "media"},
                                 {"file:media", loading.folder / "media"}};
  for (const Row& row : rows) {
    const Config config = loading.valid(config_text("url = \"" + row.url + "\"\nwhole_bucket = true\n"));
    EXPECT_EQ(config.store.directory, row.directory) << row.url;
    EXPECT_EQ(config.store.url, "file://" + row.directory.native()) << row.url;
    EXPECT_TRUE(config.store.bucket.empty());
    EXPECT_TRUE(config.store.scope.is_whole_bucket());
  }
}

TEST(Config, TakesOwnFoldersInsideTheStore) {
  const Loading loading;
  const Config config = loading.valid(config_text("url = \"file://media\"\nprefixes = [\"a/\"]\n", kSource,
                                                  "[delete]\nquarantine = \"media/.flotsam-quarantine\"\n"
                                                  "[state]\ndir = \"media/x/.flotsam-state/y\"\n"));
  EXPECT_EQ(config.deletion.quarantine, (loading.folder / "media/.flotsam-quarantine/").native());
  EXPECT_EQ(config.state.dir, loading.folder / "media/x/.flotsam-state/y");
}

TEST(Config, SeesThroughLinksIntoTheStore) {
  const Loading loading;
  std::filesystem::create_directories(loading.folder / "media/inner");
  std::filesystem::create_directory_symlink(loading.folder / "media/inner", loading.folder / "elsewhere");
  const auto problems = loading.problems(config_text("url = \"file://media\"\nprefixes = [\"a/\"]\n", kSource,
                                                     "[state]\ndir = \"elsewhere\"\n"));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].find("inside the store"), std::string::npos) << problems[0];
}

TEST(Config, TakesADayAsMinAge) {
  EXPECT_EQ(Loading().valid(config_text(std::string(kStore) + "min_age = \"24h\"\n")).store.min_age,
            Seconds(86400));
}

TEST(Config, TakesATomlTimeAsAsOf) {
  const Config config =
      Loading().valid(config_text(kStore, std::string(kSource) + "as_of = 2026-11-01T10:00:00.5-01:00\n"));
  ASSERT_TRUE(config.references[0].stated_as_of);
  EXPECT_EQ(to_rfc3339_exact(*config.references[0].stated_as_of), "2026-11-01T11:00:00.5Z");
}

TEST(Config, TakesEveryDatabase) {
  for (const std::string url :
       {"postgresql://app@db/app", "postgres://db/app", "mysql://app@db/app", "mariadb://db/x",
        "sqlite:app.db", "sqlite:///srv/app.db", "postgresql:///app?host=/run/postgresql"}) {
    const Config config =
        Loading().valid(config_text(kStore, "name = \"x\"\ndatabase = \"" + url +
                                                "\"\nquery = \"SELECT a FROM t\"\nderived = [\"{a}\"]\n"));
    EXPECT_EQ(config.references.at(0).database.reveal(), url);
  }
}

TEST(Config, ReadsTheFileThatIsNamed) {
  const Loading loading;
  loading.folder.write("conf/other.toml", config_text("url = \"file://media\"\nwhole_bucket = true\n"));
  const Environment environment({{"HOME", "/home/x"}, {"FLOTSAM_CONFIG", "conf/other.toml"}});
  ConfigInputs inputs;
  inputs.environment = &environment;
  inputs.working_folder = loading.folder.path();
  auto config = load_config(inputs);
  ASSERT_TRUE(config) << "by the environment";
  EXPECT_EQ(config->path, loading.folder / "conf/other.toml");
  EXPECT_EQ(config->store.directory, loading.folder / "conf/media")
      << "relative to the file, not to the working folder";
  EXPECT_EQ(origin(*config, "store.url"), "conf/other.toml:2");
  inputs.file = "nowhere.toml";
  config = load_config(inputs);
  ASSERT_FALSE(config) << "the flag wins";
  EXPECT_EQ(config.error().at(0).where, "nowhere.toml");
  EXPECT_EQ(config.error().at(0).message,
            "no such file; name the configuration with -c FILE or FLOTSAM_CONFIG, or write one (see "
            "flotsam.toml(5))");
}

TEST(Config, RefusesANameThatIsEmpty) {
  Loading loading;
  loading.variables["FLOTSAM_CONFIG"] = "";
  EXPECT_EQ(loading.problems(config_text()),
            (std::vector<std::string>{"FLOTSAM_CONFIG: is set, but names no file"}));
}

TEST(Text, AKeyOfThousandsOfPartsIsAProblemAndNoCrash) {
  const Loading loading;
  std::string key = "a";
  for (int i = 0; i < 20000; ++i) key += ".a";
  for (const std::string& line : {key + " = 1", "[" + key + "]"}) {
    const auto problems = loading.problems("memory = \"1GiB\"\n" + line + "\n");
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_NE(problems[0].find(":2: not TOML: a key has more than 100 parts"), std::string::npos)
        << problems[0];
  }
}

}  // namespace
}  // namespace flotsam::test
