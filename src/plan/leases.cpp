#include "plan/leases.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "plan/json_fields.h"
#include "plan/json_writer.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kFormat = 1;
constexpr int kAttempts = 100;
constexpr std::uint64_t kLongestPauseMs = 40;

void append_holder(JsonWriter& json, const LockHolder& holder) {
  json.begin_object().text("run", holder.run).name("prefixes").begin_array();
  for (const auto& prefix : holder.prefixes) json.text(prefix);
  json.end_array().text("host", holder.host).text("machine", holder.machine).text("boot_id", holder.boot_id);
  json.text("pid_space", holder.pid_space).number("pid", holder.pid);
  json.number("pid_started", holder.pid_started).text("token", holder.token);
  json.name("acquired_at").text(to_rfc3339_exact(holder.acquired_at));
  json.name("expires_at").text(to_rfc3339_exact(holder.expires_at)).end_object();
}

Result<LockHolder> parse_holder(const JsonFields& fields) {
  LockHolder holder;
  FLOTSAM_ASSIGN(holder.run, fields.bytes("run"));
  FLOTSAM_ASSIGN(holder.prefixes, fields.list("prefixes"));
  FLOTSAM_ASSIGN(holder.host, fields.bytes("host"));
  FLOTSAM_ASSIGN(holder.machine, fields.bytes("machine"));
  FLOTSAM_ASSIGN(holder.boot_id, fields.bytes("boot_id"));
  FLOTSAM_ASSIGN(holder.pid_space, fields.bytes("pid_space"));
  FLOTSAM_ASSIGN(holder.pid, fields.number("pid"));
  FLOTSAM_ASSIGN(holder.pid_started, fields.number("pid_started"));
  FLOTSAM_ASSIGN(holder.token, fields.bytes("token"));
  FLOTSAM_ASSIGN(holder.acquired_at, fields.time("acquired_at"));
  FLOTSAM_ASSIGN(holder.expires_at, fields.time("expires_at"));
  return holder;
}

Result<std::vector<LockHolder>> parse(std::string_view text, std::string_view store_identity) {
  FLOTSAM_ASSIGN(const JsonFields fields, JsonFields::parse(text));
  FLOTSAM_ASSIGN(const std::uint64_t format, fields.number("flotsam_lock"));
  if (format != kFormat) return fail(ErrorCode::corrupt, "it was written by a newer flotsam");
  FLOTSAM_ASSIGN(const std::string identity, fields.bytes("store_identity"));
  if (identity != store_identity)
    return fail(ErrorCode::corrupt, fmt::format("it is of the store {}", in_quotes(identity)));
  FLOTSAM_ASSIGN(const auto leases, fields.objects("leases"));
  std::vector<LockHolder> holders;
  for (const JsonFields& each : leases) {
    FLOTSAM_ASSIGN(auto holder, parse_holder(each));
    holders.push_back(std::move(holder));
  }
  return holders;
}

/// True where the holders were written; false where another run was quicker.
Result<bool> write(State& state, const std::string& name, const std::optional<State::Entry>& before,
                   const std::vector<LockHolder>& holders, std::string_view store_identity) {
  if (holders.empty()) return before ? state.remove(name, before->tag) : Result<bool>(true);
  const std::string text = to_lock_entry(store_identity, holders);
  return before ? state.replace(name, text, before->tag) : state.create(name, text);
}

}  // namespace

std::string lock_name(std::string_view store_identity) {
  return fmt::format("locks/{}.json", sha256_hex(store_identity).substr(0, 32));
}

std::string to_lock_entry(std::string_view store_identity, const std::vector<LockHolder>& holders) {
  JsonWriter json;
  json.begin_object().number("flotsam_lock", kFormat).text("store_identity", store_identity);
  json.name("leases").begin_array();
  for (const LockHolder& holder : holders) append_holder(json, holder);
  return json.end_array().end_object().take() + "\n";
}

Result<std::vector<LockHolder>> parse_lock_entry(std::string_view text, std::string_view store_identity,
                                                 const std::string& place) {
  auto holders = parse(text, store_identity);
  if (!holders)
    return fail(
        ErrorCode::corrupt,
        fmt::format("the lock {} cannot be read: {}", in_quotes(place), holders.error().message),
        "Nobody can tell who holds the scope. Where no other run is under way: flotsam unlock --force.");
  return holders;
}

bool overlap(const std::vector<std::string>& some, const std::vector<std::string>& others) {
  return std::any_of(some.begin(), some.end(), [&](const std::string& one) {
    return std::any_of(others.begin(), others.end(), [&](const std::string& other) {
      return one.starts_with(other) || other.starts_with(one);
    });
  });
}

Result<std::vector<LockHolder>> read_leases(State& state, std::string_view store_identity) {
  const std::string name = lock_name(store_identity);
  FLOTSAM_ASSIGN(const auto entry, state.read(name));
  if (!entry) return std::vector<LockHolder>{};
  return parse_lock_entry(entry->bytes, store_identity, state.place_of(name));
}

Result<void> change_leases(State& state, std::string_view store_identity,
                           const std::function<Result<bool>(std::vector<LockHolder>& holders)>& change) {
  const std::string name = lock_name(store_identity);
  SystemClock clock;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    FLOTSAM_ASSIGN(const auto entry, state.read(name));
    std::vector<LockHolder> holders;
    if (entry) {
      FLOTSAM_ASSIGN(holders, parse_lock_entry(entry->bytes, store_identity, state.place_of(name)));
    }
    FLOTSAM_ASSIGN(const bool changed, change(holders));
    if (!changed) return {};
    FLOTSAM_ASSIGN(const bool written, write(state, name, entry, holders, store_identity));
    if (written) return {};
    // Those who collided must not do so again in step.
    clock.sleep_for(std::chrono::milliseconds(1 + random_seed() % kLongestPauseMs));
  }
  return fail(
      ErrorCode::unavailable,
      fmt::format("the lock {} is changed by others again and again", in_quotes(state.place_of(name))),
      "Try again later.");
}

}  // namespace flotsam
