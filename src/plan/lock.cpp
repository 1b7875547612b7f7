#include "plan/lock.h"

#include <algorithm>
#include <condition_variable>
#include <fmt/format.h>
#include <mutex>
#include <thread>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "plan/leases.h"

namespace flotsam {
namespace {

std::string joined(const std::vector<std::string>& prefixes) {
  std::string text;
  for (const auto& prefix : prefixes)
    text +=
        (text.empty() ? "" : ", ") + (prefix.empty() ? std::string("the whole store") : in_quotes(prefix));
  return text;
}

std::unexpected<Error> fail_lock(const char* service_code, std::string message, std::string hint) {
  auto failure = fail(ErrorCode::refused, std::move(message), std::move(hint));
  failure.error().service_code = service_code;
  return failure;
}

enum class Life { running, expired, gone };

/// The start of the machine that ends this holder's life, if it lived here, was after its last renewal. A
/// copy of this machine that is alive looks the same, but goes on renewing.
bool ended_with_machine(const LockHolder& holder, const ProcessIdentity& here, Timestamp now,
                        const LockTimes& times) {
  if (!is_of_another_start(holder, here)) return false;
  const auto started_at = times.machine_started_at ? times.machine_started_at : machine_started_at();
  const Timestamp renewed_at = holder.expires_at - times.lease;
  return started_at && renewed_at < *started_at && now > renewed_at + 2 * times.renew_each + times.grace;
}

/// A lease of which the holder, as far as can be told from here, makes no use any more.
Life life_of(const LockHolder& holder, const ProcessIdentity& here, Timestamp now, const LockTimes& times) {
  if (is_gone(holder, here) || ended_with_machine(holder, here, now, times)) return Life::gone;
  return now > holder.expires_at + times.grace ? Life::expired : Life::running;
}

std::unexpected<Error> fail_locked(const LockHolder& holder, Life life, const ScopeLock::Ask& ask) {
  std::string message =
      fmt::format("the store {} is locked: {} by \"flotsam {}\" on {} (process {}) since {}",
                  in_quotes(ask.store_identity), joined(holder.prefixes), to_printable(holder.run),
                  to_printable(holder.host), holder.pid, to_rfc3339(holder.acquired_at));
  const std::string until = to_rfc3339(holder.expires_at);
  std::string hint;
  switch (life) {
    case Life::running:
      message += fmt::format("; its lease runs until {} and is renewed while it works", until);
      hint = holder.run == ask.run ? "Wait until it has ended. Where it was killed, the same command goes on "
                                     "with it once the lease has "
                                     "run out."
                                   : "Wait until it has ended. flotsam unlock shows who holds the lock; "
                                     "flotsam unlock --force breaks it, "
                                     "where that run is certainly dead.";
      break;
    case Life::expired:
      message += fmt::format("; its lease ran out at {}", until);
      break;
    case Life::gone:
      message += fmt::format("; that process is gone, its lease runs until {}", until);
      break;
  }
  if (life != Life::running)
    hint = fmt::format(
        "Bring it to its end first: flotsam {}. Or leave it as it is and break the lock: flotsam unlock "
        "--force.",
        to_printable(holder.run));
  return fail_lock("Locked", std::move(message), std::move(hint));
}

}  // namespace

struct ScopeLock::Impl {
  Impl(State& state_of_lock, const Ask& asked, Clock& the_clock, const LockTimes& the_times)
      : state(state_of_lock), clock(the_clock), ask(asked), times(the_times) {
    mine.run = ask.run;
    mine.prefixes = ask.prefixes;
    static_cast<ProcessIdentity&>(mine) = this_process();
    mine.token = random_hex(16);
  }
  ~Impl() {
    stop_renewing();
    if (held && !lost) release();
  }

  /// Notes a lease that was written after `asked_at`.
  void note_lease(std::chrono::nanoseconds asked_at) {
    held = true;
    renewed_at = asked_at;
  }

  Result<void> take() {
    const auto asked_at = clock.monotonic();
    auto taken =
        change_leases(state, ask.store_identity, [&](std::vector<LockHolder>& holders) -> Result<bool> {
          const Timestamp now = clock.now();
          std::vector<LockHolder> others;
          for (LockHolder& holder : holders) {
            // Ours stands already where a store repeated a request whose answer was lost.
            if (holder.token == mine.token) continue;
            if (overlap(holder.prefixes, ask.prefixes)) {
              const Life life = life_of(holder, mine, now, times);
              if (life == Life::running || holder.run != ask.run) return fail_locked(holder, life, ask);
              continue;
            }
            others.push_back(std::move(holder));
          }
          mine.acquired_at = now;
          mine.expires_at = now + times.lease;
          others.push_back(mine);
          holders = std::move(others);
          return true;
        });
    if (taken) note_lease(asked_at);
    // Where only the answer was lost our lease may stand.
    if (!taken && taken.error().code != ErrorCode::refused) release();
    return taken;
  }

  /// Renews the lease; the error of a lost one is kept in `lost`. With `mutex` held.
  Result<void> renew() {
    const auto asked_at = clock.monotonic();
    Timestamp expires_at;
    FLOTSAM_TRY(
        change_leases(state, ask.store_identity, [&](std::vector<LockHolder>& holders) -> Result<bool> {
          const auto at = find_mine(holders);
          if (at == holders.end()) return note_loss(holders);
          at->expires_at = expires_at = clock.now() + times.lease;
          return true;
        }));
    mine.expires_at = expires_at;
    note_lease(asked_at);
    return {};
  }

