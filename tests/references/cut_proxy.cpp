#include "cut_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace flotsam::test {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

bool send_all(int fd, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

struct Pair {
  int client = -1;
  int server = -1;
  bool first = false;
};

void close_pair(Pair& pair, bool reset) {
  if (reset) {
    const linger now{1, 0};
    setsockopt(pair.client, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  close(pair.client);
  close(pair.server);
  pair.client = -1;
}

}  // namespace

CutProxy::CutProxy(int target_port, std::optional<Cut> cut) : target_port_(target_port), cut_(cut) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  listen(listener_, 16);
  if (pipe2(wake_, O_CLOEXEC) == 0) thread_ = std::thread([this] { run(); });
}

CutProxy::~CutProxy() {
  close(wake_[1]);
  if (thread_.joinable()) thread_.join();
  close(wake_[0]);
  close(listener_);
}

void CutProxy::run() {
  std::vector<Pair> pairs;
  bool seen_first = false;
  std::string block(1U << 16U, '\0');
  while (true) {
    std::vector<pollfd> entries{{wake_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const Pair& pair : pairs) {
      entries.push_back({pair.client, POLLIN, 0});
      entries.push_back({pair.server, POLLIN, 0});
    }
    poll(entries.data(), entries.size(), -1);
    if (entries[0].revents != 0) break;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      Pair& pair = pairs[i];
      const bool from_client = entries[2 + 2 * i].revents != 0;
      const bool from_server = entries[3 + 2 * i].revents != 0;
      if (from_client) {
        const ssize_t got = recv(pair.client, block.data(), block.size(), 0);
        if (got <= 0 || !send_all(pair.server, block.data(), static_cast<std::size_t>(got)))
          close_pair(pair, false);
      }
      if (!from_server || pair.client < 0) continue;
      const ssize_t got = recv(pair.server, block.data(), block.size(), 0);
      std::size_t pass = got > 0 ? static_cast<std::size_t>(got) : 0;
      const bool cutting = pair.first && cut_ && passed_ + pass >= cut_->after_bytes;
      if (cutting) pass = static_cast<std::size_t>(cut_->after_bytes - passed_);
      if (!send_all(pair.client, block.data(), pass) || got <= 0 || cutting)
        close_pair(pair, cutting && cut_->manner == Manner::reset);
      if (pair.first) passed_ += pass;
    }
    std::erase_if(pairs, [](const Pair& pair) { return pair.client < 0; });
    if (entries[1].revents == 0) continue;
    Pair pair;
    pair.client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    pair.server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(target_port_);
    if (connect(pair.server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      close_pair(pair, false);
      continue;
    }
    pair.first = !seen_first;
    seen_first = true;
    pairs.push_back(pair);
  }
  for (Pair& pair : pairs) close_pair(pair, false);
}

}  // namespace flotsam::test
