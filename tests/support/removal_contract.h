#pragma once

/// The contract of store/remover.h and store/restorer.h, one suite over every store and every method. The
/// tests are in tests/store/removal_contract_test.cpp and restore_contract_test.cpp; a store joins by one
/// line in a file of its own:
///
///   INSTANTIATE_TEST_SUITE_P(Directory, RemovalContract,
///                            testing::Values(RemovalImplementation{"Quarantine", DeleteMethod::quarantine,
///                            make}), name_of_removal);

#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/delete_method.h"
#include "model/object.h"
#include "store/lister.h"
#include "store/remover.h"
#include "store/restorer.h"

namespace flotsam {

// For the messages of tests that fail.
inline void PrintTo(LookState state, std::ostream* out) {
  *out << to_string(state);
}
inline void PrintTo(RemoveResult result, std::ostream* out) {
  *out << to_string(result);
}
inline void PrintTo(RestoreResult result, std::ostream* out) {
  *out << to_string(result);
}

}  // namespace flotsam

namespace flotsam::test {

/// An empty store with a quarantine (empty, too) that the contract fills, deletes from and looks into by
/// means of its own. The keys of the quarantine, where it lies in the store, have a part that begins
/// ".flotsam-".
class RemovalStore {
 public:
  virtual ~RemovalStore() = default;

  /// Stores an object, over whatever stands under the key. False: this store cannot hold the key.
  virtual bool put(const std::string& key, const std::string& bytes) = 0;
  /// The same with all that a restore must give back beside the bytes: an old time and an odd mode in a
  /// directory; content type, metadata and tags in a bucket.
  virtual bool put_rich(const std::string& key, const std::string& bytes) = 0;
  /// What put_rich() gave it, as a text to compare.
  virtual std::string properties_of(const std::string& key) = 0;
  /// Deletes what stands under the key as somebody else would: without a trace where the store keeps no
  /// versions, by a marker where it does.
  virtual void erase(const std::string& key) = 0;
  /// What stands under the key; nothing: nothing does.
  virtual std::optional<std::string> bytes_of(const std::string& key) = 0;
  /// All keys under which something stands now, sorted, flotsam's own among them.
  virtual std::vector<std::string> keys() = 0;
  /// Changes the bytes of something in the quarantine, under its own key there.
  virtual void spoil_quarantined(const std::string& run_id, const std::string& key,
                                 const std::string& bytes) = 0;
  /// Lets the store's clock go on by some seconds, where the test holds it; else nothing.
  virtual void pass_time() {}

  virtual Result<std::unique_ptr<Lister>> open_lister() = 0;
  virtual Result<std::unique_ptr<Remover>> open_remover() = 0;
  virtual Result<std::unique_ptr<Restorer>> open_restorer() = 0;
};

/// One store with one way of deleting.
struct RemovalImplementation {
  const char* name;
  DeleteMethod method;
  /// Errors: the server that it needs does not start: the test fails.
  Result<std::unique_ptr<RemovalStore>> (*make)();
  DeleteCondition condition = DeleteCondition::none;
  /// The same bytes written again at once are told from the old ones (by time, version or inode). A bucket
  /// whose clock cannot be held does not within a second.
  bool tells_rewrites = true;
  /// remove() itself notices that an object is another than the planned one (by its last look or by a
  /// condition).
  bool removes_by_identity = true;
};
inline void PrintTo(const RemovalImplementation& implementation, std::ostream* out) {
  *out << implementation.name;
}
inline std::string name_of_removal(const testing::TestParamInfo<RemovalImplementation>& info) {
  return info.param.name;
}

class RemovalContract : public testing::TestWithParam<RemovalImplementation> {
 protected:
  using Keys = std::vector<std::string>;
  static constexpr const char* kRun = "0123456789abcdef0123456789abcdef";

  void SetUp() override;

  DeleteMethod method() const { return GetParam().method; }
  bool can_undo() const { return method() != DeleteMethod::permanent; }
  RemoveOptions options(const std::string& run_id = kRun) const {
    return {.method = method(), .condition = GetParam().condition, .run_id = run_id};
  }
  /// Puts the keys that the store can hold, each with its own name as bytes, and gives these back sorted.
  /// Time goes on afterwards.
  Keys fill(Keys keys);
  /// What a scan would plan for the keys: as the lister shows them, in key order. The test fails where one is
  /// missing.
  std::vector<Object> planned(const Keys& keys);
  /// Everything that a lister shows: key and bytes.
  std::vector<std::pair<std::string, std::string>> standing();
  Keys quarantined();  ///< "RUN_ID KEY" as list_quarantine() gives them

  std::unique_ptr<Remover> remover();  ///< opened anew and prepared
  std::unique_ptr<Restorer> restorer();

  /// remove() after a look that must say `same` of each. The outcomes are as many as the objects, or the test
  /// fails.
  std::vector<RemoveOutcome> remove(const std::vector<Object>& objects, const std::string& run_id = kRun);
  /// The same where each must be removed; where each one's bytes are then.
  std::vector<Remains> remove_all(const std::vector<Object>& objects, const std::string& run_id = kRun);
  std::vector<RestoreOutcome> restore(const std::vector<Remains>& remains,
                                      Restorer::Mode mode = Restorer::Mode::really);

  std::unique_ptr<RemovalStore> store_;
};

/// Keys that have led other programs astray. What a store cannot hold its put() refuses.
std::vector<std::string> odd_keys();

/// The states and results by name, to compare.
std::vector<std::string> names_of(const std::vector<Look>& looks);
std::vector<std::string> names_of(const std::vector<RemoveOutcome>& outcomes);
std::vector<std::string> names_of(const std::vector<RestoreOutcome>& outcomes);

/// All of them are the same.
template <typename Outcome>
void expect_all(const std::vector<Outcome>& outcomes, const std::string& name) {
  const auto names = names_of(outcomes);
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(names[i], name) << "of object " << i;
}

/// The standing objects without some keys.
std::vector<std::pair<std::string, std::string>> without(std::vector<std::pair<std::string, std::string>> all,
                                                         const std::vector<std::string>& keys);

/// What a journal would say of it: where undo looks.
Remains remains_of(const Object& object, const RemoveOutcome& outcome, const RemoveOptions& options);

}  // namespace flotsam::test
