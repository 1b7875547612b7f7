#include <algorithm>
#include <gtest/gtest.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "config/database_url.h"
#include "references/open.h"

namespace flotsam::test {
namespace {

TEST(Usage, WithoutCommandIsHelpOnStderr) {
  CommandLine line;
  EXPECT_EQ(line.run({}), 2);
  EXPECT_EQ(line.out, "");
  EXPECT_EQ(line.err, cli::help_of_program());
}

TEST(Usage, HelpOfTheProgram) {
  CommandLine().expect_golden("help", {"--help"});
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"-h"}, {"help"}, {"--json", "--help"}, {"help", "-q"}}) {
    CommandLine line;
    EXPECT_EQ(line.run(args), 0);
    EXPECT_EQ(line.out, cli::help_of_program());
    EXPECT_EQ(line.err, "");
  }
}

TEST(Usage, HelpOfEveryCommandHasExamplesAndExitCodes) {
  for (const cli::Command& command : cli::all_commands()) {
    const std::string name(command.name);
    CommandLine().expect_golden("help-" + name, {name, "--help"});
    CommandLine line;
    EXPECT_EQ(line.run({"help", name}), 0);
    EXPECT_EQ(line.out, cli::help_of(command));
    EXPECT_EQ(line.run({name, "-h"}), 0);
    EXPECT_EQ(line.out, cli::help_of(command));
    EXPECT_FALSE(command.examples.empty()) << name;
    EXPECT_NE(line.out.find("Examples:\n  flotsam "), std::string::npos) << name;
    EXPECT_NE(line.out.find("Exit codes:\n  0 "), std::string::npos) << name;
  }
}

TEST(Usage, HelpFitsEightyColumns) {
  std::vector<std::string> texts = {cli::help_of_program()};
  for (const cli::Command& command : cli::all_commands()) texts.push_back(cli::help_of(command));
  for (const std::string& text : texts) {
    std::size_t start = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos;
         start = end + 1, end = text.find('\n', start)) {
      const std::string row = text.substr(start, end - start);
      EXPECT_TRUE(row.size() <= 80 || row.starts_with("  flotsam ") || row.starts_with("flotsam ")) << row;
    }
  }
}

TEST(Usage, Version) {
  for (const std::vector<std::string>& args : {std::vector<std::string>{"--version"}, {"-V"}, {"version"}}) {
    CommandLine line;
    EXPECT_EQ(line.run(args), 0);
    EXPECT_EQ(line.out, cli::version_line());
  }
  EXPECT_TRUE(cli::version_line().starts_with("flotsam 0.")) << cli::version_line();
}

struct Misuse {
  std::string name;
  std::vector<std::string> args;
  std::string err;
};

class Misused : public testing::TestWithParam<Misuse> {};

TEST_P(Misused, ExitsTwoAndSaysWhatToDo) {
  CommandLine line;
  EXPECT_EQ(line.run(GetParam().args), 2);
  EXPECT_EQ(line.out, "");
  EXPECT_EQ(line.err, GetParam().err);
}

