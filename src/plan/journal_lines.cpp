#include "plan/journal_lines.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <limits>

#include "base/bytes.h"
#include "plan/json_fields.h"
#include "plan/json_writer.h"

namespace flotsam {
namespace {

constexpr std::string_view kFormatField = "flotsam_journal";
constexpr std::array<std::string_view, 9> kResults = {"removed",  "gone",       "changed", "held",  "failed",
                                                      "restored", "superseded", "lost",    "purged"};
constexpr std::array<std::string_view, 10> kSkips = {"referenced", "derived", "protected", "unrecognised",
                                                     "young",      "suspect", "changed",   "gone",
                                                     "held",       "settling"};
constexpr std::array<std::string_view, 3> kStatuses = {"ok", "partial", "failed"};

template <typename Known>
bool is_one_of(std::string_view word, const Known& known) {
  return std::find(known.begin(), known.end(), word) != known.end();
}

// Writing. Most keys are plain: they need no look at their characters.
bool is_plain(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](char c) { return c >= ' ' && c < 0x7F && c != '"' && c != '\\'; });
}

void append_text(std::string& out, std::string_view bytes) {
  if (!is_plain(bytes)) return append_json_text(out, bytes);
  out += '"';
  out += bytes;
  out += '"';
}

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

/// `opening` is the name with all that stands before its value.
void append_text_field(std::string& out, std::string_view opening, std::string_view bytes) {
  out += opening;
  append_text(out, bytes);
}
void append_optional_field(std::string& out, std::string_view opening, std::string_view bytes) {
  if (!bytes.empty()) append_text_field(out, opening, bytes);
}

/// Reads exactly what the functions below write, piece by piece; anything else is left to JsonFields.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool literal(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  bool number(std::uint64_t& value) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || end == rest_.data()) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return true;
  }
  bool text(std::string_view& value) {
    if (!rest_.starts_with('"')) return false;
    const std::size_t end = rest_.find('"', 1);
    if (end == std::string_view::npos) return false;
    value = rest_.substr(1, end - 1);
    if (value.find('\\') != std::string_view::npos) return false;
    rest_.remove_prefix(end + 1);
    return true;
  }
  /// A text behind `opening`; true also where there is none.
  bool optional_text(std::string_view opening, std::string& value) {
    std::string_view found;
    if (literal(opening) && !text(found)) return false;
    value.assign(found);
    return true;
  }
  bool at_end() const { return rest_ == "}"; }

 private:
  std::string_view rest_;
};

bool read_quickly(std::string_view object, JournalIntent& intent) {
  Cursor at(object);
  std::string_view key, etag, time;
  if (!at.literal("{\"intend\":") || !at.number(intent.number) || !at.literal(",\"key\":") || !at.text(key) ||
      !at.literal(",\"size\":") || !at.number(intent.object.size_bytes) || !at.literal(",\"etag\":") ||
      !at.text(etag))
    return false;
  intent.object.last_modified.reset();
  if (at.literal(",\"last_modified\":")) {
    if (!at.text(time)) return false;
    const auto moment = parse_rfc3339(time);
    if (!moment) return false;
    intent.object.last_modified = *moment;
  }
  if (!at.optional_text(",\"version_id\":", intent.object.version_id) ||
      !at.optional_text(",\"detail\":", intent.detail) || !at.at_end())
    return false;
  intent.object.key = Key(std::string(key));
  intent.object.etag.assign(etag);
  return true;
}

bool read_quickly(std::string_view object, JournalOutcome& outcome) {
  Cursor at(object);
  std::string_view result;
  if (!at.literal("{\"outcome\":") || !at.number(outcome.number) || !at.literal(",\"result\":") ||
      !at.text(result) || !at.optional_text(",\"marker_id\":", outcome.marker_id) ||
      !at.optional_text(",\"version_id\":", outcome.version_id) ||
      !at.optional_text(",\"code\":", outcome.code) || !at.optional_text(",\"message\":", outcome.message) ||
      !at.at_end())
    return false;
  outcome.result.assign(result);
  return true;
}

Result<void> read_optional(const JsonFields& fields, std::string_view name, std::string& value) {
  value.clear();
  if (!fields.has(name)) return {};
  FLOTSAM_ASSIGN(value, fields.bytes(name));
  return {};
}

Result<JournalIntent> parse_intent(const JsonFields& fields) {
  JournalIntent intent;
  FLOTSAM_ASSIGN(intent.number, fields.number("intend"));
  FLOTSAM_ASSIGN(auto key, fields.bytes("key"));
  intent.object.key = Key(std::move(key));
  FLOTSAM_ASSIGN(intent.object.size_bytes, fields.number("size"));
  FLOTSAM_ASSIGN(intent.object.etag, fields.bytes("etag"));
  if (fields.has("last_modified")) {
    FLOTSAM_ASSIGN(intent.object.last_modified, fields.time("last_modified"));
  }
  FLOTSAM_TRY(read_optional(fields, "version_id", intent.object.version_id));
  FLOTSAM_TRY(read_optional(fields, "detail", intent.detail));
  return intent;
}

