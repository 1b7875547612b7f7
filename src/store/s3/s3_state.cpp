#include "store/s3/s3_state.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fmt/format.h>
#include <mutex>

#include "base/bytes.h"
#include "base/file.h"
#include "base/state_name.h"
#include "store/s3/s3_state_log.h"
#include "store/s3/s3_state_objects.h"

namespace flotsam {
namespace {

/// Files of this process that go with it.
class ScratchFolder {
 public:
  ScratchFolder() = default;
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  /// A path of its own for each call, with the name that the entry has.
  Result<std::filesystem::path> next(const std::string& name) {
    const std::lock_guard lock(mutex_);
    if (path_.empty()) {
      std::string folder = (temporary_folder() / "flotsam-state-XXXXXX").native();
      if (mkdtemp(folder.data()) == nullptr)
        return std::unexpected<Error>(error_of_errno(errno, "make", folder));
      path_ = folder;
    }
    return path_ / std::to_string(++count_) / name.substr(name.rfind('/') + 1);
  }

 private:
  std::mutex mutex_;
  std::filesystem::path path_;
  unsigned count_ = 0;
};

class S3State final : public State {
 public:
  S3State(std::unique_ptr<S3Place> place, std::string prefix)
      : objects_(std::make_shared<S3StateObjects>(std::move(place), prefix)), prefix_(std::move(prefix)) {}

  Result<std::optional<Entry>> read(const std::string& name, std::uint64_t limit_bytes) override {
    FLOTSAM_ASSIGN(const std::string key, key_of(name));
    return told("reading", name, objects_->get(key, limit_bytes));
  }
  Result<bool> create(const std::string& name, std::string_view bytes) override {
    FLOTSAM_ASSIGN(const std::string key, key_of(name));
    return told("creating", name, objects_->create(key, bytes));
  }
  Result<bool> replace(const std::string& name, std::string_view bytes, const std::string& tag) override {
    FLOTSAM_ASSIGN(const std::string key, key_of(name));
    return told("replacing", name, objects_->replace(key, bytes, tag));
  }
  Result<void> put(const std::string& name, std::string_view bytes) override {
    FLOTSAM_ASSIGN(const std::string key, key_of(name));
    return told("writing", name, objects_->put(key, bytes));
  }
  Result<bool> remove(const std::string& name, const std::string& tag) override {
    FLOTSAM_ASSIGN(const std::string key, key_of(name));
    return told("removing", name, objects_->remove(key, tag));
  }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    FLOTSAM_ASSIGN(const std::string key, key_of(folder));
    return told("listing", folder, names_below(key + "/"));
  }
  Result<std::unique_ptr<AppendLog>> open_log(const std::string& name) override {
    FLOTSAM_ASSIGN(const std::string key, key_of(name));
    return told("opening", name, open_s3_log(objects_, key + "/"));
  }
  Result<bool> read_log(const std::string& name,
                        const std::function<Result<void>(std::string_view line)>& use) override {
    FLOTSAM_ASSIGN(const std::string key, key_of(name));
    return told("reading", name, read_s3_log(*objects_, key + "/", use));
  }
  Result<std::optional<std::filesystem::path>> local_copy(const std::string& name) override {
    FLOTSAM_ASSIGN(const std::string key, key_of(name));
    return told("copying", name, copy(name, key));
  }
  Result<void> take_file(const std::string& name, const std::filesystem::path& local) override {
    FLOTSAM_ASSIGN(const std::string key, key_of(name));
    return told("writing", name, objects_->put_file(key, local));
  }
  std::string place_of(const std::string& name) const override { return root() + name; }
  std::optional<std::string> name_of(const std::string& place) const override {
    if (!place.starts_with(root())) return std::nullopt;
    std::string name = place.substr(root().size());
    if (!is_name(name)) return std::nullopt;
    return name;
  }

 private:
  std::string root() const { return "s3://" + objects_->bucket() + "/" + prefix_; }

  /// No part of it may be taken for a segment of a log.
  static bool is_name(const std::string& name) {
    if (!is_state_name(name)) return false;
    for (std::size_t at = 0; at <= name.size();) {
      const std::size_t end = std::min(name.find('/', at), name.size());
      if (is_segment_number(std::string_view(name).substr(at, end - at))) return false;
      at = end + 1;
    }
    return true;
  }

  Result<std::string> key_of(const std::string& name) const {
    if (!is_name(name))
      return fail(ErrorCode::internal,
                  fmt::format("the state cannot hold an entry named {}", in_quotes(name)));
    return prefix_ + name;
  }

  /// Says where it happened, and which rights the state needs.
  template <typename T>
  Result<T> told(std::string_view action, const std::string& name, Result<T> result) const {
    if (result) return result;
    Error error = std::move(result).error();
    if (error.service_code == "AccessDenied")
      error.hint = fmt::format(
          "grant s3:ListBucket on {}, and s3:GetObject, s3:PutObject, s3:DeleteObject and "
          "s3:AbortMultipartUpload on {}*",
          objects_->bucket(), root().substr(std::string_view("s3://").size()));
    return fail(std::move(error), fmt::format("while {} {}", action, place_of(name)));
  }

  Result<std::vector<std::string>> names_below(const std::string& start) {
    FLOTSAM_ASSIGN(const std::vector<std::string> keys, objects_->list(start));
    std::vector<std::string> names;
    for (const std::string& key : keys) {
      std::string name = key.substr(prefix_.size());
      const std::size_t slash = name.rfind('/');
      if (is_segment_number(std::string_view(name).substr(slash + 1))) name.resize(slash);
      if (is_name(name)) names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }

  Result<std::optional<std::filesystem::path>> copy(const std::string& name, const std::string& key) {
    FLOTSAM_ASSIGN(const std::filesystem::path path, scratch_.next(name));
    FLOTSAM_ASSIGN(AtomicFile file, AtomicFile::create(path));
    FLOTSAM_ASSIGN(bool there,
                   objects_->get_in_pieces(key, [&](std::string_view bytes) { return file.write(bytes); }));
    if (!there) {
      FLOTSAM_ASSIGN(there, read_s3_log(*objects_, key + "/", [&](std::string_view line) -> Result<void> {
                       FLOTSAM_TRY(file.write(line));
                       return file.write("\n");
                     }));
    }
    if (!there) return std::nullopt;
    FLOTSAM_TRY(file.commit());
    return path;
  }

  std::shared_ptr<S3StateObjects> objects_;
  std::string prefix_;
  ScratchFolder scratch_;
};

}  // namespace

Result<std::unique_ptr<State>> open_s3_state(const std::string& url, const StoreOptions& options,
                                             const StoreContext& context, const S3Tuning& tuning) {
  constexpr std::string_view kScheme = "s3://";
  const std::size_t slash = url.find('/', kScheme.size());
  if (!url.starts_with(kScheme) || slash == kScheme.size())
    return fail(ErrorCode::invalid_argument, fmt::format("{} names no bucket for the state", in_quotes(url)),
                "write it like \"s3://ops/.flotsam-state/\"");
  StoreOptions own = options;
  own.url = url.substr(0, slash);
  std::string prefix = slash == std::string::npos ? std::string() : url.substr(slash + 1);
  if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
  own.listable_prefix = prefix;
  FLOTSAM_ASSIGN(auto place, open_s3_place(own, context, tuning));
  return std::make_unique<S3State>(std::move(place), std::move(prefix));
}

}  // namespace flotsam
