// The sockets of the fake S3.

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/fake_s3_inside.h"

namespace flotsam::test {
namespace {

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// Reads one request; false at the end of the connection or on anything that is none. `buffer` keeps what
/// came after it.
bool read_request(int fd, std::string& buffer, WireRequest& request) {
  std::array<char, 16384> chunk{};
  const auto more = [&] {
    const ssize_t got = recv(fd, chunk.data(), chunk.size(), 0);
    if (got > 0) buffer.append(chunk.data(), static_cast<std::size_t>(got));
    return got > 0;
  };
  std::size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos)
    if (buffer.size() > 1'000'000 || !more()) return false;
  std::size_t at = buffer.find("\r\n");
  request.line = buffer.substr(0, at);
  const auto first = request.line.find(' ');
  const auto second = request.line.rfind(' ');
  if (first == std::string::npos || second <= first) return false;
  request.method = request.line.substr(0, first);
  const std::string target = request.line.substr(first + 1, second - first - 1);
  request.path = target.substr(0, target.find('?'));
  request.query = target.size() > request.path.size() ? target.substr(request.path.size() + 1) : "";
  while (at < end) {
    const std::size_t stop = buffer.find("\r\n", at + 2);
    const std::string line = buffer.substr(at + 2, stop - at - 2);
    const auto colon = line.find(':');
    if (colon == std::string::npos) return false;
    std::string value = line.substr(colon + 1);
    value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
    request.headers.emplace_back(lower(line.substr(0, colon)), std::move(value));
    at = stop;
  }
  const std::string length = request.header("content-length");
  const std::size_t size = length.empty() ? 0 : std::stoul(length);
  while (buffer.size() < end + 4 + size)
    if (!more()) return false;
  request.body = buffer.substr(end + 4, size);
  buffer.erase(0, end + 4 + size);
  return true;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string head_of(const WireAnswer& reply) {
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " Status\r\nx-amz-request-id: FAKE0001\r\n";
  for (const auto& [name, value] : reply.headers) head += name + ": " + value + "\r\n";
  if (reply.status != 204 && reply.status != 304)
    head += "Content-Length: " + std::to_string(reply.content_length.value_or(reply.body.size())) + "\r\n";
  return head + "\r\n";
}

}  // namespace

void FakeS3::State::serve(int fd) {
  std::string buffer;
  while (true) {
    WireRequest request;
    if (!read_request(fd, buffer, request)) break;
    WireAnswer reply;
    std::chrono::milliseconds delay{0};
    {
      const std::lock_guard lock(mutex);
      reply = answer(request);
      delay = settings.delay;
    }
    if (delay.count() > 0) std::this_thread::sleep_for(delay);
    if (reply.cut_connection) break;
    const std::string head = head_of(reply);
    if (request.method == "HEAD" || reply.status == 204 || reply.status == 304) reply.body.clear();
    if (reply.cut_body && reply.body.empty()) {
      send_all(fd, std::string_view(head).substr(0, head.size() / 2));
      break;
    }
    if (reply.cut_body) reply.body.resize(reply.body.size() / 2);
    if (!send_all(fd, head) || !send_all(fd, reply.body) || reply.cut_body) break;
  }
  const std::lock_guard lock(mutex);
  connections.erase(fd);
  close(fd);
  ended.push_back(std::this_thread::get_id());
}

void FakeS3::State::accept_all() {
  while (true) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::vector<std::thread> over;
    {
      const std::lock_guard lock(mutex);
      if (stopping) {
        close(fd);
        return;
      }
      for (const std::thread::id id : ended) over.push_back(std::move(threads.extract(id).mapped()));
      ended.clear();
      connections.insert(fd);
      std::thread thread([this, fd] { serve(fd); });
      const std::thread::id id = thread.get_id();
      threads.emplace(id, std::move(thread));
    }
    for (std::thread& thread : over) thread.join();
  }
}

bool FakeS3::State::start() {
  listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = listener >= 0 && bind(listener, generic, size) == 0 && listen(listener, 256) == 0 &&
                     getsockname(listener, generic, &size) == 0;
  if (!bound) return false;
  port = ntohs(address.sin_port);
  acceptor = std::thread([this] { accept_all(); });
  return true;
}

void FakeS3::State::stop() {
  {
    const std::lock_guard lock(mutex);
    stopping = true;
    for (const int fd : connections) shutdown(fd, SHUT_RDWR);
  }
  if (listener >= 0) shutdown(listener, SHUT_RDWR);
  if (acceptor.joinable()) acceptor.join();
  for (auto& [id, thread] : threads) thread.join();
  if (listener >= 0) close(listener);
}

}  // namespace flotsam::test
