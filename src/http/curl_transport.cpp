#include <algorithm>
#include <array>
#include <curl/curl.h>
#include <filesystem>
#include <fmt/format.h>
#include <mutex>
#include <new>
#include <string_view>
#include <system_error>

#include "base/bytes.h"
#include "base/check.h"
#include "http/curl_error.h"
#include "http/proxy.h"
#include "http/request_check.h"
#include "http/sigpipe.h"
#include "http/transport.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kHeaderLimitBytes = 256U << 10U;

/// What all transports of a factory have in common.
struct CurlSettings {
  TransportOptions options;
  ProxySettings proxies;
};

/// Where distributions keep the certificates that they trust.
constexpr std::array kCaBundles = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Amazon Linux, Fedora, RHEL
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // newer RHEL
    "/etc/ssl/ca-bundle.pem",                             // SUSE
    "/etc/ssl/cert.pem",                                  // Alpine, BSD
};

std::string ca_bundle_of(const Environment& environment, const std::string& configured) {
  if (!configured.empty()) return configured;
  for (const char* name : {"AWS_CA_BUNDLE", "SSL_CERT_FILE"}) {
    if (auto path = environment.get(name); path && !path->empty()) return *path;
  }
  for (const char* path : kCaBundles) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) return path;
  }
  return {};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos)
    text.remove_suffix(1);
  return text;
}

/// Takes in one answer, in storage that an earlier one has left.
class Receiver {
 public:
  void begin(HttpResponse& response, std::uint64_t limit_bytes) {
    *this = Receiver();
    response_ = &response;
    limit_bytes_ = limit_bytes;
    response.status = 0;
    response.body.clear();
  }

  void end() { response_->headers.resize(header_count_); }
  bool too_long() const { return too_long_; }
  bool out_of_memory() const { return out_of_memory_; }

  /// libcurl's callbacks: anything but `size` stops the exchange. Nothing may be thrown through libcurl.
  static std::size_t on_header(char* data, std::size_t one, std::size_t size, void* self) noexcept {
    return static_cast<Receiver*>(self)->take(&Receiver::header, std::string_view(data, one * size));
  }
  static std::size_t on_body(char* data, std::size_t one, std::size_t size, void* self) noexcept {
    return static_cast<Receiver*>(self)->take(&Receiver::body, std::string_view(data, one * size));
  }

 private:
  std::size_t take(bool (Receiver::*part)(std::string_view), std::string_view bytes) noexcept {
    try {
      if ((this->*part)(bytes)) return bytes.size();
      too_long_ = true;
    } catch (const std::bad_alloc&) {
      out_of_memory_ = true;
    }
    return bytes.empty() ? 1 : 0;
  }

  bool body(std::string_view bytes) {
    std::string& body = response_->body;
    if (bytes.size() > limit_bytes_ - body.size()) return false;
    body.append(bytes);
    return true;
  }

  bool header(std::string_view line) {
    header_bytes_ += line.size();
    if (header_bytes_ > kHeaderLimitBytes) return false;
    if (line.starts_with("HTTP/")) {  // what came before was an interim answer (1xx)
      header_count_ = 0;
      return true;
    }
    const bool folded = line.starts_with(' ') || line.starts_with('\t');
    if (folded && header_count_ > 0) {
      response_->headers[header_count_ - 1].second.append(" ").append(trimmed(line));
      return true;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return true;  // the empty line at the end
    if (header_count_ == response_->headers.size()) response_->headers.emplace_back();
    auto& [name, value] = response_->headers[header_count_++];
    name.assign(trimmed(line.substr(0, colon)));
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    value.assign(trimmed(line.substr(colon + 1)));
    return true;
  }

  HttpResponse* response_ = nullptr;
  std::uint64_t limit_bytes_ = 0;
  std::uint64_t header_bytes_ = 0;
  std::size_t header_count_ = 0;
  bool too_long_ = false;
  bool out_of_memory_ = false;
};

/// The lines of a request's head as libcurl wants them, in storage that is used again.
class HeaderLines {
 public:
  void clear() { count_ = 0; }

