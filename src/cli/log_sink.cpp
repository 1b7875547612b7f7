#include "cli/log_sink.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"

namespace flotsam::cli {
namespace {

const char* name_of(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return "error";
    case LogLevel::warning:
      return "warning";
    case LogLevel::info:
      return "info";
    case LogLevel::debug:
      return "debug";
  }
  return "info";
}

/// Text of our own or of others for a terminal. What our rooms quoted is escaped already, so a backslash is
/// left alone; everything else that a terminal must not see is escaped here.
std::string to_line(std::string_view text) {
  std::string out;
  const std::string clean = redacted(text);
  for (std::size_t at = 0; at < clean.size();) {
    const std::size_t length = std::max<std::size_t>(1, utf8_length_of(std::string_view(clean).substr(at)));
    const std::string_view character = std::string_view(clean).substr(at, length);
    out += character == "\\" ? std::string(character) : to_printable(character);
    at += length;
  }
  return out;
}

std::string field(std::string_view name, std::string_view text) {
  return fmt::format(",{}:{}", json_string(name), json_string(redacted(text)));
}

}  // namespace

std::string json_string(std::string_view bytes) {
  std::string out = "\"";
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = utf8_length_of(bytes.substr(at));
    const std::string_view character = bytes.substr(at, std::max<std::size_t>(1, length));
    at += character.size();
    if (character == "\"" || character == "\\") {
      out += fmt::format("\\{}", character);
      continue;
    }
    const std::string printable = to_printable(character);
    if (length == 0) {
      out += "\\" + printable;  // \xNN, its backslash escaped
    } else if (printable.starts_with("\\u{")) {
      unsigned code = 0;
      for (const char digit : std::string_view(printable).substr(3, printable.size() - 4))
        code = code * 16 + static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
      out += code < 0x10000 ? fmt::format("\\u{:04x}", code)
                            : fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + ((code - 0x10000) >> 10U),
                                          0xDC00 + ((code - 0x10000) & 0x3FFU));
    } else {
      out += character;
    }
  }
  return out + "\"";
}

std::string LogSink::start_of_json(LogLevel level) const {
  return fmt::format("{{\"time\":\"{}\",\"level\":\"{}\"", to_rfc3339(clock_.now()), name_of(level));
}

void LogSink::write(LogLevel level, std::string_view line) {
  if (level != LogLevel::error && level > level_) return;
  if (format_ == LogFormat::json) {
    stream_.line(start_of_json(level) + field("message", line) + "}");
  } else {
    stream_.line(fmt::format("{}: {}", name_of(level), to_line(line)));
  }
}

std::string LogSink::warning_line(std::string_view text) const {
  if (format_ == LogFormat::json) return fmt::format("{{\"level\":\"warning\"{}}}\n", field("message", text));
  return fmt::format("warning: {}\n", to_line(text));
}

void LogSink::note(std::string_view line) {
  if (format_ == LogFormat::json) {
    stream_.line(start_of_json(LogLevel::info) + field("message", line) + "}");
  } else {
    stream_.line(to_line(line));
  }
}

void LogSink::error(const Error& error) {
  if (format_ == LogFormat::text) {
    std::string text = "error: " + to_line(error.message);
    std::string service;
    const auto add = [&](std::string_view name, const std::string& value) {
      if (!value.empty())
        service += fmt::format("{}{} {}", service.empty() ? "" : ", ", name, to_line(value));
    };
    add("HTTP", error.http_status == 0 ? std::string() : std::to_string(error.http_status));
    add("code", error.service_code);
    add("request id", error.request_id);
    if (!service.empty()) text += fmt::format(" ({})", service);
    for (const std::string& line : error.context) text += "\n  " + to_line(line);
    if (!error.hint.empty()) text += "\n  " + to_line(error.hint);
    stream_.line(text);
    return;
  }
  std::string line =
      start_of_json(LogLevel::error) + field("code", to_string(error.code)) + field("message", error.message);
  std::string context;
  for (const std::string& entry : error.context)
    context += (context.empty() ? "" : ",") + json_string(redacted(entry));
  if (!context.empty()) line += fmt::format(",\"context\":[{}]", context);
  if (!error.hint.empty()) line += field("hint", error.hint);
  if (error.http_status != 0) line += fmt::format(",\"http_status\":{}", error.http_status);
  if (!error.service_code.empty()) line += field("service_code", error.service_code);
  if (!error.request_id.empty()) line += field("request_id", error.request_id);
  stream_.line(line + "}");
}

void LogSink::usage(std::string_view sentence, std::string_view help) {
  Error error;
  error.code = ErrorCode::invalid_argument;
  error.message = sentence;
  error.hint = help;
  this->error(error);
}

void LogSink::problems(const std::vector<ConfigProblem>& problems) {
  for (const ConfigProblem& problem : problems) {
    if (format_ == LogFormat::json) {
      stream_.line(start_of_json(LogLevel::error) + field("code", to_string(ErrorCode::invalid_argument)) +
                   field("where", problem.where) + field("message", problem.message) + "}");
    } else {
      stream_.line(fmt::format("{}: {}", to_line(problem.where), to_line(problem.message)));
    }
  }
}

}  // namespace flotsam::cli
