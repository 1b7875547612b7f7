#include <fmt/format.h>

#include "base/bytes.h"
#include "config/sections.h"

namespace flotsam {
namespace {

/// Why a folder of flotsam's own may not stand there: a scan of the store would list it. Empty where it may.
std::string own_place_mistake(const StoreSettings& store, const std::filesystem::path& path,
                              std::string_view what) {
  if (store.directory.empty()) return {};
  const auto relative_of = [](const std::filesystem::path& inner, const std::filesystem::path& outer) {
    const std::filesystem::path relative = inner.lexically_relative(outer);
    return relative.empty() || *relative.begin() == ".." ? std::optional<std::filesystem::path>() : relative;
  };
  std::error_code error;
  const auto real = [&](const std::filesystem::path& place) {
    const std::filesystem::path result = std::filesystem::weakly_canonical(place, error);
    return error ? place : result;
  };
  for (const bool is_real : {false, true}) {
    const std::filesystem::path inner = is_real ? real(path) : path;
    const std::filesystem::path outer = is_real ? real(store.directory) : store.directory;
    if (const auto relative = relative_of(inner, outer); relative && !is_own(KeyView(relative->native())))
      return fmt::format("is {}, inside the store; it must lie under a folder that begins .flotsam-, like {}",
                         in_quotes(path.native()),
                         in_quotes((store.directory / ".flotsam-" += what).native()));
    if (what == "quarantine" && relative_of(outer, inner))
      return fmt::format("is {}, which holds the store itself", in_quotes(path.native()));
  }
  return {};
}

/// The same for a place in a bucket; `rest` is what follows "s3://". Writes bucket and prefix ending in "/".
std::string s3_place_mistake(const StoreSettings& store, std::string_view rest, std::string_view what,
                             std::string& normal) {
  const std::size_t slash = rest.find('/');
  const std::string_view bucket = rest.substr(0, slash);
  std::string prefix(slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1));
  if (const std::string mistake = bucket_mistake(bucket); !mistake.empty()) return mistake;
  if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
  if (bucket == store.bucket && !is_own(KeyView(prefix)))
    return fmt::format(
        "lies inside the bucket that is scanned; it must lie under a part that begins .flotsam-, like {}",
        in_quotes(fmt::format("s3://{}/.flotsam-{}/", bucket, what)));
  normal = fmt::format("s3://{}/{}", bucket, prefix);
  return {};
}

class DeletionBuilder {
 public:
  DeletionBuilder(const Building& building, const StoreSettings& store, DeleteSettings& deletion)
      : building_(building), group_(building.settings.of("delete")), store_(store), deletion_(deletion) {}

  void build() {
    if (const auto* days = group_.get<std::uint64_t>("undo_days"))
      deletion_.undo_days = static_cast<int>(*days);
    if (const auto* rate = group_.get<std::uint64_t>("max_rate")) deletion_.max_rate = *rate;
    if (const auto* unattended = group_.get<bool>("unattended")) deletion_.unattended = *unattended;
    if (const auto* quarantine = group_.get<std::string>("quarantine")) build_quarantine(*quarantine);
    const auto* method = group_.get<std::string>("method");
    if (method == nullptr) return;
    deletion_.method = *method;
    if (*method == "quarantine" && !group_.given("quarantine"))
      problem("method", "is \"quarantine\", but [delete] has no quarantine; say where it is");
    if (*method == "version" && !store_.directory.empty())
      problem("method", "is \"version\", but a directory keeps no versions; use quarantine");
  }

 private:
  void problem(std::string_view key, const std::string& message) {
    add_problem(building_.problems, group_[key], message);
  }

  void build_quarantine(const std::string& text) {
    const bool is_s3 = text.starts_with("s3://");
    if (is_s3 && !store_.directory.empty())
      return problem("quarantine",
                     "is in a bucket; a directory's quarantine is a folder on its own file system");
    if (!is_s3 && !store_.bucket.empty())
      return problem("quarantine", fmt::format("is {}, but a bucket's quarantine is s3://BUCKET/PREFIX/",
                                               in_quotes(redacted(text))));
    std::string normal;
    std::string mistake;
    if (is_s3) {
      mistake = s3_place_mistake(store_, std::string_view(text).substr(5), "quarantine", normal);
    } else {
      const std::filesystem::path path = path_of_file_url(building_.folder, text);
      normal = path.native() + (path.native().ends_with('/') ? "" : "/");
      mistake = own_place_mistake(store_, path, "quarantine");
    }
    if (!mistake.empty()) return problem("quarantine", mistake);
    deletion_.quarantine = normal;
  }

