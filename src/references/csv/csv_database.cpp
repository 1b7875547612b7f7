#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/file.h"
#include "references/block_reading.h"
#include "references/csv/byte_source.h"
#include "references/csv/csv_parser.h"
#include "references/kinds.h"

namespace flotsam {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

/// What must not change while a file is read.
struct FileState {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  Timestamp modified;
  friend bool operator==(const FileState&, const FileState&) = default;
};

FileState state_of(const struct stat& status) {
  const auto since =
      std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::nanoseconds(status.st_mtim.tv_nsec);
  return {status.st_dev, status.st_ino, status.st_size, Timestamp(since)};
}

Result<FileState> state_of_descriptor(const FileBytes& file) {
  struct stat status{};
  if (fstat(file.descriptor(), &status) != 0)
    return std::unexpected(error_of_errno(errno, "look at", file.path()));
  return state_of(status);
}

Result<FileState> state_of_path(const std::filesystem::path& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return std::unexpected(error_of_errno(errno, "look at", path));
  return state_of(status);
}

/// Picks the wanted columns out of the records of one block and gives them to its reading.
class Picker {
 public:
  Picker(const SourceQuery& query, BlockReading& reading) : query_(query), reading_(reading) {}

  Result<void> record(const CsvRecord& record) {
    if (!header_seen_) return header(record);
    if (record.fields.size() != width_)
      return fail(
          ErrorCode::corrupt,
          fmt::format("line {}: {} fields, and the header has {}", record.line, record.fields.size(), width_),
          "A comma inside a value needs quotes around the field.");
    for (std::size_t i = 0; i < picked_.size(); ++i) row_[i].bytes = record.fields[picked_[i]];
    return reading_.row(row_);
  }

  bool header_seen() const { return header_seen_; }

 private:
  Result<void> header(const CsvRecord& record) {
    header_seen_ = true;
    width_ = record.fields.size();
    std::map<std::string_view, std::size_t> places;
    std::string known;
    for (std::size_t i = 0; i < width_; ++i) {
      if (!places.emplace(record.fields[i], i).second)
        return fail(ErrorCode::invalid_argument, fmt::format("line {}: the header names the column {} twice",
                                                             record.line, in_quotes(record.fields[i])));
      known += fmt::format("{}{}", i == 0 ? "" : ", ", in_quotes(record.fields[i]));
    }
    reading_.evidence("header", known);
    for (const std::string& name : query_.columns) {
      const auto place = places.find(name);
      if (place == places.end()) return missing(name, known, record.fields);
      picked_.push_back(place->second);
    }
    row_.resize(picked_.size());
    return reading_.columns(query_.columns);
  }

  static std::unexpected<Error> missing(const std::string& name, const std::string& known,
                                        const std::vector<std::string_view>& fields) {
    std::string hint;
    if (fields.size() == 1 && fields[0].find(';') != std::string_view::npos)
      hint = "The header holds semicolons: flotsam reads commas between the columns.";
    else if (fields.size() == 1 && fields[0].find('\t') != std::string_view::npos)
      hint = "The header holds tabs: flotsam reads commas between the columns.";
    return fail(ErrorCode::not_found,
                fmt::format("there is no column {}; the header has {}", in_quotes(name), known),
                std::move(hint));
  }

  const SourceQuery& query_;
  BlockReading& reading_;
  bool header_seen_ = false;
  std::size_t width_ = 0;
  std::vector<std::size_t> picked_;
  std::vector<FieldView> row_;
};

/// Holds back the first bytes until it is known that no byte order mark stands there.
class MarkFilter {
 public:
  explicit MarkFilter(CsvParser& parser) : parser_(parser) {}

  Result<void> feed(std::string_view bytes) {
    if (decided_) return parser_.feed(bytes);
    start_ += bytes;
    if (start_.size() < kUtf8Mark.size()) return {};
    return decide();
  }
  Result<void> finish() {
    if (!decided_) FLOTSAM_TRY(decide());
    return parser_.finish();
  }

 private:
  Result<void> decide() {
    decided_ = true;
    std::string_view text = start_;
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
      return fail(ErrorCode::corrupt, "it begins with a UTF-16 byte order mark", "Save it as UTF-8.");
    if (text.starts_with("\x1F\x8B"))
      return fail(ErrorCode::corrupt, "it looks like gzip, and its name does not end in .gz",
                  "Name it FILE.csv.gz; what is packed twice must be unpacked once.");
    if (text.starts_with(kUtf8Mark)) text.remove_prefix(kUtf8Mark.size());
    return parser_.feed(text);
  }

  CsvParser& parser_;
  bool decided_ = false;
  std::string start_;
};

class CsvDatabase final : public ReferenceDatabase {
 public:
  CsvDatabase(std::filesystem::path path, std::string shown, const DatabaseContext& context)
      : path_(std::move(path)), shown_(std::move(shown)), clock_(*context.clock) {}

