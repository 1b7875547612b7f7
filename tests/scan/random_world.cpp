#include "scan/random_world.h"

#include <rapidcheck.h>

namespace flotsam::test {
namespace {

std::string any_part() {
  return *rc::gen::element<std::string>("a", "b", "A", "515", "7", "img", "Img", "caf\xC3\xA9",
                                        "cafe\xCC\x81", "x y", "x%20y", "x+y", "\xFF", "thumb", "");
}

std::string any_name() {
  return any_part() + *rc::gen::element<std::string>(".webp", ".jpg", ".JPG", "", ".tar.gz");
}

std::optional<Timestamp> any_time() {
  const int days = *rc::gen::element(0, 3, 6, 7, 8, 12, 29, 31, 400, -1, -2);
  if (days == -1) return std::nullopt;
  if (days == -2) return store_now() + std::chrono::seconds(5);
  return days_ago(days) + std::chrono::nanoseconds(*rc::gen::element(0, 0, 1, -1));
}

// A value that has something to do with the store, more often than not.
std::string any_value(const std::vector<std::string>& keys) {
  if (keys.empty() || *rc::gen::inRange(0, 4) == 0) return any_part() + "/" + any_name();
  std::string key = *rc::gen::elementOf(keys);
  switch (*rc::gen::inRange(0, 5)) {
    case 0:
      return key;
    case 1:
      return key.substr(key.find('/') + 1);
    case 2:
      return "https://cdn.example.com/" + key;
    case 3:
      for (char& byte : key)
        if (byte >= 'a' && byte <= 'z') byte = static_cast<char>(byte - 32);
      return key;
    default:
      return key.substr(key.starts_with("books/") ? 6 : 0);
  }
}

std::vector<std::string> any_of(const std::vector<std::vector<std::string>>& choices) {
  return *rc::gen::elementOf(choices);
}

}  // namespace

std::string any_key() {
  std::string key =
      *rc::gen::element<std::string>("books/", "books/", "books/", "Books/", "media/p/", "other/", "");
  const int folders = *rc::gen::inRange(0, 3);
  for (int i = 0; i < folders; ++i) key += any_part() + "/";
  key += *rc::gen::weightedElement<std::string>({{9, any_name()}, {1, ""}});
  return key;
}

void fill_at_random(ScanFixture& fixture) {
  const auto keys = *rc::gen::container<std::vector<std::string>>(rc::gen::exec(any_key));
  std::vector<std::string> used;
  for (const std::string& key : keys) {
    if (key.empty()) continue;
    fixture.lister.put(key, static_cast<std::uint64_t>(*rc::gen::element(0, 1, 1023, 1024, 5000000)),
                       any_time());
    used.push_back(key);
  }
  const int scope = *rc::gen::inRange(0, 4);
  if (scope == 0) fixture.rules.scope = Scope::whole_bucket();
  if (scope == 1) fixture.scope({"books/", "media/p/"});
  const int sources = *rc::gen::inRange(1, 3);
  for (int i = 0; i < sources; ++i) {
    SourceSpec spec;
    spec.name = "source" + std::to_string(i);
    spec.objects =
        any_of({{"{v}"}, {"books/{v}"}, {"books/{v}", "{v|lower}"}, {}, {"{v|url_path}"}, {"books/{v}-{w}"}});
    spec.derived =
        any_of({{}, {}, {"books/{v|dirname}/**"}, {"books/thumb_{v}"}, {"{v|stem}.jpg", "{v}/**"}});
    if (spec.objects.empty() && spec.derived.empty()) spec.derived = {"{v}"};
    spec.spelling_exact = *rc::gen::weightedElement<bool>({{3, false}, {1, true}});
    FakeTable& table = fixture.source(spec, {"v", "w"});
    const int rows = *rc::gen::inRange(0, 20);
    for (int j = 0; j < rows; ++j) {
      std::optional<std::string> value = any_value(used);
      if (*rc::gen::inRange(0, 10) == 0)
        value = *rc::gen::element<std::optional<std::string>>(std::nullopt, "");
      table.rows.push_back({value, *rc::gen::element<std::optional<std::string>>("w", std::nullopt)});
    }
    if (*rc::gen::inRange(0, 5) == 0) table.true_at = days_ago(*rc::gen::element(0, 1, 5));
  }
  const auto some_globs = [] {
    return ScanFixture::globs(
        any_of({{}, {}, {}, {"books/**"}, {"books/a/*", "**.jpg"}, {"*"}, {"**/img*"}}));
  };
  fixture.rules.protect = some_globs();
  fixture.rules.candidates = some_globs();
  fixture.rules.disposable = some_globs();
  for (const std::string& key : used)
    if (*rc::gen::inRange(0, 8) == 0) fixture.rules.restored.add(key);
  fixture.rules.restored.sort();
}

std::map<std::string, Verdict> verdicts_of(ScanFixture& fixture, ScanResult& result) {
  std::map<std::string, Verdict> verdicts;
  std::string last;
  bool in_order = true;
  fixture.world.wanted.assign(kAllVerdicts.begin(), kAllVerdicts.end());
  fixture.world.on_object = [&](Verdict verdict, const ObjectView& object, std::string_view) {
    in_order = in_order && (verdicts.empty() || last < object.key.bytes());
    last.assign(object.key.bytes());
    verdicts.emplace(object.key.bytes(), verdict);
    return Result<void>();
  };
  result = fixture.scanned();
  fixture.world.on_object = nullptr;
  fixture.world.wanted.clear();
  RC_ASSERT(in_order);
  return verdicts;
}

}  // namespace flotsam::test
