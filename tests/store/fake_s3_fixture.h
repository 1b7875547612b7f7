#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"
#include "support/fake_s3.h"
#include "support/s3_test_client.h"

namespace flotsam::test {

/// Requests to one fake S3, and their answers.
class FakeS3Test : public testing::Test {
 protected:
  void start(FakeS3Settings settings) {
    s3_ = std::make_unique<FakeS3>(std::move(settings));
    client_ = std::make_unique<S3TestClient>(s3_->server());
  }
  FakeS3& s3() {
    if (!s3_) start({});
    return *s3_;
  }
  HttpResponse ask(const std::string& method, std::string_view key, HttpHeaders headers = {},
                   QueryParameters parameters = {}, std::string body = {}) {
    s3();
    auto response =
        client_->send(method, "bucket", key, std::move(parameters), std::move(body), std::move(headers));
    if (!response) return HttpResponse{.status = -1, .headers = {}, .body = response.error().message};
    return *response;
  }
  int status(const std::string& method, std::string_view key, HttpHeaders headers = {},
             QueryParameters parameters = {}, std::string body = {}) {
    return ask(method, key, std::move(headers), std::move(parameters), std::move(body)).status;
  }
  std::string put(std::string_view key, std::string body, HttpHeaders headers = {}) {
    const HttpResponse response = ask("PUT", key, std::move(headers), {}, std::move(body));
    EXPECT_EQ(response.status, 200) << response.body;
    return std::string(response.header("etag").value_or(""));
  }
  HttpResponse batch(const std::string& inside, HttpHeaders headers = {}) {
    const std::string body = "<Delete>" + inside + "</Delete>";
    if (headers.empty()) headers = {{"x-amz-checksum-sha256", to_base64(sha256(body))}};
    return ask("POST", "", std::move(headers), {{"delete", ""}}, body);
  }
  static std::string header(const HttpResponse& response, std::string_view name) {
    return std::string(response.header(name).value_or("(none)"));
  }

  std::unique_ptr<FakeS3> s3_;
  std::unique_ptr<S3TestClient> client_;
};

}  // namespace flotsam::test
