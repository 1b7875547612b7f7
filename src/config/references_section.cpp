#include <fmt/format.h>
#include <map>
#include <set>

#include "base/bytes.h"
#include "config/database_url.h"
#include "config/sections.h"

namespace flotsam {
namespace {

class SourceBuilder {
 public:
  SourceBuilder(const Building& building, SettingGroup& group, ReferenceSettings& source)
      : building_(building), group_(group), source_(source) {}

  void build() {
    source_.line = group_.place.order;
    if (const auto* name = group_.get<std::string>("name")) source_.name = *name;
    if (!group_.given("name"))
      block_problem(
          "has no name; reports and history call it by its name, so write one, like name = \"book images\"");
    build_database();
    build_query();
    if (const auto* extract = group_.get<std::string>("extract")) build_extract(*extract);
    build_templates("objects", source_.objects);
    build_templates("derived", source_.derived);
    if (!is_set("objects") && !is_set("derived"))
      block_problem(
          "has neither objects nor derived; write which keys a row needs, like objects = "
          "[\"books/{s3_key}\"]");
    check_fields();
    build_as_of();
    if (const auto* outside = group_.get<std::string>("outside"))
      source_.outside_ignored = *outside == "ignore";
    if (const auto* spelling = group_.get<std::string>("spelling"))
      source_.spelling_exact = *spelling == "exact";
    if (const auto* empty = group_.get<bool>("may_be_empty")) source_.may_be_empty = *empty;
  }

 private:
  void problem(std::string_view key, const std::string& message) {
    add_problem(building_.problems, group_[key], message);
  }
  void block_problem(const std::string& message) {
    const std::string name = source_.name.empty() ? std::string() : " " + in_quotes(source_.name);
    building_.problems.add(group_.place, fmt::format("the source{} {}", name, message));
  }

  /// Given with something in it, or given wrongly (then it has a problem already).
  bool is_set(std::string_view key) {
    if (!group_.given(key)) return false;
    const auto* list = group_.get<std::vector<std::string>>(key);
    return list == nullptr || !list->empty();
  }

  void build_database() {
    if (!group_.given("database"))
      return block_problem(
          "has no database; write database = \"postgresql://HOST/NAME\", mysql://, sqlite:FILE or csv:FILE");
    const auto* url = group_.get<std::string>("database");
    if (url == nullptr) return;
    group_["database"].shown = to_toml_string(Secret::shown());
    if (const std::string mistake = database_mistake(*url); !mistake.empty())
      return problem("database", mistake);
    kind_ = kind_of_database(*url);
    source_.database = Secret(*url);
    source_.shown_database = without(shown_database(*url), group_["database"].hidden);
    group_["database"].shown = to_toml_string(source_.shown_database);
  }

  void build_query() {
    if (const auto* query = group_.get<std::string>("query")) source_.query = *query;
    for (const std::string& secret : group_["query"].hidden) source_.query_secrets.emplace_back(secret);
    if (const auto* columns = group_.get<std::vector<std::string>>("columns")) source_.columns = *columns;
    if (kind_ == DatabaseKind::unknown) return;
    const bool is_csv = kind_ == DatabaseKind::csv;
    const std::string_view wanted = is_csv ? "columns" : "query";
    const std::string_view unwanted = is_csv ? "query" : "columns";
    const std::string_view advice = is_csv ? "a csv: source takes columns = [\"NAME\"] instead"
                                           : "a database takes query = \"SELECT …\" instead";
    if (group_.given(unwanted))
      return problem(unwanted, fmt::format("does not go with this database; {}", advice));
    if (!is_set(wanted))
      return block_problem(is_csv
                               ? "has no columns; write columns = [\"NAME\"], the columns of the file to read"
                               : "has no query; write query = \"SELECT … FROM …\"");
    std::set<std::string> seen;
    for (std::size_t i = 0; i < source_.columns.size(); ++i)
      if (!seen.insert(source_.columns[i]).second)
        building_.problems.add(
            group_.place_of_item("columns", i),
            fmt::format("{}[{}] names {} twice", group_["columns"].name, i, in_quotes(source_.columns[i])));
  }

