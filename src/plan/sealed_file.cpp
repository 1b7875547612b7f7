#include "plan/sealed_file.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/check.h"

namespace flotsam {
namespace {

constexpr std::size_t kBlockSize = 1U << 16U;
// The longest line is a header, whose report is capped; far more is not a file of ours.
constexpr std::size_t kLineMax = 64U << 20U;
constexpr std::string_view kEndMark = "{\"objects\":";

std::string end_line(std::uint64_t objects, std::string_view digest_hex) {
  return fmt::format("{}{},\"sha256\":\"{}\"}}", kEndMark, objects, digest_hex);
}

}  // namespace

Result<SealedWriter> SealedWriter::create(const std::filesystem::path& path, std::string_view header) {
  FLOTSAM_ASSIGN(auto file, AtomicFile::create(path));
  SealedWriter writer(std::move(file));
  FLOTSAM_TRY(writer.write(header));
  return writer;
}

Result<void> SealedWriter::write(std::string_view line) {
  CHECK(line.find('\n') == std::string_view::npos);
  CHECK(!line.starts_with(kEndMark));
  digest_.update(line);
  digest_.update("\n");
  FLOTSAM_TRY(file_.write(line));
  return file_.write("\n");
}

Result<void> SealedWriter::add(std::string_view line) {
  ++objects_;
  return write(line);
}

Result<void> SealedWriter::commit() {
  FLOTSAM_TRY(file_.write(end_line(objects_, to_hex(digest_.finish()))));
  FLOTSAM_TRY(file_.write("\n"));
  return file_.commit();
}

Result<SealedReader> SealedReader::open(const std::filesystem::path& path, std::string_view kind) {
  SealedReader reader;
  reader.path_ = path;
  reader.kind_ = kind;
  // Without O_NONBLOCK, opening a pipe would wait for a writer for ever.
  reader.fd_ = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!reader.fd_.valid())
    return std::unexpected(error_of_errno(errno, fmt::format("open the {}", kind), path));
  struct stat status{};
  if (fstat(reader.fd_.get(), &status) != 0) return std::unexpected(error_of_errno(errno, "read", path));
  if (S_ISDIR(status.st_mode)) return reader.corrupt("it is a folder");
  if (!S_ISREG(status.st_mode)) return reader.corrupt("it is not a regular file");
  if (status.st_size == 0) return reader.corrupt("it is empty");
  return reader;
}

std::unexpected<Error> SealedReader::corrupt(std::string_view what) const {
  return fail(ErrorCode::corrupt,
              fmt::format("the {} {} cannot be believed: {}", kind_, in_quotes(path_.native()), what));
}

std::unexpected<Error> SealedReader::corrupt_line(std::string_view what) const {
  return corrupt(fmt::format("line {}: {}", line_number_, what));
}

Result<std::optional<std::string_view>> SealedReader::read_line() {
  std::size_t searched = at_;
  while (true) {
    const std::size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos) {
      const auto line = std::string_view(buffer_).substr(at_, end - at_);
      at_ = end + 1;
      return line;
    }
    buffer_.erase(0, at_);
    at_ = 0;
    searched = buffer_.size();
    if (searched > kLineMax)
      return corrupt(fmt::format("line {} is longer than any line of a {}", line_number_ + 1, kind_));
    buffer_.resize(searched + kBlockSize);
    auto got = read_at(fd_.get(), buffer_.data() + searched, kBlockSize, offset_);
    if (!got)
      return fail(std::move(got).error(),
                  fmt::format("while reading the {} {}", kind_, in_quotes(path_.native())));
    buffer_.resize(searched + *got);
    offset_ += *got;
    if (*got > 0) continue;
    if (buffer_.empty()) return std::nullopt;
    return corrupt(fmt::format("line {} has no end: the file was cut short", line_number_ + 1));
  }
}

Result<std::optional<std::string_view>> SealedReader::next() {
  FLOTSAM_ASSIGN(const auto line, read_line());
  if (!line) return corrupt("its last line, with count and digest, is missing: the file was cut short");
  ++line_number_;
  if (line_number_ > 1 && line->starts_with(kEndMark)) return check_end(*line);
  digest_.update(*line);
  digest_.update("\n");
  return line;
}

Result<std::optional<std::string_view>> SealedReader::check_end(std::string_view line) {
  const std::uint64_t objects = line_number_ - 2;
  digest_hex_ = to_hex(digest_.finish());
  if (line != end_line(objects, digest_hex_))
    return corrupt(fmt::format(
        "its last line does not fit the {} and their digest: the file was changed or damaged",
        objects == 1 ? std::string("1 object before it") : fmt::format("{} objects before it", objects)));
  FLOTSAM_ASSIGN(const auto more, read_line());
  if (more) return corrupt("something follows its last line");
  return std::nullopt;
}

}  // namespace flotsam
