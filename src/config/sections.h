#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/environment.h"
#include "config/layers.h"

namespace flotsam {

/// What the sections are built with.
struct Building {
  Settings& settings;
  std::filesystem::path folder;  ///< of the configuration file, absolute
  const Environment* environment = nullptr;
  Problems& problems;
};

/// Each fills its part of the configuration from settings that were read, and notes what does not fit
/// together.
void build_store(const Building& building, StoreSettings& store);
void build_references(const Building& building, std::vector<ReferenceSettings>& references);
void build_guards(const Building& building, GuardLimits& guards);
/// Needs the store: quarantine and state must not lie where a scan would find them.
void build_deletion(const Building& building, const StoreSettings& store, DeleteSettings& deletion);
void build_state(const Building& building, const StoreSettings& store, StateSettings& state);
void build_notify(const Building& building, NotifySettings& notify);

/// Notes what is wrong with a setting: its name, then the message (which may begin with ":").
void add_problem(Problems& problems, const Setting& setting, const std::string& message);

/// An error of the model's parsers in one line: what was seen, then what is known.
std::string sentences_of(const Error& error);

/// A path of the configuration: absolute, without "." and "..", relative ones from `folder`.
std::filesystem::path absolute_path(const std::filesystem::path& folder, std::string_view text);

/// The path behind "file://" or "file:", or the text itself; absolute.
std::filesystem::path path_of_file_url(const std::filesystem::path& folder, std::string_view text);

/// What is wrong with an endpoint's URL, as the end of a sentence; empty where nothing is. Addresses of
/// metadata services and other link-local ones are refused in every spelling that a resolver takes
/// (credentials.md §3).
std::string endpoint_mistake(std::string_view url);

/// What is wrong with an s3:// URL's bucket; empty where nothing is.
std::string bucket_mistake(std::string_view bucket);

}  // namespace flotsam
