#include "base/file.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "plan/plan.h"
#include "report/html_report.h"
#include "report/report.h"
#include "workflow/run_state.h"

namespace flotsam::cli {
namespace {

/// A plan that is not there, cannot be read or is not what was written is exit 6, whatever the reason.
int fail_plan(Session& session, const Error& error) {
  session.log().error(error);
  return error.code == ErrorCode::interrupted ? kInterrupted : kBadPlan;
}

/// True where the text can only name a plan of the state: there is no such file, and it is an id or an URL.
bool names_a_plan_of_the_state(const Session& session, const std::string& text) {
  std::error_code ignored;
  if (std::filesystem::exists(session.path_of(text), ignored)) return false;
  return text.starts_with("s3://") ||
         (text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos);
}

/// The HTML report into its file, whole or not at all; stdout stays empty.
int write_html(Session& session, const Plan& plan) {
  HtmlOptions options = session.html_options();
  options.shown_plan = session.flags().arguments().front();
  HtmlInput input;
  input.report = plan.header().report;
  input.evidence = plan.header().evidence;
  input.orphans = [&](const std::function<Result<void>(const PlannedObject&)>& use) {
    return plan.for_each([&](const PlannedObject& object) -> Result<void> {
      FLOTSAM_TRY(session.io().cancel->check());
      return use(object);
    });
  };
  auto file = AtomicFile::create(session.path_of(session.flags().value("--html")));
  if (!file) return session.fail(file.error());
  if (const auto made =
          to_html_report(input, options, [&](std::string_view piece) { return file->write(piece); });
      !made)
    return made.error().code == ErrorCode::corrupt ? fail_plan(session, made.error())
                                                   : session.fail(made.error());
  const auto written = file->commit();
  return written ? static_cast<int>(kDone) : session.fail(written.error());
}

int print(Session& session, const Plan& plan) {
  const ParsedFlags& flags = session.flags();
  if (flags.has("--html")) return write_html(session, plan);
  if (flags.has("--csv")) {
    const auto written = to_csv(plan, [&](std::string_view lines) -> Result<void> {
      session.out(lines);
      return session.io().cancel->check();
    });
    return written ? kDone : fail_plan(session, written.error());
  }
  TextStyle style = session.text_style();
  style.shown_plan = flags.arguments().front();
  const auto text = flags.has("--json") ? to_pretty_json(plan.header().report)
                                        : to_text_report(plan.header().report, plan.header().evidence, style);
  if (!text) return fail_plan(session, text.error());
  session.out(*text);
  return kDone;
}

int run_show_command(Session& session) {
  const ParsedFlags& flags = session.flags();
  if (flags.has("--json") + flags.has("--csv") + flags.has("--html") > 1)
    return session.misused("show", "--json, --csv and --html exclude each other");
  if (flags.has("--html") && flags.value("--html").empty())
    return session.misused("show", "--html names no file");
  const std::string& text = flags.arguments().front();
  if (!names_a_plan_of_the_state(session, text)) {
    const auto plan = Plan::load(session.path_of(text));
    return plan ? print(session, *plan) : fail_plan(session, plan.error());
  }
  const auto config = session.load();
  if (!config) return kUsage;
  NullProgress progress;
  const World world = session.world(progress);
  const auto state = open_state_of(*config, world);
  if (!state) return session.fail_run(state.error());
  const auto plan = load_plan(**state, text, session.io().working_folder);
  return plan ? print(session, *plan) : session.fail_run(plan.error());
}

}  // namespace

Command show_command() {
  return {
      .name = "show",
      .argument = "PLAN",
      .summary = "prints a plan again, after checking that no byte of it changed",
      .flags = {{"--csv", "", "The objects of the plan as CSV."},
                {"--html", "FILE",
                 "The report as one HTML file for a browser: no network, no script needed."}},
      .examples = {{"flotsam show plan.ndjson", "The report of the scan that wrote it."},
                   {"flotsam show plan.ndjson --csv > orphans.csv", "Its objects, for a spreadsheet."},
                   {"flotsam show 0123456789abcdef0123456789abcdef",
                    "A plan of the configured state directory by its id."},
                   {"flotsam show plan.ndjson --html report.html",
                    "For a browser, a mail or a build's artefacts."},
                   {"flotsam show plan.ndjson --json", "Its report as scan --json printed it."}},
      .exit_codes =
          "0 done; 1 failed; 2 usage; 6 the plan is missing, unreadable or was changed; 130 interrupted.",
      .run = run_show_command,
  };
}

}  // namespace flotsam::cli
