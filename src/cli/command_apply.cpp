#include <fmt/format.h>

#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/expect_flag.h"
#include "cli/print_result.h"
#include "cli/session.h"
#include "model/unicode.h"
#include "workflow/apply_workflow.h"

namespace flotsam::cli {
namespace {

Result<ApplyRequest> parse_request(const Session& session) {
  const ParsedFlags& flags = session.flags();
  ApplyRequest request;
  request.plan = flags.arguments().front();
  if (request.plan.empty()) return fail(ErrorCode::invalid_argument, "PLAN is empty");
  FLOTSAM_ASSIGN(request.expect, parse_expect(flags));
  request.overrides = flags.values("--override");
  if (!request.expect && !session.may_ask())
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("--expect N is missing, and there is no terminal to ask at; look at the plan with "
                    "flotsam show {}, and add the number of its objects",
                    shell_quoted(request.plan)));
  return request;
}

ApplyPrompt prompt_of(const ApplyPreview& preview, const Config& config) {
  ApplyPrompt prompt;
  prompt.report = preview.report;
  prompt.evidence = preview.evidence;
  prompt.plan_id = preview.plan_id;
  prompt.objects = preview.objects;
  prompt.bytes = preview.bytes;
  prompt.store_url = preview.store_url;
  prompt.method = preview.method;
  if (preview.method == DeleteMethod::quarantine) prompt.quarantine = config.deletion.quarantine.value_or("");
  prompt.undo_days = preview.undo_days;
  prompt.overridden = preview.overridden;
  prompt.resumes = preview.resumes;
  return prompt;
}

/// Shows a person what would be deleted and reads the number of objects: nothing where it is another.
Result<std::optional<std::uint64_t>> ask_for_number(Session& session, const Config& config,
                                                    const ApplyPreview& preview) {
  FLOTSAM_ASSIGN(const std::string page, apply_prompt(prompt_of(preview, config), session.question_style()));
  const auto typed = session.ask(page);
  FLOTSAM_TRY(session.io().cancel->check());
  session.announce_interrupt();
  const auto number = parse_unsigned(trimmed(typed.value_or("")));
  return number == preview.objects ? number : std::nullopt;
}

int exit_code_of(const ApplyResult& result, const Cancel& cancel) {
  switch (result.status) {
    case RunStatus::ok:
      return kDone;
    case RunStatus::refused:
      return kRefused;
    case RunStatus::partial:
    case RunStatus::failed:
      return cancel.requested() ? kInterrupted : kIncomplete;
  }
  return kFailed;
}

int run_apply_command(Session& session) {
  auto request = parse_request(session);
  if (!request) return session.misused("apply", request.error().message);
  const auto config = session.load();
  if (!config) return kUsage;
  request->working_folder = session.io().working_folder;
  if (session.may_ask())
    request->ask = [&](const ApplyPreview& preview) { return ask_for_number(session, *config, preview); };
  if (request->expect) session.announce_interrupt();
  session.warn_of_later_features(*config);
  auto progress = session.progress();
  World world = session.world(*progress);
  const auto result = run_apply(*config, *request, world);
  progress.reset();
  if (!result) return session.fail_run(result.error());
  TextStyle style = session.text_style();
  style.shown_plan = request->plan;
  return print_result(session, *result, exit_code_of(*result, *session.io().cancel), style);
}

}  // namespace

Command apply_command() {
  return {
      .name = "apply",
      .argument = "PLAN",
      .summary = "deletes what the plan names and is still an orphan and unchanged; writes a journal",
      .flags = {{"--expect", "N",
                 "The number of objects in the plan, as a person read it in the report. On a terminal it is "
                 "asked for; elsewhere it is required."},
                {"--override", "GUARD",
                 "Go on although this guard refuses; one for each refusal, repeatable. It changes neither "
                 "what is deleted nor how.",
                 true}},
      .examples = {{"flotsam apply plan.ndjson",
                    "Show what would be deleted, and ask for the number of objects."},
                   {"flotsam apply plan.ndjson --expect 15", "The same for a script: exactly these 15."},
                   {"flotsam apply plan.ndjson --expect 2472 --override orphan-percent",
                    "Although the share of orphans was refused, because somebody knows why it is so."},
                   {"flotsam apply 0123456789abcdef0123456789abcdef --expect 15 --json",
                    "A plan of the state directory by its id; the result as JSON."}},
      .exit_codes =
          "0 done (what was skipped is said); 1 failed; 2 usage or configuration; 4 a guard or the number "
          "refused, nothing more was deleted; 5 something failed or was left undone, see the journal; 6 the "
          "plan "
          "was changed, is spent, or is of another store or configuration; 7 another run holds the lock; 130 "
          "interrupted, the same command goes on.",
      .run = run_apply_command,
  };
}

}  // namespace flotsam::cli
