#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "tests/contract/managers.h"
#include "tests/faults/eventually.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

// How an object of a kind is made, or found.
struct Maker {
  std::string kind;
  std::function<Proxy(const Manager&, const std::string&, CreateOptions)> make;
};

const std::vector<Maker>& makers() {
  using M = const Manager&;
  using N = const std::string&;
  using O = CreateOptions;
  static const std::vector<Maker> kMakers = {
      {"dict", [](M m, N n, O o) { return m.dict(n, o); }},
      {"list", [](M m, N n, O o) { return m.list(n, o); }},
      {"set", [](M m, N n, O o) { return m.set(n, o); }},
      {"namespace", [](M m, N n, O o) { return m.namespace_(n, o); }},
      {"value", [](M m, N n, O o) { return m.value<int>(n, 0, o); }},
      {"array", [](M m, N n, O o) { return m.array<int>(n, 3, o); }},
      {"lock", [](M m, N n, O o) { return m.lock(n, o); }},
      {"rlock", [](M m, N n, O o) { return m.rlock(n, o); }},
      {"semaphore",
       [](M m, N n, O o) { return m.semaphore(n, {.create = o.create, .life = o.life}); }},
      {"condition", [](M m, N n, O o) { return m.condition(n, o); }},
      {"event", [](M m, N n, O o) { return m.event(n, {.create = o.create, .life = o.life}); }},
      {"barrier",
       [](M m, N n, O o) { return m.barrier(n, 2, {}, {.create = o.create, .life = o.life}); }},
      {"latch", [](M m, N n, O o) { return m.count_down_latch(n, 2, o); }},
      {"rwlock", [](M m, N n, O o) { return m.rwlock(n, o); }},
      {"queue", [](M m, N n, O o) { return m.queue(n, {.create = o.create, .life = o.life}); }},
  };
  return kMakers;
}

constexpr CreateOptions kNew{.create = Create::kMustNotExist};

class ObjectsContract : public Managers {};
MP_CONTRACT(ObjectsContract);

TEST_P(ObjectsContract, AreMadeOnceAndFoundByTheirNames) {
  Manager other = another();
  for (const Maker& maker : makers()) {
    const Proxy made = maker.make(manager(), maker.kind, kNew);
    EXPECT_EQ(made.kind(), maker.kind);
    EXPECT_EQ(made.name(), maker.kind);
    EXPECT_EQ(maker.make(other, maker.kind, {}), made) << maker.kind;
    EXPECT_THROW(static_cast<void>(maker.make(other, maker.kind, kNew)), AlreadyExists);
  }
  EXPECT_EQ(manager().number_of_objects(), makers().size());
}

TEST_P(ObjectsContract, OfAnotherKindAreAMismatch) {
  for (const Maker& maker : makers()) maker.make(manager(), maker.kind, kNew);
  for (const Maker& maker : makers()) {
    for (const Maker& other : makers()) {
      if (other.kind == maker.kind) continue;
      try {
        static_cast<void>(other.make(manager(), maker.kind, {}));
        ADD_FAILURE() << "a " << other.kind << " was found where there is a " << maker.kind;
      } catch (const WrongKind& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr(maker.kind), HasSubstr(other.kind)));
      }
    }
  }
  EXPECT_EQ(manager().number_of_objects(), makers().size());
}

TEST_P(ObjectsContract, OfAnotherFormAreAMismatch) {
  const auto queue = manager().queue("queue");
  const auto semaphore = manager().semaphore("semaphore");
  const auto barrier = manager().barrier("barrier", 2);
  const auto lock = manager().lock("lock");
  const auto condition = manager().condition("condition", lock);
  EXPECT_THROW(static_cast<void>(manager().queue("queue", {.delivery = Delivery::kUntilConfirmed})),
               WrongKind);
  EXPECT_THROW(static_cast<void>(manager().bounded_semaphore("semaphore")), WrongKind);
  EXPECT_THROW(static_cast<void>(manager().barrier("barrier", 3)), WrongKind);
  EXPECT_THROW(static_cast<void>(manager().condition("condition", manager().lock())), WrongKind);
}

TEST_P(ObjectsContract, GoOnUnderAnotherName) {
  auto d = manager().dict<std::string, int>("old");
  d["k"] = 1;
  manager().rename("old", "new");
  d["k"] += 1;
  auto same = manager().dict<std::string, int>("new");
  EXPECT_EQ(same, d);
  EXPECT_EQ(same.at("k"), 2);
  EXPECT_TRUE((manager().dict<std::string, int>("old", kNew).empty())) << "the old name is free";
}

