#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/contract/custom/types.h"
#include "tests/contract/managers.h"
#include "tests/contract/parties.h"

// Who waits for whom where methods take their time.

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class CustomWaitingContract : public Managers {
 protected:
  // A call that is inside, and stays there until leave_ is set.
  template <auto kMethod>
  auto begun() {
    auto call = hall_.async().call<kMethod>(entered_, leave_);
    EXPECT_TRUE(entered_.wait(kLong));
    entered_.clear();
    return call;
  }
  std::vector<CustomProxy<>> halls(int count) {
    std::vector<CustomProxy<>> halls;
    for (int i = 0; i < count; ++i) halls.push_back(manager().create("Hall"));
    return halls;
  }

  const CustomProxy<Hall> hall_ = manager().create<Hall>();
  const EventProxy entered_ = manager().event();
  const EventProxy leave_ = manager().event();
};
MP_CONTRACT(CustomWaitingContract);

TEST_P(CustomWaitingContract, RunsOneMethodAtATime) {
  Future<int> first = begun<&Hall::stay>();
  Future<int> second = hall_.async().call<&Hall::visits>();
  EXPECT_THROW(hall_.within(1ms).call<&Hall::visits>(), TimeoutError) << "the first one is inside";
  EXPECT_FALSE(second.ready());
  leave_.set();
  EXPECT_EQ(second.get(), 1);
  EXPECT_EQ(first.get(), 1);
}

TEST_P(CustomWaitingContract, RunsReadOnlyMethodsBesideOneAnother) {
  Future<int> first = begun<&Hall::look>();
  Future<int> second = begun<&Hall::look>();
  EXPECT_EQ(hall_.call<&Hall::visits>(), 0);
  Future<int> alone = hall_.async().call<&Hall::stay>(entered_, leave_);
  EXPECT_THROW(hall_.within(1ms).call<&Hall::visits>(), TimeoutError)
      << "it stands in line behind one that must be alone";
  leave_.set();
  EXPECT_EQ(alone.get(), 1);
  EXPECT_EQ(first.get() + second.get(), 0);
}

TEST_P(CustomWaitingContract, BeginsAtOnceWithinNoTimeIfItIsFree) {
  EXPECT_EQ(hall_.within(0s).call<&Hall::visits>(), 0);
}

TEST_P(CustomWaitingContract, NeverBeginsWhatItsCallerHasDropped) {
  Future<int> first = begun<&Hall::stay>();
  { const auto dropped = hall_.async().call<&Hall::stay>(entered_, leave_); }
  hall_.async().flush();
  leave_.set();
  EXPECT_EQ(first.get(), 1);
  EXPECT_EQ(hall_.call<&Hall::visits>(), 1);
}

TEST_P(CustomWaitingContract, TellsAMethodThatItsCallerHasGivenUp) {
  const EventProxy noticed = manager().event();
  {
    const auto call = hall_.async().call<&Hall::stay_alone>(entered_, noticed);
    ASSERT_TRUE(entered_.wait(kLong));
  }
  manager().number_of_objects();  // what was given up leaves with the next call
  EXPECT_TRUE(noticed.wait(kLong));
  EXPECT_EQ(hall_.call<&Hall::visits>(), 0) << "and the object goes on";
}

TEST_P(CustomWaitingContract, TellsAMethodThatItsCallerWasKilled) {
  MP_NEEDS_FORK();
  const EventProxy noticed = manager().event();
  Process caller([&] { hall_.call<&Hall::stay_alone>(entered_, noticed); });
  caller.start();
  ASSERT_TRUE(entered_.wait(kLong));
  caller.kill();
  caller.join();
  EXPECT_TRUE(noticed.wait(kLong));
  EXPECT_EQ(hall_.call<&Hall::visits>(), 0);
}

TEST_P(CustomWaitingContract, AnswersWhoWaitsWhenTheObjectIsDeleted) {
  const auto hall = manager().create<Hall>(named("hall"));
  auto inside = hall.async().call<&Hall::stay_alone>(entered_, leave_);
  ASSERT_TRUE(entered_.wait(kLong));
  auto waiting = hall.async().call<&Hall::visits>();
  hall.async().flush();
  manager().remove("hall");
  EXPECT_THROW(waiting.get(), NoSuchObject);
  EXPECT_THROW(inside.get(), NoSuchObject);
  EXPECT_TRUE(leave_.wait(kLong)) << "the method was told";
}

TEST_P(CustomWaitingContract, RefusesAMethodThatWouldWaitForItself) {
  try {
    hall_.call<&Hall::pass_on>(std::vector{CustomProxy<>(hall_.remote())});
    ADD_FAILURE();
  } catch (const MethodError& error) {
    EXPECT_EQ(error.type_name(), "mp::DeadlockError");
  }
  EXPECT_EQ(hall_.call<&Hall::pass_on>(std::vector<CustomProxy<>>()), 1) << "it is free again";
}