  void build_extract(const std::string& extract) {
    ResolverRules rules;
    rules.extract = extract;
    const auto resolver = Resolver::create(std::move(rules));
    if (resolver) {
      source_.extract = extract;
    } else {
      problem("extract", ": " + sentences_of(resolver.error()));
    }
  }

  void build_templates(std::string_view key, std::vector<KeyTemplate>& templates) {
    const auto* texts = group_.get<std::vector<std::string>>(key);
    if (texts == nullptr) return;
    for (std::size_t i = 0; i < texts->size(); ++i) {
      auto parsed = KeyTemplate::parse((*texts)[i]);
      if (!parsed) {
        template_problem(key, i, sentences_of(parsed.error()));
      } else if (parsed->is_folder_rule() && key == "objects") {
        template_problem(
            key, i,
            fmt::format("{} ends in /**, which only derived may: a row cannot need all below a folder",
                        in_quotes((*texts)[i])));
      } else {
        templates_.push_back({key, i, *parsed});
        templates.push_back(*std::move(parsed));
      }
    }
  }

  void template_problem(std::string_view key, std::size_t index, const std::string& message) {
    building_.problems.add(group_.place_of_item(key, index),
                           fmt::format("{}[{}]: {}", group_[key].name, index, message));
  }

  /// Of a CSV the columns are known, so that an unknown field shows before anything is opened. Of a query
  /// they show when it runs.
  void check_fields() {
    if (kind_ != DatabaseKind::csv || source_.columns.empty()) return;
    if (group_.given("extract") && source_.extract.empty()) return;  // its groups are not known
    for (const auto& [key, index, parsed] : templates_) {
      ResolverRules rules;
      (key == "objects" ? rules.objects : rules.derived).push_back(parsed);
      rules.extract = source_.extract;
      auto resolver = Resolver::create(std::move(rules));
      if (!resolver) continue;
      if (const auto bound = resolver->bind(source_.columns); !bound)
        template_problem(key, index, sentences_of(bound.error()));
    }
  }

  void build_as_of() {
    const bool is_file = kind_ == DatabaseKind::csv || kind_ == DatabaseKind::sqlite;
    if (kind_ == DatabaseKind::csv) group_.default_to("as_of", std::string("file"));
    const auto* text = group_.get<std::string>("as_of");
    if (text == nullptr || *text == "now") return;
    if (*text == "file") {
      if (!is_file && kind_ != DatabaseKind::unknown)
        return problem("as_of", "is \"file\", but a database server is no file; say \"now\" or a time");
      source_.as_of = AsOf::file;
      return;
    }
    const auto moment = parse_rfc3339(*text);
    if (!moment)
      return problem("as_of", fmt::format("is {}, but must be \"now\", \"file\" or a time with offset, like "
                                          "\"2026-11-16T06:41:02Z\"",
                                          to_toml_string(*text)));
    source_.as_of = AsOf::stated;
    source_.stated_as_of = *moment;
  }

  struct PlacedTemplate {
    std::string_view key;
    std::size_t index = 0;
    KeyTemplate parsed;
  };

  const Building& building_;
  SettingGroup& group_;
  ReferenceSettings& source_;
  DatabaseKind kind_ = DatabaseKind::unknown;
  std::vector<PlacedTemplate> templates_;
};

}  // namespace

void build_references(const Building& building, std::vector<ReferenceSettings>& references) {
  if (building.settings.references.empty()) {
    if (building.settings.has_broken_references) return;
    building.problems.add(
        building.settings.of("").place,
        "there is no [[references]] block; without references every object would look like an orphan");
    return;
  }
  std::map<std::string, Place> names;
  for (SettingGroup& group : building.settings.references) {
    ReferenceSettings source;
    SourceBuilder(building, group, source).build();
    if (!source.name.empty()) {
      const auto [first, is_new] = names.emplace(source.name, group["name"].place);
      if (!is_new)
        building.problems.add(
            group["name"].place,
            fmt::format("{} is {}, the name of another source ({}); reports and history tell sources apart "
                        "by their names",
                        group["name"].name, in_quotes(source.name), first->second.text));
    }
    references.push_back(std::move(source));
  }
}

}  // namespace flotsam
