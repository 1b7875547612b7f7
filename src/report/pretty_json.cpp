#include <string>

#include "plan/json_fields.h"
#include "plan/json_writer.h"
#include "report/report.h"

namespace flotsam {
namespace {

constexpr std::size_t kIndent = 2;

bool is_container(char c) {
  return c == '{' || c == '[';
}

}  // namespace

// Only blanks are added, and escapes for what a terminal must not see: numbers and order stay as the report
// has them.
Result<std::string> to_pretty_json(std::string_view report) {
  if (auto fields = JsonFields::parse(report); !fields)
    return fail(std::move(fields).error(), "while reading the report");
  std::string out;
  std::size_t depth = 0;
  const auto new_line = [&] {
    out += '\n';
    out.append(depth * kIndent, ' ');
  };
  for (std::size_t at = 0; at < report.size(); ++at) {
    const char c = report[at];
    if (c == '"') {
      const std::size_t end = end_of_value(report, at);
      out += with_hidden_escaped(report.substr(at, end - at));
      at = end - 1;
    } else if (is_container(c)) {
      const std::size_t next = report.find_first_not_of(" \t\r\n", at + 1);
      const bool is_empty = next != std::string_view::npos && (report[next] == '}' || report[next] == ']');
      out += c;
      if (is_empty) {
        out += report[next];
        at = next;
      } else {
        ++depth;
        new_line();
      }
    } else if (c == '}' || c == ']') {
      --depth;
      new_line();
      out += c;
    } else if (c == ',') {
      out += c;
      new_line();
    } else if (c == ':') {
      out += ": ";
    } else if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
      out += c;
    }
  }
  return out + "\n";
}

}  // namespace flotsam
