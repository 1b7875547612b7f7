#include <fmt/format.h>

#include "base/bytes.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/expect_flag.h"
#include "cli/outside_store.h"
#include "cli/print_result.h"
#include "cli/restore_exit.h"
#include "cli/session.h"
#include "plan/plan.h"
#include "workflow/restore_workflow.h"

namespace flotsam::cli {
namespace {

struct RescueAsk {
  std::optional<std::uint64_t> expect;
  std::optional<std::filesystem::path> list;
};

Result<RescueAsk> parse_ask(const Session& session) {
  RescueAsk ask;
  FLOTSAM_ASSIGN(ask.expect, parse_expect(session.flags()));
  if (!session.flags().has("--list")) return ask;
  if (session.flags().value("--list").empty())
    return fail(ErrorCode::invalid_argument, "--list names no file");
  ask.list = session.path_of(session.flags().value("--list"));
  return ask;
}

std::string to_line(const Rescuable& found) {
  return fmt::format("{{\"key\":{},\"source\":{},\"place\":{},\"size\":{}}}\n",
                     to_json_key(found.remains.object.key.bytes()), json_string(found.source),
                     json_string(to_string(found.remains.place)), found.remains.object.size_bytes);
}

RescueReport report_of(const RescueResult& rescued) {
  RescueReport report;
  report.dangling = rescued.dangling;
  report.found = rescued.found;
  report.bytes = rescued.bytes;
  for (const Rescuable& found : rescued.sample)
    report.sample.push_back({found.remains.object.key, found.remains.object.size_bytes,
                             std::string(to_string(found.remains.place)), found.source});
  report.restored = rescued.restored;
  return report;
}

int run_rescue_command(Session& session) {
  const auto ask = parse_ask(session);
  if (!ask) return session.misused("rescue", ask.error().message);
  const auto config = session.load();
  if (!config) return kUsage;
  std::optional<AtomicFile> list;
  if (ask->list) {
    const std::filesystem::path files[] = {*ask->list};
    if (const auto outside = check_outside_store(*config, files); !outside)
      return session.fail(outside.error());
    auto file = AtomicFile::create(*ask->list);
    if (!file) return session.fail(file.error());
    list.emplace(*std::move(file));
  }
  session.announce_interrupt();
  auto progress = session.progress();
  World world = session.world(*progress);
  const auto rescued = run_rescue(
      *config, ask->expect,
      [&](const Rescuable& found) -> Result<void> {
        return list ? list->write(to_line(found)) : Result<void>();
      },
      world);
  progress.reset();
  if (!rescued) return session.fail_run(rescued.error());
  const int code =
      rescued->restored ? exit_code_of(*rescued->restored, *session.io().cancel) : static_cast<int>(kDone);
  const int printed = print_result(session, report_of(*rescued), code);
  if (list)
    if (const auto written = list->commit(); !written) return session.fail(written.error());
  return printed;
}

}  // namespace

Command rescue_command() {
  return {
      .name = "rescue",
      .argument = "",
      .summary = "finds references whose object is gone but can come back, whoever removed it",
      .flags = {{"--expect", "N", "Bring back what was found: exactly so many objects."},
                {"--list", "FILE", "All that was found, one JSON object a line."}},
      .examples = {{"flotsam rescue --list found.ndjson",
                    "What is missing, and where do its bytes still stand? Changes nothing."},
                   {"flotsam rescue --expect 212", "Bring these 212 back."}},
      .exit_codes =
          "0 done; 1 failed; 2 usage or configuration; 4 --expect is not the number that was found, nothing "
          "was brought back; 5 something failed or is lost, see the journal; 6 a journal of the state was "
          "changed; 7 another run holds the lock; 130 interrupted.",
      .run = run_rescue_command,
  };
}

}  // namespace flotsam::cli
