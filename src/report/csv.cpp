#include <string>

#include "plan/json_writer.h"
#include "report/report.h"

namespace flotsam {
namespace {

constexpr std::string_view kHeader = "key,size,etag,last_modified,version_id,shape\r\n";
/// What makes a spreadsheet run a field instead of showing it.
constexpr std::string_view kFormulaStarts = "=+-@\t\r\n";

void append_field(std::string& line, std::string_view bytes) {
  std::string text = to_visible(bytes);
  if (!bytes.empty() && kFormulaStarts.find(bytes.front()) != std::string_view::npos) text.insert(0, "'");
  if (text.find_first_of(",\"'") == std::string::npos && !text.starts_with(' ') && !text.ends_with(' ')) {
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
    const std::string time = object.last_modified ? to_rfc3339_exact(*object.last_modified) : "";
    const std::string size = std::to_string(object.size_bytes);
    std::string line;
    for (const std::string_view field :
         {std::string_view(object.key.bytes()), std::string_view(size), std::string_view(object.etag),
          std::string_view(time), std::string_view(object.version_id), std::string_view(planned.shape)}) {
      append_field(line, field);
      line += ',';
    }
    line.back() = '\r';
    return write(line + "\n");
  });
}

}  // namespace flotsam
