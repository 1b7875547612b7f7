// bench_measure: runs a program again and again as a whole process and writes medians. A run counts only
// where its exit code and its output are what they must be; one wrong run and there is no figure at all.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <sched.h>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "options.h"

namespace flotsam::bench {
namespace {

struct MeasureOptions {
  std::string name, unit = "keys", out, stdout_path, before, check;
  std::vector<std::string> expected, command;
  std::vector<int> codes = {0};
  std::uint64_t units = 0;
  unsigned runs = 5, warm_ups = 1;
  int cpu = -1, server = 0;
};

struct Run {
  double wall = 0, cpu = 0, server_cpu = 0;
  double peak_mib = 0;
  std::map<std::string, double> figures;  ///< lines "figure NAME VALUE" of the program's output
};

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// The processor time of another process, threads that ended included.
double cpu_of_process(int pid) {
  clockid_t clock = 0;
  timespec time{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0)
    throw std::runtime_error(fmt::format("the server (process {}) is gone", pid));
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

[[noreturn]] void become(const MeasureOptions& options) {
  if (options.cpu >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(options.cpu), &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) _exit(126);
  }
  const int file = open(options.stdout_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0 || dup2(file, STDOUT_FILENO) < 0) _exit(126);
  std::vector<char*> arguments;
  for (const std::string& word : options.command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments.front(), arguments.data());
  _exit(127);
}

void read_output(const MeasureOptions& options, Run& run) {
  std::ifstream file(options.stdout_path);
  std::vector<std::string> missing = options.expected;
  for (std::string line; std::getline(file, line);) {
    std::erase(missing, line);
    std::istringstream words(line);
    std::string word, name;
    double value = 0;
    if (words >> word >> name >> value && word == "figure") run.figures[name] = value;
  }
  if (!missing.empty())
    throw std::runtime_error(fmt::format("{}: the output lacks the line '{}', see {}", options.name,
                                         missing.front(), options.stdout_path));
}

void run_shell(const std::string& command, const std::string& what) {
  if (!command.empty() && std::system(command.c_str()) != 0)
    throw std::runtime_error(fmt::format("{} failed: {}", what, command));
}

Run run_once(const MeasureOptions& options) {
  run_shell(options.before, "the preparation");
  Run run;
  const double server_before = options.server != 0 ? cpu_of_process(options.server) : 0;
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) become(options);
  int status = 0;
  rusage usage{};
  while (wait4(child, &status, 0, &usage) < 0)
    if (errno != EINTR) throw std::runtime_error("cannot wait for the program");
  run.wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  run.cpu = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  run.peak_mib = static_cast<double>(usage.ru_maxrss) / 1024;
  if (options.server != 0) run.server_cpu = cpu_of_process(options.server) - server_before;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (std::find(options.codes.begin(), options.codes.end(), code) == options.codes.end())
    throw std::runtime_error(
        fmt::format("{}: exit code {}, see {}", options.name, code, options.stdout_path));
  read_output(options, run);
  run_shell(options.check, "the truth");
  return run;
}

struct Spread {
  double median = 0, low = 0, high = 0;
};
Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  const double median = values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {median, values.front(), values.back()};
}

std::string rate_text(double per_second) {
  if (per_second >= 1e6) return fmt::format("{:.2f} M", per_second / 1e6);
  if (per_second >= 1e3) return fmt::format("{:.1f} k", per_second / 1e3);
  return fmt::format("{:.1f}", per_second);
}

std::string row_of(const MeasureOptions& options, const std::vector<Run>& runs) {
  const auto spread = [&](auto value) {
    std::vector<double> values;
    for (const Run& run : runs) values.push_back(value(run));
    return spread_of(std::move(values));
  };
  const Spread wall = spread([](const Run& run) { return run.wall; });
  const Spread cpu = spread([](const Run& run) { return run.cpu; });
  const Spread server = spread([](const Run& run) { return run.server_cpu; });
  const Spread peak = spread([](const Run& run) { return run.peak_mib; });
  const auto units = static_cast<double>(options.units);
  std::string server_text = "–", remarks;
  if (options.server != 0) {
    const double share = server.median / cpu.median;
    server_text = fmt::format("{:.0f} %", share * 100);
    if (share * 3 > 1) remarks = "**server-bound**";
  }
  for (const auto& [name, value] : runs.front().figures) {
    const Spread figure =
        spread([&](const Run& run) { return run.figures.contains(name) ? run.figures.at(name) : 0; });
    remarks +=
        fmt::format("{}{} {}", remarks.empty() ? "" : ", ", name,
                    figure.median >= 1e4 ? rate_text(figure.median) : fmt::format("{:.4g}", figure.median));
  }
  return fmt::format(
      "| {} | {:.3f} ({:.3f}–{:.3f}) | {} {}/s | {:.3f} ({:.3f}–{:.3f}) | {:.3f} | {:.0f} MiB | {} | {} |\n",
      options.name, wall.median, wall.low, wall.high, rate_text(units / wall.median), options.unit,
      cpu.median, cpu.low, cpu.high, cpu.median / units * 1e6, peak.median, server_text, remarks);
}

int measure(const MeasureOptions& options) {
  std::vector<Run> runs;
  for (unsigned number = 0; number < options.warm_ups + options.runs; ++number) {
    Run run = run_once(options);
    fmt::print(stderr, "{} {}: {:.3f} s, CPU {:.3f} s, {:.0f} MiB\n", options.name,
               number < options.warm_ups ? "warm-up" : fmt::format("run {}", number - options.warm_ups + 1),
               run.wall, run.cpu, run.peak_mib);
    if (number >= options.warm_ups) runs.push_back(std::move(run));
  }
  std::ofstream out(options.out, std::ios::app);
  out << row_of(options, runs);
  out.close();
  return out ? 0 : 1;
}

}  // namespace
}  // namespace flotsam::bench

int main(int argc, char** argv) {
  using namespace flotsam::bench;
  CLI::App app("Runs a program several times and appends a row of medians (low–high) to a Markdown table.",
               "bench_measure");
  MeasureOptions options;
  app.add_option("--name", options.name, "the row's name")->required();
  app.add_option("--units", options.units, "what one run handles, for rates")
      ->required()
      ->check(CLI::PositiveNumber);
  app.add_option("--unit", options.unit, "their name")->capture_default_str();
  app.add_option("--out", options.out, "the table's file")->required();
  app.add_option("--stdout", options.stdout_path, "the program's output")->required();
  app.add_option("--expect", options.expected, "a line that the output must hold")->allow_extra_args(false);
  app.add_option("--code", options.codes, "an exit code that is right")->allow_extra_args(false);
  app.add_option("--before", options.before, "shell command before each run, not timed");
  app.add_option("--check", options.check, "shell command after each run that proves its result, not timed");
  app.add_option("--runs", options.runs, "counted runs")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--warm-ups", options.warm_ups, "runs before them")->capture_default_str();
  app.add_option("--cpu", options.cpu, "core to pin the program to");
  app.add_option("--server", options.server, "process that serves it: its CPU is told, too");
  app.add_option("command", options.command, "the program, behind --")->required();
  return parse_and_run(app, argc, argv, [&] { return measure(options); });
}
