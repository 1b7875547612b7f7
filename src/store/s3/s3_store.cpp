#include "store/s3/s3_store.h"

#include "store/s3/listing_run.h"
#include "store/s3/s3_place.h"

namespace flotsam {
namespace {

class S3Store final : public Lister {
 public:
  explicit S3Store(std::unique_ptr<S3Place> place) : place_(std::move(place)) {}

  Result<StoreFacts> facts() override { return place_->facts(); }

  Result<ListingProof> list(const Scope& scope, const ListingOptions& options, ListingSink& sink) override {
    ListingRun run(place_->session(), scope, options, sink);
    const auto factory = place_->transports(run.stop());
    return run.run(*factory);
  }

 private:
  std::unique_ptr<S3Place> place_;
};

}  // namespace

Result<std::unique_ptr<Lister>> open_s3_store(const StoreOptions& options, const StoreContext& context,
                                              const S3Tuning& tuning) {
  FLOTSAM_ASSIGN(auto place, open_s3_place(options, context, tuning));
  return std::make_unique<S3Store>(std::move(place));
}

}  // namespace flotsam