const std::vector<Misuse> kMisuses = {
    {"UnknownCommand",
     {"scna"},
     "error: there is no command 'scna'; did you mean scan?\n  See: flotsam --help\n"},
    {"UnknownCommandWithoutNeighbour",
     {"zzzzzzzz"},
     "error: there is no command 'zzzzzzzz'\n  See: flotsam --help\n"},
    {"HostileCommand", {"a\x1b[2J"}, "error: there is no command 'a\\u{1b}[2J'\n  See: flotsam --help\n"},
    {"LaterCommandInit", {"init"}, "error: flotsam init is not in this version\n  See: flotsam --help\n"},
    {"LaterCommandExplain",
     {"explain"},
     "error: flotsam explain is not in this version\n  See: flotsam --help\n"},
    {"OnlyFlags", {"--json"}, "error: no command in 'flotsam --json'\n  See: flotsam --help\n"},
    {"UnknownFlag",
     {"scan", "--jsn"},
     "error: flotsam scan: unknown flag '--jsn'; did you mean --json?\n  See: flotsam scan --help\n"},
    {"UnknownFlagWithValue",
     {"scan", "--plna=x"},
     "error: flotsam scan: unknown flag '--plna'; did you mean --plan?\n  See: flotsam scan --help\n"},
    {"FlagOfAnotherCommand",
     {"check", "--exit-code"},
     "error: flotsam check: unknown flag '--exit-code'\n  See: flotsam check --help\n"},
    {"LaterFlagOfCheck",
     {"check", "--veto"},
     "error: flotsam check: --veto is not in this version\n  See: flotsam check --help\n"},
    {"ProbeWithSettings",
     {"check", "--probe", "--show-config"},
     "error: flotsam check: --probe and --show-config exclude each other\n  See: flotsam check --help\n"},
    {"ApplyWithoutPlan", {"apply"}, "error: flotsam apply: PLAN is missing\n  See: flotsam apply --help\n"},
    {"ApplyOfNothing",
     {"apply", "", "--expect", "1"},
     "error: flotsam apply: PLAN is empty\n  See: flotsam apply --help\n"},
    {"ApplyWithoutNumberOrTerminal",
     {"apply", "a plan"},
     "error: flotsam apply: --expect N is missing, and there is no terminal to ask at; look at the plan with "
     "flotsam show 'a plan', and add the number of its objects\n  See: flotsam apply --help\n"},
    {"ExpectForPeople",
     {"apply", "plan", "--expect", "1,000"},
     "error: flotsam apply: --expect '1,000' is no plain number; type --expect 1000\n"
     "  See: flotsam apply --help\n"},
    {"ExpectWithSign",
     {"purge", "--expect", "+15"},
     "error: flotsam purge: --expect '+15' is no plain number; type --expect 15\n"
     "  See: flotsam purge --help\n"},
    {"ExpectNegative",
     {"apply", "plan", "--expect=-1"},
     "error: flotsam apply: --expect '-1' is no plain number; type digits alone, like --expect 15\n"
     "  See: flotsam apply --help\n"},
    {"ExpectOfWords",
     {"rescue", "--expect", "all"},
     "error: flotsam rescue: --expect 'all' is no plain number; type digits alone, like --expect 15\n"
     "  See: flotsam rescue --help\n"},
    {"ExpectEmpty",
     {"rescue", "--expect", ""},
     "error: flotsam rescue: --expect '' is no plain number; type digits alone, like --expect 15\n"
     "  See: flotsam rescue --help\n"},
    {"ExpectTooMuch",
     {"apply", "plan", "--expect", "18446744073709551616"},
     "error: flotsam apply: --expect '18446744073709551616' is no plain number; type digits alone, like "
     "--expect 15\n  See: flotsam apply --help\n"},
    {"ExpectTwice",
     {"apply", "plan", "--expect", "1", "--expect", "2"},
     "error: flotsam apply: --expect is given twice: '1' and '2'\n  See: flotsam apply --help\n"},
    {"UndoWithoutJournal", {"undo"}, "error: flotsam undo: JOURNAL is missing\n  See: flotsam undo --help\n"},
    {"UndoOfNothing", {"undo", ""}, "error: flotsam undo: JOURNAL is empty\n  See: flotsam undo --help\n"},
    {"RescueListEmpty",
     {"rescue", "--list", ""},
     "error: flotsam rescue: --list names no file\n  See: flotsam rescue --help\n"},
    {"UnexpectedArgument",
     {"scan", "x"},
     "error: flotsam scan: unexpected argument 'x'\n  See: flotsam scan --help\n"},
    {"UnexpectedArgumentBehindDashes",
     {"scan", "--", "--json"},
     "error: flotsam scan: unexpected argument '--json'\n  See: flotsam scan --help\n"},
    {"TwoPlans",
     {"show", "a", "b"},
     "error: flotsam show: unexpected argument 'b'\n  See: flotsam show --help\n"},
    {"NoPlan", {"show"}, "error: flotsam show: PLAN is missing\n  See: flotsam show --help\n"},
    {"JsonAndCsv",
     {"show", "x", "--json", "--csv"},
     "error: flotsam show: --json, --csv and --html exclude each other\n  See: flotsam show --help\n"},
    {"HelpOfUnknown",
     {"help", "x"},
     "error: flotsam help: there is no command 'x'\n  See: flotsam help --help\n"},
    {"ColorOfAnotherKind",
     {"check", "--color", "blue"},
     "error: flotsam check: --color 'blue' is none of auto, always, never\n  See: flotsam check --help\n"},
    {"LogFormatOfAnotherKind",
     {"check", "--log-format", "xml"},
     "error: flotsam check: --log-format 'xml' is none of text, json\n  See: flotsam check --help\n"},
    {"ConfigEmpty",
     {"check", "-c", ""},
     "error: flotsam check: --config names no file\n  See: flotsam check --help\n"},
    {"PlanEmpty",
     {"scan", "--plan", ""},
     "error: flotsam scan: --plan names no file\n  See: flotsam scan --help\n"},
    {"ListWithoutFile",
     {"scan", "--list", "orphan"},
     "error: flotsam scan: --list 'orphan' is not VERDICT=FILE, like --list orphan=orphans.ndjson\n"
     "  See: flotsam scan --help\n"},
    {"ListOfNoVerdict",
     {"scan", "--list", "orphans=x"},
     "error: flotsam scan: --list 'orphans' is no verdict; did you mean orphan?\n  See: flotsam scan "
     "--help\n"},
    {"ListOfNothingNear",
     {"scan", "--list", "zzzzzzzzzz=x"},
     "error: flotsam scan: --list 'zzzzzzzzzz' is no verdict; known are referenced, derived, marker, "
     "protected, "
     "unrecognised, young, suspect, orphan, dangling\n  See: flotsam scan --help\n"},
    {"ListTwice",
     {"scan", "--list", "orphan=a", "--list", "orphan=b"},
     "error: flotsam scan: --list orphan is given twice\n  See: flotsam scan --help\n"},
};
INSTANTIATE_TEST_SUITE_P(Usage, Misused, testing::ValuesIn(kMisuses),
                         [](const auto& row) { return row.param.name; });