  Result<void> check() {
    const std::lock_guard guard(mutex);
    if (lost) return std::unexpected(*lost);
    if (auto holders = read_leases(state, ask.store_identity); holders) {
      if (find_mine(*holders) == holders->end()) return note_loss(*holders);
    } else if (holders.error().code != ErrorCode::unavailable) {
      return fail(std::move(holders).error(), "while looking at the lock");
    }
    // A state that does not answer now is no loss while the lease has time to run.
    if (time_left() >= times.margin) return {};
    auto renewed = renew();
    if (renewed || lost) return renewed;
    return fail_lock(
        "LockLost",
        fmt::format("the lock of {} could not be renewed: {}", joined(ask.prefixes), renewed.error().message),
        fmt::format("Run it again once the state can be written: flotsam {}.", to_printable(ask.run)));
  }

  /// By the wall clock, and by the one that no person sets.
  std::chrono::nanoseconds time_left() const {
    const std::chrono::nanoseconds by_date = mine.expires_at - clock.now();
    const std::chrono::nanoseconds by_duration = times.lease - (clock.monotonic() - renewed_at);
    return std::min(by_date, by_duration);
  }

  std::vector<LockHolder>::iterator find_mine(std::vector<LockHolder>& holders) const {
    return std::find_if(holders.begin(), holders.end(),
                        [&](const LockHolder& holder) { return holder.token == mine.token; });
  }

  std::unexpected<Error> note_loss(const std::vector<LockHolder>& holders) {
    std::string message = fmt::format("the lock of {} was lost: ", joined(ask.prefixes));
    const auto other = std::find_if(holders.begin(), holders.end(), [&](const LockHolder& holder) {
      return overlap(holder.prefixes, ask.prefixes);
    });
    message += other == holders.end() ? std::string("somebody broke it")
                                      : fmt::format("\"flotsam {}\" on {} (process {}) holds it since {}",
                                                    to_printable(other->run), to_printable(other->host),
                                                    other->pid, to_rfc3339(other->acquired_at));
    auto failure =
        fail_lock("LockLost", std::move(message),
                  fmt::format("Nothing more is changed. Later on: flotsam {}.", to_printable(ask.run)));
    lost = failure.error();
    return failure;
  }

  void release() {
    // Where this fails the lease runs out by itself.
    static_cast<void>(
        change_leases(state, ask.store_identity, [&](std::vector<LockHolder>& holders) -> Result<bool> {
          const auto at = find_mine(holders);
          if (at == holders.end()) return false;
          holders.erase(at);
          return true;
        }));
  }

  void start_renewing() {
    renewer = std::thread([this] {
      std::unique_lock guard(mutex);
      while (!stopping && !lost) {
        if (stop.wait_for(guard, times.renew_each, [this] { return stopping; })) return;
        // Where it fails, the next minute or check() tries again.
        if (!lost) static_cast<void>(renew());
      }
    });
  }

  void stop_renewing() {
    {
      const std::lock_guard guard(mutex);
      stopping = true;
    }
    stop.notify_all();
    if (renewer.joinable()) renewer.join();
  }

  State& state;
  Clock& clock;
  const Ask ask;
  const LockTimes times;
  LockHolder mine;

  std::mutex mutex;  ///< over what follows, and `mine` once it is held
  std::condition_variable stop;
  bool stopping = false;
  bool held = false;
  std::optional<Error> lost;
  std::chrono::nanoseconds renewed_at{0};
  std::thread renewer;
};

Result<ScopeLock> ScopeLock::acquire(State& state, const Ask& ask, Clock& clock, const LockTimes& times) {
  if (ask.prefixes.empty() || ask.run.empty())
    return fail(ErrorCode::internal, "a lock was asked for without a prefix, or by nobody");
  auto impl = std::make_unique<Impl>(state, ask, clock, times);
  if (auto taken = impl->take(); !taken) return fail(std::move(taken).error(), "while locking the scope");
  impl->start_renewing();
  return ScopeLock(std::move(impl));
}

ScopeLock::ScopeLock(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ScopeLock::ScopeLock(ScopeLock&&) noexcept = default;
ScopeLock& ScopeLock::operator=(ScopeLock&&) noexcept = default;
ScopeLock::~ScopeLock() = default;

Result<void> ScopeLock::check() {
  return impl_->check();
}

Result<std::vector<LockHolder>> lock_holders(State& state, const std::string& store_identity) {
  return read_leases(state, store_identity);
}

Result<std::vector<LockHolder>> break_locks(State& state, const std::string& store_identity,
                                            const std::vector<std::string>& prefixes) {
  const std::string name = lock_name(store_identity);
  FLOTSAM_ASSIGN(const auto entry, state.read(name));
  if (entry && !parse_lock_entry(entry->bytes, store_identity, state.place_of(name))) {
    // What nobody can read holds everyone off: it goes as a whole.
    FLOTSAM_TRY(state.remove(name, entry->tag));
    LockHolder unknown;
    unknown.run = "(unreadable)";
    unknown.prefixes = {""};
    return std::vector<LockHolder>{unknown};
  }
  std::vector<LockHolder> broken;
  FLOTSAM_TRY(change_leases(state, store_identity, [&](std::vector<LockHolder>& holders) -> Result<bool> {
    broken.clear();
    const auto first = std::stable_partition(holders.begin(), holders.end(), [&](const LockHolder& holder) {
      return !overlap(holder.prefixes, prefixes);
    });
    broken.assign(first, holders.end());
    holders.erase(first, holders.end());
    return !broken.empty();
  }));
  return broken;
}

}  // namespace flotsam