Result<JournalOutcome> parse_outcome(const JsonFields& fields) {
  JournalOutcome outcome;
  FLOTSAM_ASSIGN(outcome.number, fields.number("outcome"));
  FLOTSAM_ASSIGN(outcome.result, fields.bytes("result"));
  FLOTSAM_TRY(read_optional(fields, "marker_id", outcome.marker_id));
  FLOTSAM_TRY(read_optional(fields, "version_id", outcome.version_id));
  FLOTSAM_TRY(read_optional(fields, "code", outcome.code));
  FLOTSAM_TRY(read_optional(fields, "message", outcome.message));
  return outcome;
}

std::unexpected<Error> unknown(std::string_view what, std::string_view word) {
  return fail(ErrorCode::corrupt,
              fmt::format("its {} {} is not one that this flotsam knows", what, in_quotes(word)));
}

Result<DeleteMethod> method_of(std::string_view name) {
  for (const auto method :
       {DeleteMethod::version, DeleteMethod::quarantine, DeleteMethod::permanent, DeleteMethod::none})
    if (to_string(method) == name) return method;
  return unknown("method", name);
}

void append_list(JsonWriter& json, std::string_view name, const std::vector<std::string>& items) {
  json.name(name).begin_array();
  for (const auto& item : items) json.text(item);
  json.end_array();
}

}  // namespace

bool is_journal_result(std::string_view result) {
  return is_one_of(result, kResults);
}
bool is_journal_skip(std::string_view why) {
  return is_one_of(why, kSkips);
}
bool is_journal_status(std::string_view status) {
  return is_one_of(status, kStatuses);
}

void append_line(std::string& out, const JournalHeader& header) {
  JsonWriter json;
  json.begin_object().number(kFormatField, JournalHeader::kFormat).text("kind", to_string(header.kind));
  json.text("id", header.id).name("created_at").text(to_rfc3339_exact(header.created_at));
  json.text("plan_digest", header.plan_digest).text("of_journal", header.of_journal);
  json.text("store_url", header.store_url).text("store_identity", header.store_identity);
  append_list(json, "prefixes", header.prefixes);
  json.text("config_digest", header.config_digest).text("method", to_string(header.method));
  json.text("quarantine", header.quarantine).text("condition", header.condition);
  json.number("undo_days", static_cast<std::uint64_t>(header.undo_days)).number("expected", header.expected);
  append_list(json, "overrides", header.overrides);
  out += json.end_object().take();
  out.pop_back();
}

void append_line(std::string& out, Timestamp batch_at, std::uint64_t objects) {
  out += "{\"batch\":";
  append_number(out, objects);
  append_text_field(out, ",\"at\":", to_rfc3339_exact(batch_at));
}

void append_line(std::string& out, const JournalIntent& intent) {
  out += "{\"intend\":";
  append_number(out, intent.number);
  append_text_field(out, ",\"key\":", intent.object.key.bytes());
  out += ",\"size\":";
  append_number(out, intent.object.size_bytes);
  append_text_field(out, ",\"etag\":", intent.object.etag);
  if (intent.object.last_modified)
    append_text_field(out, ",\"last_modified\":", to_rfc3339_exact(*intent.object.last_modified));
  append_optional_field(out, ",\"version_id\":", intent.object.version_id);
  append_optional_field(out, ",\"detail\":", intent.detail);
}

void append_line(std::string& out, const JournalOutcome& outcome) {
  out += "{\"outcome\":";
  append_number(out, outcome.number);
  append_text_field(out, ",\"result\":", outcome.result);
  append_optional_field(out, ",\"marker_id\":", outcome.marker_id);
  append_optional_field(out, ",\"version_id\":", outcome.version_id);
  append_optional_field(out, ",\"code\":", outcome.code);
  append_optional_field(out, ",\"message\":", outcome.message);
}

void append_line(std::string& out, const JournalSkip& skip) {
  out += "{\"skip\":";
  append_number(out, skip.number);
  append_text_field(out, ",\"why\":", skip.why);
}

void append_line(std::string& out, const JournalEnd& end) {
  append_text_field(out, "{\"end\":", end.status);
  append_text_field(out, ",\"at\":", to_rfc3339_exact(end.at));
}

void append_note(std::string& out, std::string_view kind, std::string_view json) {
  append_text_field(out, "{\"note\":", kind);
  out += ",\"value\":";
  out += json;
}

