#pragma once

#include <functional>
#include <string>
#include <vector>

#include "store/collecting_sink.h"
#include "store/directory/directory_store.h"
#include "store/store_contract.h"
#include "support/temporary_folder.h"

namespace flotsam::test {

/// A folder to fill by names of any bytes, and a store over it. Paths go through open(2) and the like alone.
class Tree {
 public:
  Tree();
  ~Tree();
  /// Where a name below the root is.
  std::string path(const std::string& name) const { return root_ + "/" + name; }
  void folder(const std::string& name) const;  ///< with its parents
  void file(const std::string& name, std::size_t size = 1) const;
  void link(const std::string& name, const std::string& target) const;
  void fifo(const std::string& name) const;
  void socket(const std::string& name) const;
  void mode(const std::string& name, unsigned mode);  ///< until the end of the test

  std::unique_ptr<Lister> open(std::size_t page_objects = 1000, const std::string& suffix = {}) const;
  /// The listing, which must succeed.
  std::vector<std::string> keys(const Scope& scope = Scope::whole_bucket(),
                                std::size_t page_objects = 1000) const;
  /// The listing, one object a page, so that a test can act between two looks.
  Result<ListingProof> list(CollectingSink& sink, const Scope& scope = Scope::whole_bucket(),
                            std::size_t page_objects = 1) const;

  const std::string& root() const { return root_; }

  std::filesystem::path mountinfo = "/proc/self/mountinfo";  ///< what the store reads of the machine's mounts

 private:
  TemporaryFolder folder_;  ///< before root_, which lies in it
  std::string root_;
  std::vector<std::string> closed_;  ///< whose modes were changed
  Environment environment_;
  mutable WakefulClock clock_;
  mutable NullLog log_;
};

inline Scope scope_of(std::vector<std::string> prefixes) {
  return *Scope::of_prefixes(std::move(prefixes));
}

/// Calls `act` as a user whom permissions bind: root becomes nobody for the time (this thread alone).
void as_ordinary_user(const std::function<void()>& act);

}  // namespace flotsam::test
