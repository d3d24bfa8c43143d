#include <thread>

#include "tests/unit/engine/harness.h"

namespace mp::server::engine_test {
namespace {

class ReferencesTest : public testing::Test {
 protected:
  static std::string ref(std::uint64_t id) { return "ref(dict, " + std::to_string(id) + ")"; }
  Manager manager;
  Client a{manager};
  Client b{manager};
};

TEST_F(ReferencesTest, ANamedObjectLivesWithoutAnyReference) {
  a.call(create_dict("d"));
  a.end();
  EXPECT_EQ(manager.engine.collect(), 0U);
  EXPECT_EQ(b.call(length("d")), "0");
}

TEST_F(ReferencesTest, AnObjectWithoutANameLivesAsLongAsASessionRefersToIt) {
  const std::uint64_t id = a.make(create_dict());
  EXPECT_EQ(b.call(retain(id)), "done");
  EXPECT_EQ(a.call(unref(id)), "done");
  EXPECT_EQ(manager.engine.collect(), 0U);
  EXPECT_EQ(b.call(unref(id)), "done");
  EXPECT_EQ(manager.engine.collect(), 1U);
  EXPECT_EQ(b.call(length(id)), "NO_SUCH_OBJECT");
}

TEST_F(ReferencesTest, ReferencesAreCounted) {
  const std::uint64_t id = a.make(create_dict());
  a.call(retain(id));
  a.call(retain(id));
  a.call(unref(id, 2));
  EXPECT_EQ(manager.engine.collect(), 0U);
  a.call(unref(id));
  EXPECT_EQ(manager.engine.collect(), 1U);
}

TEST_F(ReferencesTest, MoreReleasesThanReferencesDoNoHarm) {
  const std::uint64_t id = a.make(create_dict());
  a.call(unref(id, 1000));
  a.call(unref(id, 1000));
  a.call(retain(id));
  EXPECT_EQ(manager.engine.collect(), 0U);
}

TEST_F(ReferencesTest, TheEndOfASessionReleasesWhatItReferredTo) {
  a.make(create_dict());
  a.make(create_queue());
  a.end();
  EXPECT_EQ(manager.engine.collect(), 2U);
}

TEST_F(ReferencesTest, CreatingOrFindingANamedObjectRefersToItToo) {
  const std::uint64_t id = a.make(create_dict("d"));
  EXPECT_EQ(b.make(create_dict("d")), id);
  EXPECT_EQ(b.ask(find("d")).object_find().ref().id(), id);
  EXPECT_EQ(b.session->references_to(id), 2U);
}

TEST_F(ReferencesTest, AValueThatIsReadRefersToTheObjectsInIt) {
  const std::uint64_t id = a.make(create_dict());
  a.call(create_dict("d"));
  a.call(set("d", "'k'", "[" + ref(id) + ", (" + ref(id) + ",)]"));
  const v1::Outcome outcome = b.ask(get("d", "'k'"));
  EXPECT_THAT(outcome.retained(), testing::ElementsAre(id, id));
  EXPECT_EQ(b.session->references_to(id), 2U);
}

TEST_F(ReferencesTest, WithoutASessionNothingIsReferredTo) {
  Client unary(manager, nullptr);
  EXPECT_EQ(unary.call(create_dict()), "NO_SESSION");
  const v1::Outcome created = unary.ask(create_dict("d"));
  EXPECT_FALSE(created.has_error());
  EXPECT_EQ(created.retained_size(), 0);
  EXPECT_EQ(unary.call(retain(created.dict_create().ref().id())), "NO_SESSION");
  EXPECT_EQ(unary.call(unref(created.dict_create().ref().id())), "NO_SESSION");
}

TEST_F(ReferencesTest, WhatIsNotThereCantBeReferredTo) {
  EXPECT_EQ(a.call(retain(12345)), "NO_SUCH_OBJECT");
  EXPECT_EQ(a.call(retain(0)), "BAD_COMMAND");
  EXPECT_EQ(a.call(find("nothing")), "NO_SUCH_OBJECT");
}

TEST_F(ReferencesTest, AChildHasACopyOfEveryReference) {
  const std::uint64_t id = a.make(create_dict());
  a.call(retain(id));
  const auto opened = a.ask(open_child()).session_open_child();
  const auto child = *manager.engine.sessions().find(opened.session(), opened.secret());
  a.end();
  EXPECT_EQ(manager.engine.collect(), 0U);
  Client c(manager, child);
  c.call(unref(id));
  EXPECT_EQ(manager.engine.collect(), 0U);
  c.call(unref(id));
  EXPECT_EQ(manager.engine.collect(), 1U);
}

TEST_F(ReferencesTest, AChildOwnsNoneOfItsParentsLocks) {
  const std::uint64_t lock = a.make(create_lock());
  a.lock(lock);
  const auto opened = a.ask(open_child()).session_open_child();
  Client c(manager, *manager.engine.sessions().find(opened.session(), opened.secret()));
  EXPECT_EQ(c.call(release(lock)), "NOT_OWNER");
  c.end();
  EXPECT_EQ(a.call(release(lock)), "done");
}

class CollectorTest : public ReferencesTest {};

TEST_F(CollectorTest, WhatAContainerHoldsLivesWithIt) {
  const std::uint64_t inner = a.make(create_dict());
  const std::uint64_t middle = a.make(create_list());
  a.call(create_dict("outer"));
  a.call(append(middle, ref(inner)));
  a.call(set("outer", "'k'", "[{1: ref(list, " + std::to_string(middle) + ")}]"));
  a.end();
  EXPECT_EQ(manager.engine.collect(), 0U);
  b.call(pop("outer", "'k'"));
  b.end();
  EXPECT_EQ(manager.engine.collect(), 2U);
}

TEST_F(CollectorTest, CyclesAreRemoved) {
  const std::uint64_t first = a.make(create_dict());
  const std::uint64_t second = a.make(create_dict());
  a.call(set(first, "'k'", ref(second)));
  a.call(set(second, "'k'", ref(first)));
  a.call(set(second, "'self'", ref(second)));
  a.end();
  EXPECT_EQ(manager.engine.collect(), 2U);
}

TEST_F(CollectorTest, WhatStandsInAQueueLives) {
  const std::uint64_t id = a.make(create_dict());
  a.call(create_queue("q", 1));
  a.call(put("q", "1"));
  a.send(put("q", ref(id)));  // waits, and holds what it puts
  a.call(unref(id));
  EXPECT_EQ(manager.engine.collect(), 0U);
  b.call(take("q"));
  EXPECT_EQ(manager.engine.collect(), 0U);
  EXPECT_EQ(b.ask(take("q")).retained(0), id);
  EXPECT_EQ(manager.engine.collect(), 0U) << "b refers to it now";
}

TEST_F(CollectorTest, AnItemThatComesBackBringsItsReferenceAlong) {
  const std::uint64_t id = a.make(create_dict());
  a.call(create_queue("q"));
  a.call(put("q", ref(id)));
  a.call(unref(id));
  b.call(take("q"));
  b.end();
  EXPECT_EQ(manager.engine.collect(), 0U);
  EXPECT_EQ(a.ask(take("q")).retained(0), id);
}

TEST_F(CollectorTest, WhatSomebodyWaitsForLives) {
  const std::uint64_t queue = a.make(create_queue());
  const auto waits = a.send(take(queue));
  a.send(unref(queue));
  EXPECT_EQ(manager.engine.collect(), 0U);
  a.outcomes();
  b.call(put(queue, "1"));
  EXPECT_THAT(a.outcomes(), testing::ElementsAre(Returns(waits, 1)));
}

TEST_F(CollectorTest, DroppingAnObjectAnswersWhoWaitsForIt) {
  a.call(create_queue("q"));
  const auto waits = a.send(take("q"));
  b.call(drop("q"));
  EXPECT_THAT(a.outcomes(), testing::ElementsAre(Fails(waits, v1::NO_SUCH_OBJECT)));
  EXPECT_EQ(b.call(size("q")), "NO_SUCH_OBJECT");
  EXPECT_EQ(b.call(drop("q")), "NO_SUCH_OBJECT");
}

TEST_F(CollectorTest, ItComesByInItsPeriodOnceThereIsAnObject) {
  manager.engine.watch(a.session->id());
  manager.engine.watch(b.session->id());
  EXPECT_EQ(manager.engine.tick(), Time::max());
  const std::uint64_t id = a.make(create_dict());
  a.call(unref(id));
  manager.advance(seconds(10));
  EXPECT_EQ(manager.engine.objects(), 0U);
  EXPECT_EQ(manager.engine.tick(), Time::max());
}

TEST_F(CollectorTest, TheNumberOfObjectsIsRight) {
  a.call(create_dict("d"));
  a.call(create_dict("d"));
  const std::uint64_t id = a.make(create_dict());
  EXPECT_EQ(manager.engine.objects(), 2U);
  a.call(drop("d"));
  a.call(unref(id));
  manager.engine.collect();
  EXPECT_EQ(manager.engine.objects(), 0U);
}

// A reference is counted before anybody can look for garbage.
TEST_F(CollectorTest, ItNeverTakesWhatIsHandedOnAtThatMoment) {
  a.call(create_queue("q"));
  std::atomic<bool> over{false};
  std::thread collector([&] {
    while (!over) manager.engine.collect();
  });
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t id = a.make(create_dict());
    a.call(put("q", ref(id)));
    a.call(unref(id));
    ASSERT_EQ(b.ask(take("q")).retained(0), id);
    ASSERT_EQ(b.call(length(id)), "0");
    ASSERT_EQ(b.call(unref(id)), "done");
    a.acknowledge_but();
    b.acknowledge_but();
  }
  over = true;
  collector.join();
  manager.engine.collect();
  EXPECT_EQ(manager.engine.objects(), 1U);
}

}  // namespace
}  // namespace mp::server::engine_test
