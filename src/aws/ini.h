#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace flotsam {

/// One section of an AWS shared file. Names of settings are in lower case. Values may be secrets: never print
/// one.
struct IniSection {
  std::string name;                                                  ///< what stands between the brackets
  std::map<std::string, std::string> values;                         ///< may be empty text
  std::map<std::string, std::map<std::string, std::string>> nested;  ///< "s3 =" and indented lines below it

  /// The value; empty text where it is missing.
  std::string value_of(const std::string& setting) const;
  /// The same of a nested setting.
  std::string nested_value_of(const std::string& setting, const std::string& inner) const;
};

/// Parses the syntax that the AWS CLI reads (Python's configparser): `[section]`, `name = value` or `name:
/// value`, whole lines of comment that begin with # or ;, more indented lines that continue a value, an empty
/// value with indented lines of its own. What stands behind a value, a "# comment" too, is part of it.
/// Settings of a section
/// `[DEFAULT]` hold in all others.
///
/// where     names the file in errors
/// Returns   the sections in the order of the file, each name once
/// Errors    corrupt: a line that is none of these, a section or a setting that stands twice; the message
/// names the
///           line's number and never its text
Result<std::vector<IniSection>> parse_ini(std::string_view text, std::string_view where);

}  // namespace flotsam