  Result<std::vector<ReadProof>> read(std::span<const SourceQuery> queries, RowSink& sink,
                                      const Cancel& cancel) override {
    auto proofs = read_all(queries, sink, cancel);
    if (!proofs) return fail(proofs.error(), fmt::format("while reading {}", shown_));
    return proofs;
  }

  Evidence identity() const override { return {{"path", to_printable(path_.native())}}; }
  std::string shown() const override { return shown_; }

 private:
  Result<std::vector<ReadProof>> read_all(std::span<const SourceQuery> queries, RowSink& sink,
                                          const Cancel& cancel) {
    for (const SourceQuery& query : queries) FLOTSAM_TRY(check_block(query));
    FLOTSAM_ASSIGN(FileBytes file, FileBytes::open(path_));
    FLOTSAM_ASSIGN(const FileState before, state_of_descriptor(file));
    std::vector<ReadProof> proofs;
    std::string digest;
    for (std::size_t i = 0; i < queries.size(); ++i) {
      FLOTSAM_TRY(file.rewind());
      BlockReading reading({queries[i], i, sink, clock_, cancel});
      FLOTSAM_TRY(read_block(file, queries[i], reading, static_cast<std::uint64_t>(before.size)));
      const std::string read_digest = file.digest();
      FLOTSAM_ASSIGN(const FileState after, state_of_descriptor(file));
      FLOTSAM_ASSIGN(const FileState named, state_of_path(path_));
      const bool whole = file.bytes_read() == static_cast<std::uint64_t>(before.size);
      if (after != before || named != before || !whole || (!digest.empty() && digest != read_digest))
        return changed();
      digest = read_digest;
      FLOTSAM_ASSIGN(ReadProof proof, prove(reading, queries[i], before, digest));
      proofs.push_back(std::move(proof));
    }
    return proofs;
  }

  Result<void> check_block(const SourceQuery& query) const {
    if (query.columns.empty() || !query.query.empty())
      return fail(ErrorCode::invalid_argument,
                  fmt::format("{}: a csv: source has columns = [\"…\"] and no query", in_quotes(query.name)));
    return check_as_of(query, true, clock_.now());
  }

  std::unexpected<Error> changed() const {
    return fail(ErrorCode::corrupt, fmt::format("{} changed while it was read", in_quotes(path_.native())),
                "Write exports under another name and rename them when they are whole; then run it again.");
  }

  Result<void> read_block(FileBytes& file, const SourceQuery& query, BlockReading& reading,
                          std::uint64_t size) const {
    Picker picker(query, reading);
    CsvParser parser([&picker](const CsvRecord& record) { return picker.record(record); });
    MarkFilter text(parser);
    std::optional<GzipText> gzip;
    if (path_.native().ends_with(".gz")) gzip.emplace(file);
    while (true) {
      FLOTSAM_ASSIGN(const std::string_view bytes, gzip ? gzip->next() : file.next());
      // A file that grows as fast as it is read has no end.
      if (file.bytes_read() > size) return changed();
      if (bytes.empty()) break;
      FLOTSAM_TRY(text.feed(bytes));
    }
    FLOTSAM_TRY(text.finish());
    if (!picker.header_seen())
      return fail(ErrorCode::corrupt,
                  fmt::format("{} is empty: not even a header", in_quotes(path_.native())),
                  "Export it again; a table without rows still has a header.");
    return {};
  }

  Result<ReadProof> prove(BlockReading& reading, const SourceQuery& query, const FileState& state,
                          const std::string& digest) const {
    reading.evidence("end", "end of file behind a line break");
    reading.evidence("sha256", digest);
    reading.evidence("size", std::to_string(state.size));
    reading.evidence("device", std::to_string(state.device));
    reading.evidence("inode", std::to_string(state.inode));
    reading.evidence("modified_at", to_rfc3339_exact(state.modified));
    if (query.as_of == AsOfKind::file) {
      reading.true_at(state.modified);
    } else if (query.as_of == AsOfKind::stated) {
      reading.true_at(query.stated_as_of);
    } else if (clock_.now() - state.modified > Seconds(3600)) {
      reading.warn(fmt::format("as_of = \"now\", although {} was last written at {}", shown_,
                               to_rfc3339(state.modified)));
    }
    return reading.finish(std::nullopt);
  }

  std::filesystem::path path_;
  std::string shown_;
  Clock& clock_;
};

}  // namespace

Result<std::unique_ptr<ReferenceDatabase>> open_csv(const DatabaseOptions& options,
                                                    const DatabaseContext& context) {
  const std::string name = options.url.reveal().substr(std::string_view("csv:").size());
  if (name.empty())
    return fail(ErrorCode::invalid_argument, "csv: names no file",
                "Write csv:FILE, or csv:FILE.gz for gzip.");
  return std::make_unique<CsvDatabase>((options.base / name).lexically_normal(), "csv:" + to_printable(name),
                                       context);
}

}  // namespace flotsam