  const Building& building_;
  SettingGroup& group_;
  const StoreSettings& store_;
  DeleteSettings& deletion_;
};

/// $XDG_STATE_HOME/flotsam, else ~/.local/state/flotsam (XDG Base Directory Specification: relative ones are
/// ignored).
std::string default_state(const Environment& environment) {
  const auto state = environment.get("XDG_STATE_HOME");
  if (state && state->starts_with('/')) return absolute_path(*state, "flotsam").native();
  const auto home = environment.get("HOME");
  if (home && home->starts_with('/')) return absolute_path(*home, ".local/state/flotsam").native();
  return {};
}

}  // namespace

void build_deletion(const Building& building, const StoreSettings& store, DeleteSettings& deletion) {
  DeletionBuilder(building, store, deletion).build();
}

void build_guards(const Building& building, GuardLimits& guards) {
  SettingGroup& group = building.settings.of("guards");
  const auto take = [&]<typename T>(std::string_view key, T& limit) {
    if (const T* value = group.get<T>(key)) limit = *value;
  };
  take("resolution", guards.resolution);
  take("orphan-percent", guards.orphan_percent);
  take("shape-percent", guards.shape_percent);
  take("suspects", guards.suspects);
  take("max-deletions", guards.max_deletions);
  take("max-bytes", guards.max_bytes);
  take("reference-drop", guards.reference_drop);
  take("sightings", guards.sightings);
  take("plan-age", guards.plan_age);
  take("recheck", guards.recheck);
}

void build_state(const Building& building, const StoreSettings& store, StateSettings& state) {
  SettingGroup& group = building.settings.of("state");
  if (!group.given("dir")) {
    const std::string fallback = default_state(*building.environment);
    if (fallback.empty()) {
      building.problems.add(
          group.place, "neither XDG_STATE_HOME nor HOME is set; say where plans and history go: [state] dir");
      return;
    }
    group.default_to("dir", fallback);
  }
  const auto* text = group.get<std::string>("dir");
  if (text == nullptr) return;
  std::string mistake;
  if (text->starts_with("s3://")) {
    mistake = s3_place_mistake(store, std::string_view(*text).substr(5), "state", state.dir);
  } else {
    const std::filesystem::path path = path_of_file_url(building.folder, *text);
    state.dir = path.native();
    mistake = own_place_mistake(store, path, "state");
  }
  if (!mistake.empty()) add_problem(building.problems, group["dir"], mistake);
}

void build_notify(const Building& building, NotifySettings& notify) {
  SettingGroup& group = building.settings.of("notify");
  if (const auto* file = group.get<std::string>("metrics_file"))
    notify.metrics_file = absolute_path(building.folder, *file);
  const auto* url = group.get<std::string>("url");
  if (url == nullptr) return;
  const std::size_t host = url->starts_with("https://") ? 8 : url->starts_with("http://") ? 7 : 0;
  const std::size_t end = std::min(url->size(), url->find_first_of("/?#", host));
  const std::string_view authority = std::string_view(*url).substr(host, end - host);
  if (host == 0 || authority.empty()) {
    add_problem(building.problems, group["url"], "must begin with https:// or http:// and name a host");
    return;
  }
  // The path of a webhook is its password; so is what stands before the host.
  // An "@" further on: what looks like the host may be the beginning of a password that holds a slash.
  const bool is_doubtful = url->find('@', end) != std::string::npos;
  const std::string_view name = is_doubtful ? "***" : authority.substr(authority.rfind('@') + 1);
  group["url"].shown = to_toml_string(fmt::format("{}{}/***", url->substr(0, host), name));
  notify.url = Secret(*url);
}

}  // namespace flotsam
