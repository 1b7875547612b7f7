#include <cstdio>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string>

#include "base/check.h"
#include "http/client.h"
#include "http/raw_server.h"
#include "support/temporary_folder.h"

namespace flotsam {
namespace {

using test::always;
using test::get;
using test::make_transport;
using test::ok;
using test::RawServer;

/// A certificate that signs itself, in a folder of its own.
class Certificate {
 public:
  /// `names` as OpenSSL writes them: "IP:127.0.0.1", "DNS:example.com".
  explicit Certificate(const char* names) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* x509 = X509_new();
    CHECK(key != nullptr && x509 != nullptr);
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_set_pubkey(x509, key);
    X509_NAME* subject = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"),
                               -1, -1, 0);
    X509_set_issuer_name(x509, subject);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names);
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
    CHECK(X509_sign(x509, key, EVP_sha256()) > 0);
    write(path(), [&](FILE* file) { PEM_write_X509(file, x509); });
    write(key_path(),
          [&](FILE* file) { PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr); });
    X509_free(x509);
    EVP_PKEY_free(key);
  }
  std::string path() const { return (folder_ / "certificate.pem").string(); }
  std::string key_path() const { return (folder_ / "key.pem").string(); }

 private:
  template <typename Writer>
  static void write(const std::string& path, Writer writer) {
    FILE* file = std::fopen(path.c_str(), "w");
    CHECK(file != nullptr);
    writer(file);
    CHECK(std::fclose(file) == 0);
  }
  test::TemporaryFolder folder_;
};

class Tls : public testing::Test {
 protected:
  Result<void> exchange(const RawServer& server, TransportOptions options,
                        const Environment& environment = {}) {
    HttpRequest request = get(server.port());
    request.scheme = "https";
    return make_transport(std::move(options), environment)->exchange(request, response_);
  }
  HttpResponse response_;
};

TEST_F(Tls, IsSpokenWithAServerWhoseCertificateIsTrusted) {
  const Certificate certificate("IP:127.0.0.1");
  const RawServer server({always(ok("safe"))}, certificate.path(), certificate.key_path());
  const auto done = exchange(server, {.ca_bundle = certificate.path()});
  ASSERT_TRUE(done.has_value()) << to_text(done.error());
  EXPECT_EQ(response_.body, "safe");
}

TEST_F(Tls, TakesTheBundleOfTheEnvironment) {
  const Certificate good("IP:127.0.0.1");
  const Certificate other("IP:127.0.0.1");
  const RawServer server({always(ok("safe"))}, good.path(), good.key_path());
  EXPECT_TRUE(exchange(server, {}, Environment({{"AWS_CA_BUNDLE", good.path()}})));
  EXPECT_TRUE(exchange(server, {}, Environment({{"SSL_CERT_FILE", good.path()}})));
  EXPECT_TRUE(exchange(server, {}, Environment({{"AWS_CA_BUNDLE", ""}, {"SSL_CERT_FILE", good.path()}})));
  EXPECT_TRUE(
      exchange(server, {}, Environment({{"AWS_CA_BUNDLE", good.path()}, {"SSL_CERT_FILE", other.path()}})));
  EXPECT_FALSE(
      exchange(server, {}, Environment({{"AWS_CA_BUNDLE", other.path()}, {"SSL_CERT_FILE", good.path()}})));
  EXPECT_TRUE(exchange(server, {.ca_bundle = good.path()}, Environment({{"AWS_CA_BUNDLE", other.path()}})));
}

TEST_F(Tls, RefusesACertificateThatNobodyTrusts) {
  const Certificate certificate("IP:127.0.0.1");
  const RawServer server({always(ok("unsafe"))}, certificate.path(), certificate.key_path());
  const auto failed = exchange(server, {});
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode::permission_denied) << to_text(failed.error());
  EXPECT_NE(failed.error().hint.find("AWS_CA_BUNDLE"), std::string::npos);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(Tls, RefusesATrustedCertificateOfAnotherName) {
  const Certificate certificate("DNS:example.com");
  const RawServer server({always(ok("unsafe"))}, certificate.path(), certificate.key_path());
  const auto failed = exchange(server, {.ca_bundle = certificate.path()});
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode::permission_denied) << to_text(failed.error());
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(Tls, NamesABundleThatCannotBeRead) {
  const Certificate certificate("IP:127.0.0.1");
  const RawServer server({always(ok("unsafe"))}, certificate.path(), certificate.key_path());
  const auto failed = exchange(server, {.ca_bundle = "/nowhere/ca.pem"});
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode::invalid_argument) << to_text(failed.error());
  EXPECT_NE(failed.error().message.find("/nowhere/ca.pem"), std::string::npos) << failed.error().message;
}

// The write to the dead connection raises SIGPIPE, which would end the process.
TEST_F(Tls, SurvivesAKeptConnectionThatTheServerHasClosed) {
  const Certificate certificate("IP:127.0.0.1");
  const RawServer server({[](test::RawConnection& connection) {
                            connection.read_request();
                            connection.send(ok("first"));
                            connection.reset_at_close();
                          },
                          always(ok("second"))},
                         certificate.path(), certificate.key_path());
  const auto transport = make_transport({.ca_bundle = certificate.path()});
  HttpRequest request = get(server.port());
  request.scheme = "https";
  for (const char* expected : {"first", "second"}) {
    const auto done = transport->exchange(request, response_);
    ASSERT_TRUE(done.has_value()) << to_text(done.error());
    EXPECT_EQ(response_.body, expected);
  }
}

TEST_F(Tls, IsNotSpokenBelowVersion12) {
  const Certificate certificate("IP:127.0.0.1");
  const RawServer server({always(ok("unsafe"))}, certificate.path(), certificate.key_path(),
                         RawServer::TlsVersion::old);
  const auto failed = exchange(server, {.ca_bundle = certificate.path()});
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode::unavailable) << to_text(failed.error());
  EXPECT_EQ(failed.error().service_code, "CURLE_SSL_CONNECT_ERROR");
}

TEST_F(Tls, ToAPlainServerSaysToCheckTheScheme) {
  const RawServer server(
      [](test::RawConnection& connection) { connection.send("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  const auto failed = exchange(server, {});
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
  EXPECT_NE(failed.error().hint.find("http://"), std::string::npos) << to_text(failed.error());
}

}  // namespace
}  // namespace flotsam
