#include "http/request_check.h"

#include <gtest/gtest.h>
#include <string>

namespace flotsam {
namespace {

HttpRequest sound() {
  return {.host = "h", .target = "/b/k?x=y", .headers = {{"x-a", "v"}}};
}

struct Case {
  const char* name;
  HttpRequest request;
  const char* part;  ///< of the message
};
void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}
std::string case_name(const testing::TestParamInfo<Case>& row) {
  return row.param.name;
}

HttpRequest with_host(std::string host) {
  HttpRequest request = sound();
  request.host = std::move(host);
  return request;
}
HttpRequest with_target(std::string target) {
  HttpRequest request = sound();
  request.target = std::move(target);
  return request;
}
HttpRequest with_header(std::string name, std::string value) {
  HttpRequest request = sound();
  request.headers.emplace_back(std::move(name), std::move(value));
  return request;
}
HttpRequest with_scheme(std::string scheme) {
  HttpRequest request = sound();
  request.scheme = std::move(scheme);
  return request;
}
HttpRequest with_method(std::string method) {
  HttpRequest request = sound();
  request.method = std::move(method);
  return request;
}
HttpRequest with_port(int port) {
  HttpRequest request = sound();
  request.port = port;
  return request;
}

class RefusedRequest : public testing::TestWithParam<Case> {};
TEST_P(RefusedRequest, IsAnErrorWithoutAnyHeadersValue) {
  const auto checked = check_request(GetParam().request);
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(checked.error().message.find(GetParam().part), std::string::npos) << checked.error().message;
  EXPECT_EQ(to_text(checked.error()).find("canary"), std::string::npos);
}
INSTANTIATE_TEST_SUITE_P(
    Rows, RefusedRequest,
    testing::Values(Case{"Scheme", with_scheme("file"), "'file' is no scheme"},
                    Case{"NoScheme", with_scheme(""), "is no scheme"},
                    Case{"NoHost", with_host(""), "is not the name"},
                    Case{"User", with_host("u@h"), "'u@h' is not the name"},
                    Case{"PortInTheHost", with_host("h:1"), "'h:1' is not"},
                    Case{"PathInTheHost", with_host("h/b"), "'h/b' is not"},
                    Case{"BlankInTheHost", with_host("h h"), "is not the name"},
                    Case{"NonAsciiHost", with_host("h\xC3\xA9"), "is not the name"},
                    Case{"OpenBracket", with_host("[::1"), "is not the name"},
                    Case{"EmptyBrackets", with_host("[]"), "is not the name"},
                    Case{"NameInBrackets", with_host("[h]"), "is not the name"},
                    Case{"NegativePort", with_port(-1), "-1 is no port"},
                    Case{"HighPort", with_port(65536), "65536 is no port"},
                    Case{"NoMethod", with_method(""), "is no HTTP method"},
                    Case{"TwoMethods", with_method("GET /"), "is no HTTP method"},
                    Case{"NoTarget", with_target(""), "the target"},
                    Case{"RelativeTarget", with_target("b/k"), "the target"},
                    Case{"Blank", with_target("/a b"), "the target"},
                    Case{"LineBreak", with_target("/a\r\nx: y"), "the target"},
                    Case{"Nul", with_target(std::string("/a\0b", 4)), "the target"},
                    Case{"Fragment", with_target("/a#b"), "the target"},
                    Case{"NonAscii", with_target("/\xC3\xA9"), "the target"},
                    Case{"Brackets", with_target("/[1-9]"), "the target"},
                    Case{"Backslash", with_target("/a\\b"), "the target"},
                    Case{"HeaderName", with_header("x a", "canary"), "cannot name a header"},
                    Case{"HeaderNameEmpty", with_header("", "canary"), "cannot name a header"},
                    Case{"HeaderNameWithColon", with_header("x:", "canary"), "cannot name a header"},
                    Case{"HeaderWithLineBreak", with_header("x-a", "canary\r\nx-b: 1"), "the header 'x-a'"},
                    Case{"HeaderWithLineFeed", with_header("x-a", "canary\nx"), "the header 'x-a'"},
                    Case{"HeaderWithNul", with_header("x-a", std::string("canary\0", 7)),
                         "the header 'x-a'"}),
    case_name);

TEST(SoundRequest, Passes) {
  for (const HttpRequest& request :
       {sound(), with_host("a-b.example.com"), with_host("127.0.0.1"), with_host("[::1]"),
        with_host("[::ffff:1.2.3.4]"), with_host("under_score"), with_scheme("http"), with_port(65535),
        with_method("HEAD"), with_target("/%20?a=b&c"), with_header("x-amz-meta", "any bytes \xC3\xA9\t")}) {
    const auto checked = check_request(request);
    EXPECT_TRUE(checked.has_value()) << to_text(checked.error());
  }
}

}  // namespace
}  // namespace flotsam
