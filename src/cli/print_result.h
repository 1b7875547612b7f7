#pragma once

#include "cli/session.h"
#include "report/run_report.h"

namespace flotsam::cli {

/// Prints what a run did: as indented JSON where the flags ask for it, else as text. Returns `code`, or that
/// of the failure.
template <typename Report>
int print_result(Session& session, const Report& report, int code, const TextStyle& style) {
  const auto text = session.flags().has("--json") ? to_pretty_json(to_json(report))
                                                  : Result<std::string>(to_text(report, style));
  if (!text) return session.fail(text.error());
  session.out(*text);
  return code;
}

template <typename Report>
int print_result(Session& session, const Report& report, int code) {
  return print_result(session, report, code, session.text_style());
}

}  // namespace flotsam::cli
