#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "base/progress.h"
#include "dataset.h"
#include "references/source.h"
#include "store/lister.h"
#include "truth.h"

namespace flotsam::bench {

/// A data set's rows without a database: what a scan's own part of reading references costs.
class FormulaDatabase final : public ReferenceDatabase {
 public:
  explicit FormulaDatabase(const Dataset& dataset) : dataset_(dataset) {}
  Result<std::vector<ReadProof>> read(std::span<const SourceQuery> queries, RowSink& sink,
                                      const Cancel& cancel) override;
  Evidence identity() const override { return {{"formula", "yes"}}; }
  std::string shown() const override { return "formula"; }

 private:
  const Dataset& dataset_;
};

/// A data set's objects without a store, HTTP or XML: what judging costs. One range, one thread. The pages
/// are made before list() is called.
class FormulaLister final : public Lister {
 public:
  explicit FormulaLister(const Dataset& dataset);
  Result<StoreFacts> facts() override;
  Result<ListingProof> list(const Scope& scope, const ListingOptions& options, ListingSink& sink) override;

 private:
  std::string bytes_;
  std::vector<ObjectView> objects_;
};

/// Adds up the keys that a listing gives, and nothing else: listing alone.
class SummingSink final : public ListingSink {
 public:
  RangeSink& open_range(KeyView lower_bound) override;
  KeySum sum() const;

 private:
  class Range;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Range>> ranges_;

 public:
  SummingSink();
  ~SummingSink() override;
};

/// Adds up the values of all rows as keys: reading alone.
class SummingRows final : public RowSink {
 public:
  Result<void> columns(std::size_t query_index, const ColumnNames& columns) override;
  Result<void> row(std::size_t query_index, RowView row) override;
  const KeySum& sum() const { return sum_; }

 private:
  std::string key_;
  KeySum sum_;
};

/// Takes the time of each phase of a scan.
class PhaseTimes final : public Progress {
 public:
  void phase(std::string_view name, std::string_view unit, std::optional<std::uint64_t> total) override;
  void advance(std::uint64_t /*count*/) override {}
  /// Ends the last phase; seconds by phase.
  const std::map<std::string, double>& finish();

 private:
  std::string name_;
  std::chrono::steady_clock::time_point start_;
  std::map<std::string, double> seconds_;
};

}  // namespace flotsam::bench