  void add(std::string_view name, std::string_view value) {
    std::string& line = next();
    line.assign(name);
    // libcurl takes "Name:" for a header of its own that is to be left out, and "Name;" for an empty one.
    if (value.empty()) {
      line.push_back(';');
    } else {
      line.append(": ").append(value);
    }
  }

  /// Keeps libcurl from adding a header of its own.
  void leave_out(std::string_view name) { next().assign(name).push_back(':'); }

  /// Valid until the next change. libcurl reads the list, it does not free it.
  curl_slist* list() {
    nodes_.resize(count_);
    for (std::size_t i = 0; i < count_; ++i) {
      nodes_[i].data = lines_[i].data();
      nodes_[i].next = i + 1 < count_ ? &nodes_[i + 1] : nullptr;
    }
    return nodes_.data();
  }

 private:
  std::string& next() {
    if (count_ == lines_.size()) lines_.emplace_back();
    return lines_[count_++];
  }
  std::vector<std::string> lines_;
  std::vector<curl_slist> nodes_;
  std::size_t count_ = 0;
};

class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(std::shared_ptr<const CurlSettings> settings)
      : settings_(std::move(settings)), easy_(curl_easy_init()) {
    CHECK(easy_ != nullptr);
    set_protocol();
    set_trust();
    set_limits();
    set_callbacks();
  }
  ~CurlTransport() override {
    const SigpipeBlock block;
    curl_easy_cleanup(easy_);
  }
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  Result<void> exchange(const HttpRequest& request, HttpResponse& response) override {
    FLOTSAM_TRY(check_request(request));
    const Cancel* cancel = settings_->options.cancel;
    if (cancel != nullptr) FLOTSAM_TRY(cancel->check());
    set_address(request);
    set_method(request);
    set_headers(request);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    set(CURLOPT_FRESH_CONNECT, request.fresh_connection ? 1L : 0L);
    receiver_.begin(response, request.response_limit_bytes);
    error_text_.front() = '\0';
    const CURLcode code = perform();
    receiver_.end();
    if (code != CURLE_OK) return std::unexpected(error_of(code, request));
    long status = 0;
    CHECK(curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK);
    response.status = static_cast<int>(status);
    return {};
  }

 private:
  CURLcode perform() {
    const SigpipeBlock block;
    return curl_easy_perform(easy_);
  }

  template <typename Value>
  void set(CURLoption option, Value value) {
    CHECK(curl_easy_setopt(easy_, option, value) == CURLE_OK);
  }

