#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/hash.h"
#include "reading.h"
#include "support/temporary_folder.h"

namespace flotsam::test {
namespace {

/// One gzip member (RFC 1952).
std::string gzipped(std::string_view text, int level = 6) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

class Csv : public testing::Test {
 protected:
  struct Outcome {
    Result<std::vector<ReadProof>> proofs;
    std::vector<Row> rows;
    std::string text() const { return proofs ? "" : to_text(proofs.error()); }
  };
  Outcome read(const std::string& content, std::vector<std::string> columns = {"k"},
               const char* name = "files.csv") const {
    folder_.write(name, content);
    Reading reading;
    reading.url = std::string("csv:") + name;
    reading.base = folder_.path();
    reading.queries = {columns_of(std::move(columns))};
    Outcome outcome{reading.run(), {}};
    if (!reading.sink.blocks.empty()) outcome.rows = reading.sink.blocks[0].rows;
    return outcome;
  }
  TemporaryFolder folder_;
};

TEST_F(Csv, GivesTheWantedColumnsByName) {
  const Outcome outcome =
      read("id,k,\"no,te\"\r\n1,a,x\r\n2,\"b\"\"\r\n,\",y\r\n3,,\"\"\r\n", {"no,te", "k"});
  ASSERT_TRUE(outcome.proofs) << outcome.text();
  EXPECT_EQ(outcome.rows, (std::vector<Row>{{"x", "a"}, {"y", "b\"\r\n,"}, {"", ""}}));
}

struct Accepted {
  const char* name;
  std::string content;
  std::vector<Row> rows;
};

TEST_F(Csv, TakesWhatRfc4180Allows) {
  for (const Accepted& row : {
           Accepted{"header only", "k\n", {}},
           Accepted{"LF", "k\na\nb\n", {{"a"}, {"b"}}},
           Accepted{"CRLF", "k\r\na\r\n", {{"a"}}},
           Accepted{"byte order mark", "\xEF\xBB\xBFk\na\n", {{"a"}}},
           Accepted{"an empty value", "k\n\n\"\"\n", {{""}, {""}}},
           Accepted{"invalid UTF-8", "k\ncaf\xe9\n", {{"caf\xe9"}}},
           Accepted{"a NUL byte", std::string("k\na\0b\n", 6), {{std::string("a\0b", 3)}}},
           Accepted{"blanks are bytes", "k\n a \n", {{" a "}}},
           Accepted{"a lone quote in quotes", "k\n\"\"\"\"\n", {{"\""}}},
           Accepted{"CR and LF in quotes", "k\n\"a\rb\nc\"\n", {{"a\rb\nc"}}},
       }) {
    const Outcome outcome = read(row.content);
    ASSERT_TRUE(outcome.proofs) << row.name << ": " << outcome.text();
    EXPECT_EQ(outcome.rows, row.rows) << row.name;
  }
}

struct Refused {
  const char* name;
  std::string content;
  ErrorCode code;
  const char* said;
};

TEST_F(Csv, RefusesWhatCouldBeHalfAFile) {
  for (const Refused& row : {
           Refused{"empty file", "", ErrorCode::corrupt, "not even a header"},
           Refused{"no final line break", "k\na\nbooks/515/ima", ErrorCode::corrupt,
                   "does not end in a line break"},
           Refused{"header without line break", "k", ErrorCode::corrupt, "does not end in a line break"},
           Refused{"ends in CR", "k\na\r", ErrorCode::corrupt, "does not end in a line break"},
           Refused{"ends behind a closing quote", "k\n\"a\"", ErrorCode::corrupt,
                   "does not end in a line break"},
           Refused{"ends behind a comma", "k,l\na,", ErrorCode::corrupt, "does not end in a line break"},
           Refused{"open quote", "k\n\"a\nb\n", ErrorCode::corrupt, "line 2 opens a quote"},
           Refused{"bare quote", "k\na\"b\n", ErrorCode::corrupt, "line 2: a quote stands"},
           Refused{"text behind a quote", "k\n\"a\"b\n", ErrorCode::corrupt, "line 2: text follows"},
           Refused{"CR alone", "k\ra\r", ErrorCode::corrupt, "carriage return"},
           Refused{"too few fields", "k,l\na,b\nc\n", ErrorCode::corrupt, "line 3: 1 fields"},
           Refused{"too many fields", "k\na,b\n", ErrorCode::corrupt, "line 2: 2 fields"},
           Refused{"line counted over a quoted break", "k,l\n\"a\nb\",c\nd\n", ErrorCode::corrupt,
                   "line 4: 1 fields"},
           Refused{"missing column", "key\na\n", ErrorCode::not_found, "no column 'k'; the header has 'key'"},
           Refused{"doubled column", "k,l,k\na,b,c\n", ErrorCode::invalid_argument, "'k' twice"},
           Refused{"semicolons", "id;k\n1;a\n", ErrorCode::not_found, "semicolons"},
           Refused{"tabs", "id\tk\n1\ta\n", ErrorCode::not_found, "tabs"},
           Refused{"UTF-16", std::string("\xFF\xFEk\0\n\0", 6), ErrorCode::corrupt, "UTF-16"},
           Refused{"UTF-16, other order", std::string("\xFE\xFF\0k\0\n", 6), ErrorCode::corrupt, "UTF-16"},
           Refused{"gzip without its name", gzipped("k\na\n"), ErrorCode::corrupt, "looks like gzip"},
           Refused{"one record without end", "k\n" + std::string(17U << 20U, 'x') + "\n", ErrorCode::refused,
                   "16 MiB"},
       }) {
    const Outcome outcome = read(row.content);
    ASSERT_FALSE(outcome.proofs) << row.name;
    EXPECT_EQ(outcome.proofs.error().code, row.code) << row.name << ": " << outcome.text();
    EXPECT_NE(outcome.text().find(row.said), std::string::npos) << row.name << ": " << outcome.text();
    EXPECT_NE(outcome.text().find("files.csv"), std::string::npos) << "the file is named";
  }
}

TEST_F(Csv, ACutAnywhereButAtARecordsEndIsRefused) {
  const std::string content = "id,k\r\n1,books/515/image_00.webp\r\n2,\"books/5\"\"16\r\n\"\r\n";
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < content.size(); ++size) {
    const Outcome outcome = read(content.substr(0, size));
    const std::string_view left = std::string_view(content).substr(0, size);
    const bool at_end = left.ends_with("k\r\n") || left.ends_with("webp\r\n");
    EXPECT_EQ(outcome.proofs.has_value(), at_end) << size;
    accepted += outcome.proofs ? 1U : 0U;
  }
  EXPECT_EQ(accepted, 2U)
      << "a cut between two records looks like a shorter file: that is what gzip and history are for";
}

TEST_F(Csv, ReadsGzipOfSeveralMembers) {
  const Outcome outcome =
      read(gzipped("k\na\nbo") + gzipped("oks\n") + gzipped("") + gzipped("c\n"), {"k"}, "files.csv.gz");
  ASSERT_TRUE(outcome.proofs) << outcome.text();
  EXPECT_EQ(outcome.rows, (std::vector<Row>{{"a"}, {"books"}, {"c"}}));
}

TEST_F(Csv, AGzipCutAtAnyByteIsRefused) {
  std::string text = "k\n";
  for (int i = 0; i < 40; ++i) text += fmt::format("books/{}/image_{}.webp\n", i * 7919, i);
  const std::string first = gzipped(text);
  const std::string whole = first + gzipped("z\n");
  ASSERT_TRUE(read(whole, {"k"}, "files.csv.gz").proofs);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    if (size == first.size()) continue;  // a whole file of one member
    const Outcome outcome = read(whole.substr(0, size), {"k"}, "files.csv.gz");
    ASSERT_FALSE(outcome.proofs) << "cut at " << size << " of " << whole.size();
    EXPECT_EQ(outcome.proofs.error().code, ErrorCode::corrupt) << outcome.text();
  }
}

