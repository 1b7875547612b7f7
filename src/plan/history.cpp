#include "plan/history.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "base/bytes.h"
#include "base/disk_state.h"
#include "base/hash.h"
#include "plan/json_fields.h"
#include "plan/json_writer.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kFormat = 1;
constexpr const char* kName = "history.ndjson";
constexpr int kAttempts = 200;
constexpr std::chrono::milliseconds kPause(20);

constexpr std::string_view kDigestName = ",\"sha256\":\"";
constexpr std::string_view kNewHistoryHint =
    "Move the file away: the next scan begins a new history, and reference-drop has nothing to compare with "
    "until "
    "then.";

struct Figure {
  std::string_view name;
  std::uint64_t HistoryEntry::* value;
};
constexpr std::array<Figure, 5> kScanFigures = {{{"objects", &HistoryEntry::objects},
                                                 {"bytes", &HistoryEntry::bytes},
                                                 {"orphans", &HistoryEntry::orphans},
                                                 {"suspects", &HistoryEntry::suspects},
                                                 {"planned", &HistoryEntry::planned}}};
// What lines of scans alone did without.
constexpr std::array<Figure, 5> kRunFigures = {{{"deleted", &HistoryEntry::deleted},
                                                {"skipped", &HistoryEntry::skipped},
                                                {"failed", &HistoryEntry::failed},
                                                {"restored", &HistoryEntry::restored},
                                                {"purged", &HistoryEntry::purged}}};

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
  json.begin_object().number("flotsam_history", kFormat).text("kind", entry.kind).text("id", entry.id);
  json.text("of", entry.of).name("at").text(to_rfc3339_exact(entry.at));
  json.text("store_url", entry.store_url).text("store_identity", entry.store_identity);
  json.name("prefixes").begin_array();
  for (const std::string& prefix : entry.prefixes) json.text(prefix);
  json.end_array().text("config_digest", entry.config_digest).text("status", entry.status);
  for (const auto& [name, value] : kScanFigures) json.number(name, entry.*value);
  for (const auto& [name, value] : kRunFigures) json.number(name, entry.*value);
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
  if (fields.has("kind")) {
    FLOTSAM_ASSIGN(entry.kind, fields.bytes("kind"));
  }
  if (fields.has("of")) {
    FLOTSAM_ASSIGN(entry.of, fields.bytes("of"));
  }
  FLOTSAM_ASSIGN(entry.id, fields.bytes("id"));
  FLOTSAM_ASSIGN(entry.at, fields.time("at"));
  FLOTSAM_ASSIGN(entry.store_url, fields.bytes("store_url"));
  FLOTSAM_ASSIGN(entry.store_identity, fields.bytes("store_identity"));
  FLOTSAM_ASSIGN(entry.prefixes, fields.list("prefixes"));
  FLOTSAM_ASSIGN(entry.config_digest, fields.bytes("config_digest"));
  FLOTSAM_ASSIGN(entry.status, fields.bytes("status"));
  for (const auto& [name, value] : kScanFigures) {
    FLOTSAM_ASSIGN(entry.*value, fields.number(name));
  }
  for (const auto& [name, value] : kRunFigures) {
    if (!fields.has(name)) continue;
    FLOTSAM_ASSIGN(entry.*value, fields.number(name));
  }
  FLOTSAM_ASSIGN(const JsonFields counts, fields.object("distinct_keys"));
  for (const auto& [source, text] : counts.all()) {
    FLOTSAM_ASSIGN(entry.distinct_keys[source], counts.number(source));
  }
  return entry;
}

template <typename T>
std::vector<T> sorted(std::vector<T> items) {
  std::sort(items.begin(), items.end());
  return items;
}

Result<void> append_line(State& state, std::string_view line) {
  FLOTSAM_ASSIGN(const auto log, state.open_log(kName));
  FLOTSAM_TRY(log->append(line));
  return log->sync();
}

/// A log without a whole line: new, or torn at its first line, which begins like any other. Anything else was
/// never a history. (A state that does not keep its logs as entries has nothing to show.)
Result<void> check_without_lines(State& state) {
  FLOTSAM_ASSIGN(const auto entry, state.read(kName, 1ULL << 30U));
  if (!entry || entry->bytes.empty() || entry->bytes.front() == '{') return {};
  return fail(ErrorCode::corrupt,
              fmt::format("the history {} is none: it holds no line of it", in_quotes(state.place_of(kName))),
              std::string(kNewHistoryHint));
}

}  // namespace

History::History(const std::filesystem::path& state_dir)
    : own_(open_disk_state(state_dir)), state_(own_.get()) {}

Result<void> History::append(const HistoryEntry& entry) {
  const std::string line = to_line(entry);
  SystemClock clock;
  // Two runs that end at once: the other's line takes a moment.
  for (int attempt = 1;; ++attempt) {
    auto appended = append_line(*state_, line);
    if (appended || appended.error().code != ErrorCode::refused || attempt == kAttempts) return appended;
    clock.sleep_for(kPause);
  }
}

Result<std::vector<HistoryEntry>> History::read() const {
  std::vector<HistoryEntry> entries;
  FLOTSAM_ASSIGN(const bool there, state_->read_log(kName, [&](std::string_view line) -> Result<void> {
    auto entry = parse_line(line);
    if (!entry)
      return fail(ErrorCode::corrupt,
                  fmt::format("line {} of the history {} cannot be read: {}", entries.size() + 1,
                              in_quotes(state_->place_of(kName)), entry.error().message),
                  std::string(kNewHistoryHint));
    entries.push_back(*std::move(entry));
    return {};
  }));
  if (there && entries.empty()) FLOTSAM_TRY(check_without_lines(*state_));
  return entries;
}

Result<std::optional<HistoryEntry>> History::last_good(const std::string& store_identity,
                                                       const std::vector<std::string>& prefixes) const {
  FLOTSAM_ASSIGN(auto entries, read());
  const auto wanted = sorted(prefixes);
  std::set<std::string> applied;  // ids of scans
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (entry->kind == "apply" && entry->status != "refused") applied.insert(entry->of);
    if (entry->kind != "scan" || entry->store_identity != store_identity || sorted(entry->prefixes) != wanted)
      continue;
    if (entry->status == "ok" || applied.contains(entry->id)) return std::move(*entry);
  }
  return std::nullopt;
}

}  // namespace flotsam
