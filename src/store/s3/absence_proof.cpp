#include "store/s3/absence_proof.h"

#include <fmt/format.h>

#include "store/s3/page_walk.h"

namespace flotsam {
namespace {

Result<void> prove_bucket(S3Place& place, S3Client& client) {
  PageWalk walk(client, place.bucket(),
                {.prefix = place.listable_prefix(),
                 .start_after = "",
                 .token = "",
                 .delimiter = "",
                 .max_keys = 1},
                1);
  if (auto page = walk.next(); !page)
    return fail(std::move(page).error(),
                fmt::format("while proving that s3://{} is there, for HEAD found no object", place.bucket()));
  return {};
}

}  // namespace

Result<std::optional<ObjectHead>> AbsenceProof::head_in(S3Place& place, S3Client& client, Proof& proof,
                                                        KeyView key, std::string_view version_id) const {
  auto looked = head_object(client, key, version_id);
  if (!looked || *looked) return looked;
  const std::lock_guard lock(proof.mutex);
  if (!proof.told) proof.told = prove_bucket(place, client);
  if (!*proof.told) return std::unexpected<Error>(proof.told->error());
  return looked;
}

Result<std::optional<ObjectHead>> AbsenceProof::head(S3Hands& hands, KeyView key,
                                                     std::string_view version_id) {
  return head_in(holdings_.place(), hands.store(), store_, key, version_id);
}

void AbsenceProof::note_page() {
  const std::lock_guard lock(store_.mutex);
  store_.told = Result<void>();
}

Result<std::optional<ObjectHead>> AbsenceProof::head_quarantined(S3Hands& hands, KeyView place) {
  const bool is_other = &holdings_.quarantine_place() != &holdings_.place();
  return head_in(holdings_.quarantine_place(), hands.quarantine(), is_other ? quarantine_ : store_, place,
                 {});
}

}  // namespace flotsam
