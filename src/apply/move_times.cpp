#include "apply/move_times.h"

#include <algorithm>
#include <fmt/format.h>

#include "apply/intents.h"
#include "apply/same_store.h"
#include "base/bytes.h"
#include "model/scope.h"
#include "plan/journal.h"

namespace flotsam {

/// Takes the moves of one apply journal.
class MoveTimes::Reader final : public IntentReader {
 public:
  explicit Reader(MoveTimes& times) : times_(times) {}

  Result<void> header(const JournalHeader& header) override {
    is_ours_ =
        header.kind == JournalKind::apply && header.method == DeleteMethod::quarantine && is_of_store(header);
    return {};
  }
  bool is_ours() const { return is_ours_; }

 private:
  bool is_of_store(const JournalHeader& header) const {
    if (header.store_identity == times_.store_.identity) return true;
    if (!is_same_directory(header.store_url, times_.store_.url)) return false;
    times_.log_.warn(fmt::format("The journal {} says that {} was {}, and now it is {}.",
                                 in_quotes(header.id), in_quotes(header.store_url),
                                 in_quotes(header.store_identity), in_quotes(times_.store_.identity)));
    return true;
  }
  Result<void> intended(std::uint64_t /*number*/, const Intent& intent) override {
    times_.moves_.emplace_back(times_.hash_of(intent.object.key.bytes(), intent.object.size_bytes),
                               intent.at);
    return {};
  }
  Result<void> settled(const Intent& /*intent*/, const JournalOutcome& /*outcome*/) override { return {}; }

  MoveTimes& times_;
  bool is_ours_ = false;
};

std::uint64_t MoveTimes::hash_of(std::string_view key, std::uint64_t size_bytes) const {
  return hash_(fmt::format("{}:{}", size_bytes, key));
}

Result<void> MoveTimes::read(const std::string& run_id) {
  run_id_ = run_id;
  moves_.clear();
  // Folders that are no run of ours may lie in a quarantine; the state need not be asked for odd names.
  if (run_id.size() != 32 || run_id.find_first_not_of("0123456789abcdef") != std::string::npos) return {};
  Reader reader(*this);
  const auto read = read_journal(state_, journal_name(run_id), reader);
  if (!read && read.error().code != ErrorCode::corrupt) return std::unexpected(read.error());
  if (!read)
    log_.warn(fmt::format("What the run {} moved to quarantine is left alone: {}", in_quotes(run_id),
                          read.error().message));
  if (!read || !*read || !reader.is_ours()) {
    moves_.clear();
    return {};
  }
  std::sort(moves_.begin(), moves_.end());
  return {};
}

Result<std::optional<Timestamp>> MoveTimes::moved_at(const QuarantinedObject& object) {
  const std::string& key = object.key.bytes();
  const bool in_scope = !key.empty() && !is_own(object.key.view()) &&
                        std::any_of(prefixes_.begin(), prefixes_.end(),
                                    [&](const std::string& prefix) { return key.starts_with(prefix); });
  if (!in_scope) return std::optional<Timestamp>();
  if (run_id_ != object.run_id) FLOTSAM_TRY(read(object.run_id));
  const std::uint64_t hash = hash_of(key, object.stored.size_bytes);
  const auto after =
      std::upper_bound(moves_.begin(), moves_.end(), hash,
                       [](std::uint64_t value, const auto& move) { return value < move.first; });
  if (after == moves_.begin() || std::prev(after)->first != hash) return std::optional<Timestamp>();
  return std::optional<Timestamp>(std::prev(after)->second);
}

}  // namespace flotsam
