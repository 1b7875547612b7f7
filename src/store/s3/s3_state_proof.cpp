// Does the store honour conditions on PUT? Seen, not believed.

#include <fmt/format.h>

#include "store/s3/s3_settle.h"
#include "store/s3/s3_state_objects.h"

namespace flotsam {
namespace {

constexpr unsigned kTriesMax = 5;

const char* const kHint =
    "keep the state in a folder that all runs share ([state] dir), or in a bucket of a store that honours "
    "conditional writes (If-None-Match and If-Match on PUT)";

/// One object on which the conditions are tried.
class Trial {
 public:
  Trial(S3Session& session, S3Client& client, std::string key)
      : session_(session), client_(client), key_(std::move(key)) {}
  /// False: an answer was lost, so that nothing is proved either way.
  Result<bool> run();
  bool clean_up();

 private:
  Result<S3Settled> put(const char* condition, const std::string& value, const char* body);
  S3Session& session_;
  S3Client& client_;
  std::string key_;
  std::string etag_;
  std::vector<std::string> versions_;
};

Result<S3Settled> Trial::put(const char* condition, const std::string& value, const char* body) {
  FLOTSAM_ASSIGN(
      S3Settled settled,
      settle(session_, client_, S3Ask::of_object("PUT", KeyView(key_), {}, {{condition, value}}, body)));
  if (settled.done) {
    etag_ = settled.response.header("etag").value_or(std::string_view());
    if (const auto id = settled.response.header("x-amz-version-id"); id && *id != "null")
      versions_.emplace_back(*id);
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

Result<bool> Trial::run() {
  // The read comes first: it puts a wrong region right, which a write does not.
  FLOTSAM_ASSIGN(const auto nothing, head_object(client_, KeyView(key_)));
  if (nothing) return false;
  FLOTSAM_ASSIGN(const S3Settled created, put("if-none-match", "*", "1"));
  if (created.repeated) return false;
  if (!created.done && !is_about_condition(created)) return std::unexpected<Error>(created.error);
  if (!created.done) return disproved("does not take If-None-Match on a PUT");
  FLOTSAM_ASSIGN(const S3Settled again, put("if-none-match", "*", "2"));
  if (again.repeated) return false;
  if (again.done) return disproved("ignores If-None-Match on a PUT");
  if (again.status != 412) return std::unexpected<Error>(again.error);
  FLOTSAM_ASSIGN(const S3Settled wrong, put("if-match", "\"00000000000000000000000000000000\"", "3"));
  if (wrong.repeated) return false;
  if (wrong.done) return disproved("ignores If-Match on a PUT");
  if (wrong.status != 412 && !is_about_condition(wrong)) return std::unexpected<Error>(wrong.error);
  FLOTSAM_ASSIGN(const S3Settled right, put("if-match", etag_, "4"));
  if (right.repeated) return false;
  if (!right.done && !is_about_condition(right)) return std::unexpected<Error>(right.error);
  if (!right.done) return disproved("refuses a right If-Match on a PUT, too");
  return true;
}

/// True where a DELETE with the right If-Match removed the object.
bool Trial::clean_up() {
  const auto remove = [&](QueryParameters parameters, HttpHeaders headers) {
    auto settled =
        settle(session_, client_,
               S3Ask::of_object("DELETE", KeyView(key_), std::move(parameters), std::move(headers)));
    if (!settled || !settled->done) return false;
    if (const auto id = settled->response.header("x-amz-version-id");
        id && *id != "null" && !versions_.empty())
      versions_.emplace_back(*id);
    return true;
  };
  if (etag_.empty()) return false;
  const bool takes_condition = remove({}, {{"if-match", etag_}});
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
    const auto proved = trial.run();
    const bool delete_takes_condition = trial.clean_up();
    if (!proved) return std::unexpected<Error>(proved.error());
    if (*proved) return ConditionProof{delete_takes_condition};
  }
  return fail(ErrorCode::unavailable, "the store lost too many answers to prove anything", "try again later");
}

}  // namespace flotsam
