#include <string>

#include "plan/json_writer.h"
#include "report/report.h"

namespace flotsam {
namespace {

constexpr std::string_view kHeader = "key,size,etag,last_modified,version_id,shape\r\n";
/// What makes a spreadsheet run a field instead of showing it.
constexpr std::string_view kFormulaStarts = "=+-@\t\r\n";

void append_field(std::string& line, std::string_view bytes) {
  std::string text = to_utf8(bytes);
  if (!text.empty() && kFormulaStarts.find(text.front()) != std::string_view::npos) text.insert(0, "'");
  if (!line.empty()) line += ',';
  if (text.find_first_of(",\"\r\n'") == std::string::npos && !text.starts_with(' ') && !text.ends_with(' ')) {
    line += text;
    return;
  }
  line += '"';
  for (const char c : text) {
    if (c == '"') line += '"';
    line += c;
  }
  line += '"';
}

}  // namespace

Result<void> to_csv(const Plan& plan, const std::function<Result<void>(std::string_view)>& write) {
  FLOTSAM_TRY(write(kHeader));
  return plan.for_each([&](const PlannedObject& planned) {
    const Object& object = planned.object;
    std::string line;
    append_field(line, object.key.bytes());
    append_field(line, std::to_string(object.size_bytes));
    append_field(line, object.etag);
    append_field(line, object.last_modified ? to_rfc3339_exact(*object.last_modified) : "");
    append_field(line, object.version_id);
    append_field(line, planned.shape);
    return write(line + "\r\n");
  });
}

}  // namespace flotsam
