#include "server/engine/inspection.h"
#include "tests/unit/engine/harness.h"

// Names that move, and objects that end by themselves.

namespace mp::server::engine_test {
namespace {

using testing::_;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

v1::Command rename(const Which& object, std::string_view new_name) {
  v1::Command command;
  v1::ObjectRenameRequest& request = *command.mutable_object_rename();
  if (object.id != 0) {
    request.set_id(object.id);
  } else {
    request.set_name(object.name);
  }
  request.set_new_name(std::string(new_name));
  return command;
}

v1::ObjectLife life(int time_to_live_seconds, int idle_seconds = 0) {
  v1::ObjectLife life;
  if (time_to_live_seconds != 0) life.mutable_time_to_live()->set_seconds(time_to_live_seconds);
  if (idle_seconds != 0) life.mutable_idle_time()->set_seconds(idle_seconds);
  return life;
}

v1::Command set_life(std::string_view name, const v1::ObjectLife& life) {
  v1::Command command;
  command.mutable_object_set_life()->set_name(std::string(name));
  *command.mutable_object_set_life()->mutable_life() = life;
  return command;
}

class ObjectNamesTest : public testing::Test {
 protected:
  ObjectNamesTest() {
    for (const Client* client : {&a, &b}) manager.engine.watch(client->session->id());
  }
  Manager manager;
  Client a{manager};
  Client b{manager};
};

TEST_F(ObjectNamesTest, ARenamedObjectIsFoundUnderItsNewNameOnly) {
  const std::uint64_t id = a.make(create_dict("old"));
  a.call(set("old", "'k'", "1"));
  // Names hash to different shards: some of these move to another one.
  for (const char* name : {"n1", "n2", "n3", "n4", "n5"}) {
    EXPECT_EQ(a.call(rename(id, name)), "done");
    EXPECT_EQ(b.call(get(name, "'k'")), "1");
    EXPECT_EQ(b.call(get("old", "'k'")), "NO_SUCH_OBJECT");
    EXPECT_EQ(b.make(create_dict(name)), id);
  }
  EXPECT_EQ(b.call(get("n4", "'k'")), "NO_SUCH_OBJECT");
  EXPECT_EQ(manager.engine.objects(), 1U);
}

TEST_F(ObjectNamesTest, AFreedNameCanBeMadeAnew) {
  const std::uint64_t first = a.make(create_dict("x"));
  a.call(rename("x", "y"));
  const std::uint64_t second = a.make(create_dict("x"));
  EXPECT_NE(first, second);
  EXPECT_EQ(a.call(drop("y")), "done");
  EXPECT_NE(a.make(create_dict("y")), first);
}

TEST_F(ObjectNamesTest, ATakenNameIsRefusedAndNothingChanges) {
  a.make(create_dict("x"));
  a.make(create_lock("y"));
  EXPECT_EQ(a.call(rename("x", "y")), "ALREADY_EXISTS");
  EXPECT_EQ(a.call(rename("x", "")), "VALUE_ERROR");
  EXPECT_EQ(a.call(rename("nothing", "z")), "NO_SUCH_OBJECT");
  EXPECT_EQ(a.call(length("x")), "0");
}

TEST_F(ObjectNamesTest, RenamingToItsOwnNameIsDone) {
  a.make(create_dict("x"));
  EXPECT_EQ(a.call(rename("x", "x")), "done");
  EXPECT_EQ(a.call(length("x")), "0");
}

TEST_F(ObjectNamesTest, AnObjectWithoutANameCanBeGivenOneAndThenLivesByIt) {
  const std::uint64_t id = a.make(create_dict());
  EXPECT_EQ(a.call(rename(id, "named")), "done");
  a.end();
  EXPECT_EQ(manager.engine.collect(), 0U);
  EXPECT_EQ(b.make(create_dict("named")), id);
}

TEST_F(ObjectNamesTest, ARenamedObjectTakesPartInBatchesAndWaits) {
  const std::uint64_t id = a.make(create_queue("q"));
  const auto waits = b.send(take("q"));
  a.call(rename(id, "r"));
  a.call(batch({put("r", "7")}));
  EXPECT_THAT(b.outcomes(), ElementsAre(Returns(waits, 7)));
}

TEST_F(ObjectNamesTest, TwoThreadsMakeOneObjectOfANameThatMoves) {
  race(
      300, [&] { a.call(rename(a.make(create_dict("from")), "to")); },
      [&] { b.make(create_dict("to")); },
      [&] {
        EXPECT_EQ(a.make(create_dict("to")), b.make(create_dict("to")));
        for (const char* name : {"from", "to"}) a.call(drop(name));
        EXPECT_EQ(manager.engine.objects(), 0U);
      });
}

TEST_F(ObjectNamesTest, AnObjectEndsWithItsTimeToLiveAndItsWaitersLearnIt) {
  a.make(create_queue("q"));
  EXPECT_EQ(a.call(set_life("q", life(10))), "done");
  const auto waits = b.send(take("q"));
  manager.advance(seconds(9));
  EXPECT_THAT(b.outcomes(), IsEmpty());
  manager.advance(seconds(1));
  EXPECT_THAT(b.outcomes(), ElementsAre(Fails(waits, v1::NO_SUCH_OBJECT)));
  EXPECT_EQ(a.call(size("q")), "NO_SUCH_OBJECT");
  EXPECT_EQ(manager.engine.objects(), 0U);
}

TEST_F(ObjectNamesTest, UseKeepsAnIdleObject) {
  a.make(create_dict("d"));
  a.call(set_life("d", life(0, 10)));
  for (int i = 0; i < 5; ++i) {
    manager.advance(seconds(8));
    EXPECT_EQ(a.call(length("d")), "0");
  }
  manager.advance(seconds(10));
  EXPECT_EQ(a.call(length("d")), "NO_SUCH_OBJECT");
}

TEST_F(ObjectNamesTest, WhatIsHeldOrWaitedForIsInUse) {
  a.make(create_lock("l"));
  a.call(set_life("l", life(0, 10)));
  a.lock("l");
  manager.advance(seconds(60));
  EXPECT_EQ(a.call(release("l")), "done");
  manager.advance(seconds(60));
  EXPECT_EQ(a.call(locked("l")), "NO_SUCH_OBJECT");
}

TEST_F(ObjectNamesTest, ALifeCanBeTakenBack) {
  a.make(create_dict("d"));
  a.call(set_life("d", life(10)));
  a.call(set_life("d", {}));
  manager.advance(seconds(60));
  EXPECT_EQ(a.call(length("d")), "0");
}

TEST_F(ObjectNamesTest, ALifeOfNoLengthIsRefused) {
  a.make(create_dict("d"));
  v1::ObjectLife none;
  none.mutable_time_to_live();
  EXPECT_EQ(a.call(set_life("d", none)), "VALUE_ERROR");
  v1::Command create = create_dict("e");
  *create.mutable_dict_create()->mutable_life() = none;
  EXPECT_EQ(a.call(create), "VALUE_ERROR");
  EXPECT_EQ(a.call(length("e")), "NO_SUCH_OBJECT");
}

TEST_F(ObjectNamesTest, ALifeGivenAtCreationIsOfTheNewObjectOnly) {
  v1::Command create = create_dict("d");
  *create.mutable_dict_create()->mutable_life() = life(10);
  a.make(create);
  manager.advance(seconds(6));
  a.make(create);
  manager.advance(seconds(4));
  EXPECT_EQ(a.call(length("d")), "NO_SUCH_OBJECT");
}

TEST_F(ObjectNamesTest, CountingRemovesFirstWhatNobodyReaches) {
  a.make(create_dict("named"));
  a.call(unref(a.make(create_dict())));
  v1::Command count;
  count.mutable_object_count();
  EXPECT_EQ(b.call(count), "1");
}

TEST_F(ObjectNamesTest, DescribesOneObjectOrAllForPeople) {
  a.make(create_lock("l"));
  a.make(create_dict("d"));
  a.lock("l");
  v1::Command one;
  one.mutable_object_describe()->set_name("l");
  EXPECT_THAT(b.call(one), HasSubstr("lock 'l'"));
  EXPECT_THAT(b.call(one), HasSubstr("held by"));
  v1::Command all;
  all.mutable_object_describe();
  EXPECT_THAT(b.call(all), testing::AllOf(HasSubstr("dict 'd'"), HasSubstr("lock 'l'")));
  one.mutable_object_describe()->set_name("nothing");
  EXPECT_EQ(b.call(one), "NO_SUCH_OBJECT");
}

TEST_F(ObjectNamesTest, DescribesAnObjectWithTheFirstOfManyHoldersAndWaiters) {
  v1::Command create;
  create.mutable_semaphore_create()->set_name("s");
  create.mutable_semaphore_create()->set_value(10'003);
  a.make(create);
  v1::Command acquire_one;
  acquire_one.mutable_semaphore_acquire()->set_name("s");
  for (int i = 0; i < 10'003 + 10'002; ++i) a.send(acquire_one);
  v1::DescribeObjectRequest request;
  request.set_name("s");
  v1::DescribeObjectReply reply;
  ASSERT_TRUE(Inspection(manager.engine).describe_object(request, reply).ok());
  EXPECT_EQ(reply.holders_size(), 10'000);
  EXPECT_EQ(reply.holders_left_out(), 3U);
  EXPECT_EQ(reply.waiters_size(), 10'000);
  EXPECT_EQ(reply.waiters_left_out(), 2U);
  v1::Command describe;
  describe.mutable_object_describe()->set_name("s");
  EXPECT_THAT(b.call(describe), testing::AllOf(HasSubstr("\n  and 3 more hold it\n"),
                                               HasSubstr("\n  and 2 more wait\n")));
}

TEST_F(ObjectNamesTest, DescribesABarrierWithTheFirstOfManyWhoAreMissing) {
  v1::Command create;
  create.mutable_barrier_create()->set_name("b");
  create.mutable_barrier_create()->set_parties(10'004);
  a.make(create);
  v1::Command enlist;
  enlist.mutable_barrier_enlist()->set_name("b");
  for (std::uint64_t owner = 1; owner <= 10'003; ++owner) a.call(by_owner(owner, enlist));
  v1::Command wait;
  wait.mutable_barrier_wait()->set_name("b");
  b.send(wait);
  v1::DescribeObjectRequest request;
  request.set_name("b");
  v1::DescribeObjectReply reply;
  ASSERT_TRUE(Inspection(manager.engine).describe_object(request, reply).ok());
  EXPECT_EQ(reply.missing_size(), 10'000);
  EXPECT_EQ(reply.missing(0).session(), a.session->id());
  EXPECT_EQ(reply.missing_left_out(), 3U);
  v1::Command describe;
  describe.mutable_object_describe()->set_name("b");
  EXPECT_THAT(b.call(describe), testing::AllOf(HasSubstr(") is missing\n"),
                                               HasSubstr("\n  and 3 more are missing\n")));
}

}  // namespace
}  // namespace mp::server::engine_test
