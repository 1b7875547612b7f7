#include "support/s3_test_client.h"

#include <array>
#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/bytes.h"
#include "base/hash.h"

namespace flotsam::test {

Environment S3Server::environment() const {
  return Environment(
      {{"AWS_ACCESS_KEY_ID", access_key}, {"AWS_SECRET_ACCESS_KEY", secret_key}, {"HOME", "/nonexistent"}});
}

StoreOptions S3Server::options(const std::string& bucket) const {
  StoreOptions options;
  options.url = "s3://" + bucket;
  options.endpoint = endpoint;
  options.region = region;
  return options;
}

S3TestClient::S3TestClient(S3Server server)
    : server_(std::move(server)),
      factory_(make_curl_transport(Environment(), TransportOptions{})),
      transport_(factory_->make()) {
  credentials_.access_key_id = server_.access_key;
  credentials_.secret_access_key = Secret(server_.secret_key);
}

Result<HttpResponse> S3TestClient::send(const std::string& method, const std::string& bucket,
                                        std::string_view key, QueryParameters parameters, std::string body,
                                        HttpHeaders headers) {
  HttpRequest request;
  request.method = method;
  request.scheme = server_.endpoint.substr(0, server_.endpoint.find("://"));
  const std::string authority = server_.endpoint.substr(request.scheme.size() + 3);
  request.host = authority.substr(0, authority.rfind(':'));
  request.port = std::stoi(authority.substr(authority.rfind(':') + 1));
  request.target = "/" + bucket;
  if (!key.empty()) request.target += "/" + uri_encoded(key, Slash::keep);
  if (!parameters.empty()) request.target += "?" + make_query(std::move(parameters));
  request.headers = std::move(headers);
  request.body = std::move(body);
  request.fresh_connection = true;
  SigV4Signer signer(SigningScope{server_.region, "s3"});
  signer.sign(request, credentials_, SystemClock().now());
  HttpResponse response;
  FLOTSAM_TRY(transport_->exchange(request, response));
  return response;
}

Result<void> S3TestClient::expect(int status, Result<HttpResponse> response) const {
  if (!response) return std::unexpected<Error>(std::move(response).error());
  if (response->status == status) return {};
  const bool is_refusal = response->status >= 400 && response->status < 500;
  return fail(is_refusal ? ErrorCode::refused : ErrorCode::unavailable,
              fmt::format("{} answered {}: {}", server_.endpoint, response->status, response->body));
}

Result<void> S3TestClient::create_bucket(const std::string& bucket) {
  return expect(200, send("PUT", bucket, "", {}, ""));
}

Result<void> S3TestClient::put_object(const std::string& bucket, std::string_view key, std::string body) {
  return expect(200, send("PUT", bucket, key, {}, std::move(body)));
}

Result<void> S3TestClient::delete_object(const std::string& bucket, std::string_view key) {
  return expect(204, send("DELETE", bucket, key, {}, ""));
}

Result<void> S3TestClient::set_versioning(const std::string& bucket, const std::string& status) {
  return expect(200,
                send("PUT", bucket, "", {{"versioning", ""}},
                     "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>" +
                         status + "</Status></VersioningConfiguration>"));
}

Result<void> S3TestClient::put_lifecycle(const std::string& bucket, const std::string& xml) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(xml.data(), xml.size(), digest.data(), &size, EVP_md5(), nullptr);
  const std::string md5(reinterpret_cast<const char*>(digest.data()), size);
  return expect(200, send("PUT", bucket, "", {{"lifecycle", ""}}, xml, {{"content-md5", to_base64(md5)}}));
}

std::string new_bucket_name() {
  return "flotsam-" + random_hex(8);
}

}  // namespace flotsam::test
