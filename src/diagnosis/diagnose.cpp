#include "diagnosis/diagnose.h"

#include <fmt/format.h>

#include "base/check.h"
#include "diagnosis/mapping.h"
#include "diagnosis/proposal_text.h"

namespace flotsam {
namespace {

void diagnose_mapping(const DiagnosisSample& sample, std::size_t source, const DiagnosisQuestion& question,
                      std::vector<Proposal>& out) {
  const ReferenceRows& rows = sample.sources()[source];
  std::vector<std::string> texts;
  for (const KeyTemplate& one : rows.objects) texts.push_back(one.text());
  for (std::size_t i = 0; i < rows.objects.size(); ++i) {
    const Subject subject = subject_of(sample, source, i, question.is_reference);
    if (subject.unresolved_count() == 0) continue;
    const Mapping mapping = find_mapping(subject);
    if (mapping.found) {
      texts[i] = mapping.found->text;
      out.push_back(mapping_proposal(subject, rows.objects[i], *mapping.found, mapping.score));
      out.back().proposal = toml_line("objects", texts);
    } else if (2 * subject.unresolved_count() > subject.rows->count) {
      out.push_back(unexplained_proposal(subject, mapping));
    }
  }
}

}  // namespace

std::vector<Proposal> diagnose(DiagnosisSample& sample, const DiagnosisQuestion& question) {
  CHECK(question.is_reference != nullptr);
  sample.keys().freeze();
  std::vector<Proposal> out;
  for (std::size_t source = 0; source < sample.sources().size(); ++source)
    if (question.references) diagnose_mapping(sample, source, question, out);
  return out;
}

}  // namespace flotsam
