// bench_generate: writes the references of a data set as a database or file, and says what is true of it.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <sqlite3.h>
#include <stdexcept>
#include <string>
#include <zlib.h>

#include "dataset.h"
#include "options.h"
#include "truth.h"

namespace flotsam::bench {
namespace {

/// Gives every row's value: the key without its prefix.
void for_each_row(const Dataset& dataset, const std::function<void(std::string_view)>& use) {
  std::string key;
  for (std::uint64_t number = 0; number < dataset.references_and_orphans(); ++number)
    if (dataset.row_key(number, key)) use(std::string_view(key).substr(kPrefix.size()));
}

void write_sqlite(const Dataset& dataset, const std::string& path) {
  std::filesystem::remove(path);
  sqlite3* handle = nullptr;
  const int opened = sqlite3_open(path.c_str(), &handle);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> database(handle, sqlite3_close);
  const auto check = [&](int code, int wanted) {
    if (code != wanted) throw std::runtime_error(fmt::format("{}: {}", path, sqlite3_errmsg(handle)));
  };
  check(opened, SQLITE_OK);
  const auto run = [&](const char* sql) {
    check(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  };
  run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;"
      "CREATE TABLE book_images (id INTEGER PRIMARY KEY, s3_key TEXT NOT NULL);");
  sqlite3_stmt* prepared = nullptr;
  check(sqlite3_prepare_v2(handle, "INSERT INTO book_images (s3_key) VALUES (?)", -1, &prepared, nullptr),
        SQLITE_OK);
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> statement(prepared, sqlite3_finalize);
  for_each_row(dataset, [&](std::string_view value) {
    check(sqlite3_bind_text(prepared, 1, value.data(), static_cast<int>(value.size()), SQLITE_STATIC),
          SQLITE_OK);
    check(sqlite3_step(prepared), SQLITE_DONE);
    check(sqlite3_reset(prepared), SQLITE_OK);
  });
  run("COMMIT");
}

void write_csv(const Dataset& dataset, const std::string& path) {
  const char* mode = path.ends_with(".gz") ? "wb6" : "wbT";  // T: as it is
  gzFile file = gzopen(path.c_str(), mode);
  if (file == nullptr) throw std::runtime_error(fmt::format("cannot write {}", path));
  std::string buffer = "s3_key\n";
  const auto flush = [&] {
    if (gzwrite(file, buffer.data(), static_cast<unsigned>(buffer.size())) != static_cast<int>(buffer.size()))
      throw std::runtime_error(fmt::format("cannot write {}", path));
    buffer.clear();
  };
  for_each_row(dataset, [&](std::string_view value) {
    buffer.append(value).push_back('\n');
    if (buffer.size() > (1U << 16U)) flush();
  });
  if (!buffer.empty()) flush();
  if (gzclose(file) != Z_OK) throw std::runtime_error(fmt::format("cannot write {}", path));
}

void print_truth(const Dataset& dataset) {
  const Truth truth = truth_of(dataset);
  fmt::print("objects {}\norphans {}\ndangling {}\nreferences {}\n", truth.objects.text(),
             truth.orphans.text(), truth.dangling.text(), truth.references.text());
}

void print_keys(const Dataset& dataset) {
  std::string key;
  for (std::uint64_t rank = 0; rank < dataset.objects(); ++rank) {
    dataset.object_key(rank, key);
    fmt::print("{}\n", key);
  }
}

}  // namespace
}  // namespace flotsam::bench

int main(int argc, char** argv) {
  using namespace flotsam::bench;
  CLI::App app(
      "Writes the references of a data set and prints its truth: count and order-free sum of key hashes.",
      "bench_generate");
  DatasetParameters parameters;
  std::string sqlite_path, csv_path;
  bool with_truth = false, with_keys = false;
  add_dataset_options(app, parameters);
  app.add_option("--sqlite", sqlite_path, "write table book_images (s3_key) to this file, replacing it");
  app.add_option("--csv", csv_path,
                 "write a CSV with the column s3_key; compressed where the name ends in .gz");
  app.add_flag("--truth", with_truth, "print counts and sums");
  app.add_flag("--keys", with_keys, "print the keys of the objects, in their order");
  return parse_and_run(app, argc, argv, [&] {
    const Dataset dataset(parameters);
    if (!sqlite_path.empty()) write_sqlite(dataset, sqlite_path);
    if (!csv_path.empty()) write_csv(dataset, csv_path);
    if (with_truth) print_truth(dataset);
    if (with_keys) print_keys(dataset);
    return 0;
  });
}