Result<JournalHeader> parse_journal_header(std::string_view object) {
  FLOTSAM_ASSIGN(const JsonFields fields, JsonFields::parse(object));
  if (!fields.has(kFormatField))
    return fail(ErrorCode::corrupt, "it does not begin like a journal of flotsam");
  FLOTSAM_ASSIGN(const std::uint64_t format, fields.number(kFormatField));
  if (format != static_cast<std::uint64_t>(JournalHeader::kFormat))
    return fail(ErrorCode::corrupt,
                fmt::format("it was written by a newer flotsam: its format is {}, this one knows {}", format,
                            JournalHeader::kFormat));
  JournalHeader header;
  FLOTSAM_ASSIGN(const std::string kind, fields.bytes("kind"));
  const auto known = journal_kind_of(kind);
  if (!known) return unknown("kind", kind);
  header.kind = *known;
  FLOTSAM_ASSIGN(header.id, fields.bytes("id"));
  FLOTSAM_ASSIGN(header.created_at, fields.time("created_at"));
  FLOTSAM_ASSIGN(header.plan_digest, fields.bytes("plan_digest"));
  FLOTSAM_ASSIGN(header.of_journal, fields.bytes("of_journal"));
  FLOTSAM_ASSIGN(header.store_url, fields.bytes("store_url"));
  FLOTSAM_ASSIGN(header.store_identity, fields.bytes("store_identity"));
  FLOTSAM_ASSIGN(header.prefixes, fields.list("prefixes"));
  FLOTSAM_ASSIGN(header.config_digest, fields.bytes("config_digest"));
  FLOTSAM_ASSIGN(const std::string method, fields.bytes("method"));
  FLOTSAM_ASSIGN(header.method, method_of(method));
  FLOTSAM_ASSIGN(header.quarantine, fields.bytes("quarantine"));
  FLOTSAM_ASSIGN(header.condition, fields.bytes("condition"));
  FLOTSAM_ASSIGN(const std::uint64_t days, fields.number("undo_days"));
  if (days > static_cast<std::uint64_t>(std::numeric_limits<int>::max()))
    return fail(ErrorCode::corrupt, fmt::format("its undo_days of {} cannot be", days));
  header.undo_days = static_cast<int>(days);
  FLOTSAM_ASSIGN(header.expected, fields.number("expected"));
  FLOTSAM_ASSIGN(header.overrides, fields.list("overrides"));
  return header;
}

Result<void> JournalLineReader::told(Result<void> answer) {
  visitor_failed_ = !answer;
  return answer;
}

Result<void> JournalLineReader::read(std::string_view object, JournalVisitor& visitor) {
  visitor_failed_ = false;
  const auto outcome = [&]() -> Result<void> {
    if (!is_journal_result(outcome_.result)) return unknown("result", outcome_.result);
    return told(visitor.outcome(outcome_));
  };
  if (read_quickly(object, intent_)) return told(visitor.intent(intent_));
  if (read_quickly(object, outcome_)) return outcome();
  FLOTSAM_ASSIGN(const JsonFields fields, JsonFields::parse(object));
  const std::string_view name = fields.all().empty() ? std::string_view() : fields.all().front().first;
  if (name == "intend") {
    FLOTSAM_ASSIGN(intent_, parse_intent(fields));
    return told(visitor.intent(intent_));
  }
  if (name == "outcome") {
    FLOTSAM_ASSIGN(outcome_, parse_outcome(fields));
    return outcome();
  }
  if (name == "batch") {
    FLOTSAM_ASSIGN(const std::uint64_t objects, fields.number("batch"));
    FLOTSAM_ASSIGN(const Timestamp at, fields.time("at"));
    return told(visitor.batch(at, objects));
  }
  if (name == "skip") {
    JournalSkip skip;
    FLOTSAM_ASSIGN(skip.number, fields.number("skip"));
    FLOTSAM_ASSIGN(skip.why, fields.bytes("why"));
    if (!is_journal_skip(skip.why)) return unknown("reason", skip.why);
    return told(visitor.skip(skip));
  }
  if (name == "end") {
    JournalEnd end;
    FLOTSAM_ASSIGN(end.status, fields.bytes("end"));
    FLOTSAM_ASSIGN(end.at, fields.time("at"));
    if (!is_journal_status(end.status)) return unknown("status", end.status);
    return told(visitor.end(end));
  }
  if (name == "note") {
    FLOTSAM_ASSIGN(const std::string kind, fields.bytes("note"));
    FLOTSAM_ASSIGN(const std::string_view value, fields.raw("value"));
    return told(visitor.note(kind, value));
  }
  return unknown("kind", name);
}

}  // namespace flotsam
