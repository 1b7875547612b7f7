#include "model/spelling.h"

#include "base/bytes.h"
#include "model/unicode.h"

namespace flotsam {
namespace {

/// Several slashes become one; those at the start go.
void collapse_slashes(std::string& text) {
  std::size_t out = 0;
  for (const char c : text) {
    if (c == '/' && (out == 0 || text[out - 1] == '/')) continue;
    text[out++] = c;
  }
  text.resize(out);
}

/// "arn:aws:s3:::bucket/key" without what stands before the bucket; "arn:aws-cn:…" too.
std::string_view without_arn(std::string_view text) {
  constexpr std::string_view kService = ":s3:::";
  if (text.size() < 4 || !equal_ignoring_case(text.substr(0, 4), "arn:")) return text;
  const std::size_t at = text.find(kService);
  return at == std::string_view::npos || text.find('/') < at ? text : text.substr(at + kService.size());
}

/// Writes text of ASCII letters, digits, "-", "_", "." and single slashes between them in lower case; false
/// where there is more to do. Most keys are like that.
bool assign_plain(std::string_view text, std::string& out) {
  out.assign(text);
  char before = '/';
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= '-' && c <= '9' && (c != '/' || before != '/')) || c == '_';
    if (!plain) return false;
    before = c;
  }
  return true;
}

/// Takes the bucket's name away where it is the first part.
void drop_bucket(std::string_view bucket, std::string& text) {
  const std::size_t size = bucket.size();
  if (size > 0 && text.size() > size && text[size] == '/' &&
      equal_ignoring_case(std::string_view(text).substr(0, size), bucket))
    text.erase(0, size + 1);
}

}  // namespace

void CanonicalSpelling::of(std::string_view bytes, std::string& out) const {
  if (assign_plain(bytes, out)) return drop_bucket(bucket_, out);
  std::string_view text = without_arn(trimmed(bytes));
  if (const UrlPath url = path_of_url(text); url.is_url) text = url.path;
  out.assign(text);
  if (out.find('%') != std::string::npos) out = percent_decoded(out);
  // Behind percent-decoding: a key with a "+" and its encoded form "%2B" must meet, wherever "+" means a
  // blank.
  for (char& c : out)
    if (c == '+') c = ' ';
  collapse_slashes(out);
  drop_bucket(bucket_, out);
  if (const std::string_view inner = trimmed(out); inner.size() != out.size()) out = std::string(inner);
  fold(out);
}

void loose_form_of(std::string_view key, std::string& out) {
  std::size_t start = key.rfind('/');
  if (start != std::string_view::npos && start > 0) start = key.rfind('/', start - 1);
  std::string_view parts = start == std::string_view::npos ? key : key.substr(start + 1);
  if (parts.starts_with('/')) parts.remove_prefix(1);
  parts.remove_suffix(extension_with_dot_of(parts).size());
  out.assign(parts);
  fold(out);
}

}  // namespace flotsam