  void set_protocol() {
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_HTTP09_ALLOWED, 0L);
    set(CURLOPT_USERAGENT, "flotsam");
    // A proxy sees the head of CONNECT only, none of the headers that are meant for the store.
    set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    // Without this libcurl would read no_proxy from the process's environment.
    set(CURLOPT_NOPROXY, settings_->proxies.exceptions.c_str());
  }

  void set_trust() {
    const long oldest = static_cast<long>(CURL_SSLVERSION_TLSv1_2);
    set(CURLOPT_SSLVERSION, oldest);
    set(CURLOPT_PROXY_SSLVERSION, oldest);
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    const std::string& bundle = settings_->options.ca_bundle;
    if (bundle.empty()) return;
    set(CURLOPT_CAINFO, bundle.c_str());
    set(CURLOPT_PROXY_CAINFO, bundle.c_str());
    // Else a folder that was compiled into libcurl would be trusted besides the chosen file.
    set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    set(CURLOPT_PROXY_CAPATH, static_cast<const char*>(nullptr));
  }

  void set_limits() {
    const TransportOptions& options = settings_->options;
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
    set(CURLOPT_LOW_SPEED_LIMIT, 100L);  // bytes a second; a drip is no answer
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stall_timeout.count()));
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_MAXCONNECTS, 1L);
  }

  void set_callbacks() {
    set(CURLOPT_ERRORBUFFER, error_text_.data());
    set(CURLOPT_HEADERFUNCTION, &Receiver::on_header);
    set(CURLOPT_HEADERDATA, &receiver_);
    set(CURLOPT_WRITEFUNCTION, &Receiver::on_body);
    set(CURLOPT_WRITEDATA, &receiver_);
    if (settings_->options.cancel == nullptr) return;
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &CurlTransport::on_progress);
    set(CURLOPT_XFERINFODATA, settings_->options.cancel);
  }

  static int on_progress(void* cancel, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
    return static_cast<const Cancel*>(cancel)->requested() ? 1 : 0;
  }

  void set_address(const HttpRequest& request) {
    url_.assign(request.scheme).append("://").append(request.authority()).append(request.target);
    set(CURLOPT_URL, url_.c_str());
    // "" is no proxy at all; without it libcurl would look into the process's environment.
    const char* proxy = request.use_proxy ? settings_->proxies.of_scheme(request.scheme).c_str() : "";
    set(CURLOPT_PROXY, proxy);
  }

  void set_method(const HttpRequest& request) {
    const bool sends_body = !request.body.empty() || request.method == "POST" || request.method == "PUT";
    set(CURLOPT_HTTPGET, 1L);  // also takes back what an earlier exchange has set
    set(CURLOPT_CUSTOMREQUEST, static_cast<const char*>(nullptr));
    if (sends_body) {
      set(CURLOPT_POST, 1L);
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      set(CURLOPT_POSTFIELDS, request.body.c_str());
      set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    } else if (request.method == "HEAD") {
      set(CURLOPT_NOBODY, 1L);
    } else if (request.method != "GET") {
      set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
    sends_body_ = sends_body;
  }

  void set_headers(const HttpRequest& request) {
    lines_.clear();
    bool has_host = false;
    bool has_type = false;
    for (const auto& [name, value] : request.headers) {
      has_host = has_host || equal_ignoring_case(name, "host");
      has_type = has_type || equal_ignoring_case(name, "content-type");
      lines_.add(name, value);
    }
    if (!has_host) lines_.add("Host", request.authority());
    lines_.leave_out("Expect");
    if (sends_body_ && !has_type) lines_.leave_out("Content-Type");
    set(CURLOPT_HTTPHEADER, lines_.list());
  }

  Error error_of(CURLcode code, const HttpRequest& request) const {
    const std::string whom = fmt::format("{}://{}", request.scheme, request.authority());
    Error error = error_of_curl(code, error_text_.data(), whom);
    if (receiver_.out_of_memory()) {
      error.code = ErrorCode::internal;
      error.message = fmt::format("out of memory while the answer of {} was read", whom);
    } else if (receiver_.too_long()) {
      error.code = ErrorCode::corrupt;
      error.message = fmt::format("the answer of {} is longer than allowed ({} bytes, {} of headers)", whom,
                                  request.response_limit_bytes, kHeaderLimitBytes);
      error.hint = "check that the endpoint is what it should be";
    }
    return error;
  }

  std::shared_ptr<const CurlSettings> settings_;
  CURL* easy_;
  Receiver receiver_;
  HeaderLines lines_;
  std::string url_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  bool sends_body_ = false;
};

class CurlTransportFactory final : public TransportFactory {
 public:
  explicit CurlTransportFactory(std::shared_ptr<const CurlSettings> settings)
      : settings_(std::move(settings)) {}
  std::unique_ptr<Transport> make() override { return std::make_unique<CurlTransport>(settings_); }

 private:
  std::shared_ptr<const CurlSettings> settings_;
};

}  // namespace

std::unique_ptr<TransportFactory> make_curl_transport(const Environment& environment,
                                                      TransportOptions options) {
  static std::once_flag once;
  std::call_once(once, [] { CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
  options.ca_bundle = ca_bundle_of(environment, options.ca_bundle);
  auto settings = std::make_shared<CurlSettings>(std::move(options), proxies_of(environment));
  return std::make_unique<CurlTransportFactory>(std::move(settings));
}

}  // namespace flotsam
