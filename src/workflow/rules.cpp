#include "workflow/rules.h"

#include <fmt/format.h>

#include "base/blank.h"
#include "base/bytes.h"

namespace flotsam {
namespace {

std::string name_of(const ReferenceSettings& block) {
  return in_quotes(block.name);
}

AsOfKind as_of_kind(AsOf as_of) {
  switch (as_of) {
    case AsOf::now:
      return AsOfKind::now;
    case AsOf::file:
      return AsOfKind::file;
    case AsOf::stated:
      return AsOfKind::stated;
  }
  return AsOfKind::now;
}

SourceRules source_rules_of(const ReferenceSettings& block) {
  SourceRules rules;
  rules.query.name = block.name;
  rules.query.query = block.query;
  rules.query.columns = block.columns;
  rules.query.as_of = as_of_kind(block.as_of);
  rules.query.stated_as_of = block.stated_as_of;
  rules.resolver.objects = block.objects;
  rules.resolver.derived = block.derived;
  rules.resolver.extract = block.extract;
  rules.outside_ignored = block.outside_ignored;
  rules.spelling_exact = block.spelling_exact;
  rules.may_be_empty = block.may_be_empty;
  return rules;
}

/// The quarantine's prefix where it lies in the bucket that is scanned; empty elsewhere.
std::string quarantine_prefix_of(const Config& config) {
  if (!config.deletion.quarantine || config.store.bucket.empty()) return {};
  const std::string start = "s3://" + config.store.bucket + "/";
  return config.deletion.quarantine->starts_with(start) ? config.deletion.quarantine->substr(start.size())
                                                        : "";
}

}  // namespace

Result<OpenedDatabases> open_databases(const Config& config, const DatabaseContext& context) {
  OpenedDatabases opened;
  std::vector<std::string> urls;
  for (std::size_t i = 0; i < config.references.size(); ++i) {
    const ReferenceSettings& block = config.references[i];
    const bool is_file = block.query.empty();
    std::size_t at = 0;
    while (at < urls.size() && (is_file || urls[at] != block.database.reveal())) ++at;
    if (at == urls.size()) {
      DatabaseOptions options;
      options.url = block.database;
      options.base = config.path.parent_path();
      auto database = open_database(options, context);
      if (!database)
        return fail(database.error(), fmt::format("while opening the database of {}", name_of(block)));
      urls.push_back(block.database.reveal());
      opened.entries.push_back({std::move(*database), {}});
    }
    opened.entries[at].blocks.push_back(i);
  }
  return opened;
}

Result<void> lint_queries(const Config& config) {
  for (const ReferenceSettings& block : config.references) {
    if (block.query.empty()) continue;
    const auto warnings = lint_query(block.query);
    if (!warnings)
      return fail(warnings.error(), fmt::format("in the query of {} ({}:{})", name_of(block),
                                                config.path.filename().native(), block.line));
  }
  return {};
}

Error without_secrets(Error error, const Config& config) {
  for (const ReferenceSettings& block : config.references)
    for (const Secret& secret : block.query_secrets) {
      blank_expansion(error.message, secret.reveal());
      blank_expansion(error.hint, secret.reveal());
      for (std::string& line : error.context) blank_expansion(line, secret.reveal());
    }
  return error;
}

StoreOptions store_options_of(const Config& config) {
  StoreOptions options;
  options.url = config.store.url;
  options.region = config.store.region;
  options.endpoint = config.store.endpoint;
  options.addressing = config.store.addressing;
  options.profile = config.store.profile;
  options.expected_bucket_owner = config.store.expected_bucket_owner;
  options.listable_prefix = config.store.scope.prefixes().front();
  return options;
}

ScanRules rules_of(const Config& config, const OpenedDatabases& databases) {
  ScanRules rules;
  rules.store_url = config.store.url;
  rules.bucket = config.store.bucket;
  rules.scope = config.store.scope;
  rules.candidates = config.store.candidates;
  rules.protect = config.store.protect;
  rules.disposable = config.store.disposable;
  rules.min_age = config.store.min_age;
  rules.memory_bytes = config.memory_bytes;
  rules.limits = config.guards;
  rules.deletion.method = config.deletion.method;
  rules.deletion.has_quarantine = config.deletion.quarantine.has_value();
  rules.deletion.quarantine_prefix = quarantine_prefix_of(config);
  rules.deletion.undo_days = config.deletion.undo_days;
  for (const auto& entry : databases.entries) {
    DatabaseRules database;
    database.database = entry.database.get();
    for (const std::size_t block : entry.blocks)
      database.sources.push_back(source_rules_of(config.references[block]));
    rules.databases.push_back(std::move(database));
  }
  return rules;
}

}  // namespace flotsam
