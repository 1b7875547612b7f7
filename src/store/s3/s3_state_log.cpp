#include "store/s3/s3_state_log.h"

#include <algorithm>
#include <fmt/format.h>
#include <system_error>
#include <thread>
#include <vector>

#include "base/bytes.h"

namespace flotsam {
namespace {

constexpr std::size_t kDigits = 8;
constexpr std::uint64_t kSegmentBytesMax = 8U << 20U;  ///< cut at a line's end; a longer line stays whole
constexpr std::size_t kReadAtOnce = 16;

std::string key_of(const std::string& base, std::uint64_t number) {
  return fmt::format("{}{:08}", base, number);
}

/// How many segments the listing shows: 1 to n, none missing.
Result<std::uint64_t> count_segments(S3StateObjects& objects, const std::string& base) {
  FLOTSAM_ASSIGN(const std::vector<std::string> keys, objects.list(base));
  std::uint64_t count = 0;
  for (const std::string& key : keys) {
    if (!is_segment_number(std::string_view(key).substr(base.size()))) continue;
    if (key != key_of(base, ++count))
      return fail(ErrorCode::corrupt,
                  fmt::format("the log s3://{}/{} lacks its segment {:08}", objects.bucket(),
                              to_printable(base), count),
                  "bring the segment back (from an older version of the object, or a backup of the bucket)");
  }
  return count;
}

class S3Log final : public AppendLog {
 public:
  S3Log(std::shared_ptr<S3StateObjects> objects, std::string base, std::uint64_t segments)
      : objects_(std::move(objects)), base_(std::move(base)), segments_(segments) {}

  Result<void> append(std::string_view line) override {
    if (failed_) return std::unexpected<Error>(*failed_);
    if (line.find('\n') != std::string_view::npos)
      return fail(ErrorCode::internal, "a line of a log holds a line break");
    buffer_ += line;
    buffer_ += '\n';
    return {};
  }

  Result<void> sync() override {
    if (failed_) return std::unexpected<Error>(*failed_);
    std::string_view rest = buffer_;
    while (!rest.empty()) {
      const std::string_view segment = rest.substr(0, end_of_segment(rest));
      if (auto made = write(segment); !made) {
        failed_ = made.error();
        return made;
      }
      rest.remove_prefix(segment.size());
    }
    buffer_.clear();
    return {};
  }

 private:
  static std::size_t end_of_segment(std::string_view lines) {
    if (lines.size() <= kSegmentBytesMax) return lines.size();
    const std::size_t last = lines.rfind('\n', kSegmentBytesMax - 1);
    return (last == std::string_view::npos ? lines.find('\n') : last) + 1;
  }

  Result<void> write(std::string_view segment) {
    const std::string key = key_of(base_, segments_ + 1);
    const auto made = objects_->create(key, segment);
    if (!made) return fail(made.error(), fmt::format("while writing s3://{}/{}", objects_->bucket(), key));
    if (!*made)
      return fail(
          ErrorCode::refused,
          fmt::format("s3://{}/{} is there already: another run writes to this log", objects_->bucket(), key),
          "let the other run end, or stop it; then start this one again");
    ++segments_;
    return {};
  }

  std::shared_ptr<S3StateObjects> objects_;  ///< a log may outlive its state
  std::string base_;
  std::uint64_t segments_;
  std::string buffer_;
  std::optional<Error> failed_;
};

/// Gives the lines of one segment.
Result<void> use_lines(std::string_view segment, const std::string& key,
                       const std::function<Result<void>(std::string_view line)>& use) {
  if (!segment.ends_with('\n'))
    return fail(ErrorCode::corrupt, fmt::format("the segment {} ends inside a line", in_quotes(key)));
  while (!segment.empty()) {
    const std::size_t end = segment.find('\n');
    FLOTSAM_TRY(use(segment.substr(0, end)));
    segment.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace

bool is_segment_number(std::string_view text) {
  return text.size() == kDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Result<std::unique_ptr<AppendLog>> open_s3_log(std::shared_ptr<S3StateObjects> objects,
                                               const std::string& base) {
  FLOTSAM_ASSIGN(const std::uint64_t segments, count_segments(*objects, base));
  return std::make_unique<S3Log>(std::move(objects), base, segments);
}

Result<bool> read_s3_log(S3StateObjects& objects, const std::string& base,
                         const std::function<Result<void>(std::string_view line)>& use) {
  using Segment = Result<std::optional<State::Entry>>;
  FLOTSAM_ASSIGN(const std::uint64_t listed, count_segments(objects, base));
  for (std::uint64_t first = 1; first <= listed; first += kReadAtOnce) {
    std::vector<Segment> segments(std::min<std::uint64_t>(kReadAtOnce, listed - first + 1));
    {
      std::vector<std::jthread> readers;
      for (std::size_t i = 0; i < segments.size(); ++i) {
        const auto read = [&, i] { segments[i] = objects.get_small(key_of(base, first + i)); };
        try {
          readers.emplace_back(read);
        } catch (const std::system_error&) {  // no more threads to be had
          read();
        }
      }
    }
    for (std::size_t i = 0; i < segments.size(); ++i) {
      const std::string key = key_of(base, first + i);
      if (!segments[i]) return std::unexpected<Error>(std::move(segments[i]).error());
      if (!*segments[i])
        return fail(ErrorCode::corrupt,
                    fmt::format("segment {} of the log was listed and is gone", in_quotes(key)));
      FLOTSAM_TRY(use_lines((*segments[i])->bytes, key, use));
    }
  }
  // A listing may lag behind: what follows the last one listed is asked for by name.
  for (std::uint64_t number = listed + 1;; ++number) {
    const std::string key = key_of(base, number);
    FLOTSAM_ASSIGN(const auto segment, objects.get_small(key));
    if (!segment) return number > 1;
    FLOTSAM_TRY(use_lines(segment->bytes, key, use));
  }
}

}  // namespace flotsam
