#include "http/transport.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

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

/// The one request that a server has seen.
std::string only_request(const RawServer& server) {
  const std::vector<std::string> requests = server.requests();
  EXPECT_EQ(requests.size(), 1U);
  return requests.empty() ? std::string() : requests.front();
}

/// A request's first line, then its headers sorted (their order is libcurl's affair, and changes with its
/// version), then the body.
std::string with_sorted_headers(const std::string& request) {
  const std::size_t end = request.find("\r\n\r\n");
  EXPECT_NE(end, std::string::npos) << request;
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < end + 2;) {
    const std::size_t next = request.find("\r\n", at);
    lines.push_back(request.substr(at, next - at));
    at = next + 2;
  }
  std::ranges::sort(lines.begin() + 1, lines.end());
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out + request.substr(end + 2);
}

struct SentCase {
  const char* name;
  const char* method;
  HttpHeaders headers;
  std::string body;
  std::string expected;  ///< behind "METHOD /k HTTP/1.1\r\n"; PORT stands for the port
};
void PrintTo(const SentCase& row, std::ostream* out) {
  *out << row.name;
}
std::string sent_name(const testing::TestParamInfo<SentCase>& row) {
  return row.param.name;
}

class SentRequest : public testing::TestWithParam<SentCase> {};
TEST_P(SentRequest, HasNothingThatWasNotAskedFor) {
  const SentCase& row = GetParam();
  const RawServer server(always(ok("")));
  HttpRequest request = get(server.port(), "/k");
  request.method = row.method;
  request.headers = row.headers;
  request.body = row.body;
  HttpResponse response;
  const auto done = make_transport()->exchange(request, response);
  ASSERT_TRUE(done.has_value()) << to_text(done.error());
  std::string expected = std::string(row.method) + " /k HTTP/1.1\r\n" + row.expected;
  if (const std::size_t at = expected.find("PORT"); at != std::string::npos)
    expected.replace(at, 4, std::to_string(server.port()));
  EXPECT_EQ(with_sorted_headers(only_request(server)), with_sorted_headers(expected));
}

const std::string kUsual = "User-Agent: flotsam\r\nAccept: */*\r\n";
const std::string kHost = "Host: 127.0.0.1:PORT\r\n";
const std::string kLarge(3U << 20U, 'x');

INSTANTIATE_TEST_SUITE_P(
    Rows, SentRequest,
    testing::Values(
        SentCase{"Get", "GET", {}, "", kUsual + kHost + "\r\n"},
        SentCase{"Head", "HEAD", {}, "", kUsual + kHost + "\r\n"},
        SentCase{"Delete", "DELETE", {}, "", kUsual + kHost + "\r\n"},
        SentCase{"Post", "POST", {}, "abc", kUsual + kHost + "Content-Length: 3\r\n\r\nabc"},
        SentCase{"PostOfNothing", "POST", {}, "", kUsual + kHost + "Content-Length: 0\r\n\r\n"},
        SentCase{"Put", "PUT", {}, "abc", kUsual + kHost + "Content-Length: 3\r\n\r\nabc"},
        SentCase{"PutOfNothing", "PUT", {}, "", kUsual + kHost + "Content-Length: 0\r\n\r\n"},
        SentCase{"LargeBodyWithoutExpect",
                 "PUT",
                 {},
                 kLarge,
                 kUsual + kHost + "Content-Length: " + std::to_string(kLarge.size()) + "\r\n\r\n" + kLarge},
        SentCase{"BodyWithNul",
                 "POST",
                 {},
                 std::string("a\0b", 3),
                 kUsual + kHost + std::string("Content-Length: 3\r\n\r\na\0b", 24)},
        SentCase{"HeadersInOrder",
                 "GET",
                 {{"x-b", "1"}, {"X-A", "2"}, {"x-b", "3"}},
                 "",
                 kUsual + "x-b: 1\r\nX-A: 2\r\nx-b: 3\r\n" + kHost + "\r\n"},
        SentCase{"EmptyHeader", "GET", {{"x-empty", ""}}, "", kUsual + "x-empty:\r\n" + kHost + "\r\n"},
        SentCase{"HostOfTheCaller",
                 "GET",
                 {{"Host", "b.example.com"}},
                 "",
                 "Host: b.example.com\r\n" + kUsual + "\r\n"},
        SentCase{"ContentTypeOfTheCaller",
                 "POST",
                 {{"content-type", "application/xml"}},
                 "a",
                 kUsual + "content-type: application/xml\r\n" + kHost + "Content-Length: 1\r\n\r\na"}),
    sent_name);

