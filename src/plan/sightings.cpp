#include <fmt/format.h>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "plan/history.h"
#include "plan/json_fields.h"
#include "plan/json_writer.h"
#include "plan/sealed_file.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kFormat = 1;
constexpr std::string_view kFormatField = "flotsam_sightings";

/// How often one object was sighted, and when the last of those sightings was.
struct Sighting {
  Object object;
  std::uint64_t count = 0;
  Timestamp last_at;
};

std::string to_header(const std::string& config_digest) {
  JsonWriter json;
  return json.begin_object()
      .number(kFormatField, kFormat)
      .text("config_digest", config_digest)
      .end_object()
      .take();
}

std::string to_line(const ObjectView& object, std::uint64_t count, Timestamp last_at) {
  JsonWriter json;
  json.begin_object()
      .text("key", object.key.bytes())
      .number("size", object.size_bytes)
      .text("etag", object.etag);
  if (object.last_modified) json.name("last_modified").text(to_rfc3339_exact(*object.last_modified));
  if (!object.version_id.empty()) json.text("version_id", object.version_id);
  json.number("count", count).name("last_at").text(to_rfc3339_exact(last_at));
  return json.end_object().take();
}

Result<Sighting> parse_line(std::string_view line) {
  FLOTSAM_ASSIGN(const JsonFields fields, JsonFields::parse(line));
  Sighting sighting;
  FLOTSAM_ASSIGN(auto key, fields.bytes("key"));
  sighting.object.key = Key(std::move(key));
  FLOTSAM_ASSIGN(sighting.object.size_bytes, fields.number("size"));
  FLOTSAM_ASSIGN(sighting.object.etag, fields.bytes("etag"));
  if (fields.has("last_modified")) {
    FLOTSAM_ASSIGN(sighting.object.last_modified, fields.time("last_modified"));
  }
  if (fields.has("version_id")) {
    FLOTSAM_ASSIGN(sighting.object.version_id, fields.bytes("version_id"));
  }
  FLOTSAM_ASSIGN(sighting.count, fields.number("count"));
  FLOTSAM_ASSIGN(sighting.last_at, fields.time("last_at"));
  return sighting;
}

/// Reads the earlier record in key order, one sighting ahead.
class EarlierSightings {
 public:
  static Result<std::optional<EarlierSightings>> open(const std::filesystem::path& path,
                                                      std::string_view header) {
    auto reader = SealedReader::open(path, "record of sightings");
    if (!reader && reader.error().code == ErrorCode::not_found) return std::nullopt;
    if (!reader) return std::unexpected(std::move(reader).error());
    EarlierSightings earlier(*std::move(reader));
    FLOTSAM_ASSIGN(const auto line, earlier.reader_.next());
    if (*line != header)
      return earlier.reader_.corrupt_line(
          "it is of another configuration, or was written by a newer flotsam");
    return earlier;
  }

  /// Moves on; current() is nothing at the proved end.
  Result<void> advance() {
    FLOTSAM_ASSIGN(const auto line, reader_.next());
    if (!line) {
      current_.reset();
      return {};
    }
    auto next = parse_line(*line);
    if (!next) return reader_.corrupt_line(next.error().message);
    if (current_ && next->object.key <= current_->object.key)
      return reader_.corrupt_line("its key is out of order");
    current_ = *std::move(next);
    return {};
  }
  const std::optional<Sighting>& current() const { return current_; }

 private:
  explicit EarlierSightings(SealedReader reader) : reader_(std::move(reader)) {}
  SealedReader reader_;
  std::optional<Sighting> current_;
};

/// Merges the earlier record with this scan's unreferenced objects, both in key order.
class SightingsMerge final : public SightingsFile {
 public:
  SightingsMerge(std::optional<EarlierSightings> earlier, SealedWriter writer, Timestamp now, Seconds min_age)
      : earlier_(std::move(earlier)), writer_(std::move(writer)), now_(now), min_age_(min_age) {}

  Result<std::uint64_t> sighted(const ObjectView& object) override {
    if (!last_key_.empty() && object.key <= KeyView(last_key_))
      return fail(ErrorCode::internal,
                  fmt::format("sightings: the key {} came out of order", in_quotes(object.key.bytes())));
    last_key_ = object.key.bytes();
    std::uint64_t count = 1;
    Timestamp last_at = now_;
    FLOTSAM_ASSIGN(const Sighting* before, sighting_of(object));
    if (before != nullptr && now_ - before->last_at >= min_age_) {
      count = before->count + 1;
    } else if (before != nullptr) {
      count = before->count;
      last_at = before->last_at;
    }
    FLOTSAM_TRY(writer_.add(to_line(object, count, last_at)));
    return count;
  }

  Result<void> commit() override { return writer_.commit(); }

 private:
  /// The earlier sighting of this very object, unchanged since, or null.
  Result<const Sighting*> sighting_of(const ObjectView& object) {
    if (!earlier_) return nullptr;
    while (earlier_->current() && earlier_->current()->object.key.view() < object.key)
      FLOTSAM_TRY(earlier_->advance());
    const auto& current = earlier_->current();
    if (!current || current->object != Object::of(object)) return nullptr;
    return &*current;
  }

  std::optional<EarlierSightings> earlier_;
  SealedWriter writer_;
  Timestamp now_;
  Seconds min_age_;
  std::string last_key_;
};

}  // namespace

Result<std::unique_ptr<SightingsFile>> SightingsFile::open(const std::filesystem::path& state_dir,
                                                           const std::string& config_digest, Timestamp now,
                                                           Seconds min_age) {
  const auto path = state_dir / "sightings" / (config_digest + ".ndjson");
  const std::string header = to_header(config_digest);
  // Read it whole once: a count may be believed only when the digest is known to be right.
  FLOTSAM_ASSIGN(auto check, EarlierSightings::open(path, header));
  if (check) {
    do {
      FLOTSAM_TRY(check->advance());
    } while (check->current());
  }
  FLOTSAM_ASSIGN(auto earlier, EarlierSightings::open(path, header));
  if (earlier) FLOTSAM_TRY(earlier->advance());
  FLOTSAM_ASSIGN(auto writer, SealedWriter::create(path, header));
  return std::make_unique<SightingsMerge>(std::move(earlier), std::move(writer), now, min_age);
}

}  // namespace flotsam
