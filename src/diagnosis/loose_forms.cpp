#include "diagnosis/loose_forms.h"

#include <algorithm>
#include <array>

#include "diagnosis/hashes.h"
#include "model/unicode.h"

namespace flotsam {
namespace {

constexpr std::size_t kTextMax = 8192;
constexpr std::size_t kNameMin = 5;
constexpr std::size_t kLongMin = 12;
constexpr std::size_t kExtensionMax = 5;
constexpr std::uint64_t kBase = 0x9e3779b97f4a7c55ULL;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Lower-cases plain text; false where there is more to do.
bool assign_plain(std::string_view text, std::string& out) {
  out.assign(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (static_cast<unsigned char>(c) >= 0x80 || c == '%' || c == '\\' || c == '?' || c == ':') return false;
  }
  return !out.starts_with("//");
}

void drop_combining_marks(std::string& text) {
  std::size_t out = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto a = static_cast<unsigned char>(text[at]);
    const auto b = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0U;
    if ((a == 0xcc && b >= 0x80) || (a == 0xcd && b >= 0x80 && b <= 0xaf)) {
      ++at;
      continue;
    }
    text[out++] = text[at];
  }
  text.resize(out);
}

LooseForms::Name name_of(std::string_view token) {
  LooseForms::Name name;
  for (const char c : token) {
    name.hash = name.hash * kBase + static_cast<unsigned char>(c) + 1;
    name.power *= kBase;
  }
  name.size = token.size();
  return name;
}

LooseForms::Name join(const LooseForms::Name& a, const LooseForms::Name& b) {
  return {a.hash * b.power + b.hash, a.power * b.power, a.size + b.size};
}

LooseForms::Name with_sign(const LooseForms::Name& folder) {
  return join(folder, {0x1f, kBase, 0});
}

std::string_view without_zeros(std::string_view digits) {
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? digits.substr(digits.size() - 1) : digits.substr(first);
}

}  // namespace

void LooseForms::of(std::string_view text, std::vector<std::uint64_t>& out) {
  unsorted_of(text, out);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
}

void LooseForms::unsorted_of(std::string_view text, std::vector<std::uint64_t>& out) {
  out.clear();
  fold(text.substr(0, kTextMax));
  split();
  if (parts_.empty()) return;
  add_names(out);
  add_long(out);
  if (kinds_ == Kinds::all) add_numbers(out);
}

void LooseForms::fold(std::string_view text) {
  if (assign_plain(text, folded_)) return;
  std::string slashed;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] == '/') continue;
    slashed += text[at] == '\\' ? '/' : text[at];
  }
  std::string_view rest = slashed;
  if (const UrlPath url = path_of_url(trimmed(rest)); url.is_url && !url.path.empty()) rest = url.path;
  rest = rest.substr(0, rest.find('?'));
  folded_ = percent_decoded(percent_decoded(rest));
  folded_ = to_nfd(folded_);
  drop_combining_marks(folded_);
  folded_ = to_lower(folded_);
}

void LooseForms::split() {
  tokens_.clear();
  names_.clear();
  parts_.clear();
  const std::string_view text = folded_;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('/', start), text.size());
    if (end > start) parts_.push_back({text.substr(start, end - start), 0, 0, true});
    start = end + 1;
  }
  if (!parts_.empty()) {
    std::string_view& last = parts_.back().text;
    const std::size_t dot = last.rfind('.');
    if (dot != std::string_view::npos && dot > 0 && last.size() - dot - 1 <= kExtensionMax)
      last = last.substr(0, dot);
  }
  for (Part& part : parts_) {
    part.first = tokens_.size();
    for (std::size_t at = 0; at < part.text.size();) {
      std::size_t end = at;
      while (end < part.text.size() && is_word(part.text[end])) {
        part.digits = part.digits && is_digit(part.text[end]);
        ++end;
      }
      if (end > at) {
        tokens_.push_back(part.text.substr(at, end - at));
        names_.push_back(name_of(tokens_.back()));
        at = end;
      } else {
        part.digits = false;
        ++at;
      }
    }
    part.last = tokens_.size();
  }
}

