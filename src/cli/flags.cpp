#include "cli/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.h"

namespace flotsam::cli {
namespace {

/// Flags of SPEC §3 that come with later versions.
struct LaterFlag {
  std::string_view command;
  std::string_view flag;
};
constexpr LaterFlag kLater[] = {{"check", "--veto"}, {"check", "--policy"}};

std::unexpected<Error> mistake(std::string sentence) {
  return fail(ErrorCode::invalid_argument, std::move(sentence));
}

std::unexpected<Error> unknown_flag(const Command& command, const std::string& given) {
  const std::string word = given.substr(0, given.find('='));
  for (const LaterFlag& later : kLater)
    if (later.command == command.name && later.flag == word) return mistake(word + " is not in this version");
  std::vector<std::string> known;
  for (const std::vector<Flag>* flags : {&command.flags, &common_flags()})
    for (const Flag& flag : *flags) known.emplace_back(long_name_of(flag));
  const std::string nearest = nearest_of(word, known);
  return mistake(fmt::format("unknown flag {}{}", in_quotes(word),
                             nearest.empty() ? std::string() : fmt::format("; did you mean {}?", nearest)));
}

}  // namespace

std::string_view long_name_of(const Flag& flag) {
  const std::size_t comma = flag.names.find(',');
  return comma == std::string_view::npos ? flag.names : flag.names.substr(comma + 1);
}

std::size_t ParsedFlags::count(std::string_view name) const {
  return values(name).size();
}

std::string ParsedFlags::value(std::string_view name) const {
  return values(name).empty() ? std::string() : values(name).back();
}

const std::vector<std::string>& ParsedFlags::values(std::string_view name) const {
  static const std::vector<std::string> kNone;
  const auto found = values_.find(name);
  return found == values_.end() ? kNone : found->second;
}

Result<ParsedFlags> parse_flags(const Command& command, const std::vector<std::string>& args) {
  // What follows "--" is no flag, whatever it looks like.
  const auto end = std::find(args.begin(), args.end(), "--");
  std::vector<std::string> reversed(std::make_reverse_iterator(end), args.rend());
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<std::pair<const Flag*, CLI::Option*>> options;
  ParsedFlags parsed;
  try {
    for (const std::vector<Flag>* flags : {&command.flags, &common_flags()}) {
      for (const Flag& flag : *flags) {
        CLI::Option* option = flag.value.empty() ? app.add_flag(std::string(flag.names))
                                                 : app.add_option(std::string(flag.names));
        if (!flag.value.empty())
          option->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        options.emplace_back(&flag, option);
      }
    }
    app.parse(std::move(reversed));
    for (const auto& [flag, option] : options) {
      if (option->count() == 0) continue;
      std::vector<std::string> values = option->results();
      if (flag->value.empty()) {
        if (!values.empty() && (values.back() == "false" || values.back() == "0")) continue;  // --json=false
        values.assign(option->count(), "true");
      }
      parsed.values_.emplace(std::string(long_name_of(*flag)), std::move(values));
    }
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string_view said = error.what();
    return mistake(fmt::format("{} needs a value", to_printable(said.substr(0, said.find(':')))));
  } catch (const CLI::Error& error) {
    return mistake(to_printable(error.what()));
  } catch (const std::exception& error) {
    return mistake(to_printable(error.what()));
  }
  for (const std::string& extra : app.remaining()) {
    if (extra.size() > 1 && extra.starts_with('-')) return unknown_flag(command, extra);
    parsed.arguments_.push_back(extra);
  }
  if (end != args.end()) parsed.arguments_.insert(parsed.arguments_.end(), end + 1, args.end());
  if (parsed.has("--help")) return parsed;
  const bool is_optional = command.argument.starts_with('[');
  const std::size_t most = command.argument.empty() ? 0 : 1;
  if (parsed.arguments_.size() > most)
    return mistake(fmt::format("unexpected argument {}", in_quotes(parsed.arguments_[most])));
  if (parsed.arguments_.size() < most && !is_optional)
    return mistake(fmt::format("{} is missing", command.argument));
  return parsed;
}

}  // namespace flotsam::cli
