#include "report/html_facts.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/text.h"
#include "plan/json_fields.h"

namespace flotsam {
namespace {

bool is_true(const JsonFields& json, std::string_view name) {
  const auto raw = json.raw(name);
  return raw && *raw == "true";
}

bool is_given(const JsonFields& json, std::string_view name) {
  const auto raw = json.raw(name);
  return raw && *raw != "null";
}

Result<std::vector<JsonFields>> objects_if_given(const JsonFields& json, std::string_view name) {
  if (!json.has(name)) return std::vector<JsonFields>{};
  return json.objects(name);
}

Result<HtmlFacts::Source> source_of(const JsonFields& json) {
  HtmlFacts::Source source;
  source.outside_ignored = is_true(json, "outside_ignored");
  if (json.has("explained")) {
    FLOTSAM_ASSIGN(source.explained, json.number("explained"));
  }
  FLOTSAM_ASSIGN(const auto derived, objects_if_given(json, "derived"));
  for (const JsonFields& item : derived) {
    HtmlFacts::Derived found;
    FLOTSAM_ASSIGN(found.text, item.bytes("template"));
    FLOTSAM_ASSIGN(found.distinct_keys, item.number("distinct_keys"));
    FLOTSAM_ASSIGN(found.matched_objects, item.number("matched_objects"));
    source.derived.push_back(std::move(found));
  }
  return source;
}

Result<std::string> lifecycle_of(const JsonFields& json) {
  FLOTSAM_ASSIGN(const std::string id, json.bytes("id"));
  FLOTSAM_ASSIGN(const std::string prefix, json.bytes("prefix"));
  std::string text = fmt::format("{}: ", in_quotes(id));
  std::string what;
  if (is_given(json, "expiration_days")) {
    FLOTSAM_ASSIGN(const auto days, json.number("expiration_days"));
    what = fmt::format("objects expire after {}", counted(days, "day"));
  }
  if (is_given(json, "noncurrent_expiration_days")) {
    FLOTSAM_ASSIGN(const auto days, json.number("noncurrent_expiration_days"));
    what += fmt::format("{}older versions expire after {}", what.empty() ? "" : ", ", counted(days, "day"));
  }
  text += what.empty() ? "nothing expires" : what;
  if (!prefix.empty()) text += " under " + in_quotes(prefix);
  if (is_true(json, "has_other_filter")) text += ", of some objects only";
  return text;
}

Result<ReportView::Row> row_of(const JsonFields& json) {
  ReportView::Row row;
  FLOTSAM_ASSIGN(row.name, json.bytes("name"));
  FLOTSAM_ASSIGN(row.objects, json.number("objects"));
  FLOTSAM_ASSIGN(row.orphans, json.number("orphans"));
  FLOTSAM_ASSIGN(row.bytes, json.number("bytes"));
  FLOTSAM_ASSIGN(row.orphan_bytes, json.number("orphan_bytes"));
  FLOTSAM_ASSIGN(row.known, json.number("known"));
  return row;
}

Result<void> read_store(const JsonFields& evidence, HtmlFacts& facts) {
  FLOTSAM_ASSIGN(const JsonFields store, evidence.object("store"));
  facts.object_lock = is_true(store, "object_lock");
  facts.lifecycle_known = is_given(store, "lifecycle");
  if (!facts.lifecycle_known) return {};
  FLOTSAM_ASSIGN(const auto rules, store.objects("lifecycle"));
  for (const JsonFields& rule : rules) {
    FLOTSAM_ASSIGN(std::string text, lifecycle_of(rule));
    facts.lifecycle.push_back(std::move(text));
  }
  return {};
}

Result<void> read_evidence(const JsonFields& evidence, HtmlFacts& facts) {
  FLOTSAM_TRY(read_store(evidence, facts));
  FLOTSAM_ASSIGN(const auto sources, evidence.objects("sources"));
  for (const JsonFields& item : sources) {
    FLOTSAM_ASSIGN(HtmlFacts::Source source, source_of(item));
    facts.sources.push_back(std::move(source));
  }
  FLOTSAM_ASSIGN(const auto rules, objects_if_given(evidence, "rules"));
  for (const JsonFields& item : rules) {
    HtmlFacts::Rule rule;
    FLOTSAM_ASSIGN(rule.kind, item.bytes("kind"));
    FLOTSAM_ASSIGN(rule.text, item.bytes("text"));
    FLOTSAM_ASSIGN(rule.matched, item.number("matched"));
    facts.rules.push_back(std::move(rule));
  }
  FLOTSAM_ASSIGN(const auto prefixes, objects_if_given(evidence, "scope_prefixes"));
  for (const JsonFields& item : prefixes) {
    FLOTSAM_ASSIGN(ReportView::Row row, row_of(item));
    facts.scope_prefixes.push_back(std::move(row));
  }
  FLOTSAM_ASSIGN(const auto assumptions, objects_if_given(evidence, "assumptions"));
  for (const JsonFields& item : assumptions) {
    HtmlFacts::Assumption assumption;
    FLOTSAM_ASSIGN(assumption.id, item.bytes("id"));
    FLOTSAM_ASSIGN(assumption.text, item.bytes("assumption"));
    FLOTSAM_ASSIGN(assumption.figure, item.bytes("figure"));
    facts.assumptions.push_back(std::move(assumption));
  }
  return {};
}

Result<void> read_report(const JsonFields& report, HtmlFacts& facts) {
  FLOTSAM_ASSIGN(const auto diagnosis, report.objects("diagnosis"));
  for (const JsonFields& item : diagnosis) {
    if (!is_given(item, "resolves") || !is_given(item, "of")) {
      facts.proposals.emplace_back();
      continue;
    }
    HtmlFacts::Resolves resolves;
    FLOTSAM_ASSIGN(resolves.resolves, item.number("resolves"));
    FLOTSAM_ASSIGN(resolves.of, item.number("of"));
    facts.proposals.emplace_back(resolves);
  }
  FLOTSAM_ASSIGN(const auto references, report.objects("references"));
  facts.sources.resize(references.size());
  return {};
}

}  // namespace

Result<HtmlFacts> parse_html_facts(std::string_view report, std::string_view evidence) {
  auto report_fields = JsonFields::parse(report);
  if (!report_fields) return fail(std::move(report_fields).error(), "while reading the report");
  auto evidence_fields = JsonFields::parse(evidence);
  if (!evidence_fields)
    return fail(std::move(evidence_fields).error(), "while reading the report's evidence");
  HtmlFacts facts;
  if (auto read = read_evidence(*evidence_fields, facts); !read)
    return fail(std::move(read).error(), "while reading the report's evidence");
  if (auto read = read_report(*report_fields, facts); !read)
    return fail(std::move(read).error(), "while reading the report");
  return facts;
}

}  // namespace flotsam
