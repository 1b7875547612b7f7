#pragma once

#include <string>
#include <string_view>

namespace flotsam {

/// What kind of source a database URL names.
enum class DatabaseKind { unknown, server, sqlite, csv };
DatabaseKind kind_of_database(std::string_view url);

/// The URL as it can be shown: shown_database_url for a server (*** where it is none), else the file.
std::string shown_database(std::string_view url);

/// What stands for the database in the configuration's digest: a file's path, or scheme and name of the
/// database without user, host and port, for a moved server is the same database. Needs a URL without
/// mistake.
std::string digested_database(std::string_view url, std::string_view folder);

/// What is wrong with it, as the end of a sentence (or ": " and a sentence) that holds no secret; empty where
/// nothing is.
std::string database_mistake(std::string_view url);

}  // namespace flotsam
