// bench_s3_server: a synthetic S3 over plain HTTP on 127.0.0.1 that costs its client little. It answers
// ListObjectsV2 of one bucket, whose keys are a formula, HEAD and DeleteObjects of its objects, and the few
// GETs that ask for a bucket's settings. It does NOT verify signatures, nor anything else of what makes a
// real store safe: it is for benchmarks.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>
#include <ctime>
#include <fmt/format.h>
#include <map>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <random>
#include <signal.h>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <thread>
#include <unistd.h>

#include "dataset.h"
#include "deletions.h"
#include "listing_answer.h"
#include "options.h"

namespace flotsam::bench {
namespace {

struct ServerOptions {
  std::string bucket = "bench";
  unsigned port = 0;
  double latency_ms = 0;
  std::string spread = "fixed";
  std::uint64_t memory_mib = 4096;
  double keys_per_second = 0;
};

struct Counters {
  std::atomic<std::uint64_t> requests{0}, pages{0}, keys{0};
};

/// How long an answer is held back: fixed, or log-normal with this median and a 99th percentile of five times
/// as much.
class Latency {
 public:
  Latency(const ServerOptions& options, std::uint64_t seed)
      : median_ms_(options.latency_ms), is_fixed_(options.spread == "fixed"), random_(seed) {}
  void wait() {
    if (median_ms_ <= 0) return;
    constexpr double kSigma = 0.6918;  // ln 5 / 2.3263
    const double factor = is_fixed_ ? 1 : std::exp(kSigma * normal_(random_));
    std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(median_ms_ * factor));
  }

 private:
  double median_ms_;
  bool is_fixed_;
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
};

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    unsigned value = 0;
    if (i + 2 >= text.size() ||
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr != text.data() + i + 3)
      return std::nullopt;
    out.push_back(static_cast<char>(value));
    i += 2;
  }
  return out;
}

/// One client's connection, served by one thread.
class Connection {
 public:
  struct Shared {
    const ServerOptions& options;
    const ListingAnswers& answers;
    Deletions& deletions;
    Counters& counters;
  };
  Connection(int socket, const Shared& shared, std::uint64_t seed)
      : socket_(socket),
        options_(shared.options),
        answers_(shared.answers),
        deletions_(shared.deletions),
        counters_(shared.counters),
        latency_(options_, seed) {}
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void serve() {
    while (read_head() && read_body()) {
      counters_.requests.fetch_add(1, std::memory_order_relaxed);
      latency_.wait();
      if (!respond()) return;
    }
  }

