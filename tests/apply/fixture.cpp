#include "apply/fixture.h"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace flotsam::test {

Timestamp test_now() {
  using namespace std::chrono;
  return sys_days(year(2026) / 11 / 23) + hours(6) + minutes(41) + seconds(2);
}

Result<std::vector<ReadProof>> MemoryDatabase::read(std::span<const SourceQuery> queries, RowSink& sink,
                                                    const Cancel& cancel) {
  ++reads;
  if (on_read) on_read();
  if (fails) return std::unexpected(*fails);
  std::vector<ReadProof> proofs;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    FLOTSAM_TRY(sink.columns(i, {"v"}));
    ReadProof& proof = proofs.emplace_back();
    for (const std::string& row : rows) {
      FLOTSAM_TRY(cancel.check());
      const FieldView field{.bytes = row};
      FLOTSAM_TRY(sink.row(i, RowView(&field, 1)));
      ++proof.rows;
    }
  }
  return proofs;
}

ApplyFixture::ApplyFixture() {
  pass(std::chrono::nanoseconds(0));
  rules.store_url = "s3://media";
  rules.bucket = "media";
  if (auto scope = Scope::of_prefixes({"books/"})) rules.scope = *std::move(scope);
  rules.limits.orphan_percent = Percent::of_whole(100);
  SourceRules source;
  source.query.name = "images";
  source.query.query = "SELECT v FROM images";
  if (auto needs = KeyTemplate::parse("{v}")) source.resolver.objects.push_back(*std::move(needs));
  rules.databases.push_back({&database, {std::move(source)}});
  apply_rules.scan = &rules;
  apply_rules.max_rate = 1'000'000;
  apply_rules.config_digest = "abcd";
  use(DeleteMethod::version);
  needed("books/kept");
}

void ApplyFixture::use(DeleteMethod method) {
  apply_rules.method = method;
  apply_rules.quarantine = method == DeleteMethod::quarantine ? "s3://media/.flotsam-quarantine/" : "";
  store.store.versioning = method == DeleteMethod::version ? Versioning::enabled : Versioning::none;
  rules.deletion.method = method == DeleteMethod::permanent ? "permanent" : "auto";
  rules.deletion.has_quarantine = method == DeleteMethod::quarantine;
  rules.deletion.quarantine_prefix = method == DeleteMethod::quarantine ? ".flotsam-quarantine/" : "";
  if (method == DeleteMethod::permanent) overrides = {"recoverable"};
}

void ApplyFixture::pass(std::chrono::nanoseconds duration) {
  clock.sleep_for(duration);
  store.store.clock = clock.now();
  store.store.local_clock = clock.now();
}

void ApplyFixture::orphan(const std::string& key, std::uint64_t size, std::string etag) {
  store.put(key, size, test_now() - std::chrono::hours(24 * 40), std::move(etag));
}

void ApplyFixture::needed(const std::string& key) {
  orphan(key);
  database.rows.push_back(key);
}

void ApplyFixture::orphans(std::size_t count, std::uint64_t size) {
  for (std::size_t i = 0; i < count; ++i) orphan(fmt::format("books/o{:05}", i), size);
}

ScanWorld ApplyFixture::scan_world() {
  ScanWorld world;
  world.lister = &store;
  world.clock = &clock;
  world.log = &log_;
  world.progress = &progress_;
  world.cancel = &cancel;
  world.spool_folder = folder_.path();
  world.hash_seed = 1;
  return world;
}

Plan ApplyFixture::plan(std::string report) {
  ScanWorld world = scan_world();
  const auto found = scan(rules, world);
  if (!found) {
    ADD_FAILURE() << to_text(found.error());
    std::abort();
  }
  PlanHeader header;
  header.id = fmt::format("{:032x}", ++plans_);
  header.created_at = clock.now();
  header.expires_at = clock.now() + std::chrono::hours(24);
  header.store_url = rules.store_url;
  header.store_identity = store.store.identity;
  header.prefixes = rules.scope.prefixes();
  header.config_digest = "abcd";
  header.cutoff = found->cutoff;
  header.method = std::string(to_string(apply_rules.method));
  header.report = std::move(report);
  for (const SourceFindings& source : found->sources)
    header.sources.push_back(
        {source.name, "rules of " + source.name, source.identity, source.keys_to_remember()});
  const std::string name = "plans/" + header.id + ".ndjson";
  const auto path = folder_.path() / (header.id + ".ndjson");
  auto writer = PlanWriter::create(path, header);
  Result<void> written = writer ? Result<void>() : std::unexpected(writer.error());
  if (writer) {
    written = found->unreferenced->for_each(
        Verdict::orphan,
        [&](const ObjectView& object, std::string_view shape) { return writer->add(object, shape); });
    if (written) written = writer->commit();
  }
  if (written) written = state->take_file(name, path);
  auto loaded = Plan::load(path);
  if (!written || !loaded) {
    ADD_FAILURE() << to_text(written ? loaded.error() : written.error());
    std::abort();
  }
  return *std::move(loaded);
}

