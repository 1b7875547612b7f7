#include "store/s3/s3_request.h"

namespace flotsam {

HttpRequest make_bucket_get(const S3Address& address, std::string_view region, QueryParameters parameters) {
  HttpRequest request;
  request.method = "GET";
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
  }
  request.target += '?';
  request.target += make_query(std::move(parameters));
  if (!address.expected_bucket_owner.empty())
    request.headers.emplace_back("x-amz-expected-bucket-owner", address.expected_bucket_owner);
  return request;
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
