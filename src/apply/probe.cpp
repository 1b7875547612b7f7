#include "apply/probe.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "plan/json_fields.h"
#include "plan/json_writer.h"
#include "store/prober.h"

namespace flotsam {
namespace {

constexpr std::uint64_t kFormat = 1;

std::string name_of(const std::string& store_identity) {
  return fmt::format("probes/{}.json", sha256_hex(store_identity).substr(0, 32));
}

DeleteCondition condition_of(const ProbeFindings& found) {
  if (!found.delete_if_match.value_or(false)) return DeleteCondition::none;
  return found.batch_if_match.value_or(false) ? DeleteCondition::batch : DeleteCondition::single;
}

std::optional<DeleteCondition> condition_of(std::string_view name) {
  for (const DeleteCondition each : {DeleteCondition::none, DeleteCondition::single, DeleteCondition::batch})
    if (name == to_string(each)) return each;
  return std::nullopt;
}

void write_finding(JsonWriter& json, std::string_view name, const std::optional<bool>& value) {
  json.name(name);
  if (value) {
    json.boolean(*value);
  } else {
    json.null();
  }
}

std::string to_record(const ProbeFindings& found, const std::string& store_identity, Timestamp at) {
  JsonWriter json;
  json.begin_object().number("flotsam_probe", kFormat).text("store_identity", store_identity);
  json.text("at", to_rfc3339_exact(at)).text("condition", to_string(condition_of(found)));
  json.name("findings").begin_object();
  write_finding(json, "create_if_absent", found.create_if_absent);
  write_finding(json, "replace_if_match", found.replace_if_match);
  write_finding(json, "delete_if_match", found.delete_if_match);
  write_finding(json, "batch_if_match", found.batch_if_match);
  write_finding(json, "versions_kept", found.versions_kept);
  write_finding(json, "distinct_keys", found.distinct_keys);
  write_finding(json, "owner_checked", found.owner_checked);
  json.end_object().name("steps").begin_array();
  for (const ProbeFindings::Step& step : found.steps)
    json.begin_object().text("name", step.name).text("outcome", step.outcome).end_object();
  return json.end_array().end_object().take();
}

Result<RecordedProbe> parse_record(std::string record, const std::string& store_identity) {
  FLOTSAM_ASSIGN(const JsonFields fields, JsonFields::parse(record));
  FLOTSAM_ASSIGN(const std::uint64_t format, fields.number("flotsam_probe"));
  if (format > kFormat) return fail(ErrorCode::corrupt, "it was written by a newer flotsam");
  FLOTSAM_ASSIGN(const std::string identity, fields.bytes("store_identity"));
  if (identity != store_identity)
    return fail(ErrorCode::corrupt, fmt::format("it is of the store {}", in_quotes(identity)));
  RecordedProbe probe;
  FLOTSAM_ASSIGN(probe.at, fields.time("at"));
  FLOTSAM_ASSIGN(const std::string condition, fields.bytes("condition"));
  const auto known = condition_of(condition);
  if (!known) return fail(ErrorCode::corrupt, fmt::format("its condition is {}", in_quotes(condition)));
  probe.condition = *known;
  probe.json = std::move(record);
  return probe;
}

}  // namespace

Result<RecordedProbe> probe_and_record(const StoreOptions& options, const std::string& store_identity,
                                       const std::string& prefix, const StoreContext& context,
                                       const Cancel& cancel, State& state) {
  FLOTSAM_ASSIGN(const ProbeFindings found, probe_store(options, prefix, context, cancel));
  const Timestamp at = context.clock->now();
  RecordedProbe probe{at, condition_of(found), to_record(found, store_identity, at),
                      state.place_of(name_of(store_identity))};
  FLOTSAM_TRY(state.put(name_of(store_identity), probe.json));
  return probe;
}

Result<std::optional<RecordedProbe>> recorded_probe(State& state, const std::string& store_identity) {
  const std::string name = name_of(store_identity);
  FLOTSAM_ASSIGN(auto entry, state.read(name));
  if (!entry) return std::nullopt;
  auto probe = parse_record(std::move(entry->bytes), store_identity);
  if (!probe)
    return fail(ErrorCode::corrupt,
                fmt::format("the record of a probe {} cannot be believed: {}", state.place_of(name),
                            probe.error().message),
                "Run flotsam check --probe again, or remove the record.");
  probe->place = state.place_of(name);
  return *std::move(probe);
}

}  // namespace flotsam
