#include "references/open.h"

#include <gtest/gtest.h>

#include "references/database_url.h"

namespace flotsam {
namespace {

Result<std::unique_ptr<ReferenceDatabase>> open(const std::string& url) {
  static SystemClock clock;
  static NullLog log;
  DatabaseOptions options;
  options.url = Secret(url);
  options.base = "/srv/app";
  return open_database(options, {&clock, &log});
}

TEST(OpenDatabase, ShowsNoUserInformation) {
  struct Case {
    const char* url;
    const char* shown;
  };
  for (const Case& row :
       {Case{"postgresql://app:secretword@db:5433/app?sslmode=require&password=secretword",
             "postgresql://db:5433/app?sslmode=require&***"},
        Case{"postgres://app@db/app", "postgres://db/app"},
        Case{"POSTGRESQL://db/app", "postgresql://db/app"},
        Case{"postgresql://app:secretword@/app?host=/run/postgresql",
             "postgresql:///app?host=/run/postgresql"},
        Case{"mysql://app:secretword@localhost/app?socket=/run/x.sock",
             "mysql://localhost/app?socket=/run/x.sock"},
        Case{"mariadb://app:secretword@[::1]:3307/app", "mariadb://[::1]:3307/app"},
        Case{"postgresql://app:p%40secretword@a:1,b:2/app", "postgresql://a:1,b:2/app"},
        Case{"mysql://app:se@cretword@db/app", "mysql://db/app"},
        Case{"sqlite:data/app.db", "sqlite:data/app.db"}, Case{"csv:/x/y.csv.gz", "csv:/x/y.csv.gz"}}) {
    const auto database = open(row.url);
    ASSERT_TRUE(database) << row.url << ": " << to_text(database.error());
    EXPECT_EQ((*database)->shown(), row.shown);
  }
}

TEST(OpenDatabase, AnUnknownSchemeNamesTheKnownAndTheNearest) {
  for (const char* url :
       {"postgrsql://u:secretword@db/app", "oracle://u:secretword@db/app", "secretword", "", "://x"}) {
    const auto database = open(url);
    ASSERT_FALSE(database) << url;
    EXPECT_EQ(database.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(database.error().hint.find("postgresql, postgres, mysql, mariadb, sqlite, csv"),
              std::string::npos);
    EXPECT_EQ(to_text(database.error()).find("secretword"), std::string::npos);
  }
  EXPECT_NE(open("postgrsql://db/app").error().message.find("did you mean 'postgresql'"), std::string::npos);
}

TEST(OpenDatabase, ABrokenUrlIsNotQuoted) {
  for (const char* url :
       {"postgresql:secretword", "postgresql://u:secretword%zz@db/app", "mysql://u:secretword%00@db/app",
        "mysql://u@db:99999/app", "mysql://u@db:secretword/app", "postgresql://u:secretword/x@db/app",
        "postgresql://u:x@secretword/x@db/app", "postgresql://[::1/app", "mysql://u@db/app?novalue",
        "sqlite:", "csv:", "mysql://u@db.example.com/db?ssl-mode=maybe"}) {
    const auto database = open(url);
    ASSERT_FALSE(database) << url;
    EXPECT_EQ(database.error().code, ErrorCode::invalid_argument) << url;
    EXPECT_EQ(to_text(database.error()).find("secretword"), std::string::npos) << to_text(database.error());
  }
}

TEST(DatabaseScheme, IsWhatStandsBeforeTheColon) {
  EXPECT_EQ(database_scheme_of("postgresql://db"), "postgresql");
  EXPECT_EQ(database_scheme_of("csv:file"), "csv");
  EXPECT_EQ(database_scheme_of("no scheme: at all"), "");
  EXPECT_EQ(database_scheme_of(""), "");
  EXPECT_EQ(database_schemes().size(), 6U);
}

TEST(DatabaseUrl, KnowsThisMachine) {
  for (const char* host : {"", "localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1", "/run/postgresql"})
    EXPECT_TRUE(is_local_host(host)) << host;
  for (const char* host : {"db", "10.0.0.1", "localhost.example.com", "1127.0.0.1", "127.example.com"})
    EXPECT_FALSE(is_local_host(host)) << host;
}

}  // namespace
}  // namespace flotsam
