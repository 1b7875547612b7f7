#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/time.h"
#include "scan/scan.h"
#include "support/temporary_folder.h"

namespace flotsam::test {

/// The moment at which every test's store stands: 2026-11-23 06:41:02 UTC.
Timestamp store_now();
Timestamp days_ago(std::int64_t days);

/// A store in memory. Lists its objects in ranges, pages and threads as told, and fails or lies as told.
class FakeLister final : public Lister {
 public:
  Result<StoreFacts> facts() override;
  Result<ListingProof> list(const Scope& scope, const ListingOptions& options, ListingSink& sink) override;

  void put(std::string key, std::uint64_t size = 10, std::optional<Timestamp> time = days_ago(40));

  StoreFacts store;
  std::map<std::string, Object> objects;
  std::vector<std::string> cuts;  ///< a range begins after each
  std::size_t page_size = 1000;
  unsigned threads = 1;
  std::optional<std::uint64_t> fail_at_page;  ///< counting from 0
  std::vector<Object> as_given;               ///< listed as they are, in one range, instead of `objects`
  std::int64_t claims_more = 0;               ///< the proof says so many objects more than were given
  std::vector<std::string> seen_cut_points;
  std::vector<std::string>* order = nullptr;  ///< notes "facts" and "list"
};

/// One table of a database.
struct FakeTable {
  ColumnNames columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
  std::optional<Timestamp> true_at;
  std::int64_t announces_more = 0;
};

/// A database in memory: tables by the name of the query.
class FakeDatabase final : public ReferenceDatabase {
 public:
  Result<std::vector<ReadProof>> read(std::span<const SourceQuery> queries, RowSink& sink,
                                      const Cancel& cancel) override;
  Evidence identity() const override { return {{"database", "app"}}; }
  std::string shown() const override { return "fake://db/app"; }

  std::map<std::string, FakeTable> tables;
  std::optional<std::uint64_t>
      fail_at_row;  ///< counting from 0 over all tables; the number of rows: at the end
  bool forgets_proof = false;
  std::vector<std::string>* order = nullptr;
};

struct SourceSpec {
  std::string name = "images";
  std::vector<std::string> objects = {};
  std::vector<std::string> derived = {};
  std::string extract = {};
  bool outside_ignored = false;
  bool spelling_exact = false;
  bool may_be_empty = false;
};

/// A scan in memory with one database: fill store, tables and rules, then run().
class ScanFixture {
 public:
  ScanFixture();

  /// Adds a source with a table of one column "v" (or the given columns).
  FakeTable& source(const SourceSpec& spec, ColumnNames columns = {"v"});
  /// A row of one column.
  void row(const std::string& source, std::optional<std::string> value);
  void scope(std::vector<std::string> prefixes);
  static std::vector<Glob> globs(const std::vector<std::string>& texts);

  Result<ScanResult> run();
  /// Runs and expects a result.
  ScanResult scanned();

  FakeLister lister;
  FakeDatabase database;
  ScanRules rules;
  ScanWorld world;
  ManualClock clock;
  Cancel cancel;

 private:
  NullLog log_;
  NullProgress progress_;
  TemporaryFolder folder_;
};

const GuardRuling& guard_of(const ScanResult& result, std::string_view id);
/// Keys of an unreferenced verdict, in the order in which the result gives them.
std::vector<std::string> keys_of(const ScanResult& result, Verdict verdict);
const TallyRow* row_of(const std::vector<TallyRow>& rows, std::string_view name);
/// Everything of a result that must not depend on threads, pages or seeds, as text.
std::string to_comparable(const ScanResult& result);

}  // namespace flotsam::test
