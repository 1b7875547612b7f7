#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"
#include "config/config.h"
#include "config/database_url.h"

namespace flotsam {
namespace {

/// Hashes fields so that no two lists of them give the same bytes: each with its length.
class Digest {
 public:
  void add(std::string_view text) {
    sha_.update(std::to_string(text.size()) + ":");
    sha_.update(text);
  }
  void add(const std::vector<std::string>& texts) {
    add(std::to_string(texts.size()));
    for (const std::string& text : texts) add(text);
  }
  std::string finish() { return to_hex(sha_.finish()); }

 private:
  Sha256 sha_;
};

/// The texts of globs or templates, sorted: their order decides nothing.
template <typename T>
std::vector<std::string> texts_of(const std::vector<T>& rules) {
  std::vector<std::string> texts;
  for (const T& rule : rules) texts.push_back(rule.text());
  std::sort(texts.begin(), texts.end());
  return texts;
}

void add_source(Digest& digest, const ReferenceSettings& source, std::string_view folder) {
  digest.add(source.name);
  digest.add(digested_database(source.database.reveal(), folder));
  digest.add(source.query);
  digest.add(source.columns);
  digest.add(source.extract);
  digest.add(texts_of(source.objects));
  digest.add(texts_of(source.derived));
  digest.add(source.as_of == AsOf::now ? "now" : source.as_of == AsOf::file ? "file" : "stated");
  digest.add(source.outside_ignored ? "ignore" : "count");
  digest.add(source.spelling_exact ? "exact" : "any");
  digest.add(source.may_be_empty ? "may be empty" : "not empty");
}

}  // namespace

std::string config_digest(const Config& config) {
  Digest digest;
  digest.add("flotsam configuration 1");
  digest.add(config.store.url);
  digest.add(config.store.endpoint.value_or(""));
  digest.add(config.store.scope.prefixes());
  digest.add(texts_of(config.store.candidates));
  digest.add(texts_of(config.store.protect));
  digest.add(texts_of(config.store.disposable));
  digest.add(std::to_string(config.store.min_age.count()));
  std::vector<const ReferenceSettings*> sources;
  for (const ReferenceSettings& source : config.references) sources.push_back(&source);
  std::sort(sources.begin(), sources.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  digest.add(std::to_string(sources.size()));
  for (const ReferenceSettings* source : sources)
    add_source(digest, *source, config.path.parent_path().native());
  return digest.finish();
}

}  // namespace flotsam