AuthorisedPlan::Now ApplyFixture::now_of(const Plan& plan) const {
  AuthorisedPlan::Now now;
  now.now = clock.now();
  now.store_url = rules.store_url;
  now.prefixes = rules.scope.prefixes();
  now.store = store.store;
  now.sources = plan.header().sources;
  for (SourceIdentity& source : now.sources) source.database.clear();
  now.configured_method = rules.deletion.method;
  now.resumes = resumes;
  return now;
}

AuthorisedPlan ApplyFixture::authorised(const Plan& plan) const {
  auto made = AuthorisedPlan::authorise(plan, {expect ? expect : plan.objects(), overrides}, now_of(plan));
  if (!made) {
    ADD_FAILURE() << to_text(made.error().error);
    std::abort();
  }
  return *std::move(made);
}

Result<ApplyResult> ApplyFixture::apply(const Plan& plan) {
  const AuthorisedPlan approved = authorised(plan);
  ScanWorld reading = scan_world();
  ApplyWorld world;
  world.remover = &store;
  world.state = state.get();
  world.clock = &clock;
  world.log = &log_;
  world.progress = &progress_;
  world.cancel = &cancel;
  world.deadline = deadline;
  world.scan = &reading;
  world.on_step = [&](const char* name) {
    steps.emplace_back(name);
    if (on_step) on_step(name);
  };
  return flotsam::apply(approved, apply_rules, world);
}

ApplyResult ApplyFixture::applied(const Plan& plan) {
  auto result = apply(plan);
  if (!result) {
    ADD_FAILURE() << to_text(result.error());
    return {};
  }
  std::uint64_t all = result->deleted + result->failed_count + result->left;
  for (const std::uint64_t each : result->skipped) all += each;
  EXPECT_EQ(all, result->planned) << to_summary(*result);
  return *std::move(result);
}

RestoreWorld ApplyFixture::restore_world() {
  RestoreWorld world;
  world.restorer = &store;
  world.remover = &store;
  world.state = state.get();
  world.clock = &clock;
  world.log = &log_;
  world.progress = &progress_;
  world.cancel = &cancel;
  world.deadline = deadline;
  world.on_step = [&](const char* name) {
    steps.emplace_back(name);
    if (on_step) on_step(name);
  };
  return world;
}

Result<RestoreResultSummary> ApplyFixture::undo(const std::string& journal_id, bool dry_run) {
  UndoRequest request;
  request.journal_id = journal_id;
  request.dry_run = dry_run;
  request.store_url = rules.store_url;
  request.store_identity = store.store.identity;
  request.prefixes = rules.scope.prefixes();
  request.quarantine = quarantine_of_now;
  RestoreWorld world = restore_world();
  return flotsam::undo(request, world);
}

RestoreResultSummary ApplyFixture::undone(const std::string& journal_id) {
  auto result = undo(journal_id);
  if (result) return *std::move(result);
  ADD_FAILURE() << to_text(result.error());
  return {};
}

void ApplyFixture::bring_back(const std::string& key) {
  JournalHeader header;
  header.kind = JournalKind::rescue;
  header.id = std::string(32, 'f');
  header.created_at = clock.now();
  auto journal = JournalWriter::open(*state, header);
  ASSERT_TRUE(journal.has_value()) << to_text(journal.error());
  Object restored;
  restored.key = Key(key);
  const std::vector<JournalIntent> intents = {{0, restored, "marker v1"}};
  EXPECT_TRUE(journal->intend(intents, clock.now()).has_value());
}

std::vector<std::string> ApplyFixture::standing_keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, object] : store.contents.standing()) keys.push_back(key);
  return keys;
}

Error error_of(ErrorCode code, std::string message) {
  return fail(code, std::move(message)).error();
}

std::uint64_t skipped(const ApplyResult& result, SkipReason reason) {
  return result.skipped[static_cast<std::size_t>(reason)];
}

std::string to_summary(const ApplyResult& result) {
  std::string out =
      fmt::format("planned {} deleted {} bytes {}", result.planned, result.deleted, result.bytes);
  for (std::size_t i = 0; i < kSkipReasons; ++i)
    if (result.skipped[i] > 0)
      out += fmt::format(" {} {}", to_string(static_cast<SkipReason>(i)), result.skipped[i]);
  return out +
         fmt::format(" failed {} left {} {}", result.failed_count, result.left, to_string(result.status));
}

std::string to_summary(const RestoreResultSummary& result) {
  return fmt::format("restored {} purged {} bytes {} superseded {} lost {} failed {} left {} {}",
                     result.restored, result.purged, result.bytes, result.superseded_count, result.lost,
                     result.failed_count, result.left, to_string(result.status));
}

}  // namespace flotsam::test
