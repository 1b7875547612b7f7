// Does the store honour conditions on PUT? Seen, not believed.

#include <fmt/format.h>

#include "store/s3/s3_settle.h"
#include "store/s3/s3_state_objects.h"

namespace flotsam {
namespace {

constexpr unsigned kTriesMax = 5;

const char* const kHint =
    "keep the state in a folder that all runs share ([state] dir), or in a bucket of a store that honours "
    "conditional writes (If-None-Match and If-Match on PUT; some do so only in buckets without versioning)";

/// One object on which the conditions are tried.
class Trial {
 public:
  Trial(S3Session& session, S3Client& client, std::string key)
      : session_(session), client_(client), key_(std::move(key)) {}
  /// Nothing: an answer was lost, so that nothing is proved either way.
  Result<std::optional<ConditionProof>> run();
  /// True where a DELETE with the right If-Match removed the object.
  bool clean_up();

 private:
  Result<S3Settled> put(const char* condition, const std::string& value, const char* body);
  S3Session& session_;
  S3Client& client_;
  std::string key_;
  bool sent_ = false;
  std::string etag_;  ///< empty: not known, or nothing was put
  std::vector<std::string> versions_;
};

Result<S3Settled> Trial::put(const char* condition, const std::string& value, const char* body) {
  auto asked =
      settle(session_, client_, S3Ask::of_object("PUT", KeyView(key_), {}, {{condition, value}}, body));
  sent_ = sent_ || !asked || asked->done || asked->repeated;
  FLOTSAM_ASSIGN(S3Settled settled, std::move(asked));
  if (settled.done) {
    std::string_view etag = settled.response.header("etag").value_or(std::string_view());
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
    etag_ = etag;
    if (const auto id = settled.response.header("x-amz-version-id"); id) versions_.emplace_back(*id);
  }
  return settled;
}

std::unexpected<Error> disproved(std::string_view what) {
  return fail(ErrorCode::refused,
              fmt::format("the store {}, so that a lock in it would hold nobody off", what), kHint);
}

/// A refusal that says nothing of conditions (rights, another region) is an error of its own.
bool is_about_condition(const S3Settled& settled) {
  return settled.status == 412 || settled.error.code == ErrorCode::refused;
}

Result<std::optional<ConditionProof>> Trial::run() {
  FLOTSAM_ASSIGN(const auto nothing, head_object(client_, KeyView(key_)));
  if (nothing) return std::nullopt;
  FLOTSAM_ASSIGN(const S3Settled created, put("if-none-match", "*", "1"));
  if (created.repeated) return std::nullopt;
  if (!created.done && !is_about_condition(created)) return std::unexpected<Error>(created.error);
  if (!created.done) return disproved("does not take If-None-Match on a PUT");
  FLOTSAM_ASSIGN(const S3Settled again, put("if-none-match", "*", "2"));
  if (again.repeated) return std::nullopt;
  if (again.done) return disproved("ignores If-None-Match on a PUT");
  if (again.status != 412) return std::unexpected<Error>(again.error);
  FLOTSAM_ASSIGN(const S3Settled wrong, put("if-match", "\"00000000000000000000000000000000\"", "3"));
  if (wrong.repeated) return std::nullopt;
  if (wrong.done) return disproved("ignores If-Match on a PUT");
  if (wrong.status != 412 && !is_about_condition(wrong)) return std::unexpected<Error>(wrong.error);
  for (const bool bare : {false, true}) {
    FLOTSAM_ASSIGN(const S3Settled right,
                   put("if-match", fmt::format("{0}{1}{0}", bare ? "" : "\"", etag_), "4"));
    if (right.repeated) return std::nullopt;
    if (right.done) return ConditionProof{.bare_etags = bare};
    if (!is_about_condition(right)) return std::unexpected<Error>(right.error);
  }
  return disproved("refuses a right If-Match on a PUT, too");
}

bool Trial::clean_up() {
  const auto remove = [&](QueryParameters parameters, HttpHeaders headers) {
    auto settled =
        settle(session_, client_,
               S3Ask::of_object("DELETE", KeyView(key_), std::move(parameters), std::move(headers)));
    if (!settled || !settled->done) return false;
    if (const auto id = settled->response.header("x-amz-version-id"); id && !versions_.empty())
      versions_.emplace_back(*id);
    return true;
  };
  if (!sent_) return false;
  const bool takes_condition = !etag_.empty() && remove({}, {{"if-match", "\"" + etag_ + "\""}});
  const bool removed = takes_condition || remove({}, {});
  if (!removed)
    session_.log().warn(
        fmt::format("s3://{}/{} could not be removed: remove it by hand", session_.address().bucket, key_));
  // Where this is not permitted, older versions of a few bytes stay until a lifecycle rule takes them.
  for (const std::string& id : std::vector<std::string>(versions_))
    if (!remove({{"versionId", id}}, {})) break;
  return takes_condition;
}

}  // namespace

Result<ConditionProof> prove_conditions(S3Session& session, S3Client& client, const std::string& key) {
  for (unsigned tries = 1; tries <= kTriesMax; ++tries) {
    Trial trial(session, client, fmt::format("{}-{}", key, tries));
    auto proved = trial.run();
    const bool delete_takes_condition = trial.clean_up();
    if (!proved) return std::unexpected<Error>(std::move(proved).error());
    if (*proved) {
      (*proved)->delete_takes_condition = delete_takes_condition;
      return **proved;
    }
  }
  return fail(ErrorCode::unavailable, "the store lost too many answers to prove anything", "try again later");
}

}  // namespace flotsam
