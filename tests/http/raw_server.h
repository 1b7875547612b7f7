#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/file.h"

namespace flotsam::test {

/// One accepted connection, plain or TLS, in the hands of the handler that plays the server on it.
class RawConnection {
 public:
  virtual ~RawConnection() = default;
  /// Reads one request, head and body (by Content-Length), and hands it to the server's list; empty: the
  /// client closed.
  std::string read_request();
  void send(std::string_view bytes);
  /// Sends until the client closes, at most `limit_bytes`.
  void send_endlessly(std::string_view bytes, std::size_t limit_bytes = 256U << 20U);
  /// Returns when the client has closed (or the server is being destroyed).
  void wait_for_close();
  /// Makes the end of the connection a reset instead of an orderly close.
  virtual void reset_at_close() {}

 protected:
  virtual std::ptrdiff_t read_some(char* out, std::size_t size) = 0;
  virtual bool write_all(std::string_view bytes) = 0;

 private:
  friend class RawServer;
  std::string pending_;
  std::function<void(std::string)> record_;
};

/// A server on a free port of 127.0.0.1 that answers byte for byte what its handlers say: one handler a
/// connection, in the order of arrival; further connections get the last handler. Ends with its scope.
class RawServer {
 public:
  using Handler = std::function<void(RawConnection&)>;
  enum class TlsVersion { current, old };  ///< old: nothing above 1.1
  /// `certificate_pem`, `key_pem`: files; then the server speaks TLS.
  explicit RawServer(std::vector<Handler> handlers, const std::string& certificate_pem = {},
                     const std::string& key_pem = {}, TlsVersion version = TlsVersion::current);
  explicit RawServer(Handler handler) : RawServer(std::vector<Handler>{std::move(handler)}) {}
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  int port() const { return port_; }
  /// Whole requests in the order in which they were read.
  std::vector<std::string> requests() const;
  std::size_t connections() const;

 private:
  struct Tls;
  void accept_all();
  void serve(int fd, const Handler& handler);

  std::vector<Handler> handlers_;
  std::unique_ptr<Tls> tls_;
  FileDescriptor listener_;
  int port_ = 0;
  mutable std::mutex mutex_;
  bool stopping_ = false;
  std::vector<int> open_;
  std::vector<std::string> requests_;
  std::vector<std::thread> workers_;
  std::thread acceptor_;
};

/// A handler that answers every request of its connection with the same bytes.
RawServer::Handler always(std::string answer);
/// "HTTP/1.1 200 OK" with Content-Length and this body.
std::string ok(std::string_view body);

}  // namespace flotsam::test
