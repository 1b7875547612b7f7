#pragma once

#include <sys/stat.h>

#include "store/directory/directory_remover.h"
#include "store/directory/directory_restorer.h"
#include "store/directory/tree.h"
#include "support/removal_contract.h"

namespace flotsam::test {

/// A directory with its quarantine at ROOT/.flotsam-quarantine/.
class DirectoryRemovalStore final : public RemovalStore {
 public:
  bool put(const std::string& key, const std::string& bytes) override;
  bool put_rich(const std::string& key, const std::string& bytes) override;
  std::string properties_of(const std::string& key) override;
  void erase(const std::string& key) override;
  std::optional<std::string> bytes_of(const std::string& key) override;
  std::vector<std::string> keys() override;
  void spoil_quarantined(const std::string& run_id, const std::string& key,
                         const std::string& bytes) override;
  Result<std::unique_ptr<Lister>> open_lister() override;
  Result<std::unique_ptr<Remover>> open_remover() override;
  Result<std::unique_ptr<Restorer>> open_restorer() override;

  const Tree& tree() const { return tree_; }
  std::string quarantine() const { return tree_.path(".flotsam-quarantine/"); }
  DirectoryRemovalOptions options;
  StoreContext context() { return {&environment_, &clock_, &log_}; }

 private:
  Tree tree_;
  Environment environment_;
  WakefulClock clock_;
  NullLog log_;
};

}  // namespace flotsam::test
