#include "store/s3/s3_restorer.h"

#include "model/scope.h"
#include "store/s3/quarantine_return.h"
#include "store/s3/s3_finder.h"
#include "store/s3/s3_holdings.h"
#include "store/s3/version_return.h"

namespace flotsam {
namespace {

class S3Restorer final : public Restorer {
 public:
  explicit S3Restorer(std::unique_ptr<S3Holdings> holdings) : holdings_(std::move(holdings)) {}

  Result<StoreFacts> facts() override { return holdings_->facts(); }

  std::vector<RestoreOutcome> restore(std::span<const Remains> remains, Mode mode) override {
    std::vector<RestoreOutcome> outcomes(remains.size());
    if (!remains.empty()) holdings_->find_regions();
    AbsenceProof absence(*holdings_);
    const VersionReturn versions(*holdings_, absence);
    const QuarantineReturn quarantine(*holdings_, absence);
    holdings_->for_each(remains.size(), [&](S3Hands& hands, std::size_t i) {
      if (is_own(remains[i].object.key.view())) {
        outcomes[i] = restore_outcome(RestoreResult::failed, "OwnKey", "it is flotsam's own and in no scope");
      } else if (remains[i].place == Remains::Place::quarantine) {
        outcomes[i] = quarantine.bring_back(hands, remains[i], mode);
      } else {
        outcomes[i] = versions.bring_back(hands, remains[i], mode);
      }
    });
    return outcomes;
  }

  Result<std::vector<std::optional<Remains>>> find(std::span<const Key> keys) override {
    if (!keys.empty()) holdings_->find_regions();
    return S3Finder(*holdings_).find(keys);
  }

  Result<void> list_quarantine(const std::function<Result<void>(const QuarantinedObject&)>& use,
                               const Cancel& cancel) override {
    return holdings_->list_quarantine(use, &cancel);
  }

 private:
  std::unique_ptr<S3Holdings> holdings_;
};

}  // namespace

Result<std::unique_ptr<Restorer>> open_s3_restorer(const StoreOptions& options,
                                                   const std::optional<std::string>& quarantine,
                                                   const StoreContext& context, const S3Tuning& tuning) {
  FLOTSAM_ASSIGN(auto holdings, S3Holdings::open(options, quarantine, context, tuning));
  return std::make_unique<S3Restorer>(std::move(holdings));
}

}  // namespace flotsam
