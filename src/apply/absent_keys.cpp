#include "apply/absent_keys.h"

#include <algorithm>
#include <numeric>
#include <optional>

namespace flotsam {
namespace {

constexpr std::size_t kLookMax = 1000;

}  // namespace

Result<std::vector<bool>> find_absent_keys(Remover& remover, std::span<const Key> keys) {
  std::vector<bool> absent(keys.size(), true);
  std::vector<std::size_t> order(keys.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
  std::vector<Object> objects;
  for (std::size_t at = 0; at < order.size(); at += objects.size()) {
    objects.clear();
    for (std::size_t i = at; i < std::min(order.size(), at + kLookMax); ++i)
      objects.push_back(Object{keys[order[i]], 0, std::nullopt, {}, {}});
    FLOTSAM_ASSIGN(const std::vector<Look> looks, remover.look(objects));
    if (looks.size() != objects.size())
      return fail(ErrorCode::internal, "the store did not say of every key whether it is there");
    for (std::size_t i = 0; i < looks.size(); ++i)
      absent[order[at + i]] = looks[i].state == LookState::gone || looks[i].state == LookState::unknown;
  }
  return absent;
}

}  // namespace flotsam
