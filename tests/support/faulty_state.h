#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/state.h"

namespace flotsam::test {

/// A state that fails at a chosen call, and a log that loses what was not synced: a machine that can be
/// switched off at every step. Stands before a real state, which a second run then opens to see what is left.
///
///   for (std::uint64_t n = 1;; ++n) {
///     FaultyState faulty(*disk, FaultyState::Fault{.at = n});
///     run(faulty);
///     if (!faulty.failed()) break;  // n was beyond the last call
///     …resume with *disk…
///   }
///
/// Callable from several threads, as far as the state behind it is.
class FaultyState final : public State {
 public:
  enum class Effect {
    none,   ///< nothing of the call happens
    half,   ///< of a sync the first half of the lines stands; of other calls nothing
    whole,  ///< it happens, and only the answer is lost
  };
  struct Fault {
    std::uint64_t at = 0;  ///< the call that fails, from 1; 0: none
    Effect effect = Effect::none;
    bool for_good = true;  ///< all later calls fail, too, without effect: the machine is off
    ErrorCode code = ErrorCode::unavailable;
  };

  FaultyState(State& behind, Fault fault) : behind_(behind), counter_(std::make_shared<Counter>(fault)) {}

  /// Calls of the state and of its logs so far, those of append() included.
  std::uint64_t calls() const { return counter_->calls; }
  bool failed() const { return counter_->failed; }

  Result<std::optional<Entry>> read(const std::string& name, std::uint64_t limit_bytes) override {
    return counter_->call([&] { return behind_.read(name, limit_bytes); });
  }
  Result<bool> create(const std::string& name, std::string_view bytes) override {
    return counter_->call([&] { return behind_.create(name, bytes); });
  }
  Result<bool> replace(const std::string& name, std::string_view bytes, const std::string& tag) override {
    return counter_->call([&] { return behind_.replace(name, bytes, tag); });
  }
  Result<void> put(const std::string& name, std::string_view bytes) override {
    return counter_->call([&] { return behind_.put(name, bytes); });
  }
  Result<bool> remove(const std::string& name, const std::string& tag) override {
    return counter_->call([&] { return behind_.remove(name, tag); });
  }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    return counter_->call([&] { return behind_.list(folder); });
  }
  Result<std::unique_ptr<AppendLog>> open_log(const std::string& name) override {
    return counter_->call([&]() -> Result<std::unique_ptr<AppendLog>> {
      FLOTSAM_ASSIGN(auto log, behind_.open_log(name));
      return std::make_unique<FaultyLog>(std::move(log), counter_);
    });
  }
  Result<bool> read_log(const std::string& name,
                        const std::function<Result<void>(std::string_view line)>& use) override {
    return counter_->call([&] { return behind_.read_log(name, use); });
  }
  Result<std::optional<std::filesystem::path>> local_copy(const std::string& name) override {
    return counter_->call([&] { return behind_.local_copy(name); });
  }
  Result<void> take_file(const std::string& name, const std::filesystem::path& local) override {
    return counter_->call([&] { return behind_.take_file(name, local); });
  }
  std::string place_of(const std::string& name) const override { return behind_.place_of(name); }
  std::optional<std::string> name_of(const std::string& place) const override {
    return behind_.name_of(place);
  }

 private:
  struct Counter {
    explicit Counter(const Fault& chosen) : fault(chosen) {}
    Fault fault;
    std::atomic<std::uint64_t> calls{0};
    std::atomic<bool> failed{false};

    std::unexpected<Error> error() const { return fail(fault.code, "the state failed as the test asked"); }

    /// What is to become of the next call: nothing where it goes through.
    std::optional<Effect> next() {
      const std::uint64_t number = ++calls;
      if (fault.at == 0 || number < fault.at || (number > fault.at && !fault.for_good)) return std::nullopt;
      failed = true;
      return number == fault.at ? fault.effect : Effect::none;
    }

    template <typename Call>
    auto call(const Call& go_through) -> decltype(go_through()) {
      const auto effect = next();
      if (!effect) return go_through();
      if (*effect == Effect::whole) static_cast<void>(go_through());
      return error();
    }
  };

  class FaultyLog final : public AppendLog {
   public:
    FaultyLog(std::unique_ptr<AppendLog> behind, std::shared_ptr<Counter> counter)
        : behind_(std::move(behind)), counter_(std::move(counter)) {}

    Result<void> append(std::string_view line) override {
      if (broken_ || counter_->next()) return broken();
      lines_.emplace_back(line);
      return {};
    }

    Result<void> sync() override {
      if (broken_) return broken();
      const auto effect = counter_->next();
      if (!effect) return pass_on(lines_.size());
      if (*effect == Effect::whole) static_cast<void>(pass_on(lines_.size()));
      if (*effect == Effect::half) static_cast<void>(pass_on(lines_.size() / 2));
      return broken();
    }

   private:
    std::unexpected<Error> broken() {
      broken_ = true;
      return counter_->error();
    }
    Result<void> pass_on(std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) FLOTSAM_TRY(behind_->append(lines_[i]));
      lines_.clear();
      return behind_->sync();
    }
    std::unique_ptr<AppendLog> behind_;
    std::shared_ptr<Counter> counter_;
    std::vector<std::string> lines_;
    bool broken_ = false;
  };

  State& behind_;
  std::shared_ptr<Counter> counter_;
};

}  // namespace flotsam::test
