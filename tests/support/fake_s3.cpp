#include "support/fake_s3.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <gtest/gtest.h>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <set>
#include <sys/socket.h>
#include <thread>
#include <time.h>
#include <unistd.h>

#include "support/fake_s3_parts.h"

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

std::string http_date(std::chrono::system_clock::time_point moment) {
  const time_t seconds = std::chrono::system_clock::to_time_t(moment);
  tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text.data();
}

}  // namespace

struct FakeS3::State {
  mutable std::recursive_mutex mutex;  ///< recursive: a callback may change the bucket
  FakeS3Settings settings;
  std::map<std::string, FakeObject> objects;
  Fault fault = Fault::none;
  std::uint64_t fault_from = 0, fault_until = 0;  ///< numbers of listings
  std::function<void(unsigned)> callback;
  std::string previous_page;
  std::uint64_t requests = 0, listings = 0, writes = 0, refused = 0;
  std::vector<std::string> lines;
  int listener = -1;
  int port = 0;
  bool stopping = false;
  std::set<int> connections;
  std::vector<std::thread> threads;
  std::thread acceptor;

  void accept_all();
  void serve(int fd);
  WireAnswer answer(WireRequest& request);
  WireAnswer answer_get(const WireRequest& request);
};

/// Called with the mutex held.
WireAnswer FakeS3::State::answer_get(const WireRequest& request) {
  const bool is_setting =
      request.query == "versioning=" || request.query == "lifecycle=" || request.query == "object-lock=";
  if (is_setting && settings.settings_denied) return error_answer(403, "AccessDenied", "Access Denied");
  if (is_setting && settings.settings_missing) return error_answer(501, "NotImplemented", "not implemented");
  if (is_setting && !settings.settings_as_listing) {
    WireAnswer found;
    const std::string status =
        settings.versioning.empty() ? "" : "<Status>" + settings.versioning + "</Status>";
    if (request.query == "versioning=")
      found.body = "<VersioningConfiguration>" + status + "</VersioningConfiguration>";
    if (request.query == "lifecycle=") found.body = settings.lifecycle;
    if (request.query == "lifecycle=" && settings.lifecycle.empty())
      return error_answer(404, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist");
    if (request.query == "object-lock=" && !settings.object_lock)
      return error_answer(404, "ObjectLockConfigurationNotFoundError", "no object lock");
    if (request.query == "object-lock=")
      found.body =
          "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";
    return found;
  }
  const bool below = request.query.find("prefix=" + settings.listing_allowed_below) != std::string::npos;
  if (settings.listing_denied || !below) return error_answer(403, "AccessDenied", settings.denied_message);
  WireRequest listing = request;
  if (is_setting) {
    listing.query = "list-type=2";
    return answer_listing(listing, settings, objects, Fault::none, previous_page);
  }
  ++listings;
  if (callback) callback(static_cast<unsigned>(listings));
  const bool goes_wrong = listings >= fault_from && listings < fault_until;
  return answer_listing(listing, settings, objects, goes_wrong ? fault : Fault::none, previous_page);
}

WireAnswer FakeS3::State::answer(WireRequest& request) {
  const std::lock_guard lock(mutex);
  ++requests;
  lines.push_back(request.line);
  if (request.method != "GET") ++writes;
  const auto now = std::chrono::system_clock::now() + settings.clock_offset;
  WireAnswer answer;
  const std::string host = request.header("host");
  const bool is_virtual = host.starts_with(settings.bucket + ".");
  if (auto wrong = check_signature(request, settings, now)) {
    ++refused;
    answer = *wrong;
  } else if (const std::string owner = request.header("x-amz-expected-bucket-owner");
             !owner.empty() && owner != settings.owner) {
    answer = error_answer(403, "AccessDenied", "Access Denied");
  } else if (is_virtual ? request.path != "/" : percent_decoded(request.path) != "/" + settings.bucket) {
    answer = error_answer(404, "NoSuchBucket", "The specified bucket does not exist");
  } else if (request.method != "GET") {
    answer = error_answer(405, "MethodNotAllowed", "this server only reads");
  } else {
    answer = answer_get(request);
  }
  if (settings.tells_time) answer.headers.emplace_back("Date", http_date(now));
  return answer;
}

void FakeS3::State::serve(int fd) {
  std::string buffer;
  while (true) {
    WireRequest request;
    if (!read_request(fd, buffer, request)) break;
    const WireAnswer reply = answer(request);
    std::chrono::milliseconds delay{0};
    {
      const std::lock_guard lock(mutex);
      delay = settings.delay;
    }
    if (delay.count() > 0) std::this_thread::sleep_for(delay);
    if (reply.cut_connection) break;
    std::string head =
        "HTTP/1.1 " + std::to_string(reply.status) + " Status\r\nx-amz-request-id: FAKE0001\r\n";
    for (const auto& [name, value] : reply.headers) head += name + ": " + value + "\r\n";
    head += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n";
    if (!send_all(fd, head) ||
        !send_all(fd, std::string_view(reply.body)
                          .substr(0, reply.cut_body ? reply.body.size() / 2 : std::string_view::npos)))
      break;
    if (reply.cut_body) break;
  }
  const std::lock_guard lock(mutex);
  connections.erase(fd);
  close(fd);
}

void FakeS3::State::accept_all() {
  while (true) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex);
    if (stopping) {
      close(fd);
      return;
    }
    connections.insert(fd);
    threads.emplace_back([this, fd] { serve(fd); });
  }
}

