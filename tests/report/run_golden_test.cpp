#include <functional>
#include <gtest/gtest.h>

#include "report/fixture.h"
#include "report/golden.h"
#include "report/run_fixture.h"

namespace flotsam::test {
namespace {

struct GoldenCase {
  std::string name;
  std::function<std::string(const TextStyle&)> text;
  void (*change)(TextStyle&) = [](TextStyle&) {};
  friend void PrintTo(const GoldenCase& each, std::ostream* out) { *out << each.name; }
};

void narrow(TextStyle& style) {
  style.width = 60;
}
void ascii(TextStyle& style) {
  style.unicode = false;
}
void coloured(TextStyle& style) {
  style.colour = true;
}
void quiet(TextStyle& style) {
  style.quiet = true;
}
void configured(TextStyle& style) {
  style.config_path = "/etc/my flotsam.toml";
  style.shown_plan = "my plan.ndjson";
}

template <typename Value>
std::function<std::string(const TextStyle&)> text_of_value(Value value) {
  return [value](const TextStyle& style) { return to_text(value, style); };
}

std::function<std::string(const TextStyle&)> prompt_text(ApplyPrompt prompt) {
  return [prompt](const TextStyle& style) {
    auto text = apply_prompt(prompt, style);
    return text ? *text : to_text(text.error());
  };
}

template <typename Value>
Value changed(Value value, const std::function<void(Value&)>& change) {
  change(value);
  return value;
}

std::vector<GoldenCase> apply_cases() {
  return {
      {"apply_done", text_of_value(done_apply())},
      {"apply_done_configured", text_of_value(done_apply()), configured},
      {"apply_done_quiet", text_of_value(done_apply()), quiet},
      {"apply_skipping", text_of_value(skipping_apply())},
      {"apply_skipping_60", text_of_value(skipping_apply()), narrow},
      {"apply_skipping_configured", text_of_value(skipping_apply()), configured},
      {"apply_partial", text_of_value(partial_apply())},
      {"apply_partial_ascii", text_of_value(partial_apply()), ascii},
      {"apply_partial_colour", text_of_value(partial_apply()), coloured},
      {"apply_partial_quiet", text_of_value(partial_apply()), quiet},
      {"apply_refused", text_of_value(refused_apply())},
      {"apply_refused_midway", text_of_value(refused_midway_apply())},
      {"apply_permanent", text_of_value(permanent_apply())},
      {"apply_failed_ascii",
       text_of_value(changed<ApplyResult>(partial_apply(),
                                          [](ApplyResult& result) {
                                            result.status = RunStatus::failed;
                                            result.recoverable_until.reset();
                                          })),
       ascii},
      {"apply_empty_plan",
       text_of_value(changed<ApplyResult>(
           done_apply(), [](ApplyResult& result) { result.planned = result.deleted = result.bytes = 0; }))},
      {"apply_later", text_of_value(changed<ApplyResult>(
                          skipping_apply(),
                          [](ApplyResult& result) { result.retry_after.reset(), result.guards.clear(); }))},
  };
}

std::vector<GoldenCase> restore_cases() {
  RescueReport rescued = found_rescue();
  rescued.restored = partial_restore();
  PurgeReport purged = due_purge();
  purged.done = done_restore();
  purged.done->purged = 1000;
  purged.done->restored = 4;
  PurgeReport refused;
  refused.refused = true;
  refused.guards = {{"resolution", false, "Only 61.2 % of the keys exist (limit 90 %)."}};
  return {
      {"undo_done", text_of_value(UndoReport{done_restore(), false, "journals/7f3a.ndjson"})},
      {"undo_dry_run", text_of_value(UndoReport{done_restore(), true, "journals/7f3a.ndjson"})},
      {"undo_nothing", text_of_value(UndoReport{})},
      {"undo_dry_run_nothing", text_of_value(UndoReport{{}, true, "x"})},
      {"undo_partial", text_of_value(UndoReport{partial_restore(), false, "my journal.ndjson"}), configured},
      {"undo_partial_quiet", text_of_value(UndoReport{partial_restore(), false, "j"}), quiet},
      {"rescue_found", text_of_value(found_rescue()), configured},
      {"rescue_found_quiet", text_of_value(found_rescue()), quiet},
      {"rescue_nothing", text_of_value(RescueReport{})},
      {"rescue_none_found", text_of_value(changed<RescueReport>(found_rescue(),
                                                                [](RescueReport& report) {
                                                                  report.found = report.bytes = 0,
                                                                  report.sample.clear();
                                                                }))},
      {"rescue_restored", text_of_value(rescued)},
      {"purge_due", text_of_value(due_purge()), configured},
      {"purge_due_quiet", text_of_value(due_purge()), quiet},
      {"purge_nothing",
       text_of_value(changed<PurgeReport>({}, [](PurgeReport& report) { report.undo_days = 1; }))},
      {"purge_done", text_of_value(purged)},
      {"purge_refused", text_of_value(refused)},
  };
}

std::vector<GoldenCase> other_cases() {
  const auto none = [](LockReport& report) { report.holders.clear(); };
  const auto broken = [](LockReport& report) { report.broken = true, report.holders.pop_back(); };
  const auto unreadable = [](LockReport& report) {
    report.broken = true;
    report.holders.resize(1);
    report.holders.front() = {};
    report.holders.front().run = "(unreadable)";
  };
  const auto none_broken = [](LockReport& report) { report.holders.clear(), report.broken = true; };
  return {
      {"locks_two", text_of_value(two_locks()), configured},
      {"locks_two_quiet", text_of_value(two_locks()), quiet},
      {"locks_none", text_of_value(changed<LockReport>(two_locks(), none))},
      {"locks_broken", text_of_value(changed<LockReport>(two_locks(), broken))},
      {"locks_unreadable", text_of_value(changed<LockReport>(two_locks(), unreadable))},
      {"locks_none_to_break", text_of_value(changed<LockReport>(two_locks(), none_broken))},
      {"history_none", text_of_value(HistoryReport{})},
      {"history_busy", text_of_value(busy_history())},
      {"history_busy_140", text_of_value(busy_history()), [](TextStyle& style) { style.width = 140; }},
      {"history_busy_colour", text_of_value(busy_history()), coloured},
      {"history_busy_quiet", text_of_value(busy_history()), quiet},
      {"history_long", text_of_value(long_history()), narrow},
      {"prompt_healthy", prompt_text(prompt_of_healthy())},
      {"prompt_hostile", prompt_text(prompt_of_hostile())},
      {"prompt_hostile_60_ascii", prompt_text(prompt_of_hostile()),
       [](TextStyle& style) { style.unicode = false, style.width = 60; }},
      {"prompt_permanent",
       prompt_text(changed<ApplyPrompt>(
           prompt_of_healthy(), [](ApplyPrompt& prompt) { prompt.method = DeleteMethod::permanent; }))},
      {"prompt_several_prefixes",
       prompt_text(changed<ApplyPrompt>(prompt_of_healthy(),
                                        [](ApplyPrompt& prompt) {
                                          prompt.report =
                                              to_report(several_prefixes_scan(), plan_reference());
                                          prompt.evidence = to_evidence(several_prefixes_scan());
                                          prompt.method = DeleteMethod::quarantine;
                                        }))},
      {"prompt_incident", prompt_text(changed<ApplyPrompt>(prompt_of_healthy(),
                                                           [](ApplyPrompt& prompt) {
                                                             prompt.report =
                                                                 to_report(incident_scan(), plan_reference());
                                                             prompt.evidence = to_evidence(incident_scan());
                                                             prompt.objects = 1803;
                                                           }))},
  };
}

class RunReportGolden : public testing::TestWithParam<GoldenCase> {};

TEST_P(RunReportGolden, IsWhatWasAccepted) {
  TextStyle style;
  GetParam().change(style);
  expect_golden(GetParam().name, GetParam().text(style));
}

const auto kName = [](const auto& each) { return each.param.name; };
INSTANTIATE_TEST_SUITE_P(Apply, RunReportGolden, testing::ValuesIn(apply_cases()), kName);
INSTANTIATE_TEST_SUITE_P(Restore, RunReportGolden, testing::ValuesIn(restore_cases()), kName);
INSTANTIATE_TEST_SUITE_P(Other, RunReportGolden, testing::ValuesIn(other_cases()), kName);

// No page may rule the terminal, whatever keys, hosts and answers of stores hold.
TEST_P(RunReportGolden, HoldsNothingThatATerminalObeys) {
  TextStyle style;
  GetParam().change(style);
  style.colour = false;
  const std::string text = GetParam().text(style);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    EXPECT_TRUE(byte >= 0x20 || c == '\n') << static_cast<int>(byte);
  }
  EXPECT_EQ(text.find("\u202e"), std::string::npos);
}

TEST(ApplyPrompt, NeedsAReportThatCanBeRead) {
  ApplyPrompt prompt = prompt_of_healthy();
  prompt.report = "{}";
  EXPECT_FALSE(apply_prompt(prompt, {}));
  prompt = prompt_of_healthy();
  prompt.evidence = "";
  EXPECT_FALSE(apply_prompt(prompt, {}));
}

}  // namespace
}  // namespace flotsam::test
