#include "cli/commands.h"
#include "cli/session.h"
#include "plan/plan.h"
#include "report/report.h"

namespace flotsam::cli {
namespace {

/// A plan that is not there, cannot be read or is not what was written is exit 6, whatever the reason.
int fail_plan(Session& session, const Error& error) {
  session.log().error(error);
  return error.code == ErrorCode::interrupted ? kInterrupted : kBadPlan;
}

int run_show_command(Session& session) {
  const ParsedFlags& flags = session.flags();
  if (flags.has("--json") && flags.has("--csv"))
    return session.misused("show", "--json and --csv exclude each other");
  const auto plan = Plan::load(session.path_of(flags.arguments().front()));
  if (!plan) return fail_plan(session, plan.error());
  if (flags.has("--csv")) {
    const auto written = to_csv(*plan, [&](std::string_view lines) -> Result<void> {
      session.out(lines);
      return session.io().cancel->check();
    });
    return written ? kDone : fail_plan(session, written.error());
  }
  TextStyle style = session.text_style();
  style.shown_plan = flags.arguments().front();
  const auto text = flags.has("--json")
                        ? to_pretty_json(plan->header().report)
                        : to_text_report(plan->header().report, plan->header().evidence, style);
  if (!text) return fail_plan(session, text.error());
  session.out(*text);
  return kDone;
}

}  // namespace

Command show_command() {
  return {
      .name = "show",
      .argument = "PLAN",
      .summary = "prints a plan again, after checking that no byte of it changed",
      .flags = {{"--csv", "", "The objects of the plan as CSV."}},
      .examples = {{"flotsam show plan.ndjson", "The report of the scan that wrote it."},
                   {"flotsam show plan.ndjson --csv > orphans.csv", "Its objects, for a spreadsheet."},
                   {"flotsam show plan.ndjson --json", "Its report as scan --json printed it."}},
      .exit_codes =
          "0 done; 1 failed; 2 usage; 6 the plan is missing, unreadable or was changed; 130 interrupted.",
      .run = run_show_command,
  };
}

}  // namespace flotsam::cli
