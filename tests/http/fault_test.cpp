#include <gtest/gtest.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>

#include "base/check.h"
#include "http/client.h"
#include "http/curl_error.h"
#include "http/raw_server.h"

namespace flotsam {
namespace {

using test::always;
using test::get;
using test::make_transport;
using test::ok;
using test::RawConnection;
using test::RawServer;

struct Fault {
  const char* name;
  RawServer::Handler first;  ///< the first connection; the second answers well
  ErrorCode code;
  std::string service_code;
  const char* part;  ///< of the message
};
void PrintTo(const Fault& row, std::ostream* out) {
  *out << row.name;
}
std::string fault_name(const testing::TestParamInfo<Fault>& row) {
  return row.param.name;
}

class FaultyServer : public testing::TestWithParam<Fault> {};
TEST_P(FaultyServer, IsAnErrorAndTheNextExchangeIsSound) {
  const Fault& row = GetParam();
  const RawServer server({row.first, always(ok("sound"))});
  const auto transport = make_transport();
  HttpRequest request = get(server.port());
  request.response_limit_bytes = 1U << 20U;
  request.timeout = std::chrono::milliseconds(300);
  HttpResponse response{.status = 200, .headers = {{"etag", "of before"}}, .body = "of before"};
  const auto failed = transport->exchange(request, response);
  ASSERT_FALSE(failed.has_value()) << response.status << " " << response.body.substr(0, 100);
  EXPECT_EQ(failed.error().code, row.code) << to_text(failed.error());
  EXPECT_EQ(failed.error().service_code, row.service_code) << to_text(failed.error());
  EXPECT_NE(failed.error().message.find(row.part), std::string::npos) << failed.error().message;
  EXPECT_NE(failed.error().message.find("http://127.0.0.1:" + std::to_string(server.port())),
            std::string::npos);
  EXPECT_EQ(response.status, 0);
  EXPECT_EQ(response.header("etag"), std::nullopt);
  EXPECT_NE(response.body, "of before");
  EXPECT_LE(response.body.size(), request.response_limit_bytes);
  request.timeout = std::chrono::seconds(60);
  const auto sound = transport->exchange(request, response);
  ASSERT_TRUE(sound.has_value()) << to_text(sound.error());
  EXPECT_EQ(response.body, "sound");
}

/// Answers one request with these bytes and closes.
RawServer::Handler closing(std::string bytes) {
  return [bytes = std::move(bytes)](RawConnection& connection) {
    connection.read_request();
    connection.send(bytes);
  };
}

/// Answers with these bytes, then says nothing more.
RawServer::Handler falling_silent(std::string bytes) {
  return [bytes = std::move(bytes)](RawConnection& connection) {
    connection.read_request();
    connection.send(bytes);
    connection.wait_for_close();
  };
}

/// Begins with `head` and goes on with `more` until the client has had enough.
RawServer::Handler endless(std::string head, std::string more) {
  return [head = std::move(head), more = std::move(more)](RawConnection& connection) {
    connection.read_request();
    connection.send(head);
    connection.send_endlessly(more);
  };
}

RawServer::Handler resetting(std::string bytes) {
  return [bytes = std::move(bytes)](RawConnection& connection) {
    connection.read_request();
    connection.send(bytes);
    connection.reset_at_close();
  };
}

constexpr auto kUnavailable = ErrorCode::unavailable;
constexpr auto kCorrupt = ErrorCode::corrupt;
const std::string kBlock(1U << 15U, 'x');

INSTANTIATE_TEST_SUITE_P(
    Rows, FaultyServer,
    testing::Values(
        Fault{"CutInTheBody", closing("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<ListBucketResult>"),
              kUnavailable, "CURLE_PARTIAL_FILE", "cut short"},
        Fault{"CutBeforeTheBody", closing("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"), kUnavailable,
              "CURLE_PARTIAL_FILE", "cut short"},
        Fault{"CutInAChunk", closing("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc"),
              kUnavailable, "CURLE_PARTIAL_FILE", "cut short"},
        Fault{"CutBetweenChunks",
              closing("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"), kUnavailable,
              "CURLE_PARTIAL_FILE", "cut short"},
        Fault{"BadChunk", closing("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc"),
              kUnavailable, "CURLE_RECV_ERROR", "while its answer was read"},
        Fault{"ResetInTheBody", resetting("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"), kUnavailable,
              "CURLE_RECV_ERROR", "while its answer was read"},
        Fault{"NoAnswerAtAll", closing(""), kUnavailable, "CURLE_GOT_NOTHING", "without an answer"},
        Fault{"Silence", falling_silent(""), kUnavailable, "CURLE_OPERATION_TIMEDOUT",
              "did not answer in time"},
        Fault{"SilenceInTheBody", falling_silent("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"),
              kUnavailable, "CURLE_OPERATION_TIMEDOUT", "did not answer in time"},
        Fault{"AnotherProtocol", closing("220 mail.example.com ESMTP\r\n"), kCorrupt,
              "CURLE_UNSUPPORTED_PROTOCOL", "is not HTTP"},
        Fault{"LengthThatIsNoNumber", closing("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nabc"), kCorrupt,
              "CURLE_WEIRD_SERVER_REPLY", "is not HTTP"},
        Fault{"EndlessBody", endless("HTTP/1.1 200 OK\r\n\r\n", kBlock), kCorrupt, "CURLE_WRITE_ERROR",
              "longer than allowed"},
        Fault{"EndlessChunks",
              endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "8000\r\n" + kBlock + "\r\n"),
              kCorrupt, "CURLE_WRITE_ERROR", "longer than allowed"},
        Fault{"LongBodyOfKnownLength",
              closing("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n" + std::string(1048577, 'x')),
              kCorrupt, "CURLE_WRITE_ERROR", "longer than allowed"},
        Fault{"EndlessHeaders", endless("HTTP/1.1 200 OK\r\n", "x-more: " + std::string(1000, 'x') + "\r\n"),
              kCorrupt, "CURLE_WRITE_ERROR", "longer than allowed"},
        Fault{"EndlessInterimAnswers", endless("", "HTTP/1.1 100 Continue\r\n\r\n"), kCorrupt,
              "CURLE_WRITE_ERROR", "longer than allowed"}),
    fault_name);

TEST(Limit, TakesABodyOfExactlyItsSize) {
  for (const bool chunked : {false, true}) {
    const RawServer server(
        always(chunked ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"
                       : ok("abcde")));
    HttpRequest request = get(server.port());
    HttpResponse response;
    request.response_limit_bytes = 5;
    EXPECT_TRUE(make_transport()->exchange(request, response).has_value());
    EXPECT_EQ(response.body, "abcde");
    request.response_limit_bytes = 4;
    EXPECT_FALSE(make_transport()->exchange(request, response).has_value());
    EXPECT_LE(response.body.size(), 4U);
  }
}

/// A port of 127.0.0.1 on which nobody listens: bound, so that nobody else can take it.
class DeafPort {
 public:
  DeafPort() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    CHECK(bind(fd_.get(), generic, size) == 0 && getsockname(fd_.get(), generic, &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  int port() const { return port_; }

 private:
  FileDescriptor fd_;
  int port_ = 0;
};

TEST(Unreachable, IsUnavailableWhereNobodyListens) {
  const DeafPort deaf;
  HttpResponse response;
  const auto failed = make_transport()->exchange(get(deaf.port()), response);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
  EXPECT_EQ(failed.error().service_code, "CURLE_COULDNT_CONNECT");
  EXPECT_NE(failed.error().hint.find("endpoint"), std::string::npos);
}

TEST(Unreachable, IsUnavailableWhereTheNameCannotBeResolved) {
  HttpRequest request = get(80);
  request.host = std::string(70, 'a') + ".invalid";  // a label that no resolver asks for
  HttpResponse response;
  const auto failed = make_transport()->exchange(request, response);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
  EXPECT_EQ(failed.error().service_code, "CURLE_COULDNT_RESOLVE_HOST");
}

TEST(Stall, EndsAnExchangeThatHasNoTimeLimitOfItsOwn) {
  const RawServer server(falling_silent("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"));
  HttpRequest request = get(server.port());
  request.timeout = std::chrono::milliseconds(0);
  HttpResponse response;
  const auto failed = make_transport({.stall_timeout = std::chrono::seconds(1)})->exchange(request, response);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().service_code, "CURLE_OPERATION_TIMEDOUT");
}

TEST(Cancelled, BeforeTheExchangeSendsNothing) {
  const RawServer server(always(ok("")));
  Cancel cancel;
  const auto transport = make_transport({.cancel = &cancel});
  HttpResponse response;
  EXPECT_TRUE(transport->exchange(get(server.port()), response).has_value());
  cancel.request();
  const auto failed = transport->exchange(get(server.port()), response);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode::interrupted);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(Cancelled, DuringTheExchangeEndsIt) {
  Cancel cancel;
  const RawServer server([&cancel](RawConnection& connection) {
    connection.read_request();
    cancel.request();
    connection.wait_for_close();
  });
  HttpRequest request = get(server.port());
  request.timeout = std::chrono::milliseconds(0);
  HttpResponse response;
  const auto failed = make_transport({.cancel = &cancel})->exchange(request, response);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode::interrupted);
}

TEST(CurlError, OfAnUnknownCodeIsUnavailableWithItsNumber) {
  const Error error = error_of_curl(55000, "", "http://h");
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_EQ(error.service_code, "CURLE_55000");
  EXPECT_NE(error.message.find("http://h"), std::string::npos);
}

TEST(CurlError, EscapesAndRedactsForeignWords) {
  const Error error = error_of_curl(7, "to http://user:canary@proxy \x1b[2J", "http://h");
  EXPECT_EQ(error.message, "cannot connect to http://h: to http://***@proxy \\u{1b}[2J");
}

}  // namespace
}  // namespace flotsam
