#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "base/text.h"
#include "report/run_page.h"
#include "report/run_report.h"

// Past runs, for a person: a table for each store and its prefixes.

namespace flotsam {
namespace {

using Align = Table::Align;
using Runs = std::vector<const HistoryEntry*>;

constexpr std::size_t kRunsShown = 50;
constexpr unsigned kWidthOfAll = 140;

bool is_scan(const HistoryEntry& run) {
  return run.kind == "scan";
}

std::uint64_t unreferenced_of(const HistoryEntry& run) {
  return run.orphans + run.suspects;
}

std::string scope_text(const TextPage& page, const HistoryEntry& run) {
  std::string text = page.key(run.store_url);
  bool first = true;
  for (const std::string& prefix : run.prefixes) {
    if (prefix.empty()) return text + " (the whole store)";
    text += (first ? " under " : ", ") + page.key(prefix);
    first = false;
  }
  return text;
}

std::string minute_text(Timestamp moment) {
  return clock_text(moment).substr(0, 16);
}

std::string change_text(std::uint64_t before, std::uint64_t now) {
  if (now == before) return "0";
  return now > before ? "+" + with_separators(now - before) : "-" + with_separators(before - now);
}

// A row, and what the columns of figures need beside it.
struct Row {
  const HistoryEntry* run = nullptr;
  std::optional<std::uint64_t> unreferenced_before;  ///< of the scan before
};

std::string figure(bool stands, std::uint64_t value) {
  return stands ? with_separators(value) : std::string();
}

// The columns of figures in their order; empty where a run has no such figure.
struct Figure {
  Table::Column column;
  std::string (*text)(const Row& row);
};

const std::vector<Figure>& figures() {
  static const std::vector<Figure> all = {
      {{"objects", Align::right, false, 5},
       [](const Row& row) { return figure(is_scan(*row.run), row.run->objects); }},
      {{"unref.", Align::right, false, 0},
       [](const Row& row) { return figure(is_scan(*row.run), unreferenced_of(*row.run)); }},
      {{"change", Align::right, false, 3},
       [](const Row& row) {
         return row.unreferenced_before ? change_text(*row.unreferenced_before, unreferenced_of(*row.run))
                                        : std::string();
       }},
      {{"keys", Align::right, false, 6},
       [](const Row& row) {
         std::uint64_t keys = 0;
         for (const auto& [source, count] : row.run->distinct_keys) keys += count;
         return figure(is_scan(*row.run), keys);
       }},
      {{"planned", Align::right, false, 1},
       [](const Row& row) {
         return figure(is_scan(*row.run) || row.run->kind == "apply", row.run->planned);
       }},
      {{"deleted", Align::right, false, 0},
       [](const Row& row) { return figure(row.run->kind == "apply", row.run->deleted); }},
      {{"left alone", Align::right, false, 4},
       [](const Row& row) { return figure(row.run->skipped > 0, row.run->skipped); }},
      {{"failed", Align::right, false, 2},
       [](const Row& row) { return figure(row.run->failed > 0, row.run->failed); }},
      {{"restored", Align::right, false, 0},
       [](const Row& row) {
         return figure(row.run->kind == "undo" || row.run->kind == "rescue" || row.run->restored > 0,
                       row.run->restored);
       }},
      {{"purged", Align::right, false, 0},
       [](const Row& row) { return figure(row.run->kind == "purge", row.run->purged); }},
      {{"bytes", Align::right, false, 7}, [](const Row& row) { return to_human_bytes(row.run->bytes); }},
  };
  return all;
}

std::vector<Row> rows_of(const Runs& runs) {
  std::vector<Row> rows;
  std::optional<std::uint64_t> before;
  for (const HistoryEntry* run : runs) {
    rows.push_back({run, is_scan(*run) ? before : std::nullopt});
    if (is_scan(*run)) before = unreferenced_of(*run);
  }
  if (rows.size() > kRunsShown) rows.erase(rows.begin(), rows.end() - kRunsShown);
  return rows;
}

void write_table(TextPage& page, const std::vector<Row>& rows) {
  std::vector<Table::Column> columns = {{"when (UTC)", Align::left, false, 0},
                                        {"run", Align::left, false, 0},
                                        {"status", Align::left, false, 0}};
  std::vector<const Figure*> used;
  for (const Figure& each : figures()) {
    const auto has = [&](const Row& row) { return !each.text(row).empty(); };
    if (!std::any_of(rows.begin(), rows.end(), has)) continue;
    used.push_back(&each);
    columns.push_back(each.column);
  }
  columns.push_back({"id", Align::left, false, 8});
  Table table(std::move(columns), 2);
  for (const Row& row : rows) {
    const bool is_ok = row.run->status == "ok";
    std::vector<Table::Cell> cells = {{minute_text(row.run->at)},
                                      {page.key(row.run->kind)},
                                      {page.key(row.run->status), is_ok ? Colour::none : Colour::orange}};
    for (const Figure* each : used) cells.push_back({each->text(row)});
    cells.push_back({page.key(row.run->id)});
    table.add(std::move(cells));
  }
  page.add(table);
}

// "3 scans, 2 applies, 1 undo; 15 objects deleted, 2 brought back": of all runs, those that are not shown
// too. An apply that went on in several runs counts its journal once.
std::string summary_of(const Runs& runs) {
  std::map<std::string, std::uint64_t> kinds, deleted, restored_by;
  std::uint64_t purged = 0;
  for (const HistoryEntry* run : runs) {
    ++kinds[run->kind];
    if (run->kind == "apply") deleted[run->id] = std::max(deleted[run->id], run->deleted);
    // A run that went on with an earlier one tells the sum of both.
    std::uint64_t& of_run = restored_by[run->kind + " " + run->id];
    of_run = std::max(of_run, run->restored);
    purged += run->purged;
  }
  constexpr std::array<std::array<const char*, 3>, 5> kNames = {{{"scan", "scan", "scans"},
                                                                 {"apply", "apply", "applies"},
                                                                 {"undo", "undo", "undos"},
                                                                 {"rescue", "rescue", "rescues"},
                                                                 {"purge", "purge", "purges"}}};
  std::string text;
  for (const auto& [kind, one, many] : kNames)
    if (const std::uint64_t count = kinds[kind]; count > 0)
      text +=
          fmt::format("{}{} {}", text.empty() ? "" : ", ", with_separators(count), count == 1 ? one : many);
  const std::uint64_t gone =
      std::accumulate(deleted.begin(), deleted.end(), std::uint64_t{0},
                      [](std::uint64_t sum, const auto& each) { return sum + each.second; });
  text += fmt::format("; {} deleted", counted(gone, "object"));
  const std::uint64_t restored =
      std::accumulate(restored_by.begin(), restored_by.end(), std::uint64_t{0},
                      [](std::uint64_t sum, const auto& each) { return sum + each.second; });
  if (restored > 0) text += fmt::format(", {} brought back", with_separators(restored));
  if (purged > 0) text += fmt::format(", {} purged", with_separators(purged));
  return text + ".";
}

}  // namespace

std::string to_text(const HistoryReport& report, const TextStyle& style) {
  RunPage page(style);
  if (report.runs.empty()) {
    page.paragraph("This state remembers no run.", 0);
    return page.take();
  }
  std::map<std::pair<std::string, std::vector<std::string>>, Runs> scopes;
  for (const HistoryEntry& run : report.runs) {
    std::vector<std::string> prefixes = run.prefixes;
    std::sort(prefixes.begin(), prefixes.end());
    scopes[{run.store_url, std::move(prefixes)}].push_back(&run);
  }
  for (const auto& [scope, runs] : scopes) {
    page.heading(scope_text(page, *runs.front()));
    page.paragraph(summary_of(runs));
    if (style.quiet) continue;
    write_table(page, rows_of(runs));
    if (runs.size() > kRunsShown)
      page.paragraph(
          fmt::format("and {} before; --json has them all", counted(runs.size() - kRunsShown, "run")));
  }
  if (!style.quiet && style.width < kWidthOfAll) {
    page.add("\n");
    page.paragraph("A wider terminal shows more columns; --json shows all of them, ids too.", 0);
  }
  return page.take();
}

}  // namespace flotsam
