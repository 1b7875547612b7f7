#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "model/shape.h"
#include "scan/oracle.h"
#include "scan/random_world.h"
#include "scan/tally.h"
#include "scan/world.h"

namespace flotsam::test {

RC_GTEST_PROP(ScanProperty, GivesEveryObjectTheVerdictOfTheSpecification, ()) {
  ScanFixture fixture;
  fill_at_random(fixture);
  const OracleAnswer expected = oracle_of(fixture);
  std::map<std::string, std::set<std::string>> dangling;
  fixture.world.on_dangling = [&](std::string_view key, std::string_view source) {
    RC_ASSERT(dangling[std::string(source)].emplace(key).second);
    return Result<void>();
  };
  ScanResult result;
  const auto verdicts = verdicts_of(fixture, result);
  RC_ASSERT(verdicts == expected.verdicts);
  std::erase_if(dangling, [](const auto& entry) { return entry.second.empty(); });
  RC_ASSERT(dangling == expected.dangling);
  std::set<std::string> all_needed;
  for (const SourceFindings& source : result.sources) {
    const auto set_of = [&](const auto& sets) {
      const auto found = sets.find(source.name);
      return found == sets.end() ? std::set<std::string>() : found->second;
    };
    RC_ASSERT(source.distinct_keys == set_of(expected.needed).size());
    RC_ASSERT(source.outside == set_of(expected.outside).size());
    RC_ASSERT(source.dangling == set_of(expected.dangling).size());
    RC_ASSERT(source.resolved == source.distinct_keys - source.dangling);
    for (const std::string& key : source.sample_dangling) RC_ASSERT(set_of(expected.dangling).contains(key));
    RC_ASSERT(source.sample_dangling.size() == std::min<std::size_t>(10, source.dangling));
    all_needed.merge(set_of(expected.needed));
    all_needed.merge(set_of(expected.outside));
  }
  RC_ASSERT(result.objects_in_database == all_needed.size());
  std::map<Verdict, std::uint64_t> counts;
  for (const auto& [key, verdict] : expected.verdicts) ++counts[verdict];
  for (const Verdict verdict : kAllVerdicts) RC_ASSERT(result.of(verdict).objects == counts[verdict]);
}

RC_GTEST_PROP(ScanProperty, GivesTheSameWhateverThreadsPagesRangesSeedAndOrderOfRows, ()) {
  ScanFixture fixture;
  fill_at_random(fixture);
  const std::string expected = to_comparable(fixture.scanned());
  fixture.world.hash_seed = *rc::gen::arbitrary<std::uint64_t>();
  fixture.lister.threads = *rc::gen::inRange(1U, 5U);
  fixture.lister.page_size = *rc::gen::element<std::size_t>(1, 2, 7, 1000);
  auto cuts = *rc::gen::container<std::set<std::string>>(rc::gen::exec(any_key));
  cuts.erase("");
  fixture.lister.cuts.assign(cuts.begin(), cuts.end());
  for (auto& [name, table] : fixture.database.tables) {
    std::reverse(table.rows.begin(), table.rows.end());
    if (table.rows.empty()) continue;
    std::rotate(table.rows.begin(),
                table.rows.begin() +
                    *rc::gen::inRange<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(table.rows.size())),
                table.rows.end());
  }
  RC_ASSERT(to_comparable(fixture.scanned()) == expected);
}

RC_GTEST_PROP(ScanProperty, KeysThatDifferInDigitsOnlyHaveTheSameShape, ()) {
  const auto letters = *rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("0123456789abcdefABCDEFxyz-_./#*0123456789abcdef")));
  std::string other = letters;
  for (char& letter : other)
    if (letter >= '0' && letter <= '9') letter = *rc::gen::inRange('0', ':');
  RC_ASSERT(differ_in_digits_only(letters, other));
  RC_ASSERT(shape_of(KeyView(letters)) == shape_of(KeyView(other)));
  RC_ASSERT(!differ_in_digits_only(letters + "a", other + "b"));
  RC_ASSERT(!differ_in_digits_only(letters + "1", other + "a"));
  RC_ASSERT(!differ_in_digits_only(letters + "1", other + "/"));
  RC_ASSERT(!differ_in_digits_only(letters + ":", other + "9"));
  RC_ASSERT(!differ_in_digits_only(letters + "11", other + "1"));
}

}  // namespace flotsam::test
