#include "diagnosis/diagnose.h"

#include <fmt/format.h>

#include "base/check.h"
#include "diagnosis/derived.h"
#include "diagnosis/extraction.h"
#include "diagnosis/hashes.h"
#include "diagnosis/mapping.h"
#include "diagnosis/proposal_text.h"

namespace flotsam {
namespace {

/// One source under diagnosis, template by template.
class SourceDiagnosis {
 public:
  SourceDiagnosis(const DiagnosisSample& sample, std::size_t source, const DiagnosisQuestion& question)
      : sample_(sample), source_(source), question_(question), mappings_(rows().objects.size()) {}

  void run(std::vector<Proposal>& out) {
    if (question_.references) map(out);
    if (question_.shapes && !extracted_) derive(out);
  }

 private:
  const ReferenceRows& rows() const { return sample_.sources()[source_]; }

  void map(std::vector<Proposal>& out) {
    std::vector<std::string> texts;
    for (const KeyTemplate& one : rows().objects) texts.push_back(one.text());
    std::optional<Proposal> changed;
    for (std::size_t i = 0; i < rows().objects.size(); ++i) {
      Subject subject = subject_of(sample_, source_, i, question_.is_reference);
      if (subject.unresolved_count() == 0) continue;
      const ExtractionSearch inside = find_extraction(sample_, source_, subject);
      if (inside.found) {
        out.push_back(extraction_proposal(rows(), *inside.found));
        extracted_ = true;
        return;
      }
      take_mapped_keys(subject);
      Mapping mapping = find_mapping(subject);
      // Where values hold several names, a template of whole values catches one of them at best.
      if (inside.holds_several) mapping.found.reset();
      if (mapping.found) {
        texts[i] = mapping.found->text;
        add(mapping_proposal(subject, rows().objects[i], *mapping.found, mapping.score), changed);
        mappings_[i] = std::move(mapping.found);
      } else if (2 * subject.unresolved_count() > subject.rows->count) {
        out.push_back(unexplained_proposal(subject, mapping));
      }
    }
    if (!changed) return;
    changed->proposal = toml_line("objects", texts);
    out.push_back(std::move(*changed));
  }

  /// One proposal a source: its templates change together.
  static void add(Proposal one, std::optional<Proposal>& all) {
    if (!all) {
      all = std::move(one);
      return;
    }
    if (all->kind != one.kind) all->kind = "mapping";
    all->message += "; " + one.message;
    all->resolves += one.resolves;
    all->of += one.of;
  }

  /// What the templates before it will yield is not for this one.
  void take_mapped_keys(Subject& subject) const {
    std::string key;
    for (const auto& mapping : mappings_) {
      if (!mapping) continue;
      const auto one = mapping->draft.compiled(rows().columns);
      for (std::size_t row = 0; one && row < rows().count; ++row)
        if (one->expand(rows().row(row), key)) subject.taken[row].push_back(key_hash_of(key));
    }
  }

  void derive(std::vector<Proposal>& out) {
    for (std::size_t i = 0; i < rows().objects.size(); ++i) {
      Subject subject = subject_of(sample_, source_, i, question_.is_reference);
      take_mapped_keys(subject);
      const DerivedShapes shapes = find_derived(std::move(subject), mappings_[i]);
      if (shapes.shapes.empty()) continue;
      out.push_back(derived_proposal(sample_, rows(), shapes));
      return;
    }
  }

  const DiagnosisSample& sample_;
  std::size_t source_;
  const DiagnosisQuestion& question_;
  std::vector<std::optional<Candidate>> mappings_;
  bool extracted_ = false;
};

}  // namespace

std::vector<Proposal> diagnose(DiagnosisSample& sample, const DiagnosisQuestion& question) {
  CHECK(question.is_reference != nullptr);
  sample.keys().freeze();
  std::vector<Proposal> out;
  for (std::size_t source = 0; source < sample.sources().size(); ++source)
    SourceDiagnosis(sample, source, question).run(out);
  if (out.empty() && sample.keys().unreferenced_count() > 0)
    out.push_back(backlog_proposal(sample.keys().unreferenced_count()));
  return out;
}

}  // namespace flotsam
