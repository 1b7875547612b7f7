#include "plan/history.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/bytes.h"
#include "base/file.h"
#include "base/hash.h"
#include "plan/json_fields.h"
#include "plan/json_writer.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kFormat = 1;
constexpr std::size_t kBlockSize = 1U << 16U;

constexpr std::string_view kDigestName = ",\"sha256\":\"";

/// The last field of a line is the digest of all before it: a changed figure would disarm reference-drop in
/// silence.
std::string sealed(std::string_view object) {
  const std::string_view body = object.substr(0, object.size() - 1);
  return fmt::format("{}{}{}\"}}", body, kDigestName, sha256_hex(body));
}

bool is_sealed(std::string_view line) {
  const std::size_t at = line.rfind(kDigestName);
  return at != std::string_view::npos && line == sealed(std::string(line.substr(0, at)) + "}");
}

std::string to_line(const HistoryEntry& entry) {
  JsonWriter json;
  json.begin_object().number("flotsam_history", kFormat).text("id", entry.id);
  json.name("at").text(to_rfc3339_exact(entry.at));
  json.text("store_url", entry.store_url).text("store_identity", entry.store_identity);
  json.name("prefixes").begin_array();
  for (const std::string& prefix : entry.prefixes) json.text(prefix);
  json.end_array().text("config_digest", entry.config_digest).text("status", entry.status);
  json.number("objects", entry.objects).number("bytes", entry.bytes).number("orphans", entry.orphans);
  json.number("suspects", entry.suspects).number("planned", entry.planned);
  json.name("distinct_keys").begin_object();
  for (const auto& [source, count] : entry.distinct_keys) json.number(source, count);
  return sealed(json.end_object().end_object().take());
}

Result<HistoryEntry> parse_line(std::string_view line) {
  FLOTSAM_ASSIGN(const JsonFields fields, JsonFields::parse(line));
  FLOTSAM_ASSIGN(const std::uint64_t format, fields.number("flotsam_history"));
  if (format > kFormat) return fail(ErrorCode::corrupt, "it was written by a newer flotsam");
  if (!is_sealed(line)) return fail(ErrorCode::corrupt, "it was changed after it was written");
  HistoryEntry entry;
  FLOTSAM_ASSIGN(entry.id, fields.bytes("id"));
  FLOTSAM_ASSIGN(entry.at, fields.time("at"));
  FLOTSAM_ASSIGN(entry.store_url, fields.bytes("store_url"));
  FLOTSAM_ASSIGN(entry.store_identity, fields.bytes("store_identity"));
  FLOTSAM_ASSIGN(entry.prefixes, fields.list("prefixes"));
  FLOTSAM_ASSIGN(entry.config_digest, fields.bytes("config_digest"));
  FLOTSAM_ASSIGN(entry.status, fields.bytes("status"));
  FLOTSAM_ASSIGN(entry.objects, fields.number("objects"));
  FLOTSAM_ASSIGN(entry.bytes, fields.number("bytes"));
  FLOTSAM_ASSIGN(entry.orphans, fields.number("orphans"));
  FLOTSAM_ASSIGN(entry.suspects, fields.number("suspects"));
  FLOTSAM_ASSIGN(entry.planned, fields.number("planned"));
  FLOTSAM_ASSIGN(const JsonFields counts, fields.object("distinct_keys"));
  for (const auto& [source, text] : counts.all()) {
    FLOTSAM_ASSIGN(entry.distinct_keys[source], counts.number(source));
  }
  return entry;
}

/// How long the file is without a torn last line.
Result<std::uint64_t> whole_length(int fd, const std::filesystem::path& path) {
  struct stat status{};
  if (fstat(fd, &status) != 0) return std::unexpected(error_of_errno(errno, "read", path));
  auto length = static_cast<std::uint64_t>(status.st_size);
  std::string block(kBlockSize, '\0');
  while (length > 0) {
    const std::uint64_t start = length > kBlockSize ? length - kBlockSize : 0;
    const auto wanted = static_cast<std::size_t>(length - start);
    FLOTSAM_ASSIGN(const std::size_t got, read_at(fd, block.data(), wanted, start));
    const std::size_t end = std::string_view(block).substr(0, got).rfind('\n');
    if (end != std::string_view::npos) return start + end + 1;
    length = start;
  }
  return 0;
}

template <typename T>
std::vector<T> sorted(std::vector<T> items) {
  std::sort(items.begin(), items.end());
  return items;
}

}  // namespace

History::History(std::filesystem::path state_dir) : path_(std::move(state_dir) / "history.ndjson") {}

Result<void> History::append(const HistoryEntry& entry) {
  const int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC;
  FileDescriptor fd(open(path_.c_str(), flags, 0600));
  if (!fd.valid() && errno == ENOENT) {
    // Nobody has used this state directory yet: making a file in it makes its folders, for us alone.
    FLOTSAM_TRY(AtomicFile::create(path_));
    fd = FileDescriptor(open(path_.c_str(), flags, 0600));
  }
  if (!fd.valid()) return std::unexpected(error_of_errno(errno, "write", path_));
  // Two runs that end at once must not mix their lines, nor cut off each other's.
  while (flock(fd.get(), LOCK_EX) != 0)
    if (errno != EINTR) return std::unexpected(error_of_errno(errno, "lock", path_));
  FLOTSAM_ASSIGN(const std::uint64_t whole, whole_length(fd.get(), path_));
  if (ftruncate(fd.get(), static_cast<off_t>(whole)) != 0)
    return std::unexpected(error_of_errno(errno, "cut the torn last line of", path_));
  FLOTSAM_TRY(write_all(fd.get(), to_line(entry) + "\n", path_));
  if (fsync(fd.get()) != 0) return std::unexpected(error_of_errno(errno, "sync", path_));
  return {};
}

Result<std::vector<HistoryEntry>> History::read() const {
  std::error_code error;
  const auto status = std::filesystem::status(path_, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    return fail(ErrorCode::corrupt,
                fmt::format("the history {} is no regular file", in_quotes(path_.native())),
                "Move it away: the next scan begins a new history.");
  auto content = read_file(path_, 1ULL << 30U);
  if (!content && content.error().code == ErrorCode::not_found) return std::vector<HistoryEntry>{};
  if (!content) return std::unexpected(std::move(content).error());
  std::vector<HistoryEntry> entries;
  std::string_view rest = *content;
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    auto entry = parse_line(rest.substr(0, end));
    if (!entry)
      return fail(ErrorCode::corrupt,
                  fmt::format("line {} of the history {} cannot be read: {}", entries.size() + 1,
                              in_quotes(path_.native()), entry.error().message),
                  "Move the file away: the next scan begins a new history, and reference-drop has nothing to "
                  "compare with until then.");
    entries.push_back(*std::move(entry));
    rest.remove_prefix(end + 1);
  }
  // A line that a crash tore begins like any other.
  if (!rest.empty() && rest.front() != '{')
    return fail(ErrorCode::corrupt,
                fmt::format("the end of the history {} is no line of it", in_quotes(path_.native())),
                "Move the file away: the next scan begins a new history.");
  return entries;
}

Result<std::optional<HistoryEntry>> History::last_good(const std::string& store_identity,
                                                       const std::vector<std::string>& prefixes) const {
  FLOTSAM_ASSIGN(auto entries, read());
  const auto wanted = sorted(prefixes);
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry)
    if (entry->status == "ok" && entry->store_identity == store_identity && sorted(entry->prefixes) == wanted)
      return std::move(*entry);
  return std::nullopt;
}

}  // namespace flotsam
