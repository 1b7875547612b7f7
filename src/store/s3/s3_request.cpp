#include "store/s3/s3_request.h"

#include "base/check.h"

namespace flotsam {

S3Ask S3Ask::of_bucket(QueryParameters parameters) {
  S3Ask ask;
  ask.parameters_ = std::move(parameters);
  return ask;
}

S3Ask S3Ask::of_object(std::string method, KeyView key, QueryParameters parameters, HttpHeaders headers,
                       std::string body) {
  CHECK(!key.empty());  // the same request without a key would be one about the bucket
  S3Ask ask;
  ask.method_ = std::move(method);
  ask.key_ = Key(key);
  ask.parameters_ = std::move(parameters);
  ask.headers_ = std::move(headers);
  ask.body_ = std::move(body);
  return ask;
}

S3Ask S3Ask::of_batch(std::string body, HttpHeaders headers) {
  S3Ask ask;
  ask.method_ = "POST";
  ask.parameters_ = sub_resource_parameters("delete");
  ask.headers_ = std::move(headers);
  ask.body_ = std::move(body);
  return ask;
}

HttpRequest S3Ask::request_to(const S3Address& address, std::string_view region) const {
  HttpRequest request;
  request.method = method_;
  request.scheme = address.scheme;
  request.port = address.port;
  request.host = service_host_of(address, region);
  request.target = address.base_path;
  if (address.addressing == Addressing::virtual_host) {
    request.host = address.bucket + "." + request.host;
    request.target += '/';
  } else {
    request.target += '/';
    append_uri_encoded(request.target, address.bucket, Slash::encode);
    if (!key_.bytes().empty()) request.target += '/';
  }
  append_uri_encoded(request.target, key_.bytes(), Slash::keep);
  if (!parameters_.empty() || key_.bytes().empty()) {
    request.target += '?';
    request.target += make_query(parameters_);
  }
  request.headers = headers_;
  request.body = body_;
  if (!address.expected_bucket_owner.empty())
    request.headers.emplace_back("x-amz-expected-bucket-owner", address.expected_bucket_owner);
  return request;
}

HttpRequest make_bucket_get(const S3Address& address, std::string_view region, QueryParameters parameters) {
  return S3Ask::of_bucket(std::move(parameters)).request_to(address, region);
}

QueryParameters list_objects_parameters(const ListObjectsAsk& ask) {
  QueryParameters parameters = {{"list-type", "2"},
                                {"encoding-type", "url"},
                                {"max-keys", std::to_string(ask.max_keys)},
                                {"prefix", ask.prefix}};
  if (!ask.delimiter.empty()) parameters.emplace_back("delimiter", ask.delimiter);
  if (!ask.token.empty()) {
    parameters.emplace_back("continuation-token", ask.token);
  } else if (!ask.start_after.empty()) {
    parameters.emplace_back("start-after", ask.start_after);
  }
  return parameters;
}

QueryParameters sub_resource_parameters(std::string_view name) {
  return {{std::string(name), ""}};
}

}  // namespace flotsam