class SentTarget : public testing::TestWithParam<const char*> {};
TEST_P(SentTarget, ArrivesByteForByte) {
  const RawServer server(always(ok("")));
  HttpResponse response;
  const auto done = make_transport()->exchange(get(server.port(), GetParam()), response);
  ASSERT_TRUE(done.has_value()) << to_text(done.error());
  const std::string request = only_request(server);
  EXPECT_EQ(request.substr(0, request.find("\r\n")), std::string("GET ") + GetParam() + " HTTP/1.1");
}
INSTANTIATE_TEST_SUITE_P(Rows, SentTarget,
                         testing::Values("/", "/b/a/../keep.jpg", "/b/..", "/b/../", "/..", "/.", "/b/./k",
                                         "//b//k//", "/b/%2e%2e/k", "/b/%2E%2E/%2F", "/b/a%0Ab", "/b/%C3%A9",
                                         "/?delete",
                                         "/?delete=", "/b?list-type=2&prefix=a%2F..%2Fb&start-after=%20",
                                         "/b?x=http://h/", "/b?a=/../c", "/b/user:pass@h/k",
                                         "/b/a;b=c,d!e'(f)*g$h+i~j", "/?a?b"));

HttpResponse answer_of(const std::string& bytes, std::string method = "GET") {
  const RawServer server([&bytes](RawConnection& connection) {
    connection.read_request();
    connection.send(bytes);
  });
  HttpRequest request = get(server.port());
  request.method = std::move(method);
  HttpResponse response;
  const auto done = make_transport()->exchange(request, response);
  EXPECT_TRUE(done.has_value()) << to_text(done.error());
  return response;
}

TEST(Answer, HasItsHeadersInOrderWithLowerCaseNamesAndTrimmedValues) {
  const HttpResponse response =
      answer_of("HTTP/1.1 200 OK\r\nETag:  \"A\" \r\nX-B:\r\nContent-Length: 2\r\nx-b: Two: 2\r\n\r\nhi");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "hi");
  EXPECT_EQ(response.headers,
            (HttpHeaders{{"etag", "\"A\""}, {"x-b", ""}, {"content-length", "2"}, {"x-b", "Two: 2"}}));
  EXPECT_EQ(response.header("x-b"), "");
  EXPECT_EQ(response.header("X-B"), std::nullopt);
}

TEST(Answer, HasEveryLetterOfItsHeadersNamesInLowerCase) {
  const HttpResponse response =
      answer_of("HTTP/1.1 200 OK\r\nABCDEFGHIJKLMNOPQRSTUVWXYZ-0az: V\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(response.headers.front().first, "abcdefghijklmnopqrstuvwxyz-0az");
  EXPECT_EQ(response.headers.front().second, "V");
}

TEST(Answer, OfAnyStatusIsAnAnswer) {
  for (const int status : {204, 304, 400, 401, 403, 404, 407, 412, 429, 500, 503}) {
    const HttpResponse response = answer_of("HTTP/1.1 " + std::to_string(status) +
                                            " Some\r\nx-amz-request-id: R\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.header("x-amz-request-id"), "R") << status;
  }
}

TEST(Answer, DropsWhatInterimAnswersSaid) {
  const HttpResponse response = answer_of(
      "HTTP/1.1 100 Continue\r\nx-interim: 1\r\n\r\nHTTP/1.1 200 OK\r\nx-final: 1\r\nContent-Length: "
      "1\r\n\r\nb");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers, (HttpHeaders{{"x-final", "1"}, {"content-length", "1"}}));
}

TEST(Answer, JoinsAFoldedHeader) {
  const HttpResponse response =
      answer_of("HTTP/1.1 200 OK\r\nx-long: a\r\n\tb \r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(response.header("x-long"), "a b");
}

TEST(Answer, InChunksIsPutTogether) {
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: "
                      "chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nx-t: 1\r\n\r\n")
                .body,
            "abcde");
}

