#include "formula_world.h"

#include "base/time.h"

namespace flotsam::bench {

Result<std::vector<ReadProof>> FormulaDatabase::read(std::span<const SourceQuery> queries, RowSink& sink,
                                                     const Cancel& /*cancel*/) {
  const SystemClock clock;
  std::vector<ReadProof> proofs;
  for (std::size_t query = 0; query < queries.size(); ++query) {
    FLOTSAM_TRY(sink.columns(query, {"s3_key"}));
    ReadProof proof;
    proof.started_at = clock.now();
    std::string key;
    for (std::uint64_t number = 0; number < dataset_.references_and_orphans(); ++number) {
      if (!dataset_.row_key(number, key)) continue;
      const FieldView field{.bytes = std::string_view(key).substr(kPrefix.size())};
      FLOTSAM_TRY(sink.row(query, RowView(&field, 1)));
      ++proof.rows;
    }
    proof.finished_at = clock.now();
    proofs.push_back(std::move(proof));
  }
  return proofs;
}

FormulaLister::FormulaLister(const Dataset& dataset) {
  std::string key;
  std::vector<std::size_t> places;
  for (std::uint64_t rank = 0; rank < dataset.objects(); ++rank) {
    dataset.object_key(rank, key);
    places.push_back(bytes_.size());
    bytes_ += key;
  }
  places.push_back(bytes_.size());
  objects_.resize(dataset.objects());
  for (std::uint64_t rank = 0; rank < dataset.objects(); ++rank) {
    const ObjectFields fields = dataset.fields(rank);
    ObjectView& object = objects_[rank];
    object.key = KeyView(std::string_view(bytes_).substr(places[rank], places[rank + 1] - places[rank]));
    object.size_bytes = fields.size_bytes;
    object.last_modified = Timestamp(Seconds(fields.modified_seconds));
    object.etag = "0123456789abcdef0123456789abcdef";
  }
}

Result<StoreFacts> FormulaLister::facts() {
  StoreFacts facts;
  facts.clock = facts.local_clock = SystemClock().now();
  facts.versioning = Versioning::enabled;
  facts.lifecycle.emplace();
  facts.identity = "formula";
  return facts;
}

Result<ListingProof> FormulaLister::list(const Scope& /*scope*/, const ListingOptions& /*options*/,
                                         ListingSink& sink) {
  constexpr std::size_t kPageKeys = 1000;
  RangeSink& range = sink.open_range(KeyView());
  const std::span<const ObjectView> all(objects_);
  ListingProof proof;
  for (std::size_t begin = 0; begin < all.size(); begin += kPageKeys) {
    const auto page = all.subspan(begin, std::min(kPageKeys, all.size() - begin));
    FLOTSAM_TRY(range.page(page));
    proof.objects += page.size();
    ++proof.requests;
  }
  return proof;
}

class SummingSink::Range final : public RangeSink {
 public:
  Result<void> page(std::span<const ObjectView> objects) override {
    for (const ObjectView& object : objects) sum.add(object.key.bytes());
    return {};
  }
  KeySum sum;
};

SummingSink::SummingSink() = default;
SummingSink::~SummingSink() = default;

RangeSink& SummingSink::open_range(KeyView /*lower_bound*/) {
  const std::lock_guard lock(mutex_);
  return *ranges_.emplace_back(std::make_unique<Range>());
}

KeySum SummingSink::sum() const {
  KeySum sum;
  for (const auto& range : ranges_) sum.add(range->sum);
  return sum;
}

Result<void> SummingRows::columns(std::size_t /*query_index*/, const ColumnNames& columns) {
  if (columns.size() != 1) return fail(ErrorCode::internal, "a benchmark's query has one column");
  return {};
}

Result<void> SummingRows::row(std::size_t /*query_index*/, RowView row) {
  key_.assign(kPrefix).append(row.front().bytes);
  sum_.add(key_);
  return {};
}

void PhaseTimes::phase(std::string_view name, std::string_view /*unit*/,
                       std::optional<std::uint64_t> /*total*/) {
  const auto now = std::chrono::steady_clock::now();
  if (!name_.empty()) seconds_[name_] += std::chrono::duration<double>(now - start_).count();
  name_ = name;
  start_ = now;
}

const std::map<std::string, double>& PhaseTimes::finish() {
  phase("", "", std::nullopt);
  return seconds_;
}

}  // namespace flotsam::bench
