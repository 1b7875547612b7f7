#include "store/s3/s3_finder.h"

#include <algorithm>
#include <fmt/format.h>
#include <mutex>

#include "base/bytes.h"

namespace flotsam {

std::optional<Remains> remains_of_history(const std::vector<KeyVersion>& history) {
  if (history.empty() || !history.front().is_marker) return std::nullopt;
  const auto below =
      std::find_if(history.begin(), history.end(), [](const KeyVersion& v) { return !v.is_marker; });
  if (below == history.end()) return std::nullopt;
  Remains remains;
  remains.object = below->object;
  remains.version_id = below->object.version_id;
  remains.marker_id = history.front().object.version_id;
  const bool is_right_below = below == history.begin() + 1;
  const bool removable = is_right_below && !remains.marker_id.empty() && remains.marker_id != "null";
  remains.place = removable ? Remains::Place::marker : Remains::Place::version;
  return remains;
}

Result<S3Finder::Standing> S3Finder::look(S3Hands& hands, const Key& key,
                                          std::optional<Remains>& found) {
  const auto history = history_of(hands.store(), holdings_.bucket(), key.view());
  if (history) {
    if (!history->empty() && !history->front().is_marker) return Standing::stands;
    found = remains_of_history(*history);
    return found ? Standing::found : Standing::nowhere;
  }
  // A store that does not know versions keeps none; any other error leaves it open whether there are some.
  if (!knows_no_versions(history.error())) return std::unexpected<Error>(history.error());
  if (!holdings_.has_quarantine())
    return fail(
        ErrorCode::refused,
        "this store does not list versions, and no quarantine is configured: there is nowhere to look",
        "configure the quarantine that the objects were moved to");
  FLOTSAM_ASSIGN(const auto head, absence_.head(hands, key.view()));
  return head ? Standing::stands : Standing::nowhere;
}

/// The newest copy of each key, whichever run moved it.
Result<void> S3Finder::search_quarantine(std::span<const Key> keys, const std::vector<Standing>& standing,
                                         std::vector<std::optional<Remains>>& found) {
  std::multimap<KeyView, std::size_t> wanted;
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (standing[i] == Standing::nowhere) wanted.emplace(keys[i].view(), i);
  if (wanted.empty() || !holdings_.has_quarantine()) return {};
  std::vector<std::optional<Timestamp>> moved_at(keys.size());
  return holdings_.list_quarantine(
      [&](const QuarantinedObject& object) -> Result<void> {
        const auto [begin, end] = wanted.equal_range(object.key.view());
        for (auto it = begin; it != end; ++it) {
          auto& best = found[it->second];
          if (best && object.stored.last_modified < moved_at[it->second]) continue;
          best.emplace();
          best->place = Remains::Place::quarantine;
          best->object = object.stored;
          best->object.key = object.key;
          best->object.last_modified.reset();  // the copy's own time is no time of the object
          best->run_id = object.run_id;
          moved_at[it->second] = object.stored.last_modified;
        }
        return {};
      },
      nullptr);
}

Result<std::vector<std::optional<Remains>>> S3Finder::find(std::span<const Key> keys) {
  std::vector<std::optional<Remains>> found(keys.size());
  std::vector<Standing> standing(keys.size(), Standing::stands);
  std::mutex mutex;
  std::optional<Error> error;
  holdings_.for_each(keys.size(), [&](S3Hands& hands, std::size_t i) {
    if (const std::lock_guard lock(mutex); error) return;
    auto looked = look(hands, keys[i], found[i]);
    if (looked) {
      standing[i] = *looked;
      return;
    }
    const std::lock_guard lock(mutex);
    if (!error)
      error = std::move(looked).error().with_context(
          fmt::format("while looking for the remains of {}", in_quotes(keys[i].bytes())));
  });
  if (error) return std::unexpected<Error>(*std::move(error));
  FLOTSAM_TRY(search_quarantine(keys, standing, found));
  return found;
}

}  // namespace flotsam
