#include "http/proxy.h"

#include <gtest/gtest.h>
#include <map>
#include <stdlib.h>
#include <string>

#include "http/client.h"
#include "http/raw_server.h"

namespace flotsam {
namespace {

using test::always;
using test::get;
using test::make_transport;
using test::ok;
using test::RawConnection;
using test::RawServer;
using Variables = std::map<std::string, std::string>;

struct Case {
  const char* name;
  Variables variables;
  const char* http;
  const char* https;
  const char* exceptions;
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}
std::string case_name(const testing::TestParamInfo<Case>& row) {
  return row.param.name;
}

class Proxies : public testing::TestWithParam<Case> {};
TEST_P(Proxies, AreReadAsCurlAndTheAwsCliReadThem) {
  const ProxySettings settings = proxies_of(Environment(GetParam().variables));
  EXPECT_EQ(settings.of_scheme("http"), GetParam().http);
  EXPECT_EQ(settings.of_scheme("https"), GetParam().https);
  EXPECT_EQ(settings.exceptions, GetParam().exceptions);
}
INSTANTIATE_TEST_SUITE_P(
    Rows, Proxies,
    testing::Values(
        Case{"None", {}, "", "", ""},
        Case{"LowerCase", {{"http_proxy", "a"}, {"https_proxy", "b"}, {"no_proxy", "c"}}, "a", "b", "c"},
        Case{"UpperCase", {{"HTTP_PROXY", "a"}, {"HTTPS_PROXY", "b"}, {"NO_PROXY", "c"}}, "a", "b", "c"},
        Case{"LowerBeatsUpper",
             {{"http_proxy", "a"},
              {"HTTP_PROXY", "x"},
              {"https_proxy", "b"},
              {"HTTPS_PROXY", "x"},
              {"no_proxy", "c"},
              {"NO_PROXY", "x"}},
             "a",
             "b",
             "c"},
        Case{"EmptyLowerCaseSwitchesOff",
             {{"http_proxy", ""}, {"HTTP_PROXY", "x"}, {"https_proxy", ""}, {"all_proxy", "x"}},
             "",
             "",
             ""},
        Case{"AllProxy", {{"all_proxy", "a"}}, "a", "a", ""},
        Case{"AllProxyUpperCase", {{"ALL_PROXY", "a"}}, "a", "a", ""},
        Case{"SchemeBeatsAll", {{"all_proxy", "a"}, {"https_proxy", "b"}}, "a", "b", ""},
        Case{"CgiDoesNotBelieveHttpProxy",
             {{"REQUEST_METHOD", "GET"}, {"HTTP_PROXY", "evil"}, {"HTTPS_PROXY", "b"}},
             "",
             "b",
             ""},
        Case{"CgiBelievesLowerCase", {{"REQUEST_METHOD", "GET"}, {"http_proxy", "a"}}, "a", "", ""}),
    case_name);

std::string address_of(const RawServer& server) {
  return "http://127.0.0.1:" + std::to_string(server.port());
}

HttpRequest to_nowhere() {
  HttpRequest request = get(8000, "/b/a/../k?x=1");
  request.host = "store.invalid";
  request.headers = {{"authorization", "canary"}};
  return request;
}

TEST(Proxy, GetsTheWholeAddressWithItsPathAsItIs) {
  const RawServer proxy(always(ok("by proxy")));
  HttpResponse response;
  const auto done =
      make_transport({}, Environment({{"http_proxy", address_of(proxy)}}))->exchange(to_nowhere(), response);
  ASSERT_TRUE(done.has_value()) << to_text(done.error());
  EXPECT_EQ(response.body, "by proxy");
  ASSERT_EQ(proxy.requests().size(), 1U);
  EXPECT_TRUE(proxy.requests()[0].starts_with("GET http://store.invalid:8000/b/a/../k?x=1 HTTP/1.1\r\n"))
      << proxy.requests()[0];
  EXPECT_NE(proxy.requests()[0].find("\r\nHost: store.invalid:8000\r\n"), std::string::npos);
}

TEST(Proxy, IsNotUsedForItsExceptionsNorWhereTheRequestForbidsIt) {
  const RawServer proxy(always(ok("by proxy")));
  const RawServer server(always(ok("direct")));
  HttpRequest request = get(server.port());
  HttpResponse response;
  for (const char* exceptions : {"127.0.0.1", "example.com,127.0.0.1", "*"}) {
    const Environment environment({{"http_proxy", address_of(proxy)}, {"no_proxy", exceptions}});
    ASSERT_TRUE(make_transport({}, environment)->exchange(request, response).has_value());
    EXPECT_EQ(response.body, "direct") << exceptions;
  }
  const auto transport = make_transport({}, Environment({{"http_proxy", address_of(proxy)}}));
  request.use_proxy = false;
  ASSERT_TRUE(transport->exchange(request, response).has_value());
  EXPECT_EQ(response.body, "direct");
  EXPECT_EQ(proxy.connections(), 0U);
  request.use_proxy = true;
  ASSERT_TRUE(transport->exchange(request, response).has_value());
  EXPECT_EQ(response.body, "by proxy");
}

TEST(Proxy, OfTlsSeesNoHeaderThatIsMeantForTheStore) {
  const RawServer proxy([](RawConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
  });
  HttpRequest request = to_nowhere();
  request.scheme = "https";
  HttpResponse response;
  const auto failed =
      make_transport({}, Environment({{"https_proxy", address_of(proxy)}}))->exchange(request, response);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
  ASSERT_EQ(proxy.requests().size(), 1U);
  EXPECT_TRUE(proxy.requests()[0].starts_with("CONNECT store.invalid:8000 HTTP/1.1\r\n"))
      << proxy.requests()[0];
  EXPECT_EQ(proxy.requests()[0].find("canary"), std::string::npos);
}

TEST(Proxy, ItsPasswordIsInNoError) {
  HttpResponse response;
  for (const char* proxy : {"http://user:canary@127.0.0.1:1", "http://user:canary@proxy.invalid.:0",
                            "nonsense://user:canary@h"}) {
    const auto failed =
        make_transport({}, Environment(Variables{{"http_proxy", proxy}}))->exchange(to_nowhere(), response);
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(to_text(failed.error()).find("canary"), std::string::npos) << to_text(failed.error());
    EXPECT_EQ(failed.error().message.find("canary"), std::string::npos) << failed.error().message;
  }
}

// Environment is a value: what the process itself has must not count.
TEST(Proxy, OfTheProcessIsNotUsed) {
  const RawServer proxy(always(ok("by proxy")));
  const RawServer server(always(ok("direct")));
  ASSERT_EQ(setenv("http_proxy", address_of(proxy).c_str(), 1), 0);
  HttpResponse response;
  const auto done = make_transport()->exchange(get(server.port()), response);
  unsetenv("http_proxy");
  ASSERT_TRUE(done.has_value()) << to_text(done.error());
  EXPECT_EQ(response.body, "direct");
  ASSERT_EQ(setenv("no_proxy", "*", 1), 0);
  const auto proxied = make_transport({}, Environment({{"http_proxy", address_of(proxy)}}))
                           ->exchange(get(server.port()), response);
  unsetenv("no_proxy");
  ASSERT_TRUE(proxied.has_value()) << to_text(proxied.error());
  EXPECT_EQ(response.body, "by proxy");
}

}  // namespace
}  // namespace flotsam
