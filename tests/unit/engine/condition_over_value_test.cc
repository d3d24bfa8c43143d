#include "tests/unit/engine/condition_commands.h"

// A condition over the lock that another object has.

namespace mp::server::engine_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ConditionOverAValueTest : public testing::Test {
 protected:
  ConditionOverAValueTest() {
    for (const Client* client : {&a, &b}) manager.engine.watch(client->session->id());
    a.make(create_value("v"));
    // Wherever these names hash to, the conditions come to the value's shard.
    for (const char* name : {"c", "d", "e", "f", "g"}) a.make(create_condition(name, "v"));
  }
  static v1::Command create_value(std::string_view name) {
    v1::Command command;
    command.mutable_shared_value_create()->set_name(std::string(name));
    command.mutable_shared_value_create()->set_typecode("i");
    return command;
  }
  static v1::Command acquire_value(Timeout lease = {}) {
    v1::Command command;
    command.mutable_rlock_acquire()->set_name("v");
    if (lease)
      command.mutable_rlock_acquire()->mutable_lease()->set_seconds(lease->count() / 1'000'000'000);
    return command;
  }
  static v1::Command release_value() {
    v1::Command command;
    command.mutable_rlock_release()->set_name("v");
    return command;
  }
  Manager manager;
  Client a{manager};
  Client b{manager};
};

TEST_F(ConditionOverAValueTest, WaitingLetsTheValuesLockGoAndNotifyingBringsItBack) {
  for (const char* name : {"c", "d", "e", "f", "g"}) {
    a.ask(acquire_value());
    const auto waits = a.send(wait(name));
    b.ask(acquire_value());
    EXPECT_EQ(b.call(notify(name)), "1");
    EXPECT_THAT(a.outcomes(), IsEmpty());
    b.call(release_value());
    EXPECT_THAT(a.outcomes(), ElementsAre(Wakes(waits, true)));
    EXPECT_EQ(a.call(release_value()), "done");
  }
}

TEST_F(ConditionOverAValueTest, ALeaseOfTheValuesLockHoldsAgainAfterTheWait) {
  a.ask(acquire_value(seconds(10)));
  const auto waits = a.send(wait("c", seconds(1)));
  manager.advance(seconds(1));
  EXPECT_THAT(a.outcomes(), ElementsAre(Wakes(waits, false)));
  const auto acquires = b.send(acquire_value());
  manager.advance(seconds(9));
  EXPECT_THAT(b.outcomes(), IsEmpty());
  manager.advance(seconds(1));
  EXPECT_THAT(b.outcomes(), ElementsAre(Done(acquires)));
}

TEST_F(ConditionOverAValueTest, TheDeletionOfTheValueIsToldToThoseWhoWait) {
  a.ask(acquire_value());
  const auto waits = a.send(wait("c"));
  EXPECT_EQ(b.call(drop("v")), "done");
  EXPECT_THAT(a.outcomes(), ElementsAre(Fails(waits, v1::NO_SUCH_OBJECT)));
  EXPECT_EQ(b.call(notify("c")), "NO_SUCH_OBJECT");
}

TEST_F(ConditionOverAValueTest, AValueWithoutANameLivesAsLongAsAConditionOverIt) {
  const std::uint64_t nameless = a.make(create_value(""));
  v1::Command create;
  create.mutable_condition_create()->set_name("over");
  create.mutable_condition_create()->set_lock_id(nameless);
  a.make(create);
  a.call(unref(nameless, 100));
  EXPECT_EQ(manager.engine.collect(), 0U);
  a.call(drop("over"));
  EXPECT_EQ(manager.engine.collect(), 1U);
}

TEST_F(ConditionOverAValueTest, IsFoundAgainOverTheSameValueAndOverNoOther) {
  a.make(create_value("other"));
  EXPECT_EQ(a.call(create_condition("c", "other")), "WRONG_KIND");
  EXPECT_EQ(b.make(create_condition("c", "v")), b.make(create_condition("c", "")));
}

TEST_F(ConditionOverAValueTest, OneWithItsOwnLockLendsThatToOthersAndIsOverIt) {
  const std::uint64_t own = a.make(create_condition("own", ""));
  EXPECT_EQ(a.make(create_condition("own", "own")), own);
  a.make(create_condition("second", "own"));
  v1::Command acquire_own;
  acquire_own.mutable_rlock_acquire()->set_name("own");
  a.ask(acquire_own);
  const auto waits = a.send(wait("second"));
  b.ask(acquire_own);
  EXPECT_EQ(b.call(notify("own")), "0");
  EXPECT_EQ(b.call(notify("second")), "1");
  v1::Command release_own;
  release_own.mutable_rlock_release()->set_name("own");
  b.call(release_own);
  EXPECT_THAT(a.outcomes(), ElementsAre(Wakes(waits, true)));
}

}  // namespace
}  // namespace mp::server::engine_test
