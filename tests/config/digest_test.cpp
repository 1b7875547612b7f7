#include <fstream>
#include <gtest/gtest.h>
#include <map>

#include "config/loading.h"
#include "config/memory.h"

namespace flotsam::test {
namespace {

std::string digest_of(const std::string& text) {
  return config_digest(Loading().valid(text));
}

const std::string kSourceOfApp =
    "name = \"x\"\ndatabase = \"postgresql://app:pw@db/app\"\nquery = \"SELECT a\"\nobjects = [\"{a}\"]\n";

TEST(Digest, ChangesWithWhatDecidesAboutOrphans) {
  const std::string base = digest_of(config_text(kStore, kSourceOfApp));
  EXPECT_EQ(base.size(), 64U);
  struct Row {
    std::string name;
    std::string store;
    std::string source;
  };
  const std::string store(kStore);
  const std::vector<Row> rows = {
      {"bucket", "url = \"s3://other\"\nprefixes = [\"books/\"]\n", kSourceOfApp},
      {"endpoint", store + "endpoint = \"http://127.0.0.1:9\"\n", kSourceOfApp},
      {"prefixes", "url = \"s3://my-bucket\"\nprefixes = [\"art/\"]\n", kSourceOfApp},
      {"candidates", store + "candidates = [\"**\"]\n", kSourceOfApp},
      {"protect", store + "protect = [\"**\"]\n", kSourceOfApp},
      {"disposable", store + "disposable = [\"**\"]\n", kSourceOfApp},
      {"min_age", store + "min_age = \"8d\"\n", kSourceOfApp},
      {"name", store,
       "name = \"y\"\ndatabase = \"postgresql://app:pw@db/app\"\nquery = \"SELECT a\"\nobjects = "
       "[\"{a}\"]\n"},
      {"database", store,
       "name = \"x\"\ndatabase = \"postgresql://app:pw@db/other\"\nquery = \"SELECT a\"\nobjects = "
       "[\"{a}\"]\n"},
      {"kind", store,
       "name = \"x\"\ndatabase = \"mysql://app:pw@db/app\"\nquery = \"SELECT a\"\nobjects = [\"{a}\"]\n"},
      {"query", store,
       "name = \"x\"\ndatabase = \"postgresql://app:pw@db/app\"\nquery = \"SELECT b\"\nobjects = "
       "[\"{a}\"]\n"},
      {"objects", store,
       "name = \"x\"\ndatabase = \"postgresql://app:pw@db/app\"\nquery = \"SELECT a\"\nobjects = [\"{a}\", "
       "\"{b}\"]\n"},
      {"derived", store, kSourceOfApp + "derived = [\"t/{a}\"]\n"},
      {"extract", store, kSourceOfApp + "extract = \"x+\"\n"},
      {"as_of", store, kSourceOfApp + "as_of = \"2026-01-01T00:00:00Z\"\n"},
      {"outside", store, kSourceOfApp + "outside = \"ignore\"\n"},
      {"spelling", store, kSourceOfApp + "spelling = \"exact\"\n"},
      {"may_be_empty", store, kSourceOfApp + "may_be_empty = true\n"},
      {"another source", store, kSourceOfApp + "[[references]]\n" + std::string(kSource)},
  };
  std::map<std::string, std::string> seen = {{base, "nothing"}};
  for (const Row& row : rows) {
    const auto [other, is_new] = seen.emplace(digest_of(config_text(row.store, row.source)), row.name);
    EXPECT_TRUE(is_new) << row.name << " gives the digest of " << other->second;
  }
}

TEST(Digest, IgnoresLimitsSecretsHostsAndOrder) {
  const std::string base =
      digest_of(config_text(kStore, kSourceOfApp + "[[references]]\n" + std::string(kSource)));
  EXPECT_EQ(base, digest_of(config_text(kStore, std::string(kSource) + "[[references]]\n" + kSourceOfApp)));
  EXPECT_EQ(base, digest_of(config_text(
                      kStore, kSourceOfApp + "[[references]]\n" + std::string(kSource),
                      "[guards]\nmax-deletions = 5\n[delete]\nundo_days = 3\n[state]\ndir = \"/x\"\n")));
  EXPECT_EQ(base, digest_of(config_text(
                      kStore,
                      "name = \"x\"\ndatabase = \"postgres://ro:other@replica:6432/app?sslmode=require\"\n"
                      "query = \"SELECT a\"\nobjects = [\"{a}\"]\n[[references]]\n" +
                          std::string(kSource))));
}

TEST(Digest, OfAServerIsTheDatabaseThatItWillOpen) {
  const auto digest = [](const std::string& database) {
    return digest_of(config_text(kStore, "name = \"x\"\ndatabase = \"" + database +
                                             "\"\nquery = \"SELECT a\"\nobjects = [\"{a}\"]\n"));
  };
  EXPECT_EQ(digest("postgresql://h/a"), digest("postgresql://u@other?dbname=a"));
  EXPECT_NE(digest("postgresql://h/?dbname=a"), digest("postgresql://h/?dbname=b"));
  EXPECT_NE(digest("postgresql://h/a?dbname=b"), digest("postgresql://h/a"));
  EXPECT_EQ(digest("mysql://h/a%62"), digest("mariadb://h/ab"));
  EXPECT_NE(digest("mysql://h/a?application_name=x%40y"), digest("mysql://h/b?application_name=x%40y"));
}

TEST(Digest, OfAFileIsItsPath) {
  const auto text = [](const std::string& database) {
    return config_text(
        kStore, "name = \"x\"\ndatabase = \"" + database + "\"\nquery = \"SELECT a\"\nobjects = [\"{a}\"]\n");
  };
  EXPECT_EQ(digest_of(text("sqlite:/srv/app.db")), digest_of(text("sqlite:///srv/./app.db")));
  EXPECT_NE(digest_of(text("sqlite:/srv/app.db")), digest_of(text("sqlite:/srv/b.db")));
  const Loading loading;
  EXPECT_EQ(config_digest(loading.valid(text("sqlite:app.db"))),
            config_digest(loading.valid(text("sqlite://./app.db"))));
}

TEST(SettingsTable, NamesEverySettingOnceAndReadsItsDefaults) {
  std::map<std::string, int> names, variables;
  for (const SettingInfo& setting : all_settings()) {
    EXPECT_EQ(++names[setting.name], 1) << setting.name;
    EXPECT_FALSE(setting.help.empty()) << setting.name;
    EXPECT_FALSE(setting.type.empty()) << setting.name;
    if (setting.name.starts_with("references.")) {
      EXPECT_EQ(setting.environment, "") << setting.name;
    } else {
      EXPECT_EQ(++variables[setting.environment], 1) << setting.name;
    }
  }
  EXPECT_EQ(names.size(), 43U);
  EXPECT_EQ(variables.count("FLOTSAM_GUARDS_MAX_DELETIONS"), 1U);
}

/// SPEC §2's example names every key there is; this is that example.
TEST(SettingsTable, ShowsEverySettingWithItsOrigin) {
  const Config config = Loading().valid(config_text());
  std::vector<std::string> names;
  for (const ShownSetting& setting : config.shown) names.push_back(setting.name);
  std::vector<std::string> expected;
  for (const SettingInfo& setting : all_settings())
    expected.push_back(setting.name.starts_with("references.") ? "references[0]" + setting.name.substr(10)
                                                               : setting.name);
  EXPECT_EQ(names, expected);
  EXPECT_EQ(shown(config, "store.prefixes"), "[\"books/\"]");
  EXPECT_EQ(origin(config, "store.prefixes"), "flotsam.toml:3");
  EXPECT_EQ(shown(config, "memory"), "\"4GiB\"");
  EXPECT_EQ(origin(config, "memory"), "default");
  EXPECT_EQ(shown(config, "guards.max-bytes"), "\"100GiB\"");
  EXPECT_EQ(shown(config, "guards.suspects"), "1");
  EXPECT_EQ(shown(config, "store.region"), "") << "not set";
  EXPECT_EQ(shown(config, "state.dir"), "\"/home/someone/.local/state/flotsam\"");
  EXPECT_EQ(shown(config, "references[0].query"), "\"SELECT s3_key FROM book_images\"");
}

struct MemoryRow {
  std::string name;
  std::map<std::string, std::string> files;
  std::uint64_t expected;
};

TEST(GrantedMemory, IsTheLeastOfMachineAndCgroups) {
  const std::string meminfo = "MemTotal:       16384000 kB\nMemFree:  1 kB\n";
  const std::vector<MemoryRow> rows = {
      {"nothing known", {}, 1ULL << 30U},
      {"the machine", {{"proc/meminfo", meminfo}}, 16384000ULL * 1024},
      {"v2",
       {{"proc/meminfo", meminfo},
        {"proc/self/cgroup", "0::/a/b\n"},
        {"sys/fs/cgroup/a/b/memory.max", "1000000\n"}},
       1000000},
      {"v2 of a parent",
       {{"proc/meminfo", meminfo},
        {"proc/self/cgroup", "0::/a/b\n"},
        {"sys/fs/cgroup/a/b/memory.max", "max\n"},
        {"sys/fs/cgroup/a/memory.max", "2000000\n"}},
       2000000},
      {"v2 in a container's own root",
       {{"proc/meminfo", meminfo}, {"proc/self/cgroup", "0::/\n"}, {"sys/fs/cgroup/memory.max", "3000000\n"}},
       3000000},
      {"v1",
       {{"proc/meminfo", meminfo},
        {"proc/self/cgroup", "5:cpu:/x\n4:hugetlb,memory:/y\n"},
        {"sys/fs/cgroup/memory/y/memory.limit_in_bytes", "4000000\n"},
        {"sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"}},
       4000000},
      {"v1 without a limit",
       {{"proc/meminfo", meminfo},
        {"proc/self/cgroup", "4:memory:/\n"},
        {"sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"}},
       16384000ULL * 1024},
      {"v2 beside v1",
       {{"proc/meminfo", meminfo},
        {"proc/self/cgroup", "4:memory:/\n0::/z\n"},
        {"sys/fs/cgroup/unified/z/memory.max", "5000000\n"}},
       5000000},
      {"nonsense",
       {{"proc/meminfo", "MemTotal: x kB\n"}, {"proc/self/cgroup", "::\nabc\n0::\n"}},
       1ULL << 30U},
  };
  for (const MemoryRow& row : rows) {
    const TemporaryFolder root;
    for (const auto& [path, content] : row.files) root.write(path, content);
    EXPECT_EQ(granted_memory_bytes(root.path()), row.expected) << row.name;
  }
}

}  // namespace
}  // namespace flotsam::test