TEST(Answer, WithoutALengthEndsWithTheConnection) {
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\n\r\nall of it").body, "all of it");
}

TEST(Answer, ToHeadHasALengthAndNoBody) {
  const HttpResponse response = answer_of("HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n", "HEAD");
  EXPECT_EQ(response.header("content-length"), "12345");
  EXPECT_EQ(response.body, "");
}

TEST(Answer, IsNeverDecompressed) {
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnogz").body,
            "nogz");
}

TEST(Answer, IsWholeWhereTheServerSaysLessThanItSendsAndTheRestIsNotTheNextAnswer) {
  const RawServer server([](RawConnection& connection) {
    while (!connection.read_request().empty())
      connection.send(
          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
  });
  const auto transport = make_transport();
  HttpResponse response;
  for (int i = 0; i < 3; ++i) {
    const auto done = transport->exchange(get(server.port()), response);
    ASSERT_TRUE(done.has_value()) << to_text(done.error());
    EXPECT_EQ(response.body, "ok");
  }
}

TEST(Redirect, IsNotFollowedAndLeaksNothing) {
  const RawServer elsewhere(always(ok("stolen")));
  for (const int status : {301, 302, 303, 307, 308}) {
    const RawServer server(always("HTTP/1.1 " + std::to_string(status) +
                                  " Moved\r\nLocation: http://127.0.0.1:" + std::to_string(elsewhere.port()) +
                                  "/\r\nContent-Length: 0\r\n\r\n"));
    HttpRequest request = get(server.port());
    request.headers = {{"authorization", "AWS4-HMAC-SHA256 x"}, {"x-amz-security-token", "canary"}};
    HttpResponse response;
    ASSERT_TRUE(make_transport()->exchange(request, response).has_value());
    EXPECT_EQ(response.status, status);
    EXPECT_TRUE(response.header("location").has_value());
  }
  EXPECT_EQ(elsewhere.connections(), 0U);
}

TEST(Connection, IsKeptBetweenExchangesWhateverTheirMethods) {
  const RawServer server([](RawConnection& connection) {
    for (std::string request = connection.read_request(); !request.empty();
         request = connection.read_request())
      connection.send(request.starts_with("HEAD") ? "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
                                                  : ok(request.substr(0, 4)));
  });
  const auto transport = make_transport();
  HttpResponse response;
  for (const std::string method : {"POST", "GET", "HEAD", "DELETE", "PUT", "HEAD", "GET", "POST"}) {
    HttpRequest request = get(server.port());
    request.method = method;
    if (method.starts_with("P")) request.body = "body of " + method;
    const auto done = transport->exchange(request, response);
    ASSERT_TRUE(done.has_value()) << method << to_text(done.error());
    EXPECT_EQ(response.body, method == "HEAD" ? "" : (method + " ").substr(0, 4));
    EXPECT_TRUE(server.requests().back().starts_with(method + " / HTTP/1.1\r\n"));
    EXPECT_TRUE(server.requests().back().ends_with("\r\n\r\n" + request.body)) << method;
  }
  EXPECT_EQ(server.connections(), 1U);
}

TEST(Connection, KeepsNothingOfAnEarlierAnswerOrRequest) {
  const RawServer server([](RawConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 404 No\r\nx-a: 1\r\nx-b: 2\r\nx-c: 3\r\nContent-Length: 6\r\n\r\nlonger");
    connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ns");
    connection.wait_for_close();
  });
  const auto transport = make_transport();
  HttpResponse response;
  HttpRequest request = get(server.port());
  request.headers = {{"x-one", "1"}, {"x-two", "2"}};
  ASSERT_TRUE(transport->exchange(request, response).has_value());
  EXPECT_EQ(response.headers.size(), 4U);
  ASSERT_TRUE(transport->exchange(get(server.port()), response).has_value());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers, (HttpHeaders{{"content-length", "1"}}));
  EXPECT_EQ(response.body, "s");
  EXPECT_EQ(server.requests().back().find("x-"), std::string::npos);
}