 private:
  /// Reads up to the empty line behind a request; false at the end of the connection.
  bool read_head() {
    constexpr std::size_t kHeadBytesMax = 64U << 10U;
    for (std::size_t searched = 0;;) {
      const std::size_t end = buffer_.find("\r\n\r\n", searched);
      if (end != std::string::npos) {
        head_.assign(buffer_, 0, end);
        buffer_.erase(0, end + 4);
        return true;
      }
      if (buffer_.size() > kHeadBytesMax) return false;
      searched = buffer_.size() < 3 ? 0 : buffer_.size() - 3;
      std::array<char, 8192> bytes;
      const ssize_t got = recv(socket_, bytes.data(), bytes.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      buffer_.append(bytes.data(), static_cast<std::size_t>(got));
    }
  }

  /// Reads what Content-Length announces.
  bool read_body() {
    constexpr std::size_t kBodyBytesMax = 16U << 20U;
    body_.clear();
    std::string lower = head_;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    constexpr std::string_view kName = "\r\ncontent-length:";
    const std::size_t at = lower.find(kName);
    if (at == std::string::npos) return true;
    const std::size_t length = std::strtoull(lower.c_str() + at + kName.size(), nullptr, 10);
    if (length > kBodyBytesMax) return false;
    while (buffer_.size() < length) {
      std::array<char, 65536> bytes;
      const ssize_t got = recv(socket_, bytes.data(), bytes.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      buffer_.append(bytes.data(), static_cast<std::size_t>(got));
    }
    body_.assign(buffer_, 0, length);
    buffer_.erase(0, length);
    return true;
  }

  bool respond() {
    const std::string_view line = std::string_view(head_).substr(0, head_.find("\r\n"));
    const std::size_t first = line.find(' '), last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return false;
    const std::string_view method = line.substr(0, first), target = line.substr(first + 1, last - first - 1);
    is_head_ = method == "HEAD";
    const bool is_post = method == "POST";
    if (method != "GET" && !is_head_ && !is_post) return send_error(405, "MethodNotAllowed");
    const std::size_t question = target.find('?');
    const std::string_view path = target.substr(0, question);
    const std::string bucket = "/" + options_.bucket;
    if (is_head_ && path.starts_with(bucket + "/") && path.size() > bucket.size() + 1)
      return respond_to_head(path.substr(bucket.size() + 1));
    if (path != bucket && path != bucket + "/") return send_error(404, "NoSuchBucket");
    if (is_head_) return send_text(200, "");
    query_.clear();
    std::string_view rest = question == std::string_view::npos ? "" : target.substr(question + 1);
    while (!rest.empty()) {
      const std::string_view pair = rest.substr(0, rest.find('&'));
      rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
      const std::size_t equals = pair.find('=');
      auto value = percent_decoded(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
      if (!value) return send_error(400, "InvalidURI");
      query_[std::string(pair.substr(0, equals))] = std::move(*value);
    }
    if (is_post) return query_.contains("delete") ? respond_to_delete() : send_error(501, "NotImplemented");
    return respond_to_query();
  }

  bool respond_to_head(std::string_view encoded_key) {
    const auto key = percent_decoded(encoded_key);
    const auto headers = key ? deletions_.head(*key) : std::nullopt;
    if (!headers) return send_text(404, "");
    std::array<char, 64> date;
    headers_ = fmt::format("HTTP/1.1 200 OK\r\nx-amz-request-id: BENCH\r\nDate: {}\r\n{}\r\n", now_text(date),
                           *headers);
    std::array<iovec, 1> vectors{{{headers_.data(), headers_.size()}}};
    return write_all(vectors);
  }

  bool respond_to_delete() {
    const auto answer = deletions_.remove(body_);
    return answer ? send_text(200, *answer) : send_error(503, "SlowDown");
  }

  bool respond_to_query() {
    if (query_.contains("versioning"))
      return send_text(200,
                       "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                       "<Status>Enabled</Status></VersioningConfiguration>");
    if (query_.contains("lifecycle")) return send_error(404, "NoSuchLifecycleConfiguration");
    if (query_.contains("object-lock")) return send_error(404, "ObjectLockConfigurationNotFoundError");
    if (query_["list-type"] != "2") return send_error(501, "NotImplemented");
    ListAsk ask;
    ask.prefix = query_["prefix"];
    ask.start_after = query_["start-after"];
    ask.token = query_["continuation-token"];
    ask.delimiter = query_["delimiter"];
    ask.encoding_url = query_["encoding-type"] == "url";
    if (const std::string& text = query_["max-keys"]; !text.empty()) {
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ask.max_keys);
      if (error != std::errc() || end != text.data() + text.size()) return send_error(400, "InvalidArgument");
      ask.max_keys = std::min<std::uint64_t>(ask.max_keys, 1000);
    }
    if (!answers_.answer(ask, answer_)) return send_error(400, "InvalidArgument");
    counters_.pages.fetch_add(1, std::memory_order_relaxed);
    counters_.keys.fetch_add(answer_.keys, std::memory_order_relaxed);
    return send_pieces(200, {answer_.head, answer_.own, answer_.rendered, answer_.tail});
  }

  bool send_error(int status, std::string_view code) {
    return send_text(status,
                     fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>"
                                 "synthetic</Message><RequestId>bench</RequestId></Error>",
                                 code));
  }
  bool send_text(int status, std::string_view body) { return send_pieces(status, {body, "", "", ""}); }

  bool send_pieces(int status, const std::array<std::string_view, 4>& body) {
    std::size_t length = 0;
    for (const std::string_view piece : body) length += piece.size();
    std::array<char, 64> date;
    headers_ = fmt::format(
        "HTTP/1.1 {} {}\r\nx-amz-request-id: BENCH\r\nx-amz-bucket-region: us-east-1\r\nDate: {}\r\n"
        "Content-Type: application/xml\r\nContent-Length: {}\r\nServer: bench_s3_server\r\n\r\n",
        status, status == 200 ? "OK" : "Error", now_text(date), length);
    std::array<iovec, 5> vectors;
    std::size_t count = 0;
    const auto add = [&](std::string_view piece) {
      if (!piece.empty()) vectors[count++] = {const_cast<char*>(piece.data()), piece.size()};
    };
    add(headers_);
    for (const std::string_view piece : body)
      if (!is_head_) add(piece);
    return write_all(std::span(vectors).first(count));
  }

  static std::string_view now_text(std::array<char, 64>& date) {
    const std::time_t now = std::time(nullptr);
    std::tm parts;
    gmtime_r(&now, &parts);
    return {date.data(), std::strftime(date.data(), date.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts)};
  }

  bool write_all(std::span<iovec> vectors) {
    while (!vectors.empty()) {
      ssize_t written = writev(socket_, vectors.data(), static_cast<int>(vectors.size()));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      auto left = static_cast<std::size_t>(written);
      while (!vectors.empty() && left >= vectors.front().iov_len) {
        left -= vectors.front().iov_len;
        vectors = vectors.subspan(1);
      }
      if (vectors.empty()) break;
      vectors.front().iov_base = static_cast<char*>(vectors.front().iov_base) + left;
      vectors.front().iov_len -= left;
    }
    return true;
  }

  int socket_;
  const ServerOptions& options_;
  const ListingAnswers& answers_;
  Deletions& deletions_;
  Counters& counters_;
  Latency latency_;
  bool is_head_ = false;
  std::string buffer_, head_, body_, headers_;
  std::map<std::string, std::string> query_;
  ListAnswer answer_;
};

int open_listener(unsigned& port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int one = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
      bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener, 1024) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error(fmt::format("cannot listen on 127.0.0.1:{}: {}", port, std::strerror(errno)));
  port = ntohs(address.sin_port);
  return listener;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

[[noreturn]] void accept_forever(int listener, const Connection::Shared& shared) {
  for (std::uint64_t number = 0;; ++number) {
    const int socket = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const int one = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    std::thread([=] { Connection(socket, shared, number).serve(); }).detach();
  }
}

int serve(const DatasetParameters& parameters, ServerOptions options) {
  signal(SIGPIPE, SIG_IGN);
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // before any thread: all of them inherit it
  const Dataset dataset(parameters);
  const ListingAnswers answers(dataset, options.bucket, options.memory_mib << 20U);
  Deletions deletions(dataset, options.keys_per_second);
  Counters counters;
  const Connection::Shared shared{options, answers, deletions, counters};
  const int listener = open_listener(options.port);
  fmt::print("http://127.0.0.1:{} bucket {} objects {} {}\n", options.port, options.bucket, dataset.objects(),
             answers.is_rendered() ? "rendered" : "on the fly");
  std::fflush(stdout);
  const double before = cpu_seconds();
  std::thread([&] { accept_forever(listener, shared); }).detach();
  int signal_number = 0;
  sigwait(&ends, &signal_number);
  fmt::print("requests {} pages {} keys {} removed {} slowed {} cpu_seconds {:.3f}\n",
             counters.requests.load(), counters.pages.load(), counters.keys.load(), deletions.removed(),
             deletions.refused(), cpu_seconds() - before);
  std::fflush(stdout);
  _exit(0);  // connections may still be served
}

}  // namespace
}  // namespace flotsam::bench

int main(int argc, char** argv) {
  using namespace flotsam::bench;
  CLI::App app("A synthetic S3 on 127.0.0.1 for benchmarks. It verifies no signatures. Ends at SIGTERM.",
               "bench_s3_server");
  DatasetParameters parameters;
  ServerOptions options;
  add_dataset_options(app, parameters);
  app.add_option("--bucket", options.bucket, "its name")->capture_default_str();
  app.add_option("--port", options.port, "0: a free one, which is printed")->capture_default_str();
  app.add_option("--latency-ms", options.latency_ms, "how long every answer is held back")
      ->capture_default_str();
  app.add_option("--spread", options.spread, "lognormal: the latency is a median, p99 five times as much")
      ->check(CLI::IsMember({"fixed", "lognormal"}))
      ->capture_default_str();
  app.add_option("--memory-mib", options.memory_mib, "objects are rendered once where they fit into it")
      ->capture_default_str();
  app.add_option("--keys-per-second", options.keys_per_second,
                 "beyond so many deletions a second: 503 SlowDown; 0: no limit")
      ->capture_default_str();
  return parse_and_run(app, argc, argv, [&] { return serve(parameters, options); });
}