FakeS3::FakeS3(FakeS3Settings settings) : state_(std::make_unique<State>()) {
  state_->settings = std::move(settings);
  state_->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = state_->listener >= 0 && bind(state_->listener, generic, size) == 0 &&
                     listen(state_->listener, 256) == 0 && getsockname(state_->listener, generic, &size) == 0;
  if (!bound) {
    ADD_FAILURE() << "the fake S3 cannot listen on 127.0.0.1";
    return;
  }
  state_->port = ntohs(address.sin_port);
  state_->acceptor = std::thread([state = state_.get()] { state->accept_all(); });
}

FakeS3::~FakeS3() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    for (const int fd : state_->connections) shutdown(fd, SHUT_RDWR);
  }
  if (state_->listener >= 0) shutdown(state_->listener, SHUT_RDWR);
  if (state_->acceptor.joinable()) state_->acceptor.join();
  for (std::thread& thread : state_->threads) thread.join();
  if (state_->listener >= 0) close(state_->listener);
}

void FakeS3::put(std::string key, FakeObject object) {
  const std::lock_guard lock(state_->mutex);
  state_->objects.insert_or_assign(std::move(key), std::move(object));
}

void FakeS3::put_all(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) put(key);
}

void FakeS3::remove(const std::string& key) {
  const std::lock_guard lock(state_->mutex);
  state_->objects.erase(key);
}

std::map<std::string, FakeObject> FakeS3::objects() const {
  const std::lock_guard lock(state_->mutex);
  return state_->objects;
}

void FakeS3::change(const std::function<void(FakeS3Settings&)>& edit) {
  const std::lock_guard lock(state_->mutex);
  edit(state_->settings);
}

void FakeS3::misbehave(Fault fault, unsigned from, unsigned times) {
  const std::lock_guard lock(state_->mutex);
  state_->fault = fault;
  state_->fault_from = state_->listings + from;
  state_->fault_until = state_->fault_from + times;
}

void FakeS3::on_listing(std::function<void(unsigned)> callback) {
  const std::lock_guard lock(state_->mutex);
  state_->callback = std::move(callback);
}

int FakeS3::port() const {
  return state_->port;
}
std::string FakeS3::endpoint() const {
  return "http://127.0.0.1:" + std::to_string(state_->port);
}

StoreOptions FakeS3::options() const {
  const std::lock_guard lock(state_->mutex);
  StoreOptions options;
  options.url = "s3://" + state_->settings.bucket;
  options.endpoint = "http://127.0.0.1:" + std::to_string(state_->port);
  return options;
}

Environment FakeS3::environment() const {
  const std::lock_guard lock(state_->mutex);
  Environment environment({{"AWS_ACCESS_KEY_ID", state_->settings.access_key},
                           {"AWS_SECRET_ACCESS_KEY", state_->settings.secret_key},
                           {"HOME", "/nonexistent"}});
  if (!state_->settings.session_token.empty())
    environment.set("AWS_SESSION_TOKEN", state_->settings.session_token);
  return environment;
}

std::uint64_t FakeS3::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requests;
}
std::uint64_t FakeS3::listings() const {
  const std::lock_guard lock(state_->mutex);
  return state_->listings;
}
std::uint64_t FakeS3::writes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->writes;
}
std::uint64_t FakeS3::refused() const {
  const std::lock_guard lock(state_->mutex);
  return state_->refused;
}
std::vector<std::string> FakeS3::request_lines() const {
  const std::lock_guard lock(state_->mutex);
  return state_->lines;
}

}  // namespace flotsam::test