TEST(Connection, IsANewOneWhereThatIsAskedFor) {
  const RawServer server(always(ok("")));
  const auto transport = make_transport();
  HttpResponse response;
  HttpRequest request = get(server.port());
  request.fresh_connection = true;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(transport->exchange(request, response).has_value());
  EXPECT_EQ(server.connections(), 3U);
}

/// Answers the first request of the first connection, then reads a second one and closes without a byte.
std::vector<RawServer::Handler> dying_after_one() {
  return {[](RawConnection& connection) {
            connection.read_request();
            connection.send(ok("first"));
            connection.read_request();
          },
          always(ok("second"))};
}

TEST(UnsoundRequest, IsNotSent) {
  const RawServer server(always(ok("")));
  HttpRequest request = get(server.port(), "/a b");
  HttpResponse response;
  const auto failed = make_transport()->exchange(request, response);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode::invalid_argument);
  request.target = "/a";
  request.headers = {{"x-a", "1\r\nx-b: 2"}};
  EXPECT_FALSE(make_transport()->exchange(request, response).has_value());
  EXPECT_EQ(server.connections(), 0U);
}

TEST(DeadConnection, ReadsAreSentAgainOnANewOne) {
  const RawServer server(dying_after_one());
  const auto transport = make_transport();
  HttpResponse response;
  ASSERT_TRUE(transport->exchange(get(server.port(), "/1"), response).has_value());
  const auto done = transport->exchange(get(server.port(), "/2"), response);
  ASSERT_TRUE(done.has_value()) << to_text(done.error());
  EXPECT_EQ(response.body, "second");
}

// The rule for everything that changes something: an answer that was lost is an unknown outcome, not a second
// request.
TEST(DeadConnection, AFreshOneThatDiesIsNotSentAgain) {
  for (const char* method : {"DELETE", "PUT", "POST", "GET"}) {
    const RawServer server(
        {always(ok("first")), [](RawConnection& connection) { connection.read_request(); }});
    const auto transport = make_transport();
    HttpResponse response;
    ASSERT_TRUE(transport->exchange(get(server.port(), "/1"), response).has_value());
    HttpRequest request = get(server.port(), "/2");
    request.method = method;
    request.fresh_connection = true;
    const auto done = transport->exchange(request, response);
    ASSERT_FALSE(done.has_value()) << method;
    EXPECT_EQ(done.error().code, ErrorCode::unavailable);
    EXPECT_EQ(done.error().service_code, "CURLE_GOT_NOTHING");
    EXPECT_EQ(server.requests().size(), 2U) << method;
    EXPECT_EQ(server.connections(), 2U) << method;
  }
}

struct AuthorityCase {
  const char* scheme;
  const char* host;
  int port;
  const char* expected;
};
TEST(Authority, NamesThePortWhereItIsNotTheSchemesOwn) {
  for (const AuthorityCase& row :
       {AuthorityCase{"https", "h", 0, "h"}, AuthorityCase{"https", "h", 443, "h"},
        AuthorityCase{"https", "h", 80, "h:80"}, AuthorityCase{"http", "h", 0, "h"},
        AuthorityCase{"http", "h", 80, "h"}, AuthorityCase{"http", "h", 443, "h:443"},
        AuthorityCase{"http", "[::1]", 8000, "[::1]:8000"}}) {
    const HttpRequest request{.scheme = row.scheme, .host = row.host, .port = row.port};
    EXPECT_EQ(request.authority(), row.expected);
  }
}

}  // namespace
}  // namespace flotsam