TEST_P(ObjectsContract, AreNotRenamedToWhatIsTakenOrNoName) {
  const auto a = manager().dict("a");
  const auto b = manager().list("b");
  EXPECT_THROW(manager().rename("a", "b"), AlreadyExists);
  EXPECT_THROW(manager().rename("none", "c"), NoSuchObject);
  EXPECT_THROW(manager().rename("a", ""), ValueError);
  EXPECT_THROW(manager().rename("a", std::string(100'000, 'a')), LimitExceeded);
  EXPECT_THROW(static_cast<void>(manager().dict(std::string(100'000, 'a'))), LimitExceeded);
  manager().rename("a", "a");
  EXPECT_EQ(manager().dict("a"), a);
  EXPECT_EQ(manager().list("b"), b);
}

TEST_P(ObjectsContract, AreGoneForEverybodyOnceRemoved) {
  auto q = manager().queue<int>("jobs");
  auto waiting = q.async().get();
  EXPECT_FALSE(waiting.ready());
  another().remove("jobs");
  EXPECT_THROW(waiting.get(20s), NoSuchObject);
  EXPECT_THROW(q.put(1), NoSuchObject);
  EXPECT_THROW(manager().remove("jobs"), NoSuchObject);
  auto fresh = manager().queue<int>("jobs");
  EXPECT_NE(fresh, q);
  EXPECT_THROW(static_cast<void>(q.qsize()), NoSuchObject) << "ids are never used again";
}

TEST_P(ObjectsContract, WithoutANameGoWithTheirLastProxy) {
  EXPECT_EQ(manager().number_of_objects(), 0U);
  {
    const auto d = manager().dict();
    const auto copy = d;
    const auto value = manager().value<int>();
    EXPECT_EQ(manager().number_of_objects(), 2U);
  }
  EXPECT_EQ(manager().number_of_objects(), 0U);
}

TEST_P(ObjectsContract, WithoutANameGoWithTheSessionThatMadeThem) {
  Manager other = another();
  const auto d = other.dict();
  EXPECT_EQ(manager().number_of_objects(), 1U);
  other.shutdown();
  EXPECT_TRUE(test::eventually([&] { return manager().number_of_objects() == 0; }));
}

TEST_P(ObjectsContract, WithANameStayWithoutAnybody) {
  { manager().dict<int, int>("kept").set(1, 2); }
  EXPECT_EQ(manager().number_of_objects(), 1U);
  EXPECT_EQ((manager().dict<int, int>("kept").at(1)), 2);
}

TEST_P(ObjectsContract, SayHowLongTheyLive) {
  for (const Maker& maker : makers()) {
    const Proxy object =
        maker.make(manager(), maker.kind, {.life = {.time_to_live = 1h, .idle_time = 2h}});
    const auto left = object.life().time_to_live.nanoseconds();
    ASSERT_TRUE(left) << maker.kind;
    EXPECT_GT(*left, 0s);
    EXPECT_LE(*left, 1h);
    EXPECT_EQ(object.life().idle_time.nanoseconds(), 2h);
    object.set_life({});
    EXPECT_EQ(object.life().time_to_live.nanoseconds(), std::nullopt);
    EXPECT_EQ(object.life().idle_time.nanoseconds(), std::nullopt);
  }
}

TEST_P(ObjectsContract, AnswerWhoWaitsWhenTheirTimeIsOver) {
  auto q = manager().queue<int>("jobs", {.life = {.time_to_live = 50ms}});
  EXPECT_THROW(q.get(20s), NoSuchObject);
  auto e = manager().event("event");
  e.set_life({.time_to_live = 50ms});
  EXPECT_THROW(e.wait(20s), NoSuchObject);
  EXPECT_EQ(manager().queue<int>("jobs", {.create = Create::kMustNotExist}).qsize(), 0U);
}

TEST_P(ObjectsContract, OfEveryKindGoWhenTheirTimeIsOver) {
  for (const Maker& maker : makers())
    maker.make(manager(), maker.kind, {.life = {.time_to_live = 1ms}});
  EXPECT_TRUE(test::eventually([&] { return manager().number_of_objects() == 0; }));
  for (const Maker& maker : makers()) EXPECT_NO_THROW(maker.make(manager(), maker.kind, kNew));
}

TEST_P(ObjectsContract, AreNotIdleWhileSomebodyWaits) {
  auto q = manager().queue<int>("jobs");
  auto waiting = q.async().get(200ms);
  EXPECT_FALSE(waiting.ready());
  q.set_life({.idle_time = 20ms});
  EXPECT_THROW(waiting.get(), Empty) << "it lives as long as somebody waits";
  EXPECT_TRUE(test::eventually([&] { return manager().number_of_objects() == 0; }));
  EXPECT_THROW(static_cast<void>(q.qsize()), NoSuchObject);
}

TEST_P(ObjectsContract, AreNotIdleWhileSomebodyHoldsThem) {
  auto lock = manager().lock("lock");
  const auto other = manager().event("event");
  {
    const std::scoped_lock guard(lock);
    lock.set_life({.idle_time = 20ms});
    other.set_life({.idle_time = 200ms});
    EXPECT_TRUE(test::eventually([&] { return manager().number_of_objects() == 1; }));
    EXPECT_TRUE(lock.locked());
  }
  EXPECT_TRUE(test::eventually([&] { return manager().number_of_objects() == 0; }));
  EXPECT_THROW(lock.acquire(), NoSuchObject);
}

TEST_P(ObjectsContract, HaveNoLifeOfNoTime) {
  const auto d = manager().dict("d");
  for (const Life& life : {Life{.time_to_live = 0s}, Life{.idle_time = -1s}}) {
    EXPECT_THROW(d.set_life(life), ValueError);
    EXPECT_THROW(static_cast<void>(manager().dict("new", {.life = life})), ValueError);
  }
  EXPECT_EQ(d.life().time_to_live.nanoseconds(), std::nullopt);
  EXPECT_EQ(manager().number_of_objects(), 1U);
}

TEST_P(ObjectsContract, AreToldOfInALineEach) {
  EXPECT_EQ(manager().debug_info(), "");
  const auto d = manager().dict<int, int>("scores");
  d.update({{1, 2}, {3, 4}});
  const auto q = manager().queue<int>();
  auto waiting = q.async().get();
  EXPECT_FALSE(waiting.ready());
  EXPECT_THAT(manager().debug_info(), AllOf(ContainsRegex("dict 'scores' .*length 2.*waiting 0\n"),
                                            ContainsRegex("queue [0-9]+: length 0.*waiting 1\n")));
}

}  // namespace
}  // namespace mp::contract
