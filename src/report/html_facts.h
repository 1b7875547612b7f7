#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "report/report_view.h"

namespace flotsam {

/// What the HTML report shows beyond a ReportView, read from the same JSON. What an older plan does not say
/// is left out.
struct HtmlFacts {
  struct Derived {
    std::string text;
    std::uint64_t distinct_keys = 0, matched_objects = 0;
  };
  struct Source {
    bool outside_ignored = false;  ///< needed keys outside the scope do not count as unresolved
    std::uint64_t explained = 0;
    std::vector<Derived> derived;
  };
  struct Rule {
    std::string kind, text;
    std::uint64_t matched = 0;
  };
  struct Assumption {
    std::string id, text, figure;
  };
  /// What a proposal of the diagnosis would resolve.
  struct Resolves {
    std::uint64_t resolves = 0, of = 0;
  };

  std::vector<Source> sources;                     ///< one for each of ReportView::sources, in their order
  std::vector<std::optional<Resolves>> proposals;  ///< one for each of ReportView::diagnosis
  std::vector<Rule> rules;
  std::vector<ReportView::Row> scope_prefixes;  ///< the configured prefixes, where there are several
  std::vector<Assumption> assumptions;
  std::vector<std::string> lifecycle;  ///< a sentence a rule
  bool lifecycle_known = false;
  bool object_lock = false;
};

/// Errors: corrupt, naming what is wrong.
Result<HtmlFacts> parse_html_facts(std::string_view report, std::string_view evidence);

}  // namespace flotsam
