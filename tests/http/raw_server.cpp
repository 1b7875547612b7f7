#include "http/raw_server.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/check.h"

namespace flotsam::test {
namespace {

class PlainConnection final : public RawConnection {
 public:
  explicit PlainConnection(int fd) : fd_(fd) {}
  void reset_at_close() override {
    const linger now{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

 protected:
  std::ptrdiff_t read_some(char* out, std::size_t size) override { return recv(fd_, out, size, 0); }
  bool write_all(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

 private:
  int fd_;
};

class TlsConnection final : public RawConnection {
 public:
  explicit TlsConnection(SSL* ssl) : ssl_(ssl) {}

 protected:
  std::ptrdiff_t read_some(char* out, std::size_t size) override {
    return SSL_read(ssl_, out, static_cast<int>(size));
  }
  bool write_all(std::string_view bytes) override {
    return bytes.empty() || SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0;
  }

 private:
  SSL* ssl_;
};

std::size_t body_size_of(std::string_view head) {
  const std::string lower = to_ascii_lower(head);
  constexpr std::string_view kName = "\r\ncontent-length:";
  const std::size_t at = lower.find(kName);
  if (at == std::string::npos) return 0;
  std::size_t begin = at + kName.size();
  while (begin < lower.size() && lower[begin] == ' ') ++begin;
  std::size_t size = 0;
  std::from_chars(lower.data() + begin, lower.data() + lower.size(), size);
  return size;
}

}  // namespace

std::string RawConnection::read_request() {
  std::size_t wanted = std::string::npos;
  std::string block(1U << 16U, '\0');
  while (wanted == std::string::npos || pending_.size() < wanted) {
    const std::size_t end = pending_.find("\r\n\r\n");
    if (wanted == std::string::npos && end != std::string::npos) {
      wanted = end + 4 + body_size_of(std::string_view(pending_).substr(0, end));
      continue;
    }
    const std::ptrdiff_t got = read_some(block.data(), block.size());
    if (got <= 0) return {};
    pending_.append(block, 0, static_cast<std::size_t>(got));
  }
  std::string request = pending_.substr(0, wanted);
  pending_.erase(0, wanted);
  record_(request);
  return request;
}

void RawConnection::send(std::string_view bytes) {
  write_all(bytes);
}

void RawConnection::send_endlessly(std::string_view bytes, std::size_t limit_bytes) {
  for (std::size_t sent = 0; sent < limit_bytes; sent += bytes.size()) {
    if (!write_all(bytes)) return;
  }
}

void RawConnection::wait_for_close() {
  std::string block(1U << 12U, '\0');
  while (read_some(block.data(), block.size()) > 0) {
  }
}

struct RawServer::Tls {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  ~Tls() { SSL_CTX_free(context); }
};

RawServer::RawServer(std::vector<Handler> handlers, const std::string& certificate_pem,
                     const std::string& key_pem, TlsVersion version)
    : handlers_(std::move(handlers)) {
  if (!certificate_pem.empty()) {
    tls_ = std::make_unique<Tls>();
    if (version == TlsVersion::old) {
      SSL_CTX_set_security_level(tls_->context, 0);  // else OpenSSL itself would refuse it
      CHECK(SSL_CTX_set_max_proto_version(tls_->context, TLS1_1_VERSION) == 1);
      CHECK(SSL_CTX_set_min_proto_version(tls_->context, TLS1_VERSION) == 1);
    }
    CHECK(SSL_CTX_use_certificate_file(tls_->context, certificate_pem.c_str(), SSL_FILETYPE_PEM) == 1);
    CHECK(SSL_CTX_use_PrivateKey_file(tls_->context, key_pem.c_str(), SSL_FILETYPE_PEM) == 1);
  }
  listener_ = FileDescriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  CHECK(listener_.valid() && bind(listener_.get(), generic, size) == 0 && listen(listener_.get(), 64) == 0);
  CHECK(getsockname(listener_.get(), generic, &size) == 0);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

RawServer::~RawServer() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    for (const int fd : open_) shutdown(fd, SHUT_RDWR);
  }
  shutdown(listener_.get(), SHUT_RDWR);  // wakes accept
  acceptor_.join();
  for (std::thread& worker : workers_) worker.join();
}

void RawServer::accept_all() {
  for (std::size_t count = 0;; ++count) {
    const int fd = accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::scoped_lock lock(mutex_);
    if (stopping_) {
      close(fd);
      return;
    }
    open_.push_back(fd);
    const Handler& handler = handlers_[std::min(count, handlers_.size() - 1)];
    workers_.emplace_back([this, fd, &handler] { serve(fd, handler); });
  }
}

void RawServer::serve(int fd, const Handler& handler) {
  // OpenSSL writes without MSG_NOSIGNAL; a client that goes away must not end the tests.
  sigset_t sigpipe;
  sigemptyset(&sigpipe);
  sigaddset(&sigpipe, SIGPIPE);
  CHECK(pthread_sigmask(SIG_BLOCK, &sigpipe, nullptr) == 0);
  const auto play = [&](RawConnection& connection) {
    connection.record_ = [this](std::string request) {
      const std::scoped_lock lock(mutex_);
      requests_.push_back(std::move(request));
    };
    handler(connection);
  };
  if (tls_ == nullptr) {
    PlainConnection connection(fd);
    play(connection);
  } else {
    SSL* ssl = SSL_new(tls_->context);
    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1) {
      TlsConnection connection(ssl);
      play(connection);
      SSL_shutdown(ssl);
    }
    SSL_free(ssl);
  }
  const std::scoped_lock lock(mutex_);
  std::erase(open_, fd);
  close(fd);
}

std::vector<std::string> RawServer::requests() const {
  const std::scoped_lock lock(mutex_);
  return requests_;
}

std::size_t RawServer::connections() const {
  const std::scoped_lock lock(mutex_);
  return workers_.size();
}

RawServer::Handler always(std::string answer) {
  return [answer = std::move(answer)](RawConnection& connection) {
    while (!connection.read_request().empty()) connection.send(answer);
  };
}

std::string ok(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace flotsam::test
