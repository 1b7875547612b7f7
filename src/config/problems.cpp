#include "config/problems.h"

#include <algorithm>
#include <tuple>

#include "base/blank.h"
#include "base/bytes.h"

namespace flotsam {

void Problems::add(const Place& place, std::string message) {
  entries_.push_back({place, redacted(message)});
}

void Problems::hide(std::string secret) {
  hidden_.push_back(std::move(secret));
}

std::string without(std::string text, const std::vector<std::string>& hidden) {
  for (const std::string& secret : hidden) blank_expansion(text, secret);
  return text;
}

std::vector<ConfigProblem> Problems::in_order() const {
  std::vector<Entry> sorted = entries_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.place.layer, a.place.order) < std::tie(b.place.layer, b.place.order);
  });
  std::vector<ConfigProblem> result;
  for (Entry& entry : sorted) {
    entry.message = without(std::move(entry.message), hidden_);
    const bool is_repeated = std::any_of(result.begin(), result.end(), [&](const ConfigProblem& seen) {
      return seen.where == entry.place.text && seen.message == entry.message;
    });
    if (!is_repeated) result.push_back({entry.place.text, std::move(entry.message)});
  }
  return result;
}

}  // namespace flotsam
