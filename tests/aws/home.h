#pragma once

#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/environment.h"
#include "support/temporary_folder.h"

namespace flotsam::test {

using Variables = std::map<std::string, std::string>;

/// One set-up: the environment, the two files ("-": there is none), the profile that flag or configuration
/// name.
struct Setup {
  const char* name;
  Variables variables;
  const char* credentials = "-";
  const char* config = "-";
  const char* chosen = "";
};

/// A home of its own for each set-up, with the files that it asks for.
class Home {
 public:
  explicit Home(const Setup& setup) : environment_(setup.variables) {
    if (std::string_view(setup.credentials) != "-") folder_.write(".aws/credentials", setup.credentials);
    if (std::string_view(setup.config) != "-") folder_.write(".aws/config", setup.config);
    environment_.set("HOME", folder_.path().string());
  }
  const Environment& environment() const { return environment_; }
  std::string path(std::string_view name) const { return (folder_ / name).string(); }
  /// Text with this home's path as "~".
  std::string shortened(std::string text) const {
    const std::string home = folder_.path().string();
    for (std::size_t at = text.find(home); at != std::string::npos; at = text.find(home))
      text.replace(at, home.size(), "~");
    return text;
  }

 private:
  TemporaryFolder folder_;
  Environment environment_;
};

inline std::optional<std::string> chosen_of(const Setup& setup) {
  if (*setup.chosen == '\0') return std::nullopt;
  return setup.chosen;
}

inline const Variables kKeys = {{"AWS_ACCESS_KEY_ID", "E1"}, {"AWS_SECRET_ACCESS_KEY", "e2"}};

inline Variables with(Variables variables, const Variables& more) {
  variables.insert(more.begin(), more.end());
  return variables;
}

inline constexpr const char* kTwoProfiles =
    "[default]\naws_access_key_id=D1\naws_secret_access_key=d2\n"
    "[x]\naws_access_key_id = X1\naws_secret_access_key = x2/+=\naws_session_token = x3==\n";
inline constexpr const char* kConfigProfile = "[profile c]\naws_access_key_id=C1\naws_secret_access_key=c2\n";

/// The name of a row that begins with its Setup.
template <typename Case>
std::string setup_name(const testing::TestParamInfo<Case>& row) {
  return row.param.setup.name;
}

}  // namespace flotsam::test