TEST_P(CustomWaitingContract, RefusesTheCallThatClosesACycleOfThree) {
  const auto three = halls(3);
  EXPECT_EQ(three[0].call<int>("pass_on", std::vector{three[1], three[2]}), 3);
  try {
    three[0].call<int>("pass_on", std::vector{three[1], three[2], three[0]});
    ADD_FAILURE();
  } catch (const MethodError& error) {
    EXPECT_THAT(error.what(), HasSubstr("mp::DeadlockError"));
  }
}

TEST_P(CustomWaitingContract, ReadsWhatACallUpTheChainReads) {
  const auto three = halls(3);
  EXPECT_EQ(three[0].call<int>("look_on", std::vector{three[1], three[2], three[0], three[1]}), 5);
}

// Each has its own object and then wants the other's: a cycle of two chains.
TEST_P(CustomWaitingContract, LeavesNoTwoChainsWaitingForOneAnother) {
  const auto two = halls(2);
  for (int i = 0; i < 50; ++i) {
    auto there = two[0].async().call<int>("pass_on", std::vector{two[1]});
    auto back = two[1].async().call<int>("pass_on", std::vector{two[0]});
    int failed = 0;
    for (Future<int>* each : {&there, &back}) {
      try {
        EXPECT_EQ(each->get(kLong), 2);
      } catch (const MethodError& error) {
        EXPECT_THAT(error.what(), HasSubstr("mp::DeadlockError"));
        ++failed;
      }
    }
    EXPECT_LE(failed, 1);
  }
}

TEST_P(CustomWaitingContract, RefusesAMethodThatWaitsForALockOfItsCaller) {
  const LockProxy lock = manager().lock();
  {
    const std::scoped_lock held(lock);
    try {
      hall_.call<&Hall::take>(lock);
      ADD_FAILURE();
    } catch (const MethodError& error) {
      EXPECT_EQ(error.type_name(), "mp::DeadlockError");
      EXPECT_THAT(error.what(), HasSubstr("waits for custom "));
    }
  }
  EXPECT_NO_THROW(hall_.call<&Hall::take>(lock));
}

TEST_P(CustomWaitingContract, RefusesAMethodThatWaitsForALockOfTheMethodThatCalledIt) {
  const LockProxy lock = manager().lock();
  const auto other = halls(1).front();
  try {
    hall_.call<&Hall::take_and_pass>(lock, other);
    ADD_FAILURE();
  } catch (const MethodError& error) {
    EXPECT_THAT(error.what(), HasSubstr("mp::DeadlockError"));
  }
  EXPECT_TRUE(lock.try_lock());
  lock.unlock();
}

// Whoever comes last: the caller, who is in line, or the method, which wants its lock.
TEST_P(CustomWaitingContract, RefusesOneOfAMethodAndACallerThatWaitForOneAnother) {
  const LockProxy lock = manager().lock();
  lock.lock();
  Future<void> takes = hall_.async().call<&Hall::take>(lock);
  hall_.async().flush();
  try {
    hall_.call<&Hall::visits>();
    EXPECT_THROW(takes.get(), MethodError);
    lock.unlock();
  } catch (const DeadlockError& error) {
    EXPECT_EQ(error.cycle().size(), 2U);
    lock.unlock();
    EXPECT_NO_THROW(takes.get());
  }
}

// It would make the call wait for who says so, and be DEADLOCK.
TEST_P(CustomWaitingContract, BelievesNoClientThatSaysInsideWhichCallItCalls) {
  Future<int> inside = begun<&Hall::stay>();
  constexpr std::uint32_t kMethod = 3;
  constexpr std::uint32_t kTimeout = 5;
  wire::Message request;
  request.str(kMethod, "visits");
  request.duration(kTimeout, 0ns);
  constexpr std::uint64_t kMoreThanThereWere = 10;
  for (std::uint64_t call = 1; call < kMoreThanThereWere; ++call) {
    internal::CallOptions options;
    options.may_wait = true;
    options.wait = 0ns;
    options.inside_call = call;
    EXPECT_THROW(hall_.remote()->call(wire::Operation::kCustomCall, request, options), TimeoutError)
        << call;
  }
  leave_.set();
  EXPECT_EQ(inside.get(), 1);
}

TEST_P(CustomWaitingContract, CallsManyObjectsAtOnceFromWithin) {
  EXPECT_EQ(hall_.call<&Hall::spread>(halls(40)), 40);
}

TEST_P(CustomWaitingContract, HasAnEndToCallsInsideOneAnother) {
  EXPECT_EQ(hall_.call<&Hall::pass_on>(halls(63)), 64);
  try {
    hall_.call<&Hall::pass_on>(halls(64));
    ADD_FAILURE();
  } catch (const MethodError& error) {
    EXPECT_THAT(error.what(), HasSubstr("mp::LimitExceeded"));
  }
}

}  // namespace
}  // namespace mp::contract