LooseForms::Name LooseForms::joined(std::size_t first, std::size_t last) const {
  Name name;
  for (std::size_t i = first; i < last; ++i) name = join(name, names_[i]);
  return name;
}

void LooseForms::add(const Name& name, std::size_t size_min, std::vector<std::uint64_t>& out) const {
  if (name.size >= size_min) out.push_back(mixed(name.hash, 1));
}

void LooseForms::add_number(std::string_view digits, std::vector<std::uint64_t>& out) const {
  if (digits.empty()) return;
  out.push_back(mixed(name_of(without_zeros(digits)).hash, 2));
}

void LooseForms::add_names(std::vector<std::uint64_t>& out) const {
  const Part& base = parts_.back();
  const Part* parent = parts_.size() >= 2 ? &parts_[parts_.size() - 2] : nullptr;
  const Part* grandparent = parts_.size() >= 3 ? &parts_[parts_.size() - 3] : nullptr;
  const std::size_t count = base.last - base.first;
  // The folders with a sign behind them that is no letter.
  const Name above = parent == nullptr ? Name{} : with_sign(joined(parent->first, parent->last));
  const Name far_above =
      grandparent == nullptr ? Name{} : with_sign(joined(grandparent->first, grandparent->last));
  constexpr std::array<std::pair<std::size_t, std::size_t>, 4> kCuts = {{{0, 0}, {1, 0}, {0, 1}, {0, 2}}};
  for (const auto& [front, back] : kCuts) {
    if (front + back >= count) continue;
    const Name name = joined(base.first + front, base.last - back);
    add(name, kNameMin, out);
    if (parent != nullptr) add(join(above, name), 2, out);
    if (grandparent != nullptr) add(join(far_above, name), 2, out);
  }
  const Name name = joined(base.first, base.last);
  if (parent != nullptr && parent->last - parent->first >= 2)
    add(join(with_sign(joined(parent->first + 1, parent->last)), name), 2, out);
  // A folder that is the name: "slug/cover.jpg".
  if (parent != nullptr) add(joined(parent->first, parent->last), kNameMin, out);
  if (grandparent != nullptr) add(joined(grandparent->first, grandparent->last), kNameMin, out);
  // "ab/cd/ef01" is the name "abcdef01".
  Name shards = name;
  for (std::size_t i = parts_.size() - 1; i-- > 0 && parts_[i].text.size() <= 4;) {
    shards = join(joined(parts_[i].first, parts_[i].last), shards);
    add(shards, kNameMin, out);
  }
}

void LooseForms::add_long(std::vector<std::uint64_t>& out) const {
  Name longest;
  for (const Part& part : parts_)
    if (const Name name = joined(part.first, part.last); name.size > longest.size) longest = name;
  add(longest, kLongMin, out);
  Name token;
  for (std::size_t i = parts_.back().first; i < parts_.back().last; ++i)
    if (names_[i].size > token.size) token = names_[i];
  add(token, kLongMin, out);
}

void LooseForms::add_numbers(std::vector<std::uint64_t>& out) const {
  const std::string_view base = parts_.back().text;
  std::size_t end = base.size();
  while (end > 0 && !is_digit(base[end - 1])) --end;
  std::size_t start = end;
  while (start > 0 && is_digit(base[start - 1])) --start;
  add_number(base.substr(start, end - start), out);
  for (std::size_t i = parts_.size() - 1; i-- > 0;) {
    if (!parts_[i].digits || parts_[i].text.empty()) continue;
    add_number(parts_[i].text, out);
    break;
  }
  // "000/123/456" is the number 123456.
  std::string run;
  std::size_t groups = 0;
  const auto flush = [&] {
    if (groups >= 2) add_number(run, out);
    run.clear();
    groups = 0;
  };
  for (const Part& part : parts_) {
    if (part.digits && part.text.size() <= 3 && !part.text.empty()) {
      run += part.text;
      ++groups;
    } else {
      flush();
    }
  }
  flush();
}

}  // namespace flotsam