TEST_F(Csv, AGzipWithAnyBitFlippedInDataOrCheckSumIsRefused) {
  const std::string whole = gzipped("k\nbooks/515/image_00.webp\nbooks/516/image_01.webp\n");
  for (std::size_t at = 10; at < whole.size();
       ++at) {  // behind the header, whose time and name nobody checks
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    EXPECT_FALSE(read(flipped, {"k"}, "files.csv.gz").proofs) << at;
  }
}

TEST_F(Csv, WhatFollowsAGzipIsRefused) {
  const std::string whole = gzipped("k\na\n");
  for (const std::string& tail : {std::string("garbage"), std::string(512, '\0'), std::string(1, '\0'),
                                  std::string("\x1f"), std::string("\x1f\x8b"), std::string("k\nb\n")}) {
    const Outcome outcome = read(whole + tail, {"k"}, "files.csv.gz");
    ASSERT_FALSE(outcome.proofs) << tail.size();
    EXPECT_EQ(outcome.proofs.error().code, ErrorCode::corrupt);
  }
  EXPECT_FALSE(read("k\na\n", {"k"}, "files.csv.gz").proofs) << "not packed at all";
}

TEST_F(Csv, AGzipThatGrowsBeyondReasonIsRefused) {
  std::string text = "k\n";
  const std::string line = std::string(1000, 'x') + "\n";
  for (int i = 0; i < 80000; ++i) text += line;
  const Outcome outcome = read(gzipped(text, 9), {"k"}, "files.csv.gz");
  ASSERT_FALSE(outcome.proofs);
  EXPECT_EQ(outcome.proofs.error().code, ErrorCode::refused) << outcome.text();
  EXPECT_NE(outcome.text().find("times its size"), std::string::npos);
}

