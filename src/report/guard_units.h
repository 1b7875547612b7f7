#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace flotsam {

/// What the value and limit of a guard measure.
enum class GuardUnit { percent, count, bytes, seconds };
GuardUnit unit_of_guard(std::string_view id);

/// True for the guards whose refusal says that the references do not fit the store: a higher limit would only
/// silence it, so none is ever advised (people.md's rule of messages).
bool is_structural(std::string_view guard_id);

/// A guard's value as JSON number: percentages with one decimal, rounded half up, with more where fewer would
/// put it on the other side of the limit or show 0 or 100 where it is not; the rest as whole numbers.
std::string to_value_number(GuardUnit unit, double value, std::optional<double> limit);
/// A guard's limit as JSON number, as short as it can be: 90, 12.5.
std::string to_limit_number(double limit);

/// A JSON number of a guard for people: "73.8 %", "1,803", "1.4 GiB", "1d".
std::string to_human_number(GuardUnit unit, std::string_view number);

}  // namespace flotsam
