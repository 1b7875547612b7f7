#include <fmt/format.h>
#include <set>

#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/outside_store.h"
#include "cli/session.h"
#include "model/key.h"
#include "model/verdict.h"
#include "report/report.h"
#include "workflow/scan_workflow.h"

namespace flotsam::cli {
namespace {

std::vector<std::string> list_names() {
  std::vector<std::string> names;
  for (const Verdict verdict : kAllVerdicts) names.emplace_back(to_string(verdict));
  names.emplace_back("dangling");
  return names;
}

Result<std::pair<std::string, std::filesystem::path>> parse_list(const Session& session,
                                                                 const std::string& text) {
  const std::size_t sign = text.find('=');
  const std::string name = text.substr(0, sign);
  if (sign == std::string::npos || sign + 1 == text.size())
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("--list {} is not VERDICT=FILE, like --list orphan=orphans.ndjson", in_quotes(text)));
  const std::vector<std::string> known = list_names();
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    std::string list;
    for (const std::string& word : known) list += (list.empty() ? "" : ", ") + word;
    const std::string nearest = nearest_of(name, known);
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("--list {} is no verdict; {}", in_quotes(name),
                    nearest.empty() ? "known are " + list : fmt::format("did you mean {}?", nearest)));
  }
  return std::pair(name, session.path_of(text.substr(sign + 1)));
}

Result<ScanRequest> parse_request(const Session& session) {
  const ParsedFlags& flags = session.flags();
  ScanRequest request;
  std::set<std::filesystem::path> files;
  std::set<std::string> verdicts;
  if (flags.has("--plan")) {
    if (flags.value("--plan").empty()) return fail(ErrorCode::invalid_argument, "--plan names no file");
    request.plan_path = session.path_of(flags.value("--plan"));
    files.insert(*request.plan_path);
  }
  if (flags.has("--html")) {
    if (flags.value("--html").empty()) return fail(ErrorCode::invalid_argument, "--html names no file");
    request.html_path = session.path_of(flags.value("--html"));
    if (!files.insert(*request.html_path).second)
      return fail(ErrorCode::invalid_argument, "--html names the file of the plan");
    request.html = session.html_options();
  }
  for (const std::string& text : flags.values("--list")) {
    FLOTSAM_ASSIGN(auto list, parse_list(session, text));
    if (!verdicts.insert(list.first).second)
      return fail(ErrorCode::invalid_argument, fmt::format("--list {} is given twice", list.first));
    if (!files.insert(list.second).second)
      return fail(
          ErrorCode::invalid_argument,
          fmt::format("--list {}: {} is already the file of another list, of the plan or of the HTML report",
                      list.first, in_quotes(list.second.native())));
    request.lists.push_back(std::move(list));
  }
  return request;
}

int print(Session& session, const ScanOutcome& outcome) {
  const auto text = session.flags().has("--json")
                        ? to_pretty_json(outcome.report)
                        : to_text_report(outcome.report, outcome.evidence, session.text_style());
  if (!text) return session.fail(text.error());
  session.out(*text);
  if (outcome.refused) return kRefused;
  return session.flags().has("--exit-code") && outcome.unreferenced > 0 ? kOrphansFound : kDone;
}

int run_scan_command(Session& session) {
  const auto request = parse_request(session);
  if (!request) return session.misused("scan", request.error().message);
  const auto config = session.load();
  if (!config) return kUsage;
  std::vector<std::filesystem::path> files;
  if (request->plan_path) files.push_back(*request->plan_path);
  if (request->html_path) files.push_back(*request->html_path);
  for (const auto& [name, path] : request->lists) files.push_back(path);
  if (const auto outside = check_outside_store(*config, files); !outside)
    return session.fail(outside.error());
  session.warn_of_later_features(*config);

  auto progress = session.progress();
  World world = session.world(*progress);
  const auto outcome = run_scan(*config, *request, world);
  progress.reset();
  if (!outcome) return session.fail(outcome.error());
  return print(session, *outcome);
}

}  // namespace

Command scan_command() {
  return {
      .name = "scan",
      .argument = "",
      .summary = "the dry run: reads the references, lists the store, judges every object, writes a plan",
      .flags = {{"--plan", "FILE", "Where the plan goes; default plans/ID.ndjson in the state directory."},
                {"--html", "FILE",
                 "The report as one HTML file for a browser: no network, no script needed."},
                {"--list", "VERDICT=FILE",
                 "All objects of a verdict, or dangling=FILE, one JSON object a line; repeatable.", true},
                {"--exit-code", "", "Exit 3 when objects are unreferenced and no guard refuses."}},
      .examples = {{"flotsam scan", "Look, print the report, write a plan into the state directory."},
                   {"flotsam scan --plan today.ndjson --list suspect=suspects.ndjson",
                    "Keep the plan here, and list all suspects."},
                   {"flotsam scan --json --exit-code > scan.json",
                    "For a script: 0 nothing found, 3 found, 4 refused."},
                   {"flotsam scan --set guards.orphan-percent=20", "With another limit, this once."}},
      .exit_codes =
          "0 done; 1 failed, no plan; 2 usage or configuration; 3 unreferenced objects found (--exit-code "
          "only); "
          "4 a guard refused, report and plan are complete; 130 interrupted.",
      .run = run_scan_command,
  };
}

}  // namespace flotsam::cli
