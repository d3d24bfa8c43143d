#include "server/engine/custom_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace mp::server {
namespace {

// Its method stays until it is told to go, and its instances tell the thread on which they go.
class Guest final : public CustomType {
 public:
  const std::string& name() const override { return name_; }
  const std::vector<Method>& methods() const override { return methods_; }
  CallResult construct(const Arguments&, const CallContext&) const override {
    CallResult result;
    result.instance = std::shared_ptr<int>(new int(0), [this](const int* number) {
      delete number;
      gone.set_value(std::this_thread::get_id());
    });
    return result;
  }
  CallResult call(void*, std::size_t, const Arguments&, const CallContext&) const override {
    entered.set_value();
    leave.get_future().wait();
    return {};
  }

  mutable std::promise<void> entered;
  mutable std::promise<void> leave;
  mutable std::promise<std::thread::id> gone;

 private:
  const std::string name_ = "Guest";
  const std::vector<Method> methods_ = {{.name = "stay", .read_only = false, .signature = {}}};
};

class CustomCallsTest : public testing::Test {
 protected:
  // Of an instance; of none: the constructor.
  absl::Status begin(std::shared_ptr<void> instance) {
    const CallId call = *calls_.arrive(0, 1, Access::kAlone);
    return calls_.begin({.object = 1,
                         .type = type_.get(),
                         .instance = std::move(instance),
                         .arguments = {},
                         .context = {.call = call,
                                     .deadline = {},
                                     .cancelled = std::make_shared<std::atomic<bool>>(false)}});
  }

  const std::shared_ptr<Guest> type_ = std::make_shared<Guest>();
  std::promise<std::shared_ptr<void>> made_;
  std::atomic<bool> system_has_threads_{true};
  CustomCalls calls_{{.types = {type_},
                      .most_calls = 100,
                      .start_thread =
                          [this](std::function<void()> run) {
                            if (!system_has_threads_) throw std::system_error(std::error_code());
                            std::thread(std::move(run)).detach();
                          }},
                     [this](std::uint64_t, CallId, CallResult result) {
                       if (result.instance != nullptr) made_.set_value(std::move(result.instance));
                     }};
};

// As in a shard's section, where a destructor could wait for ever.
TEST_F(CustomCallsTest, AnInstanceIsNotDestroyedByWhoLetsItGoThoughThereIsNoThread) {
  ASSERT_TRUE(begin(nullptr).ok());
  std::shared_ptr<void> instance = made_.get_future().get();
  system_has_threads_ = false;
  ASSERT_TRUE(begin(std::make_shared<int>(1)).ok());  // on the thread that there is
  type_->entered.get_future().wait();
  auto gone = type_->gone.get_future();
  instance.reset();
  type_->leave.set_value();
  EXPECT_NE(gone.get(), std::this_thread::get_id());
}

TEST_F(CustomCallsTest, NorIsOneThatIsLetGoAfterTheStop) {
  ASSERT_TRUE(begin(nullptr).ok());
  std::shared_ptr<void> instance = made_.get_future().get();
  calls_.stop(std::chrono::nanoseconds::max());
  instance.reset();
  EXPECT_EQ(type_->gone.get_future().wait_for(std::chrono::seconds(0)),
            std::future_status::timeout);
}

}  // namespace
}  // namespace mp::server
