#include <gmock/gmock.h>

#include "server/engine/collector.h"
#include "tests/unit/engine/harness.h"
#include "tests/unit/objects/literal.h"

// Versions of objects and watches over them, in a whole engine.

namespace mp::server::engine_test {
namespace {

using test::literal;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

v1::Command watch(const Which& watched, std::string_view name = "") {
  v1::Command command;
  v1::WatchCreateRequest& request = *command.mutable_watch_create();
  request.set_name(std::string(name));
  if (watched.id != 0) {
    request.set_watched_id(watched.id);
  } else {
    request.set_watched_name(watched.name);
  }
  request.set_new_values(true);
  return command;
}

v1::Command next(const Which& watch, Timeout timeout = kNow) {
  v1::Command command;
  v1::WatchNextRequest& request = *command.mutable_watch_next();
  if (watch.id != 0) {
    request.set_id(watch.id);
  } else {
    request.set_name(watch.name);
  }
  if (timeout) request.mutable_timeout()->set_seconds(timeout->count() / 1'000'000'000);
  return command;
}

v1::Command version_of(const Which& object) {
  v1::Command command;
  command.mutable_object_get_version()->set_name(object.name);
  return command;
}

// The versions of the events: "1 2 deleted".
std::string events(const v1::Outcome& outcome) {
  if (outcome.has_error()) return v1::Code_Name(outcome.error().code());
  std::string text;
  for (const v1::WatchEvent& event : outcome.watch_next().events()) {
    if (!text.empty()) text += ' ';
    text += event.resync()    ? "resync"
            : event.deleted() ? "deleted"
                              : std::to_string(event.version());
  }
  return text;
}

class WatchEngine : public ::testing::Test {
 protected:
  Manager manager;
  Client a{manager};
  Client b{manager};
  std::uint64_t d = a.make(create_dict("d"));
};

TEST_F(WatchEngine, AMutationSaysItsVersion) {
  EXPECT_EQ(a.ask(set(d, "1", "1")).version(), 1U);
  EXPECT_EQ(a.ask(set("d", "1", "2")).version(), 2U);
  EXPECT_EQ(a.ask(pop(d, "1")).version(), 3U);
}

TEST_F(WatchEngine, AMutationThatFailsHasNoVersionOfItsOwn) {
  a.ask(set(d, "1", "1"));
  EXPECT_EQ(a.call(pop(d, "2")), "KEY_ERROR");
  EXPECT_EQ(a.ask(set(d, "1", "2")).version(), 2U);
}

TEST_F(WatchEngine, AReadSaysTheVersionWhileTheObjectIsWatched) {
  a.ask(set(d, "1", "1"));
  EXPECT_EQ(a.ask(get(d, "1")).version(), 0U);
  b.make(watch("d"));
  EXPECT_EQ(a.ask(get(d, "1")).version(), 1U);
  EXPECT_EQ(a.ask(get(d, "2")).version(), 1U) << "it is absent as of this version";
  EXPECT_EQ(a.ask(items(d)).version(), 1U);
}

TEST_F(WatchEngine, GetVersionTellsIt) {
  EXPECT_EQ(a.call(version_of("d")), "0");
  a.ask(set(d, "1", "1"));
  EXPECT_EQ(a.call(version_of("d")), "1");
  EXPECT_EQ(a.call(version_of("absent")), "NO_SUCH_OBJECT");
}

TEST_F(WatchEngine, ABatchIsOneEvent) {
  const auto w = b.make(watch("d"));
  const v1::Outcome done = a.ask(batch({set("d", "1", "1"), set("d", "2", "2")}));
  EXPECT_EQ(done.batch().outcomes(1).version(), 2U);
  EXPECT_EQ(events(b.ask(next(w))), "2");
}

TEST_F(WatchEngine, ABatchThatIsUndoneLeavesNeitherEventNorVersion) {
  const auto w = b.make(watch("d"));
  EXPECT_EQ(a.call(batch({set("d", "1", "1"), pop("d", "'absent'")})), "KEY_ERROR");
  EXPECT_EQ(events(b.ask(next(w))), "");
  EXPECT_EQ(a.ask(set(d, "1", "1")).version(), 1U);
  EXPECT_EQ(events(b.ask(next(w))), "1");
}

TEST_F(WatchEngine, AConditionOfABatchIsNotAboutVersions) {
  b.make(watch("d"));
  a.ask(set(d, "1", "1"));
  EXPECT_EQ(a.ask(batch({set("d", "1", "2")}, {reads(get("d", "1"), "1")})).has_error(), false);
}

TEST_F(WatchEngine, CompletesWhoWaitsInTheStepOfTheChange) {
  const auto w = b.make(watch("d"));
  const auto seq = b.send(next(w, Timeout()));
  EXPECT_THAT(b.outcomes(), IsEmpty());
  a.ask(set(d, "1", "1"));
  const auto outcomes = b.outcomes();
  ASSERT_THAT(outcomes, ElementsAre(Done(seq)));
  EXPECT_EQ(events(outcomes.front()), "1");
}

TEST_F(WatchEngine, EveryOutcomeOfASessionSaysHowManyEventsItsWatchesHaveCounted) {
  EXPECT_EQ(b.ask(get(d, "1")).watch_events(), 0U);
  b.make(watch("d"));
  a.ask(set(d, "1", "1"));
  a.ask(set(d, "1", "2"));
  EXPECT_EQ(b.ask(get(d, "1")).watch_events(), 2U) << "of a plain command";
  EXPECT_EQ(b.ask(size("absent")).watch_events(), 2U) << "of one on another object, that fails";
  EXPECT_EQ(a.ask(get(d, "1")).watch_events(), 0U) << "of a session without a watch";
}

TEST_F(WatchEngine, TheOutcomeOfAMutationCountsItsOwnEvent) {
  b.make(watch("d"));
  EXPECT_EQ(b.ask(set(d, "1", "1")).watch_events(), 1U);
  EXPECT_EQ(b.ask(set("d", "1", "1")).watch_events(), 2U);
  EXPECT_EQ(b.ask(batch({set("d", "1", "1")})).watch_events(), 3U);
}

TEST_F(WatchEngine, SaysWhatHappenedBeforeOnOtherObjects) {
  a.make(create_queue("q"));
  const auto w = b.make(watch("d"));
  const auto waits = b.send(take("q"));
  a.ask(set(d, "1", "1"));
  a.ask(put("q", "1"));
  const auto outcomes = b.outcomes();
  ASSERT_THAT(outcomes, ElementsAre(Done(waits)));
  EXPECT_EQ(outcomes.front().watch_events(), 1U);
  EXPECT_EQ(events(b.ask(next(w))), "1");
}

TEST_F(WatchEngine, SaysThatTheObjectWasDeleted) {
  const auto w = b.make(watch("d"));
  const auto waits = b.send(next(w, Timeout()));
  a.ask(drop("d"));
  const auto outcomes = b.outcomes();
  ASSERT_THAT(outcomes, ElementsAre(Done(waits)));
  EXPECT_EQ(events(outcomes.front()), "deleted");
  EXPECT_EQ(b.call(next(w)), "NO_SUCH_OBJECT");
}

TEST_F(WatchEngine, SaysThatTheObjectsLifeIsOver) {
  v1::Command life;
  life.mutable_object_set_life()->set_name("d");
  life.mutable_object_set_life()->mutable_life()->mutable_time_to_live()->set_seconds(5);
  a.ask(life);
  const auto w = b.make(watch("d"));
  manager.advance(seconds(6));
  EXPECT_EQ(events(b.ask(next(w))), "deleted");
}

TEST_F(WatchEngine, SaysThatADeathHasFreedALock) {
  a.make(create_lock("L"));
  const auto w = b.make(watch("L"));
  a.lock("L");
  EXPECT_EQ(events(b.ask(next(w))), "1");
  a.end();
  EXPECT_EQ(events(b.ask(next(w))), "2");
}

TEST_F(WatchEngine, SaysThatALeaseRanOut) {
  a.make(create_lock("L"));
  const auto w = b.make(watch("L"));
  a.ask(acquire("L", {}, seconds(5)));
  manager.advance(seconds(6));
  EXPECT_EQ(events(b.ask(next(w))), "1 2");
}

TEST_F(WatchEngine, SaysThatACommandThatWaitedHasChangedTheObject) {
  a.make(create_lock("L"));
  const auto w = b.make(watch("L"));
  a.lock("L");
  b.send(acquire("L"));
  a.ask(release("L"));
  EXPECT_THAT(b.outcomes(), SizeIs(1));
  EXPECT_EQ(events(b.ask(next(w))), "1 2 3");
}

TEST_F(WatchEngine, AWatchWithANameOutlivesItsSession) {
  {
    Client c(manager);
    c.make(watch("d", "w"));
    c.end();
  }
  a.ask(set(d, "1", "1"));
  b.make(watch("d", "w"));
  EXPECT_EQ(events(b.ask(next("w"))), "1");
  a.ask(set(d, "1", "2"));
  EXPECT_EQ(b.ask(get(d, "1")).watch_events(), 1U) << "since it is this session's";
}

TEST_F(WatchEngine, AWatchOfANameIsOverOneObject) {
  a.make(create_dict("other"));
  b.make(watch("d", "w"));
  EXPECT_EQ(b.call(watch("other", "w")), "WRONG_KIND");
}

TEST_F(WatchEngine, EventsThatASessionDidNotAcknowledgeComeBackWhenItEnds) {
  a.make(watch("d", "w"));
  a.ask(set(d, "1", "1"));
  EXPECT_EQ(events(b.ask(next("w"))), "1");
  EXPECT_EQ(events(a.ask(next("w"))), "");
  b.end();
  EXPECT_EQ(events(a.ask(next("w"))), "1");
}

TEST_F(WatchEngine, ACommandThatIsSentAgainHasTheSameEvents) {
  const auto w = b.make(watch("d"));
  a.ask(set(d, "1", "1"));
  const auto seq = b.send(next(w));
  b.outcomes();
  b.reconnect();
  b.resend(seq);
  const auto outcomes = b.outcomes();
  ASSERT_THAT(outcomes, SizeIs(1));
  EXPECT_EQ(events(outcomes.front()), "1");
}

TEST_F(WatchEngine, KeepsTheEventsForAWhileAfterTheLastWatch) {
  const auto resumed = [&] {
    v1::Command command = watch("d");
    command.mutable_watch_create()->mutable_resume()->set_object(d);
    command.mutable_watch_create()->mutable_resume()->set_version(0);
    return events(a.ask(next(a.make(command))));
  };
  {
    Client c(manager);
    c.make(watch("d"));
    a.ask(set(d, "1", "1"));
    c.end();
  }
  manager.engine.collect();
  EXPECT_EQ(resumed(), "1");
}

TEST_F(WatchEngine, ForgetsTheEventsWhenNobodyWatchedForLong) {
  {
    Client c(manager);
    c.make(watch("d"));
    a.ask(set(d, "1", "1"));
    c.end();
  }
  manager.engine.collect();
  EXPECT_EQ(a.ask(get(d, "1")).version(), 1U);
  manager.advance(seconds(61));
  EXPECT_EQ(a.ask(get(d, "1")).version(), 0U) << "nothing is kept of what happens";
}

TEST_F(WatchEngine, ObjectsInItsEventsLive) {
  const auto w = b.make(watch("d"));
  const auto inner = a.make(create_list());
  v1::Command put_inner = set(d, "1", "0");
  v1::Value& value = *put_inner.mutable_dict_set()->mutable_value();
  value.mutable_ref()->set_id(inner);
  value.mutable_ref()->set_kind("list");
  a.ask(put_inner);
  a.ask(set(d, "1", "0"));
  a.ask(unref(inner));
  EXPECT_EQ(manager.engine.collect(), 0U);
  const v1::Outcome told = b.ask(next(w));
  EXPECT_THAT(told.retained(), ElementsAre(inner));
  EXPECT_EQ(b.call(append(inner, "1")), "done");
}

}  // namespace
}  // namespace mp::server::engine_test
