// bench_journal: what a journal costs. `write` journals the deletion of many objects in batches of 1,000,
// each batch's intents and outcomes synced, as an apply does, and deletes nothing; `read` reads such a
// journal as a resumed apply does.

#include "plan/journal.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <stdexcept>

#include "base/disk_state.h"
#include "base/error.h"
#include "dataset.h"
#include "options.h"

namespace flotsam::bench {
namespace {

constexpr std::uint64_t kBatch = 1000;

template <typename T>
T take(Result<T> result) {
  if (!result) throw std::runtime_error(to_text(result.error()));
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

JournalHeader header() {
  JournalHeader header;
  header.id = std::string(32, 'b');
  header.plan_digest = std::string(64, 'd');
  header.store_url = "s3://bench";
  header.store_identity = "bench";
  header.prefixes = {std::string(kPrefix)};
  header.method = DeleteMethod::version;
  header.condition = "none";
  return header;
}

Object object_of(const Dataset& dataset, std::uint64_t rank, std::string& key) {
  dataset.object_key(rank, key);
  const ObjectFields fields = dataset.fields(rank);
  return Object{Key(KeyView(key)), fields.size_bytes,
                Timestamp(std::chrono::seconds(fields.modified_seconds)),
                fmt::format("{:016x}{:016x}", fields.etag_high, fields.etag_low), ""};
}

void write(State& state, const Dataset& dataset) {
  JournalWriter journal = take(JournalWriter::open(state, header()));
  std::string key;
  std::vector<JournalIntent> intents;
  std::vector<JournalOutcome> outcomes;
  for (std::uint64_t rank = 0; rank < dataset.objects();) {
    intents.clear();
    outcomes.clear();
    for (; intents.size() < kBatch && rank < dataset.objects(); ++rank) {
      intents.push_back({rank, object_of(dataset, rank, key), ""});
      outcomes.push_back({rank, "removed", fmt::format("marker-{:020}", rank), "", "", ""});
    }
    take(journal.intend(intents, Timestamp{}));
    take(journal.settle(outcomes));
  }
  fmt::print("objects {}\n", dataset.objects());
}

/// Counts what a resumed apply must know.
class Counter final : public JournalVisitor {
 public:
  Result<void> intent(const JournalIntent& intent) override {
    bytes_ += intent.object.size_bytes;
    return {};
  }
  Result<void> outcome(const JournalOutcome& outcome) override {
    if (outcome.result == "removed") ++removed_;
    return {};
  }
  std::uint64_t removed() const { return removed_; }

 private:
  std::uint64_t removed_ = 0, bytes_ = 0;
};

void read(State& state) {
  Counter counter;
  if (!take(read_journal(state, journal_name(header().id), counter))) throw std::runtime_error("no journal");
  fmt::print("objects {}\n", counter.removed());
}

}  // namespace
}  // namespace flotsam::bench

int main(int argc, char** argv) {
  using namespace flotsam::bench;
  CLI::App app("The cost of a journal.", "bench_journal");
  DatasetParameters parameters;
  add_dataset_options(app, parameters);
  std::string folder, mode;
  app.add_option("--state", folder, "the state's folder")->required();
  app.add_option("mode", mode, "write or read")->required()->check(CLI::IsMember({"write", "read"}));
  return parse_and_run(app, argc, argv, [&] {
    const auto state = flotsam::open_disk_state(folder);
    if (mode == "write")
      write(*state, Dataset(parameters));
    else
      read(*state);
    return 0;
  });
}
