#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/text.h"
#include "scan/guard_text.h"
#include "scan/guards.h"

namespace flotsam {
namespace {

constexpr Percent kResolutionFloor = Percent::of_whole(50);

// A source, or one of its `objects` templates, as resolution sees it.
struct Resolved {
  std::size_t source = 0;
  const TemplateFindings* of_template = nullptr;
  std::uint64_t part = 0;
  std::uint64_t whole = 0;
  std::uint64_t outside = 0;
};

bool is_lower(const Resolved& a, const Resolved& b) {
  return static_cast<WideUnsigned>(a.part) * b.whole < static_cast<WideUnsigned>(b.part) * a.whole;
}

std::vector<Resolved> resolved_of(const ScanResult& found) {
  std::vector<Resolved> all;
  for (std::size_t number = 0; number < found.sources.size(); ++number) {
    const SourceFindings& source = found.sources[number];
    if (!source.has_objects) continue;
    const auto add = [&](const TemplateFindings* of_template, std::uint64_t part, std::uint64_t distinct,
                         std::uint64_t outside) {
      const std::uint64_t counted_outside = source.outside_ignored ? 0 : outside;
      if (distinct + counted_outside > 0)
        all.push_back({number, of_template, part, distinct + counted_outside, counted_outside});
    };
    add(nullptr, source.resolved, source.distinct_keys, source.outside);
    for (const TemplateFindings& text : source.templates)
      if (!text.is_derived) add(&text, text.resolved, text.distinct_keys, text.outside);
  }
  return all;
}

std::string prefixes_text(const ScanResult& found) {
  std::vector<std::string> names;
  for (const std::string& prefix : found.prefixes)
    names.push_back(prefix.empty() ? "the bucket" : to_printable(prefix));
  return listed(names);
}

// Batches of an apply may have gone already.
std::string_view ending(const GuardInput& input) {
  return input.ruled_at == RuledAt::scan ? " Nothing has been deleted." : " Nothing more is deleted.";
}

// Why it may be and what to do, for the source that resolves worst.
std::string resolution_advice(const GuardInput& input, const Resolved& worst) {
  const SourceFindings& source = input.found.sources[worst.source];
  const auto pair = std::find_if(input.pairs.begin(), input.pairs.end(),
                                 [&](const NearPair& near) { return near.source == worst.source; });
  std::string text;
  if (worst.outside > 0)
    text += fmt::format(" {} of them lie outside {}.", with_separators(worst.outside),
                        prefixes_text(input.found));
  if (pair != input.pairs.end()) {
    text += fmt::format(
        " It {} Most likely its templates spell keys otherwise than the store does: correct objects in its "
        "[[references]] block and scan again.",
        pair_text(pair->needed_key, pair->object_key));
  } else {
    std::string example = "KEY";
    if (!source.sample_dangling.empty()) {
      text += fmt::format(" One that does not exist: {}.", to_printable(source.sample_dangling.front()));
      example = shell_quoted(source.sample_dangling.front());
    }
    text += fmt::format(
        " Either its templates spell keys otherwise than the store does, or this is not the store of {}, or "
        "{} are "
        "really gone. Look at one: flotsam explain {}. Do not clean until this is settled.",
        to_printable(source.database), counted(worst.whole - worst.part, "object"), example);
  }
  return text;
}

}  // namespace

GuardRuling rule_references_empty(const GuardInput& input) {
  std::vector<std::string> empty;
  bool all_empty = true;
  for (const SourceFindings& source : input.found.sources) {
    const bool gave = source.distinct_keys + source.explained > 0;
    all_empty = all_empty && !gave;
    if (!gave && !source.may_be_empty)
      empty.push_back(fmt::format("{} ({}, {} of them empty)", in_quotes(source.name),
                                  counted(source.rows, "row"), with_separators(source.empty)));
  }
  const auto figures = [&](GuardRuling ruling) {
    return with_figures(std::move(ruling), static_cast<double>(empty.size()), 0.0);
  };
  if (empty.empty())
    return figures(passes(fmt::format("{} gave keys in scope, or may be empty.",
                                      counted(input.found.sources.size(), "source"))));
  std::string message = fmt::format(
      "{} gave no key in scope ({}). Most likely the table is empty or half loaded, the query reads the "
      "wrong "
      "one, or the templates yield keys of another prefix.",
      listed(empty), prefixes_text(input.found));
  // A plan names unreferenced objects, and here they are not counted.
  if (input.ruled_at == RuledAt::scan && input.unreferenced() == 0)
    return figures(warns(message + " No object is unreferenced, so nothing depends on it."));
  message +=
      " Check the query and its database and scan again; a source that is empty on purpose says may_be_empty "
      "= "
      "true.";
  message += ending(input);
  if (all_empty) message += " No source gave any key, so no override exists.";
  GuardRuling ruling = figures(refuses(std::move(message)));
  ruling.overridable = !all_empty;
  return ruling;
}

GuardRuling rule_resolution(const GuardInput& input) {
  const Percent limit = input.rules.limits.resolution;
  const std::vector<Resolved> all = resolved_of(input.found);
  if (all.empty())
    return with_figures(passes("No source gave a key that is needed, so there is nothing to resolve."),
                        std::nullopt, limit.value());
  const Resolved& worst = *std::min_element(all.begin(), all.end(), is_lower);
  std::vector<std::string> failing;
  bool below_floor = false;
  for (const Resolved& each : all) {
    if (!falls_below(each.part, each.whole, limit)) continue;
    below_floor = below_floor || falls_below(each.part, each.whole, kResolutionFloor);
    if (each.of_template == nullptr) failing.push_back(in_quotes(input.found.sources[each.source].name));
  }
  const auto figures = [&](GuardRuling ruling) {
    return with_figures(std::move(ruling), share_value(worst.part, worst.whole), limit.value());
  };
  const SourceFindings& source = input.found.sources[worst.source];
  if (!falls_below(worst.part, worst.whole, limit))
    return figures(
        passes(fmt::format("Of the keys that {} needs, {} exist, the lowest share of all sources (limit {}).",
                           in_quotes(source.name), share_text(worst.part, worst.whole), limit_text(limit))));
  std::string message =
      fmt::format("Of {} that {} needs{}, {} ({}) exist in the store; the limit is {}.",
                  counted(worst.whole, "key"), in_quotes(source.name),
                  worst.of_template == nullptr ? std::string()
                                               : fmt::format(" by {}", in_quotes(worst.of_template->text)),
                  with_separators(worst.part), share_text(worst.part, worst.whole), limit_text(limit));
  message += resolution_advice(input, worst);
  if (failing.size() > 1) message += fmt::format(" Below the limit are {}.", listed(failing));
  message += " Nothing has been deleted.";
  if (below_floor) message += " Below 50 % no override exists.";
  GuardRuling ruling = figures(refuses(std::move(message)));
  ruling.overridable = !below_floor;
  return ruling;
}

GuardRuling rule_reference_drop(const GuardInput& input) {
  const Percent limit = input.rules.limits.reference_drop;
  if (!input.baseline)
    return with_figures(
        passes("No earlier scan of this scope is known, so there is nothing to compare the references "
               "with: a first scan cannot see that some are missing."),
        std::nullopt, limit.value());
  std::vector<std::string> fallen, vanished;
  double worst = 0.0;
  for (const auto& [name, before] : input.baseline->distinct_keys) {
    const auto source =
        std::find_if(input.found.sources.begin(), input.found.sources.end(),
                     [&, &wanted = name](const SourceFindings& each) { return each.name == wanted; });
    if (source == input.found.sources.end()) {
      vanished.push_back(in_quotes(name));
      worst = 100.0;
      continue;
    }
    if (source->keys_to_remember() >= before) continue;
    const std::uint64_t drop = before - source->keys_to_remember();
    worst = std::max(worst, share_value(drop, before));
    if (reaches(drop, before, limit))
      fallen.push_back(fmt::format("{} from {} to {} (-{})", in_quotes(name), with_separators(before),
                                   with_separators(source->keys_to_remember()), share_text(drop, before)));
  }
  const std::string since = fmt::format("since the scan {} of {}", to_printable(input.baseline->id),
                                        to_rfc3339(input.baseline->at));
  if (fallen.empty() && vanished.empty())
    return with_figures(
        passes(fmt::format("No source lost {} of its distinct keys {}.", limit_text(limit), since)), worst,
        limit.value());
  std::string message;
  if (!fallen.empty())
    message +=
        fmt::format("Fewer distinct keys {} (limit {}): {}. ", since, limit_text(limit), listed(fallen));
  if (!vanished.empty()) message += fmt::format("Gone {}: {}. ", since, listed(vanished));
  message += fmt::format(
      "Most likely a table is being loaded, rows were lost, or a query reads less than it did; their objects "
      "would look "
      "like orphans. Compare the rows with the application. If they were removed on purpose: {}.",
      override_text(input.found, "reference-drop"));
  message += ending(input);
  return with_figures(refuses(std::move(message)), worst, limit.value());
}

GuardRuling rule_rules_unused(const GuardInput& input) {
  std::vector<std::string> unused;
  for (const RuleUse& rule : input.found.rules)
    if (rule.matched == 0) unused.push_back(fmt::format("{} {}", rule.kind, in_quotes(rule.text)));
  for (const std::string& prefix : input.found.prefixes) {
    if (prefix.empty()) continue;
    const auto row = std::find_if(input.found.scope_prefixes.begin(), input.found.scope_prefixes.end(),
                                  [&](const TallyRow& each) { return each.name == prefix; });
    const bool is_only = input.found.prefixes.size() == 1;
    const std::uint64_t objects = is_only                                   ? input.found.scanned.objects
                                  : row == input.found.scope_prefixes.end() ? 0
                                                                            : row->all.objects;
    if (objects == 0) unused.push_back(fmt::format("prefixes {}", in_quotes(prefix)));
  }
  std::vector<std::string> unmatched;
  for (const SourceFindings& source : input.found.sources) {
    for (const TemplateFindings& text : source.templates)
      if (text.resolved == 0)
        unused.push_back(fmt::format("{} {} of {}", text.is_derived ? "derived" : "objects",
                                     in_quotes(text.text), in_quotes(source.name)));
    if (source.unmatched > 0)
      unmatched.push_back(fmt::format("{} of {}", counted(source.unmatched, "row"), in_quotes(source.name)));
  }
  const double count = static_cast<double>(unused.size() + unmatched.size());
  if (unused.empty() && unmatched.empty())
    return with_figures(
        passes("Every glob and template matched an object, and extract found something in every row."), count,
        0.0);
  std::string message;
  if (!unused.empty())
    message += fmt::format("No object matches {}: a rule that matches nothing is mostly a misspelt one. ",
                           listed(unused, 5));
  if (!unmatched.empty())
    message += fmt::format("extract found nothing in values of {}: what they refer to is not protected. ",
                           listed(unmatched, 5));
  message += "Correct or remove it in the configuration.";
  return with_figures(warns(std::move(message)), count, 0.0);
}

}  // namespace flotsam
