#include "references/csv/byte_source.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/bytes.h"
#include "base/check.h"

namespace flotsam {
namespace {

constexpr std::size_t kBlockBytes = 1U << 18U;
/// Rows of text shrink to a twentieth at best; deflate reaches 1 : 1,029. Small files may do what they like.
constexpr std::uint64_t kRatioMax = 400;
constexpr std::uint64_t kFreeTextBytes = 64ULL << 20U;

}  // namespace

Result<FileBytes> FileBytes::open(const std::filesystem::path& path) {
  FileBytes file;
  file.path_ = path;
  // O_NONBLOCK: opening a pipe without a writer must not hang; a regular file does not mind.
  file.fd_ = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.fd_.valid()) return std::unexpected(error_of_errno(errno, "open", path));
  struct stat status{};
  if (fstat(file.fd_.get(), &status) != 0) return std::unexpected(error_of_errno(errno, "look at", path));
  if (!S_ISREG(status.st_mode))
    return fail(ErrorCode::refused, fmt::format("{} is no regular file", in_quotes(path.native())),
                "Write the export to a file: what is read twice must stand still.");
  file.block_.resize(kBlockBytes);
  return file;
}

Result<std::string_view> FileBytes::next() {
  while (true) {
    const ssize_t got = read(fd_.get(), block_.data(), block_.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(error_of_errno(errno, "read", path_));
    const std::string_view bytes(block_.data(), static_cast<std::size_t>(got));
    sha_.update(bytes);
    bytes_read_ += bytes.size();
    return bytes;
  }
}

Result<void> FileBytes::rewind() {
  if (lseek(fd_.get(), 0, SEEK_SET) != 0) return std::unexpected(error_of_errno(errno, "rewind", path_));
  sha_ = Sha256();
  bytes_read_ = 0;
  return {};
}

std::string FileBytes::digest() {
  return to_hex(sha_.finish());
}

struct GzipText::State {
  z_stream stream{};
  bool started = false;  ///< inflateInit2 was called and inflateEnd is owed
  bool in_member = false;
  bool output_waits = false;  ///< the last call filled the output: inflate may hold more without new input
  std::uint64_t text_bytes = 0;
  std::uint64_t members = 0;
  std::string_view input;
  std::string output;
};

GzipText::GzipText(FileBytes& file) : file_(file), state_(std::make_unique<State>()) {
  state_->output.resize(kBlockBytes);
}

GzipText::~GzipText() {
  if (state_->started) inflateEnd(&state_->stream);
}

Error GzipText::broken(std::string_view what) const {
  Error error;
  error.code = ErrorCode::corrupt;
  error.message = fmt::format("{} is no whole gzip file: {} (near byte {})", in_quotes(file_.path().native()),
                              what, file_.bytes_read() - state_->input.size());
  error.hint = "Export it again, and check it with: gzip -t " + shell_quoted(file_.path().native());
  return error;
}

Result<void> GzipText::begin_member() {
  // 16 + 15: a gzip header and trailer with the largest window; zlib checks the CRC and the length at each
  // end.
  const int outcome = state_->started ? inflateReset2(&state_->stream, 16 + MAX_WBITS)
                                      : inflateInit2(&state_->stream, 16 + MAX_WBITS);
  CHECK(outcome == Z_OK);
  state_->started = true;
  state_->in_member = true;
  ++state_->members;
  return {};
}

Result<std::string_view> GzipText::next() {
  State& state = *state_;
  while (true) {
    if (state.input.empty() && !state.output_waits) {
      FLOTSAM_ASSIGN(state.input, file_.next());
      if (state.input.empty()) {
        if (state.in_member) return std::unexpected(broken("it ends in the middle"));
        if (state.members == 0) return std::unexpected(broken("it is empty"));
        return std::string_view();
      }
    }
    if (!state.in_member) FLOTSAM_TRY(begin_member());
    z_stream& stream = state.stream;
    // zlib's interface is older than const; it does not write to its input.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(state.input.data()));
    stream.avail_in = static_cast<uInt>(state.input.size());
    stream.next_out = reinterpret_cast<Bytef*>(state.output.data());
    stream.avail_out = static_cast<uInt>(state.output.size());
    const int outcome = inflate(&stream, Z_NO_FLUSH);
    state.input.remove_prefix(state.input.size() - stream.avail_in);
    const std::size_t got = state.output.size() - stream.avail_out;
    state.text_bytes += got;
    state.output_waits = stream.avail_out == 0 && outcome != Z_STREAM_END;
    if (outcome == Z_STREAM_END) {
      state.in_member = false;
    } else if (outcome != Z_OK && outcome != Z_BUF_ERROR) {
      const bool behind = state.members > 1 && state.text_bytes > 0 && stream.total_in < 4;
      return std::unexpected(broken(behind
                                        ? "something else follows its last member"
                                        : (stream.msg != nullptr ? stream.msg : "its bytes make no sense")));
    }
    if (state.text_bytes > kFreeTextBytes && state.text_bytes / kRatioMax > file_.bytes_read())
      return fail(ErrorCode::refused,
                  fmt::format("{} grows to more than {} times its size: this is no export of rows",
                              in_quotes(file_.path().native()), kRatioMax));
    if (got > 0) return std::string_view(state.output.data(), got);
  }
}

}  // namespace flotsam
