#include "workflow/run_state.h"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

#include "base/bytes.h"
#include "base/hash.h"
#include "plan/journal.h"
#include "store/open_state.h"
#include "workflow/rules.h"

namespace flotsam {
namespace {

constexpr std::string_view kEnding = ".ndjson";
constexpr std::size_t kIdDigits = 32;

bool is_id(std::string_view text) {
  return text.size() == kIdDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

/// The path of the command line as one from the root.
std::filesystem::path absolute_of(const std::string& text, const std::filesystem::path& working_folder) {
  return (working_folder / std::filesystem::path(text)).lexically_normal();
}

/// Fields with their lengths, so that no two lists of them give the same bytes.
void add(std::string& out, std::string_view text) {
  out += fmt::format("{}:{}", text.size(), text);
}

void add_texts(std::string& out, std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  add(out, std::to_string(texts.size()));
  for (const std::string& text : texts) add(out, text);
}

std::vector<std::string> texts_of(const std::vector<KeyTemplate>& templates) {
  std::vector<std::string> texts;
  for (const KeyTemplate& each : templates) texts.push_back(each.text());
  return texts;
}

/// A plan of the state bears its id as its name: another one in its place is not what was asked for.
Result<Plan> load_named(const std::filesystem::path& local, std::string_view name) {
  auto plan = Plan::load(local);
  if (!plan) return fail_plan(std::move(plan).error());
  constexpr std::string_view kFolder = "plans/";
  if (!name.starts_with(kFolder)) return plan;
  const std::string_view id = name.substr(kFolder.size(), name.size() - kFolder.size() - kEnding.size());
  if (!is_id(id) || id == plan->header().id) return plan;
  Error error;
  error.code = ErrorCode::corrupt;
  error.message = fmt::format("what stands under the id {} is the plan {}", in_quotes(id), plan->header().id);
  error.hint = "Name the plan that is meant by its own id, or make a new one: flotsam scan.";
  return fail_plan(std::move(error));
}

std::string rules_digest_of(const ReferenceSettings& block) {
  std::string fields = "flotsam source 1";
  add(fields, block.query);
  add(fields, std::to_string(block.columns.size()));
  for (const std::string& column : block.columns) add(fields, column);
  add(fields, block.extract);
  add_texts(fields, texts_of(block.objects));
  add_texts(fields, texts_of(block.derived));
  return sha256_hex(fields);
}

}  // namespace

std::unexpected<Error> fail_plan(Error error) {
  if (error.code != ErrorCode::interrupted) error.service_code = "Plan";
  return std::unexpected(std::move(error));
}

StoreContext store_context_of(const World& world) {
  return {world.environment, world.clock, world.log};
}

Result<std::unique_ptr<State>> open_state_of(const Config& config, const World& world) {
  return open_state(config.state.dir, store_options_of(config), store_context_of(world));
}

Result<Plan> load_plan(State& state, const std::string& text, const std::filesystem::path& working_folder) {
  const std::filesystem::path file = absolute_of(text, working_folder);
  std::error_code ignored;
  if (!text.starts_with("s3://") && std::filesystem::exists(file, ignored)) {
    const auto name = state.name_of(file.native());
    return load_named(file, name.value_or(""));
  }
  auto name = state.name_of(text);
  if (!name && is_id(text)) name = fmt::format("plans/{}{}", text, kEnding);
  if (name) {
    FLOTSAM_ASSIGN(const auto local, state.local_copy(*name));
    if (local) return load_named(*local, *name);
  }
  return fail_plan({.code = ErrorCode::not_found,
                    .message = fmt::format("there is no plan {}", in_quotes(text)),
                    .hint = fmt::format("Name the file that a scan wrote, or the id of a plan in {}.",
                                        state.place_of("plans")),
                    .context = {},
                    .http_status = 0,
                    .service_code = "Plan",
                    .request_id = {}});
}

Result<std::string> journal_id_of(State& state, const std::string& text,
                                  const std::filesystem::path& working_folder) {
  if (is_id(text)) return text;
  auto name = state.name_of(text);
  if (!name) name = state.name_of(absolute_of(text, working_folder).native());
  std::string_view id = name ? std::string_view(*name) : std::string_view();
  constexpr std::string_view kFolder = "journals/";
  if (id.starts_with(kFolder) && id.ends_with(kEnding))
    return std::string(id.substr(kFolder.size(), id.size() - kFolder.size() - kEnding.size()));
  Error error;
  error.code = ErrorCode::not_found;
  error.message = fmt::format("{} is no journal of this configuration's state", in_quotes(text));
  error.hint = fmt::format(
      "Name a file in {}, or the id of the plan that was applied; apply prints it, and flotsam history "
      "--json lists it.",
      state.place_of("journals"));
  // A plan is near at hand where its journal is meant.
  if (auto plan = load_plan(state, text, working_folder))
    error.hint = fmt::format("It is a plan. To bring back what its apply deleted: flotsam undo {}.",
                             plan->header().id);
  return fail_plan(std::move(error));
}

namespace {

Result<void> append_what_is_new(State& state, const HistoryEntry& entry) {
  History history(state);
  FLOTSAM_ASSIGN(const std::vector<HistoryEntry> before, history.read());
  const auto same_run = [&](const HistoryEntry& each) {
    return each.kind == entry.kind && each.id == entry.id;
  };
  const auto last = std::find_if(before.rbegin(), before.rend(), same_run);
  const auto figures = [](const HistoryEntry& each) {
    return std::tuple(each.status, each.deleted, each.skipped, each.failed, each.restored, each.purged,
                      each.bytes);
  };
  if (last != before.rend() && figures(*last) == figures(entry)) return {};
  return history.append(entry);
}

}  // namespace

void remember(State& state, const HistoryEntry& entry, Log& log) {
  if (const auto written = append_what_is_new(state, entry); !written)
    log.warn(fmt::format("the history does not show this {}: {}", entry.kind, written.error().message));
}

std::vector<SourceIdentity> source_identities_of(const Config& config) {
  std::vector<SourceIdentity> sources;
  for (const ReferenceSettings& block : config.references)
    sources.push_back(
        {.name = block.name, .rules_digest = rules_digest_of(block), .database = {}, .distinct_keys = 0});
  return sources;
}

}  // namespace flotsam
