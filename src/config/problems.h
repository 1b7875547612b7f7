#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/config.h"

namespace flotsam {

/// Where a value stands, for messages and for the order of problems.
struct Place {
  enum class Layer { file, environment, flag } layer = Layer::file;
  int order = 0;     ///< line of the file, or the position among variables or flags
  std::string text;  ///< "flotsam.toml:14", "FLOTSAM_MEMORY", "--set memory"
};

/// So many problems are written out; those behind them are counted.
inline constexpr std::size_t kProblemsWritten = 100;

/// Collects everything that is wrong, so that a person mends it in one go.
class Problems {
 public:
  /// `message` is one sentence or two without a line break; foreign text in it stands in_quotes().
  void add(const Place& place, std::string message);
  /// A problem whose message takes a search: it is made only where it is written out. `subject` tells it from
  /// the other problems of its place.
  void add(const Place& place, std::string subject, std::function<std::string()> make_message);
  /// A text that no message may hold: the value of an expansion. Short ones (below 4 bytes) are no secrets.
  void hide(std::string secret);
  bool empty() const { return entries_.empty(); }
  /// File by line, then environment, then flags; within one place as they were found. No problem twice. The
  /// first kProblemsWritten of them, then one that says how many more there are, at the place of the first of
  /// those. Takes time in proportion to their number.
  std::vector<ConfigProblem> in_order() const;

 private:
  struct Entry {
    Place place;
    std::string message;                        ///< or the subject, where there is make_message
    std::function<std::string()> make_message;  ///< mostly empty
  };
  static std::string message_of(const Entry& entry);

  std::vector<Entry> entries_;
  std::vector<std::string> hidden_;
};

/// `text` with every occurrence of the hidden texts replaced by ***.
std::string without(std::string text, const std::vector<std::string>& hidden);

}  // namespace flotsam
