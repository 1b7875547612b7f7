#include "http/curl_error.h"

#include <array>
#include <curl/curl.h>
#include <fmt/format.h>

#include "base/bytes.h"

namespace flotsam {
namespace {

struct CurlErrorRow {
  CURLcode curl;
  const char* name;
  ErrorCode code;
  const char* sentence;  ///< {} is the authority
  const char* hint;
};

constexpr const char* kCheckEndpoint =
    "check the endpoint's name and port, and that it can be reached from here";
constexpr const char* kCheckCertificate =
    "if the store's certificate comes from an authority of your own, name its file in AWS_CA_BUNDLE";
constexpr const char* kCheckScheme =
    "check that the endpoint speaks HTTP there, and whether it wants http:// or https://";

constexpr std::array kRows = {
    CurlErrorRow{CURLE_COULDNT_RESOLVE_HOST, "CURLE_COULDNT_RESOLVE_HOST", ErrorCode::unavailable,
                 "the name of {} cannot be resolved", kCheckEndpoint},
    CurlErrorRow{CURLE_COULDNT_RESOLVE_PROXY, "CURLE_COULDNT_RESOLVE_PROXY", ErrorCode::unavailable,
                 "the name of the proxy for {} cannot be resolved",
                 "check http_proxy, https_proxy and no_proxy"},
    CurlErrorRow{CURLE_COULDNT_CONNECT, "CURLE_COULDNT_CONNECT", ErrorCode::unavailable,
                 "cannot connect to {}", kCheckEndpoint},
    CurlErrorRow{CURLE_OPERATION_TIMEDOUT, "CURLE_OPERATION_TIMEDOUT", ErrorCode::unavailable,
                 "{} did not answer in time", ""},
    CurlErrorRow{CURLE_PARTIAL_FILE, "CURLE_PARTIAL_FILE", ErrorCode::unavailable,
                 "the answer of {} was cut short", ""},
    CurlErrorRow{CURLE_GOT_NOTHING, "CURLE_GOT_NOTHING", ErrorCode::unavailable,
                 "{} closed the connection without an answer", ""},
    CurlErrorRow{CURLE_RECV_ERROR, "CURLE_RECV_ERROR", ErrorCode::unavailable,
                 "the connection to {} broke while its answer was read", ""},
    CurlErrorRow{CURLE_SEND_ERROR, "CURLE_SEND_ERROR", ErrorCode::unavailable,
                 "the connection to {} broke while the request was sent", ""},
    CurlErrorRow{CURLE_SEND_FAIL_REWIND, "CURLE_SEND_FAIL_REWIND", ErrorCode::unavailable,
                 "the connection to {} broke while the request was sent", ""},
    CurlErrorRow{CURLE_SSL_CONNECT_ERROR, "CURLE_SSL_CONNECT_ERROR", ErrorCode::unavailable,
                 "no TLS connection to {}", kCheckScheme},
    CurlErrorRow{CURLE_PEER_FAILED_VERIFICATION, "CURLE_PEER_FAILED_VERIFICATION",
                 ErrorCode::permission_denied, "the certificate of {} is not trusted", kCheckCertificate},
    CurlErrorRow{CURLE_SSL_ISSUER_ERROR, "CURLE_SSL_ISSUER_ERROR", ErrorCode::permission_denied,
                 "the certificate of {} is not trusted", kCheckCertificate},
    CurlErrorRow{CURLE_SSL_CACERT_BADFILE, "CURLE_SSL_CACERT_BADFILE", ErrorCode::invalid_argument,
                 "the file of trusted certificates for {} cannot be used",
                 "check the configured CA bundle, AWS_CA_BUNDLE and SSL_CERT_FILE"},
    CurlErrorRow{CURLE_WEIRD_SERVER_REPLY, "CURLE_WEIRD_SERVER_REPLY", ErrorCode::corrupt,
                 "what {} answered is not HTTP", kCheckScheme},
    CurlErrorRow{CURLE_UNSUPPORTED_PROTOCOL, "CURLE_UNSUPPORTED_PROTOCOL", ErrorCode::corrupt,
                 "what {} answered is not HTTP", kCheckScheme},
    CurlErrorRow{CURLE_BAD_CONTENT_ENCODING, "CURLE_BAD_CONTENT_ENCODING", ErrorCode::corrupt,
                 "the answer of {} is not encoded as it says", ""},
    CurlErrorRow{CURLE_URL_MALFORMAT, "CURLE_URL_MALFORMAT", ErrorCode::invalid_argument,
                 "{} is not an address that a request can go to", kCheckEndpoint},
    CurlErrorRow{CURLE_ABORTED_BY_CALLBACK, "CURLE_ABORTED_BY_CALLBACK", ErrorCode::interrupted,
                 "interrupted while talking to {}", ""},
    CurlErrorRow{CURLE_WRITE_ERROR, "CURLE_WRITE_ERROR", ErrorCode::internal,
                 "the answer of {} could not be taken in", ""},
    CurlErrorRow{CURLE_OUT_OF_MEMORY, "CURLE_OUT_OF_MEMORY", ErrorCode::internal,
                 "out of memory while talking to {}", ""},
};

}  // namespace

Error error_of_curl(int code, std::string_view detail, std::string_view authority) {
  const CurlErrorRow* row = nullptr;
  for (const CurlErrorRow& candidate : kRows) {
    if (candidate.curl == code) row = &candidate;
  }
  Error error;
  error.code = row != nullptr ? row->code : ErrorCode::unavailable;
  error.service_code = row != nullptr ? row->name : fmt::format("CURLE_{}", code);
  error.message =
      fmt::format(fmt::runtime(row != nullptr ? row->sentence : "the exchange with {} failed"), authority);
  const std::string words(detail.empty() ? curl_easy_strerror(static_cast<CURLcode>(code)) : detail);
  error.message += ": " + to_printable(redacted(words));
  if (row != nullptr) error.hint = row->hint;
  return error;
}

}  // namespace flotsam
