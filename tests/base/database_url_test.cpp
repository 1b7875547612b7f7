#include "base/database_url.h"

#include <gtest/gtest.h>

namespace flotsam {
namespace {

TEST(DatabaseUrl, IsSplitAndDecoded) {
  const auto url = parse_database_url("mysql://us%2Fer:p%40ss%3Aw%2Frd%25@h:3307/d%20b?a=1&b=%26&a=2");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->user, "us/er");
  EXPECT_EQ(url->password, "p@ss:w/rd%");
  ASSERT_EQ(url->hosts.size(), 1U);
  EXPECT_EQ(url->hosts[0].name, "h");
  EXPECT_EQ(url->hosts[0].port, 3307);
  EXPECT_EQ(url->database, "d b");
  EXPECT_EQ(url->parameter("a"), "2");
  EXPECT_EQ(url->parameter("b"), "&");
  EXPECT_EQ(url->parameter("c"), std::nullopt);
  EXPECT_FALSE(parse_database_url("mysql://u@h/d")->has_password);
  EXPECT_TRUE(parse_database_url("mysql://u:@h/d")->has_password);
}

TEST(DatabaseUrl, MayNameSeveralHosts) {
  const auto url = parse_database_url("POSTGRESQL://u@a:1,[::1]:2,b,%2Frun%2Fpg?dbname=x");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "postgresql");
  ASSERT_EQ(url->hosts.size(), 4U);
  EXPECT_EQ(url->hosts[0].port, 1);
  EXPECT_EQ(url->hosts[1].name, "::1");
  EXPECT_EQ(url->hosts[1].port, 2);
  EXPECT_EQ(url->hosts[2].port, std::nullopt);
  EXPECT_EQ(url->hosts[3].name, "/run/pg");
  EXPECT_EQ(url->database, "");
  EXPECT_EQ(url->parameter("dbname"), "x");
}

/// Which "@" ends the user information must be beyond doubt: what is taken for the host is shown.
TEST(DatabaseUrl, IsRefusedWhereItIsNotCertainWhatIsPassword) {
  for (const char* url : {"postgresql://u:secretword/x@db/app", "postgresql://u:a@secretword/x@db/app",
                          "postgresql://u:secretword?x=1@db/app", "postgresql://u:a@secretword?x=1@db/app",
                          "postgresql://u:a@secretword/x?y=1@db/app", "postgresql://u:secretword%zz@db",
                          "mysql://u@h/d%0", "mysql://u@h/d%00", "mysql://u@h:secretword/d",
                          "mysql://u@h:65536/d", "mysql://u@h:0/d", "mysql://u@[::1/d", "mysql://u@[::1]x/d",
                          "mysql://u@h/d?secretword", "mysql://u@h/d?=secretword", "mysql:secretword"}) {
    const auto parsed = parse_database_url(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_EQ(parsed.error().code, ErrorCode::invalid_argument) << url;
    EXPECT_EQ(to_text(parsed.error()).find("secretword"), std::string::npos) << url;
  }
}

TEST(DatabaseUrl, IsShownWithoutSecrets) {
  struct Row {
    const char* name;
    const char* url;
    const char* shown;
  };
  const Row rows[] = {
      {"user and password", "postgresql://app:pw@db:5432/app", "postgresql://db:5432/app"},
      {"@ in the password", "postgresql://u:x@pw@db/app", "postgresql://db/app"},
      {"no database", "mysql://u@db", "mysql://db"},
      {"hosts", "postgresql://u@a:1,[fe80::1%25eth0]:2,c/d", "postgresql://a:1,[fe80::1%eth0]:2,c/d"},
      {"socket", "postgresql://u:pw@%2Frun%2Fpg/d", "postgresql://%2Frun%2Fpg/d"},
      {"no host", "postgresql:///app?host=/run/pg", "postgresql:///app?host=/run/pg"},
      {"harmless parameters", "mysql://h/d?ssl-mode=required&charset=utf8",
       "mysql://h/d?ssl-mode=required&charset=utf8"},
      {"a secret parameter", "postgresql://h/d?password=pw&sslmode=require",
       "postgresql://h/d?***&sslmode=require"},
      {"an unknown parameter", "postgresql://h/d?sslpassword=pw", "postgresql://h/d?***"},
      {"user information encoded whole", "mysql://u%3Apw%40h/d", "mysql://***/d"},
      {"a password encoded alone", "mysql://pw%21/d", "mysql://***/d"},
      {"a user and a password that look like an address", "mysql://u%3Apw/d", "mysql://***/d"},
      {"a path that is none", "mysql://%2Fa%3Apw/d", "mysql://***/d"},
      {"a URL in a parameter", "postgresql://h?dbname=postgresql://u:pw%40h/d",
       "postgresql://h?dbname=postgresql://***@h/d"},
      {"escapes", "mysql://h/d%1B[2J", "mysql://h/d\\u{1b}[2J"},
  };
  for (const Row& row : rows) {
    const auto url = parse_database_url(row.url);
    ASSERT_TRUE(url) << row.name;
    EXPECT_EQ(shown_database_url(*url), row.shown) << row.name;
  }
}

}  // namespace
}  // namespace flotsam
