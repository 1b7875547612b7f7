#include "config/problems.h"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>
#include <unordered_set>

#include "base/blank.h"
#include "base/bytes.h"
#include "base/text.h"

namespace flotsam {

void Problems::add(const Place& place, std::string message) {
  entries_.push_back({place, redacted(message), {}});
}

void Problems::add(const Place& place, std::string subject, std::function<std::string()> make_message) {
  entries_.push_back({place, std::move(subject), std::move(make_message)});
}

std::string Problems::message_of(const Entry& entry) {
  return entry.make_message ? redacted(entry.make_message()) : entry.message;
}

void Problems::hide(std::string secret) {
  hidden_.push_back(std::move(secret));
}

std::string without(std::string text, const std::vector<std::string>& hidden) {
  for (const std::string& secret : hidden) blank_expansion(text, secret);
  return text;
}

std::vector<ConfigProblem> Problems::in_order() const {
  std::vector<const Entry*> sorted;
  for (const Entry& entry : entries_) sorted.push_back(&entry);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Entry* a, const Entry* b) {
    return std::tie(a->place.layer, a->place.order) < std::tie(b->place.layer, b->place.order);
  });
  std::vector<ConfigProblem> result;
  std::unordered_set<std::string> seen;
  std::string first_left_out;
  std::uint64_t left_out = 0;
  for (const Entry* entry : sorted) {
    if (!seen.insert(entry->place.text + '\0' + entry->message).second) continue;
    if (result.size() == kProblemsWritten) {
      if (left_out++ == 0) first_left_out = entry->place.text;
      continue;
    }
    std::string message = without(message_of(*entry), hidden_);
    // Two that differ in a secret only are one.
    const bool is_repeated = std::any_of(result.begin(), result.end(), [&](const ConfigProblem& written) {
      return written.where == entry->place.text && written.message == message;
    });
    if (!is_repeated) result.push_back({entry->place.text, std::move(message)});
  }
  if (left_out > 0)
    result.push_back({first_left_out, fmt::format("and {}", counted(left_out, "more problem"))});
  return result;
}

}  // namespace flotsam
