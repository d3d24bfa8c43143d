#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

#include "tests/contract/custom/types.h"
#include "tests/contract/parties.h"
#include "tests/e2e/manager_process.h"

// A manager of a program of its own, with flags.

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class CustomServer : public testing::Test {
 protected:
  explicit CustomServer(std::vector<std::string> flags = {}) : server_(std::move(flags)) {}

  e2e::ManagerProcess server_;
  Manager manager_ = Manager::connect("unix:" + server_.socket());
  const EventProxy entered_ = manager_.event();
  const EventProxy leave_ = manager_.event();
};

class CustomServerOfOneThread : public CustomServer {
 protected:
  CustomServerOfOneThread() : CustomServer({"--custom-threads", "1"}) {}
};

TEST_F(CustomServerOfOneThread, StarvesNoCallInsideAnother) {
  const auto hall = manager_.create<Hall>();
  std::vector<CustomProxy<>> others;
  for (int i = 0; i < 10; ++i) others.push_back(manager_.create("Hall"));
  EXPECT_EQ(hall.call<&Hall::pass_on>(others), 11);
  EXPECT_EQ(hall.call<&Hall::spread>(others), 10);
}

// The second call has its object, and no thread; what is inside the first waits for that object.
TEST_F(CustomServerOfOneThread, GivesAThreadToWhomACallInsideAnotherWaitsFor) {
  const auto first = manager_.create<Hall>();
  const auto second = manager_.create<Hall>();
  auto outside = first.async().call<&Hall::stay>(entered_, leave_);
  ASSERT_TRUE(entered_.wait(kLong));
  auto passing = first.async().call<int>("pass_on", std::vector{CustomProxy<>(second.remote())});
  auto waiting = second.async().call<int>("pass_on", std::vector<CustomProxy<>>());
  second.async().flush();
  leave_.set();
  EXPECT_EQ(outside.get(kLong), 1);
  EXPECT_EQ(passing.get(kLong), 2);
  EXPECT_EQ(waiting.get(kLong), 1);
}

TEST_F(CustomServerOfOneThread, MakesOthersWaitForAThread) {
  const auto inside = manager_.create<Hall>();
  const auto counter = manager_.create<Counter>(5);
  auto staying = inside.async().call<&Hall::stay>(entered_, leave_);
  ASSERT_TRUE(entered_.wait(kLong));
  auto other = counter.async().call<&Counter::value>();
  counter.async().flush();
  leave_.set();
  EXPECT_EQ(other.get(kLong), 5);
  EXPECT_EQ(staying.get(kLong), 1);
}

class SmallCustomServer : public CustomServer {
 protected:
  SmallCustomServer() : CustomServer({"--max-custom-calls", "3", "--max-message-bytes", "1MiB"}) {}
};

TEST_F(SmallCustomServer, RefusesMoreCallsThanItMayHave) {
  const auto hall = manager_.create<Hall>();
  auto inside = hall.async().call<&Hall::stay>(entered_, leave_);
  ASSERT_TRUE(entered_.wait(kLong));
  auto second = hall.async().call<&Hall::visits>();
  auto third = hall.async().call<&Hall::visits>();
  try {
    hall.call<&Hall::visits>();
    ADD_FAILURE();
  } catch (const LimitExceeded& error) {
    EXPECT_THAT(error.what(), HasSubstr("--max-custom-calls"));
  }
  leave_.set();
  EXPECT_EQ(third.get(kLong), 1);
  EXPECT_EQ(hall.call<&Hall::visits>(), 1);
}

TEST_F(SmallCustomServer, SaysThatAMethodRanWhoseResultIsTooLarge) {
  const auto counter = manager_.create<Counter>(0);
  EXPECT_EQ(counter.call<&Counter::padded>(1000U).size(), 1000U);
  try {
    counter.call<&Counter::padded>(2U << 20U);
    ADD_FAILURE();
  } catch (const LimitExceeded& error) {
    EXPECT_THAT(error.what(), HasSubstr("the operation was done"));
  }
  EXPECT_EQ(counter.call<&Counter::value>(), 2);
}

TEST_F(CustomServer, AnswersAMethodThatEndsWhileItShutsDown) {
  const auto hall = manager_.create<Hall>();
  const auto counter = manager_.create<Counter>(0);
  auto inside = hall.async().call<&Hall::stay_alone>(entered_, leave_);
  ASSERT_TRUE(entered_.wait(kLong));
  auto waiting = hall.async().call<&Hall::visits>();
  hall.async().flush();
  server_.signal(SIGTERM);
  EXPECT_THROW(waiting.get(kLong), ManagerShutDown);
  EXPECT_THROW(inside.get(kLong), MethodError) << "it was told, and its event is no more";
  EXPECT_EQ(server_.wait(), 0);
}

class ImpatientCustomServer : public CustomServer {
 protected:
  ImpatientCustomServer() : CustomServer({"--drain-timeout", "200ms"}) {}
};

TEST_F(ImpatientCustomServer, EndsThoughAMethodDoesNot) {
  const auto hall = manager_.create<Hall>();
  auto inside = hall.async().call<&Hall::stay_on>(entered_, leave_);
  ASSERT_TRUE(entered_.wait(kLong));
  server_.signal(SIGTERM);
  EXPECT_THROW(inside.get(kLong), ManagerShutDown);
  EXPECT_EQ(server_.wait(), 0);
  EXPECT_THAT(server_.log(), HasSubstr("still runs at the shutdown: Hall.stay_on"));
}

TEST_F(CustomServer, HasTheFlagsOfMpManager) {
  EXPECT_EQ(e2e::ManagerProcess({"--no-such-flag"}).wait(), 2);
  EXPECT_EQ(e2e::ManagerProcess({"--check", server_.address()}).wait(), 0);
}

}  // namespace
}  // namespace mp::contract
