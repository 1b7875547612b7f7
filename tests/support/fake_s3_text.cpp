// Escapes, queries and error documents of the fake S3.

#include <algorithm>
#include <cctype>

#include "support/fake_s3_parts.h"

namespace flotsam::test {

std::string WireRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto is_hex = [&](std::size_t at) {
      return at < text.size() && isxdigit(static_cast<unsigned char>(text[at]));
    };
    if (text[i] == '%' && is_hex(i + 1) && is_hex(i + 2)) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string percent_encoded(std::string_view bytes, std::string_view kept) {
  std::string out;
  for (const char c : bytes) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '.' || c == '_' || c == '~';
    if (is_plain || kept.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += "0123456789ABCDEF"[static_cast<unsigned char>(c) >> 4U];
      out += "0123456789ABCDEF"[static_cast<unsigned char>(c) & 15U];
    }
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> parameters_of(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    const auto equals = part.find('=');
    parameters.emplace_back(percent_decoded(part.substr(0, equals)),
                            equals == std::string_view::npos ? "" : percent_decoded(part.substr(equals + 1)));
  }
  return parameters;
}

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

WireAnswer error_answer(int status, std::string_view code, std::string_view message, std::string_view more) {
  WireAnswer answer;
  answer.status = status;
  answer.headers.emplace_back("Content-Type", "application/xml");
  answer.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + std::string(code) +
                "</Code><Message>" + xml_escaped(message) + "</Message>" + std::string(more) +
                "<RequestId>FAKE0001</RequestId></Error>";
  return answer;
}

}  // namespace flotsam::test
