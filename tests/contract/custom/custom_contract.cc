#include <string>
#include <thread>
#include <vector>

#include "tests/contract/child.h"
#include "tests/contract/custom/types.h"
#include "tests/contract/managers.h"
#include "tests/contract/parties.h"

namespace mp::contract {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CustomContract : public Managers {};
MP_CONTRACT(CustomContract);

TEST_P(CustomContract, CallsMethodsByNameAndByThemselves) {
  const auto counter = manager().create<Counter>(5);
  EXPECT_EQ(counter.call<&Counter::increment>(3), 8);
  EXPECT_EQ(counter.call<int>("increment", 2), 10);
  EXPECT_EQ(counter.call<&Counter::value>(), 10);
  EXPECT_EQ(counter.call("twice"), Any(20)) << "a function of the type";
  counter.call<&Counter::rename>("ten");
  EXPECT_EQ(counter.call<&Counter::name>(), "ten");
  EXPECT_EQ(counter.call("rename", "eleven"), Any(None)) << "nothing is returned";
}

TEST_P(CustomContract, ConstructsWithTheConstructorOfThatManyArguments) {
  EXPECT_EQ(manager().create<Counter>(5, "four").call<&Counter::value>(), 9);
  EXPECT_EQ(manager().create("Counter", 5, "four").call<int>("value"), 9);
}

TEST_P(CustomContract, IsSharedUnderItsName) {
  const auto counter = manager().create<Counter>(named("hits"), 5);
  Manager other = another();
  EXPECT_EQ(other.create<Counter>(named("hits"), 100).call<&Counter::increment>(1), 6)
      << "it exists, and is not constructed again";
  EXPECT_EQ(other.custom("hits").call<int>("increment", 1), 7);
  EXPECT_EQ(counter.call<&Counter::value>(), 7);
  EXPECT_THROW(other.create<Counter>(named("hits", {.create = Create::kMustNotExist}), 1),
               AlreadyExists);
  manager().remove("hits");
  EXPECT_THROW(counter.call<&Counter::value>(), NoSuchObject);
}

TEST_P(CustomContract, HasAnotherVersionOnceItMayHaveChanged) {
  const auto counter = manager().create<Counter>(named("hits"), 5);
  const std::uint64_t made = counter.version();
  manager().create<Counter>(named("hits"), 100);
  counter.call<&Counter::value>();
  EXPECT_EQ(counter.version(), made) << "found, and read";
  counter.call<&Counter::increment>(1);
  EXPECT_EQ(counter.version(), made + 1);
}

TEST_P(CustomContract, IsFoundAsWhatItIs) {
  EXPECT_THROW(manager().custom("nobody"), NoSuchObject);
  manager().dict("scores");
  EXPECT_THROW(manager().custom("scores"), WrongKind);
  EXPECT_THROW(manager().create<Counter>(named("scores"), 1), WrongKind);
  manager().create<Hall>(named("hall"));
  EXPECT_THROW(manager().create<Counter>(named("hall"), 1), WrongKind);
}

TEST_P(CustomContract, RefusesWhatNobodyHasRegistered) {
  struct Unknown {};
  EXPECT_THROW(manager().create<Unknown>(), UnknownType) << "in this program";
  try {
    manager().create("Unknown");
    ADD_FAILURE() << "in the manager";
  } catch (const UnknownType& error) {
    EXPECT_THAT(error.what(), HasSubstr("Counter")) << "names those that there are";
  }
  const auto counter = manager().create<Counter>(5);
  EXPECT_THROW(counter.call("decrement"), AttributeError);
}

TEST_P(CustomContract, RunsNothingWithArgumentsThatDoNotFit) {
  const auto counter = manager().create<Counter>(5);
  EXPECT_THROW(counter.call("increment"), TypeError);
  EXPECT_THROW(counter.call("increment", 1, 2), TypeError);
  EXPECT_THROW(counter.call("increment", "one"), TypeError);
  EXPECT_THROW(counter.call("increment", std::int64_t{1} << 40), TypeError);
  EXPECT_THROW(manager().create("Counter", "five"), TypeError);
  EXPECT_THROW(manager().create("Counter", 1, "2", 3), TypeError);
  EXPECT_EQ(counter.call<&Counter::value>(), 5);
  EXPECT_THROW(counter.call<std::string>("value"), TypeError) << "what it is read as";
}

TEST_P(CustomContract, NamesTheArgumentThatACodecDoesNotRead) {
  const auto counter = manager().create<Counter>(5);
  EXPECT_EQ(counter.call<int>("increment_evenly", 1, 2), 8);
  try {
    counter.call("increment_evenly", 1, 3);
    ADD_FAILURE();
  } catch (const TypeError& error) {
    EXPECT_THAT(error.what(), HasSubstr("argument 2: it is odd"));
  }
  EXPECT_EQ(counter.call<&Counter::value>(), 8);
}

TEST_P(CustomContract, TellsTheTypeAndTheMessageOfWhatAMethodThrows) {
  const auto counter = manager().create<Counter>(5);
  try {
    counter.call<&Counter::fail>("closed on Mondays");
    ADD_FAILURE();
  } catch (const MethodError& error) {
    EXPECT_EQ(error.type_name(), "mp::contract::NotToday");
    EXPECT_THAT(error.what(), HasSubstr("Counter.fail"));
    EXPECT_THAT(error.what(), HasSubstr("closed on Mondays"));
  }
  try {
    counter.call<&Counter::fail_otherwise>();
    ADD_FAILURE();
  } catch (const MethodError& error) {
    EXPECT_EQ(error.type_name(), "int");
  }
  try {
    counter.call<&Counter::fail_through_a_proxy>(manager().dict<std::string, int>());
    ADD_FAILURE();
  } catch (const MethodError& error) {
    EXPECT_EQ(error.type_name(), "mp::KeyError");
  }
  EXPECT_EQ(counter.call<&Counter::value>(), 5) << "the object goes on";
}

TEST_P(CustomContract, IsNotThereIfItsConstructorThrows) {
  EXPECT_THROW(manager().create<Counter>(named("below"), -1), MethodError);
  EXPECT_THROW(manager().custom("below"), NoSuchObject);
  EXPECT_EQ(manager().create<Counter>(named("below"), 1).call<&Counter::value>(), 1);
}

TEST_P(CustomContract, KeepsInTheManagerWhatAMethodReturnsAsAProxy) {
  const auto counter = manager().create<Counter>(5);
  const std::size_t before = manager().number_of_objects();
  {
    const auto part = counter.call_proxy<&Counter::split>(2);
    EXPECT_EQ(part.call<&Counter::increment>(10), 12);
    const auto copy = part.call<CustomProxy<>>("copy");
    EXPECT_EQ(copy.call<int>("value"), 12);
    EXPECT_EQ(counter.call<&Counter::value>(), 3);
    EXPECT_EQ(manager().number_of_objects(), before + 2);
  }
  EXPECT_EQ(manager().number_of_objects(), before) << "nobody refers to them any more";
  EXPECT_EQ(counter.call("split", 0), Any(None));
}

TEST_P(CustomContract, TakesProxiesAndKeepsThem) {
  const auto hall = manager().create<Hall>();
  auto list = std::make_unique<ListProxy<int>>(manager().list<int>());
  const auto store = manager().dict<std::string, ListProxy<int>>();
  store["list"] = *list;
  hall.call<&Hall::keep>(*list);
  list.reset();
  store.clear();
  EXPECT_EQ(manager().number_of_objects(), 3U) << "the hall refers to the list";
  hall.call<&Hall::add>(7);
}

TEST_P(CustomContract, IsItselfStoredAsAReference) {
  const auto halls = manager().dict<std::string, CustomProxy<Counter>>();
  halls["first"] = manager().create<Counter>(5);
  EXPECT_EQ(manager().number_of_objects(), 2U);
  EXPECT_EQ(halls.at("first").call<&Counter::increment>(1), 6);
}

TEST_P(CustomContract, UsesTheManagerFromWithin) {
  const auto hall = manager().create<Hall>();
  EXPECT_FALSE(hall.call<&Hall::sign>("guests")) << "without a deadline";
  EXPECT_TRUE(hall.within(kLong).call<&Hall::sign>("guests"));
  EXPECT_EQ((manager().dict<std::string, int>("guests").at("hall")), 2);
}

TEST_P(CustomContract, CallsWithoutWaiting) {
  const auto counter = manager().create<Counter>(0).async();
  constexpr int kCalls = 100;
  std::vector<Future<int>> results;
  results.reserve(kCalls);
  for (int i = 0; i < kCalls; ++i) results.push_back(counter.call<&Counter::increment>(1));
  for (int expected = 1; auto& result : results)
    EXPECT_EQ(result.get(), expected++) << "in order of arrival";
  Future<void> failing = counter.call<&Counter::fail>("later");
  EXPECT_THROW(failing.get(), MethodError);
}

TEST_P(CustomContract, RunsFencedByALock) {
  const auto counter = manager().create<Counter>(0);
  const LockProxy lock = manager().lock();
  lock.acquire();
  const auto fenced = counter.fenced_by(lock, lock.token());
  EXPECT_EQ(fenced.call<&Counter::increment>(1), 1);
  lock.release();
  EXPECT_THROW(fenced.call<&Counter::increment>(1), StaleTokenError);
  EXPECT_EQ(counter.call<&Counter::value>(), 1);
}

TEST_P(CustomContract, IsCalledByChildrenOnceForEachIncrement) {
  MP_NEEDS_FORK();
  const auto counter = manager().create<Counter>(0);
  Parties crowd(Spread::kProcessesAndThreads, 6, [&](int) {
    for (int i = 0; i < 50; ++i) counter.call<&Counter::increment>(1);
  });
  crowd.join();
  EXPECT_EQ(counter.call<&Counter::value>(), 300);
}

// CPython's _TestMyManager.common(), of all three tests.
TEST_P(CustomContract, IsARegisteredTypeAsCPythonsTestsSay) {
  const auto foo = manager().create("Foo");
  EXPECT_EQ(foo.call<std::string>("f"), "f()");
  try {
    foo.call("g");
    ADD_FAILURE();
  } catch (const MethodError& error) {
    EXPECT_EQ(error.type_name(), "mp::ValueError");
  }
  EXPECT_THROW(foo.call("_h"), AttributeError);
  EXPECT_THAT(foo.call<std::vector<int>>("squares"),
              ElementsAre(0, 1, 4, 9, 16, 25, 36, 49, 64, 81));
}

TEST(CustomTest, EndsWithItsManagerAsCPythonsTestsSay) {
  Manager manager;
  const auto foo = manager.create("Foo");
  manager.shutdown();
  EXPECT_TRUE(manager.join(kLong));
  EXPECT_THROW(foo.call("f"), ManagerError);
}

TEST(CustomTest, NamesTheTypesThatAProgramOfItsOwnDoesNotKnow) {
  std::jthread([] {
    try {
      const Manager manager;
      ADD_FAILURE() << "mp-manager does not know them";
    } catch (const ProcessError& error) {
      EXPECT_THAT(error.what(), HasSubstr("types that are registered"));
    }
  }).join();
}

TEST(CustomTest, IsRegisteredOnce) {
  EXPECT_THROW(register_type<Counter>("Another"), ValueError);
  struct Mine {
    int f() { return 1; }
  };
  EXPECT_THROW(register_type<Mine>("Counter"), ValueError);
}

TEST(CustomTest, HasOneConstructorOfEachNumberOfParameters) {
  struct Mine {
    explicit Mine(int) {}
    explicit Mine(const std::string&) {}
  };
  auto type = register_type<Mine>("TwoOfOne");
  type.constructor<int>();
  try {
    type.constructor<std::string>();
    ADD_FAILURE();
  } catch (const ValueError& error) {
    EXPECT_THAT(error.what(), HasSubstr("TwoOfOne has a constructor with 1 parameter already"));
  }
}

TEST(CustomTest, HasOneMethodOfEachName) {
  struct Mine {
    int f(int) { return 1; }
    int g(int) { return 2; }
  };
  auto type = register_type<Mine>("TwoOfOneName");
  type.method("f", &Mine::f);
  EXPECT_THROW(type.method("f", &Mine::g), ValueError);
}

TEST(CustomTest, IsAskedForThisCallByMethodsOnly) { EXPECT_THROW(this_call(), ValueError); }

}  // namespace
}  // namespace mp::contract
