#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"

namespace flotsam {

/// How an expanded value is put into the text around it.
enum class Escaping {
  none,
  percent,  ///< everything but letters, digits and "-._~" as %XX (RFC 3986 §2.3): it cannot change host or
            ///< database
};

struct ExpansionWorld {
  const Environment* environment = nullptr;
  std::filesystem::path folder;  ///< relative paths of ${file:…} count from here
};

/// What expand() found.
struct Expanded {
  std::string text;
  std::vector<std::string> mistakes;       ///< sentences; empty where all went well
  std::vector<std::string> file_contents;  ///< secrets, most likely: never to be shown
  std::vector<std::string> values;         ///< all that was put in, as it was and as it was escaped
};

/// Replaces ${NAME}, ${NAME:-text} (where NAME is unset or empty) and ${file:/path} (less one final line
/// break) once; what was put in is not looked at again. "$${" is a literal "${". Escaping does not touch a
/// text that is one expansion and nothing else: there the value is the whole URL.
Expanded expand(std::string_view text, const ExpansionWorld& world, Escaping escaping);

}  // namespace flotsam
