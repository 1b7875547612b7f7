#include "plan/plan.h"

#include <fmt/format.h>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "model/scope.h"
#include "plan/json_fields.h"
#include "plan/json_writer.h"

namespace flotsam {
namespace {

constexpr std::string_view kKind = "plan";
constexpr std::string_view kFormatField = "flotsam_plan";
constexpr std::string_view kNewPlanHint = "Make a new plan: flotsam scan.";

void append_source(JsonWriter& json, const SourceIdentity& source) {
  json.begin_object().text("name", source.name).text("rules_digest", source.rules_digest);
  json.name("database").begin_array();
  for (const auto& [name, value] : source.database)
    json.begin_object().text("name", name).text("value", value).end_object();
  json.end_array().number("distinct_keys", source.distinct_keys).end_object();
}

Result<SourceIdentity> parse_source(const JsonFields& fields) {
  SourceIdentity source;
  FLOTSAM_ASSIGN(source.name, fields.bytes("name"));
  FLOTSAM_ASSIGN(source.rules_digest, fields.bytes("rules_digest"));
  FLOTSAM_ASSIGN(const auto database, fields.objects("database"));
  for (const JsonFields& each : database) {
    auto& [name, value] = source.database.emplace_back();
    FLOTSAM_ASSIGN(name, each.bytes("name"));
    FLOTSAM_ASSIGN(value, each.bytes("value"));
  }
  FLOTSAM_ASSIGN(source.distinct_keys, fields.number("distinct_keys"));
  return source;
}

std::string to_header_line(const PlanHeader& header) {
  JsonWriter json;
  json.begin_object().number(kFormatField, static_cast<std::uint64_t>(header.format));
  json.text("id", header.id);
  json.name("created_at").text(to_rfc3339_exact(header.created_at));
  json.name("expires_at").text(to_rfc3339_exact(header.expires_at));
  json.text("store_url", header.store_url).text("store_identity", header.store_identity);
  json.name("prefixes").begin_array();
  for (const std::string& prefix : header.prefixes) json.text(prefix);
  json.end_array();
  json.text("config_digest", header.config_digest);
  json.name("cutoff").text(to_rfc3339_exact(header.cutoff)).text("method", header.method);
  json.name("sources").begin_array();
  for (const SourceIdentity& source : header.sources) append_source(json, source);
  json.end_array();
  json.name("evidence").raw(header.evidence).name("report").raw(header.report);
  return json.end_object().take();
}

Result<PlanHeader> parse_header(std::string_view line) {
  FLOTSAM_ASSIGN(const JsonFields fields, JsonFields::parse(line));
  if (!fields.has(kFormatField)) return fail(ErrorCode::corrupt, "it does not begin like a plan of flotsam");
  FLOTSAM_ASSIGN(const std::uint64_t format, fields.number(kFormatField));
  if (format != static_cast<std::uint64_t>(PlanHeader::kFormat))
    return fail(ErrorCode::corrupt,
                fmt::format("it was written by a newer flotsam: its format is {}, this one knows {}", format,
                            PlanHeader::kFormat));
  PlanHeader header;
  FLOTSAM_ASSIGN(header.id, fields.bytes("id"));
  FLOTSAM_ASSIGN(header.created_at, fields.time("created_at"));
  FLOTSAM_ASSIGN(header.expires_at, fields.time("expires_at"));
  FLOTSAM_ASSIGN(header.store_url, fields.bytes("store_url"));
  FLOTSAM_ASSIGN(header.store_identity, fields.bytes("store_identity"));
  FLOTSAM_ASSIGN(header.prefixes, fields.list("prefixes"));
  FLOTSAM_ASSIGN(header.config_digest, fields.bytes("config_digest"));
  FLOTSAM_ASSIGN(header.cutoff, fields.time("cutoff"));
  FLOTSAM_ASSIGN(header.method, fields.bytes("method"));
  FLOTSAM_ASSIGN(const auto sources, fields.objects("sources"));
  for (const JsonFields& each : sources) {
    FLOTSAM_ASSIGN(auto source, parse_source(each));
    header.sources.push_back(std::move(source));
  }
  FLOTSAM_ASSIGN(header.evidence, fields.raw("evidence"));
  FLOTSAM_ASSIGN(header.report, fields.raw("report"));
  if (!header.evidence.starts_with('{') || !header.report.starts_with('{'))
    return fail(ErrorCode::corrupt, "its report or evidence is not an object");
  // flotsam writes one spelling only: another one was not written by it.
  if (to_header_line(header) != line)
    return fail(ErrorCode::corrupt, "it is not written as flotsam writes it");
  return header;
}

Result<PlannedObject> parse_object(std::string_view line) {
  FLOTSAM_ASSIGN(const JsonFields fields, JsonFields::parse(line));
  PlannedObject planned;
  FLOTSAM_ASSIGN(auto key, fields.bytes("key"));
  planned.object.key = Key(std::move(key));
  FLOTSAM_ASSIGN(planned.object.size_bytes, fields.number("size"));
  FLOTSAM_ASSIGN(planned.object.etag, fields.bytes("etag"));
  FLOTSAM_ASSIGN(planned.object.last_modified, fields.time("last_modified"));
  if (fields.has("version_id")) {
    FLOTSAM_ASSIGN(planned.object.version_id, fields.bytes("version_id"));
  }
  FLOTSAM_ASSIGN(planned.shape, fields.bytes("shape"));
  if (to_json_line(planned.object.view(), planned.shape) != line)
    return fail(ErrorCode::corrupt, "it is not written as flotsam writes it");
  return planned;
}

/// Why no plan may hold this key after that one; empty where it may.
std::string objection_to(std::string_view key, std::string_view last_key,
                         const std::vector<std::string>& prefixes) {
  if (key.empty()) return "a key is empty";
  if (!last_key.empty() && key == last_key) return fmt::format("the key {} stands twice", in_quotes(key));
  if (key < last_key) return fmt::format("the key {} stands out of order", in_quotes(key));
  if (is_own(KeyView(key))) return fmt::format("the key {} is flotsam's own", in_quotes(key));
  for (const std::string& prefix : prefixes)
    if (key.starts_with(prefix)) return {};
  return fmt::format("the key {} stands outside the plan's prefixes", in_quotes(key));
}

struct PlanReading {
  PlanHeader header;
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
  std::string digest;
};

/// Checks the whole file on its way. `use` is called for each object; `check_header` before the first.
template <typename CheckHeader, typename Use>
Result<PlanReading> read_plan(const std::filesystem::path& path, const CheckHeader& check_header,
                              const Use& use) {
  FLOTSAM_ASSIGN(auto reader, SealedReader::open(path, kKind));
  FLOTSAM_ASSIGN(auto line, reader.next());
  PlanReading reading;
  auto header = parse_header(*line);
  if (!header) return reader.corrupt_line(header.error().message);
  reading.header = *std::move(header);
  if (!check_header(reading.header)) return reader.corrupt("it was changed while it was in use");
  std::string last_key;
  while (true) {
    FLOTSAM_ASSIGN(line, reader.next());
    if (!line) break;
    auto planned = parse_object(*line);
    if (!planned) return reader.corrupt_line(planned.error().message);
    const std::string& key = planned->object.key.bytes();
    if (const auto objection = objection_to(key, last_key, reading.header.prefixes); !objection.empty())
      return reader.corrupt_line(objection);
    last_key = key;
    ++reading.objects;
    reading.bytes += planned->object.size_bytes;
    FLOTSAM_TRY(use(*planned));
  }
  reading.digest = reader.digest();
  return reading;
}

Error hinted(Error error) {
  if (error.code == ErrorCode::corrupt && error.hint.empty()) error.hint = kNewPlanHint;
  return error;
}

}  // namespace

std::string to_json_line(const ObjectView& object, std::string_view shape) {
  JsonWriter json;
  json.begin_object()
      .text("key", object.key.bytes())
      .number("size", object.size_bytes)
      .text("etag", object.etag);
  json.name("last_modified");
  if (object.last_modified) {
    json.text(to_rfc3339_exact(*object.last_modified));
  } else {
    json.null();
  }
  if (!object.version_id.empty()) json.text("version_id", object.version_id);
  return json.text("shape", shape).end_object().take();
}

Result<PlanWriter> PlanWriter::create(const std::filesystem::path& path, const PlanHeader& header) {
  PlanHeader whole = header;
  if (whole.report.empty()) whole.report = "{}";
  if (whole.evidence.empty()) whole.evidence = "{}";
  const std::string line = to_header_line(whole);
  // What could not be read back must not be written: a line break in the report, a prefix list that holds
  // nothing.
  if (line.find('\n') != std::string::npos || whole.prefixes.empty())
    return fail(ErrorCode::internal, "the plan's header has no prefixes, or more than one line");
  if (const auto read_back = parse_header(line); !read_back)
    return fail(ErrorCode::internal, "the plan's header cannot be read back: " + read_back.error().message);
  FLOTSAM_ASSIGN(auto file, SealedWriter::create(path, line));
  return PlanWriter(std::move(file), whole.prefixes);
}

Result<void> PlanWriter::add(const ObjectView& object, std::string_view shape) {
  std::string objection = objection_to(object.key.bytes(), last_key_, prefixes_);
  if (objection.empty() && !object.last_modified)
    objection = fmt::format("the time of {} is not known", in_quotes(object.key.bytes()));
  if (failed_ || !objection.empty()) {
    failed_ = true;
    return fail(ErrorCode::internal, "the plan was not written: " + objection);
  }
  last_key_ = object.key.bytes();
  return file_.add(to_json_line(object, shape));
}

Result<void> PlanWriter::commit() {
  if (failed_) return fail(ErrorCode::internal, "the plan was not written: an object in it was refused");
  return file_.commit();
}

Result<Plan> Plan::load(const std::filesystem::path& path) {
  auto reading = read_plan(
      path, [](const PlanHeader&) { return true; }, [](const PlannedObject&) -> Result<void> { return {}; });
  if (!reading) return std::unexpected(hinted(std::move(reading).error()));
  Plan plan;
  plan.path_ = path;
  plan.header_ = std::move(reading->header);
  plan.objects_ = reading->objects;
  plan.bytes_ = reading->bytes;
  plan.digest_ = std::move(reading->digest);
  return plan;
}

Result<void> Plan::for_each(const std::function<Result<void>(const PlannedObject&)>& use) const {
  const std::string header = to_header_line(header_);
  auto reading = read_plan(path_, [&](const PlanHeader& now) { return to_header_line(now) == header; }, use);
  if (!reading) return std::unexpected(hinted(std::move(reading).error()));
  if (reading->digest != digest_)
    return fail(ErrorCode::corrupt,
                fmt::format("the plan {} was changed while it was in use", in_quotes(path_.native())),
                std::string(kNewPlanHint));
  return {};
}

}  // namespace flotsam
