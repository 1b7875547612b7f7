#pragma once

/// The inside of fake_s3.h. No test includes this.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/fake_s3.h"

namespace flotsam::test {

struct WireRequest {
  std::string method, path, query, line;
  std::vector<std::pair<std::string, std::string>> headers;  ///< lower-case names
  std::string body;
  std::string header(std::string_view name) const;
};

struct WireAnswer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool cut_connection = false;
  bool cut_body = false;
};

/// The parameters of a query, decoded (percent escapes only, as S3 does), in order.
std::vector<std::pair<std::string, std::string>> parameters_of(std::string_view query);
std::string percent_encoded(std::string_view bytes, std::string_view kept);
std::string percent_decoded(std::string_view text);
std::string xml_escaped(std::string_view text);
WireAnswer error_answer(int status, std::string_view code, std::string_view message,
                        std::string_view more = {});

/// Nothing where the request is signed as AWS demands, else the refusal (AWS: "Signature Version 4").
std::optional<WireAnswer> check_signature(const WireRequest& request, const FakeS3Settings& settings,
                                          std::chrono::system_clock::time_point server_now);

/// The answer to a ListObjectsV2. `previous` is the body of the last listing; it is replaced.
WireAnswer answer_listing(const WireRequest& request, const FakeS3Settings& settings,
                          const std::map<std::string, FakeObject>& objects, Fault fault,
                          std::string& previous);

}  // namespace flotsam::test
