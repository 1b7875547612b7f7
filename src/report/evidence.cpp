#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "base/text.h"
#include "plan/json_writer.h"
#include "report/report.h"
#include "report/rows.h"

namespace flotsam {
namespace {

// Text of databases, services and drivers passes the last filter for secrets; keys and templates do not: they
// are data.
void write_text(JsonWriter& json, std::string_view name, std::string_view text) {
  json.text(name, redacted(text));
}

void write_warnings(JsonWriter& json, const std::vector<std::string>& warnings) {
  json.name("warnings").begin_array();
  for (const std::string& warning : warnings) json.text(redacted(warning));
  json.end_array();
}

void write_pairs(JsonWriter& json, std::string_view name, const Evidence& evidence) {
  json.name(name).begin_array();
  for (const auto& [what, value] : evidence) {
    json.begin_object().text("name", what);
    write_text(json, "value", value);
    json.end_object();
  }
  json.end_array();
}

void write_days(JsonWriter& json, std::string_view name, const std::optional<int>& days) {
  json.name(name);
  if (days && *days >= 0) {
    json.number(static_cast<std::uint64_t>(*days));
  } else {
    json.null();
  }
}

void write_store(JsonWriter& json, const StoreFacts& store) {
  json.name("store").begin_object();
  write_text(json, "identity", store.identity);
  write_text(json, "region", store.region);
  write_text(json, "credentials", store.credentials);
  json.text("versioning", to_string(store.versioning)).boolean("object_lock", store.object_lock);
  json.time("clock", store.clock).time("local_clock", store.local_clock).name("lifecycle");
  if (store.lifecycle) {
    json.begin_array();
    for (const LifecycleRule& rule : *store.lifecycle) {
      json.begin_object().text("id", rule.id).text("prefix", rule.prefix);
      json.boolean("has_other_filter", rule.has_other_filter);
      write_days(json, "expiration_days", rule.expiration_days);
      write_days(json, "noncurrent_expiration_days", rule.noncurrent_expiration_days);
      json.end_object();
    }
    json.end_array();
  } else {
    json.null();
  }
  write_warnings(json, store.warnings);
  json.end_object();
}

void write_listing(JsonWriter& json, const ListingProof& listing) {
  json.name("listing").begin_object().number("objects", listing.objects).number("requests", listing.requests);
  json.number("retries", listing.retries).number("skipped_special", listing.skipped_special);
  json.number("skipped_symlinks", listing.skipped_symlinks).number("skipped_own", listing.skipped_own);
  json.time("started_at", listing.started_at).time("finished_at", listing.finished_at).end_object();
}

void write_source(JsonWriter& json, const SourceFindings& source) {
  const ReadProof& proof = source.proof;
  json.begin_object().text("name", source.name);
  write_text(json, "database", source.database);
  write_pairs(json, "identity", source.identity);
  json.number("rows", proof.rows).number("non_text_values", proof.non_text_values);
  json.number("invalid_utf8", proof.invalid_utf8).name("true_at");
  if (proof.true_at) {
    json.time(*proof.true_at);
  } else {
    json.null();
  }
  json.time("started_at", proof.started_at).time("finished_at", proof.finished_at);
  write_pairs(json, "evidence", proof.evidence);
  json.number("explained", source.explained).boolean("outside_ignored", source.outside_ignored);
  json.boolean("may_be_empty", source.may_be_empty).name("derived").begin_array();
  for (const TemplateFindings& found : source.templates) {
    if (!found.is_derived) continue;
    json.begin_object().text("template", found.text).number("distinct_keys", found.distinct_keys);
    json.number("matched_objects", found.matched_objects).end_object();
  }
  json.end_array();
  write_warnings(json, proof.warnings);
  json.end_object();
}

void write_rows(JsonWriter& json, std::string_view name, const std::vector<TallyRow>& rows) {
  json.name(name).begin_array();
  for (const TallyRow& row : capped(rows)) {
    json.begin_object()
        .text("name", row.name)
        .number("objects", row.all.objects)
        .number("bytes", row.all.bytes);
    json.number("orphans", row.orphans.objects).number("orphan_bytes", row.orphans.bytes);
    json.number("known", row.known).end_object();
  }
  json.end_array();
}

void write_samples(JsonWriter& json, std::string_view name, const std::vector<SampleObject>& samples) {
  json.name(name).begin_array();
  for (const SampleObject& sample : samples) {
    json.begin_object().text("key", sample.object.key.bytes()).number("size", sample.object.size_bytes);
    json.name("last_modified");
    if (sample.object.last_modified) {
      json.time(*sample.object.last_modified);
    } else {
      json.null();
    }
    json.text("verdict", to_string(sample.verdict)).text("shape", sample.shape);
    json.text("near_reference", sample.near_reference).end_object();
  }
  json.end_array();
}

void write_assumptions(JsonWriter& json, const ScanResult& result) {
  const std::string min_age = to_human_seconds(result.min_age.count());
  std::optional<Timestamp> earliest;
  for (const SourceFindings& source : result.sources)
    if (source.proof.true_at && *source.proof.true_at < earliest.value_or(result.store.clock))
      earliest = source.proof.true_at;
  const std::string lag = earliest ? "the cutoff counts from " + to_rfc3339(*earliest) : "0s";
  const auto assume = [&](std::string_view id, std::string_view text, std::string_view figure) {
    json.begin_object().text("id", id).text("assumption", text).text("figure", figure).end_object();
  };
  json.name("assumptions").begin_array();
  assume("A1", "a finished upload is referenced by a committed row within min_age, or never", min_age);
  assume("A2", "the times of objects and the store's own clock are one clock",
         to_rfc3339(result.store.clock));
  assume("A3", "each source shows every commit up to the moment that it names", lag);
  assume("A4", "an old object without a reference is not referenced again without being written again",
         "none");
  assume("A5",
         "an upload in parts, or a copy that keeps its old time, is complete within min_age of its time",
         min_age);
  json.end_array();
}

}  // namespace

std::string to_evidence(const ScanResult& result) {
  JsonWriter json;
  json.begin_object();
  write_store(json, result.store);
  json.text("method", to_string(result.method));
  json.number("min_age_seconds",
              static_cast<std::uint64_t>(std::max<Seconds::rep>(result.min_age.count(), 0)));
  write_listing(json, result.listing);
  json.name("sources").begin_array();
  for (const SourceFindings& source : result.sources) write_source(json, source);
  json.end_array().name("rules").begin_array();
  for (const RuleUse& rule : result.rules)
    json.begin_object()
        .text("kind", rule.kind)
        .text("text", rule.text)
        .number("matched", rule.matched)
        .end_object();
  json.end_array();
  write_rows(json, "first_parts", result.prefixes_found);
  write_rows(json, "scope_prefixes", result.scope_prefixes);
  write_samples(json, "samples", result.sample_unreferenced);
  write_samples(json, "suspects", result.sample_suspects);
  write_assumptions(json, result);
  return json.end_object().take();
}

}  // namespace flotsam
