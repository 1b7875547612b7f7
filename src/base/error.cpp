#include "base/error.h"

#include <fmt/format.h>

#include "base/bytes.h"

namespace flotsam {

const char* to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::permission_denied:
      return "permission_denied";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::refused:
      return "refused";
    case ErrorCode::interrupted:
      return "interrupted";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

std::string to_text(const Error& error) {
  std::string text = to_shown(redacted(error.message));
  std::string fields;
  const auto field = [&](std::string_view name, std::string_view value) {
    fields += fmt::format("{}{} {}", fields.empty() ? "" : ", ", name, to_shown(value));
  };
  if (error.http_status != 0) field("HTTP", std::to_string(error.http_status));
  if (!error.service_code.empty()) field("code", error.service_code);
  if (!error.request_id.empty()) field("request id", error.request_id);
  if (!fields.empty()) text += fmt::format(" ({})", fields);
  for (const std::string& line : error.context) text += "\n  " + to_shown(redacted(line));
  if (!error.hint.empty()) text += "\n  " + to_shown(redacted(error.hint));
  return text;
}

}  // namespace flotsam
