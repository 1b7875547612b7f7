#include <algorithm>
#include <array>

#include "aws/signer.h"

namespace flotsam {
namespace {

constexpr std::array<bool, 256> unreserved_table() {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kUnreserved = unreserved_table();

}  // namespace

void append_uri_encoded(std::string& out, std::string_view bytes, Slash slash) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (kUnreserved[byte] || (c == '/' && slash == Slash::keep)) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kHex[byte >> 4U]);
      out.push_back(kHex[byte & 15U]);
    }
  }
}

std::string uri_encoded(std::string_view bytes, Slash slash) {
  std::string out;
  out.reserve(bytes.size());
  append_uri_encoded(out, bytes, slash);
  return out;
}

std::string make_query(QueryParameters parameters) {
  for (auto& [name, value] : parameters) {
    name = uri_encoded(name, Slash::encode);
    value = uri_encoded(value, Slash::encode);
  }
  std::ranges::sort(parameters);
  std::string query;
  for (const auto& [name, value] : parameters) {
    if (!query.empty()) query.push_back('&');
    query.append(name).append("=").append(value);
  }
  return query;
}

}  // namespace flotsam