TEST(Usage, TwoListsNeedTwoFiles) {
  CommandLine line;
  EXPECT_EQ(line.run({"scan", "--list", "orphan=a", "--list", "suspect=./a"}), 2);
  EXPECT_EQ(line.run({"scan", "--plan", "x/../a", "--list", "suspect=a"}), 2);
  EXPECT_EQ(
      line.normalised(line.err),
      "error: flotsam scan: --list suspect: 'FOLDER/a' is already the file of another list, of the plan or of the HTML report\n"
      "  See: flotsam scan --help\n");
}

TEST(Usage, MistakesComeAsJsonWhereThatIsWanted) {
  CommandLine line;
  EXPECT_EQ(line.run({"scan", "--jsn", "--log-format", "json"}), 2);
  EXPECT_EQ(line.err,
            "{\"time\":\"2100-01-01T00:00:00Z\",\"level\":\"error\",\"code\":\"invalid_argument\","
            "\"message\":\"flotsam scan: "
            "unknown flag '--jsn'; did you mean --json?\",\"hint\":\"See: flotsam scan --help\"}\n");
}

TEST(Usage, CommonFlagsMayStandBeforeTheCommand) {
  CommandLine line;
  line.folder.write("other.toml", directory_config());
  EXPECT_EQ(line.run({"-c", "other.toml", "--json", "check"}), 0) << line.err;
  EXPECT_TRUE(line.out.starts_with("{")) << line.out;
  EXPECT_EQ(line.run({"--config=other.toml", "check"}), 0) << line.err;
  EXPECT_EQ(line.run({"check", "-cother.toml", "-qv"}), 0) << line.err;
}

TEST(Usage, ASwitchCanBeTakenBack) {
  CommandLine line;
  line.folder.write("flotsam.toml", directory_config());
  EXPECT_EQ(line.run({"check", "--json=false"}), 0) << line.err;
  EXPECT_FALSE(line.out.starts_with("{")) << line.out;
  EXPECT_EQ(line.run({"check", "--json=true"}), 0) << line.err;
  EXPECT_TRUE(line.out.starts_with("{")) << line.out;
}

TEST(Usage, VerbosityIsCounted) {
  struct Row {
    std::vector<std::string> flags;
    std::string expected;
  };
  const std::vector<Row> rows = {{{}, "warning: w\n"},
                                 {{"-v"}, "warning: w\ninfo: i\n"},
                                 {{"-vv"}, "warning: w\ninfo: i\ndebug: d\n"},
                                 {{"--verbose", "-v"}, "warning: w\ninfo: i\ndebug: d\n"},
                                 {{"-q"}, ""},
                                 {{"-q", "-v"}, ""}};
  for (const Row& row : rows) {
    CommandLine line;
    cli::Io io;
    std::string text;
    cli::ErrorStream stream([&](std::string_view bytes) { text += bytes; });
    cli::LogSink log(stream, line.clock);
    cli::Session session(io, stream, log);
    auto flags = cli::parse_flags(*cli::command_of("check"), row.flags);
    ASSERT_TRUE(flags);
    ASSERT_TRUE(session.take(*std::move(flags)));
    log.warn("w");
    log.info("i");
    log.debug("d");
    EXPECT_EQ(text, row.expected) << testing::PrintToString(row.flags);
  }
}

/// The configuration cannot ask the room of databases what it knows: this holds the two together.
TEST(Usage, ConfigurationKnowsTheDatabasesThatThereAre) {
  for (const std::string_view scheme : database_schemes()) {
    const std::string url = std::string(scheme) + "://x";
    EXPECT_NE(kind_of_database(url), DatabaseKind::unknown) << scheme;
  }
}

}  // namespace
}  // namespace flotsam::test