TEST_F(Csv, ProvesItsReadingAndShowsTheFilesTime) {
  const std::string content = "k\na\n";
  const auto path = folder_.write("files.csv", content);
  const timespec times[2] = {{1767225600, 0}, {1767225600, 123456789}};
  ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  Reading reading;
  reading.url = "csv:files.csv";
  reading.base = folder_.path();
  reading.queries = {columns_of({"k"})};
  const auto proofs = reading.run();
  ASSERT_TRUE(proofs) << to_text(proofs.error());
  const ReadProof& proof = proofs->at(0);
  EXPECT_EQ(proof.true_at, parse_rfc3339("2026-01-01T00:00:00.123456789Z").value());
  EXPECT_EQ(evidence_of(proof, "sha256"), sha256_hex(content));
  EXPECT_EQ(evidence_of(proof, "size"), "4");
  EXPECT_EQ(evidence_of(proof, "header"), "'k'");
  EXPECT_EQ(evidence_of(proof, "modified_at"), "2026-01-01T00:00:00.123456789Z");
  EXPECT_EQ(reading.identity, (Evidence{{"path", path.native()}}));

  Reading live;
  live.url = "csv:" + path.native();
  live.queries = {columns_of({"k"})};
  live.queries[0].as_of = AsOfKind::now;
  const auto said = live.run();
  ASSERT_TRUE(said);
  EXPECT_FALSE(said->at(0).true_at) << "the user says that it shows now";
  EXPECT_TRUE(warns_of(said->at(0), "2026-01-01T00:00:00Z"));
}

TEST_F(Csv, AFileThatChangesWhileItIsReadIsRefused) {
  struct Case {
    const char* name;
    std::function<void(const std::filesystem::path&)> change;
  };
  for (const Case& row : {
           Case{"appended", [](const auto& path) { std::ofstream(path, std::ios::app) << "b\n"; }},
           Case{"same size",
                [](const auto& path) { std::fstream(path, std::ios::in | std::ios::out) << "k\nb\n"; }},
           Case{"replaced",
                [](const auto& path) {
                  std::ofstream(path.native() + ".new") << "k\na\n";
                  std::filesystem::rename(path.native() + ".new", path);
                }},
           Case{"removed", [](const auto& path) { std::filesystem::remove(path); }},
       }) {
    const auto path = folder_.write("files.csv", "k\na\n");
    const timespec times[2] = {{1767225600, 0}, {1767225600, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
    Reading reading;
    reading.url = "csv:" + path.native();
    reading.queries = {columns_of({"k"})};
    reading.sink.before_row = [&](std::size_t, std::size_t) -> Result<void> {
      row.change(path);
      return {};
    };
    EXPECT_FALSE(reading.run()) << row.name;
  }
}

TEST_F(Csv, MissingFilesFoldersAndQueriesAreErrors) {
  Reading missing;
  missing.url = "csv:none.csv";
  missing.base = folder_.path();
  missing.queries = {columns_of({"k"})};
  const auto none = missing.run();
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::not_found);
  Reading folder;
  folder.url = "csv:" + folder_.path().native();
  folder.queries = {columns_of({"k"})};
  const auto refused = folder.run();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::refused);
  folder_.write("files.csv", "k\na\n");
  for (SourceQuery query : {columns_of({}), query_of("SELECT k FROM t")}) {
    Reading reading;
    reading.url = "csv:files.csv";
    reading.base = folder_.path();
    reading.queries = {query};
    const auto proofs = reading.run();
    ASSERT_FALSE(proofs);
    EXPECT_EQ(proofs.error().code, ErrorCode::invalid_argument);
  }
}

}  // namespace
}  // namespace flotsam::test
