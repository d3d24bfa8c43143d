#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "tests/contract/child.h"
#include "tests/contract/managers.h"
#include "tests/faults/eventually.h"

namespace mp::contract {

// What goes from process to process: where it is to be done, and where its results go.
struct Errand {
  std::string name;
  std::optional<QueueProxy<int>> jobs;
  std::vector<ListProxy<int>> results;
};
MP_RECORD(Errand, name, jobs, results)

namespace {

using testing::ElementsAre;

class NestingContract : public Managers {};
MP_CONTRACT(NestingContract);

TEST_P(NestingContract, BehavesAsCPythonsTestOfNestedDictsSays) {
  using Store = DictProxy<std::string, int>;
  std::optional<Store> pets = manager().dict<std::string, int>({{"ferrets", 2}, {"hamsters", 4}});
  std::optional<Store> supplies = manager().dict<std::string, int>({{"water", 10}, {"feed", 3}});
  auto d = manager().dict<std::string, Store>({{"pets", *pets}, {"supplies", *supplies}});
  d.at("supplies")["blankets"] = 5;
  EXPECT_EQ((*supplies).at("blankets"), 5);
  d.at("supplies")["water"] = 7;
  EXPECT_EQ((*supplies).at("water"), 7);
  pets.reset();
  supplies.reset();
  EXPECT_EQ(d.at("pets").at("ferrets"), 2);
  d.at("supplies")["blankets"] = 11;
  EXPECT_EQ(d.at("supplies").at("blankets"), 11);
  pets = d.at("pets");
  supplies = d.at("supplies");
  d.clear();
  EXPECT_EQ((*supplies).at("water"), 7);
  EXPECT_EQ((*pets).at("hamsters"), 4);

  auto l = manager().list<Store>({*pets, *supplies});
  l.at(0)["marmots"] = 1;
  EXPECT_EQ((*pets).at("marmots"), 1);
  pets.reset();
  supplies.reset();
  EXPECT_EQ(l.at(0).at("marmots"), 1);
  auto outer = manager().list<Any>({Any::list({88, 99}), l});
  EXPECT_TRUE(outer.at(0).is<Any::List>()) << "a value, no proxy";
  EXPECT_EQ(outer.at(-1).as<ListProxy<Store>>().at(-1).at("feed"), 3);
}

TEST_P(NestingContract, HoldsQueuesInListsAndDicts) {
  auto list = manager().list<QueueProxy<int>>();
  list.append(manager().queue<int>());
  list.at(0).put(123);
  EXPECT_EQ(list.at(0).get(), 123);
  auto dict = manager().dict<int, Any>();
  dict[0] = manager().queue<int>();
  dict.at(0).as<QueueProxy<int>>().put(456);
  EXPECT_EQ(dict.at(0).as<QueueProxy<int>>().get(), 456);
}

TEST_P(NestingContract, CarriesProxiesInRecordsThroughAQueueToAChild) {
  MP_NEEDS_FORK();
  auto errands = manager().queue<Errand>();
  auto results = manager().list<int>();
  {
    Errand errand{.name = "squares", .jobs = manager().queue<int>(), .results = {results}};
    errand.jobs->put_many({3, 4});
    errands.put(errand);
  }
  EXPECT_TRUE(in_a_child([&] {
    const Errand errand = errands.get();
    while (const auto job = errand.jobs->try_get()) errand.results.at(0).append(*job * *job);
    return errand.name == "squares";
  }));
  EXPECT_THAT(results.copy(), ElementsAre(9, 16));
}

TEST_P(NestingContract, KeepsAliveWhatIsHeldDeepInAValue) {
  auto outer = manager().dict<std::string, Any>();
  {
    auto a = manager().list<int>({1});
    auto b = manager().set<int>({2});
    outer["rows"] = std::vector{std::vector{a}, std::vector{a, a}};
    outer["pair"] = std::tuple(b, std::map<std::string, ListProxy<int>>{{"a", a}});
  }
  EXPECT_EQ(manager().number_of_objects(), 3U);
  outer.at("rows").at(1).at(0).as<ListProxy<int>>().append(5);
  EXPECT_THAT(outer.at("pair").at(1).at("a").as<ListProxy<int>>().copy(), ElementsAre(1, 5));
  EXPECT_TRUE(outer.at("pair").at(0).as<SetProxy<int>>().contains(2));
  outer.erase("rows");
  EXPECT_EQ(manager().number_of_objects(), 3U);
  outer.clear();
  EXPECT_EQ(manager().number_of_objects(), 1U);
}

TEST_P(NestingContract, HoldsProxiesInEveryContainer) {
  auto value = manager().value<int>(7);
  auto space = manager().namespace_();
  auto set = manager().set<Any>();
  auto dict = manager().dict<Any, int>();
  space["value"] = value;
  EXPECT_TRUE(set.add(value));
  EXPECT_FALSE(set.add(space.at("value"))) << "the same object";
  dict[value] = 1;
  EXPECT_EQ(dict.at(*set.begin()), 1);
  EXPECT_EQ(space.get<ValueProxy<int>>("value").get(), 7);
}

TEST_P(NestingContract, CollectsCycles) {
  EXPECT_EQ(manager().number_of_objects(), 0U);
  {
    auto self = manager().list<Any>();
    self.append(self);
    auto dict = manager().dict<std::string, Any>();
    auto list = manager().list<Any>({dict});
    auto queue = manager().queue<Any>();
    queue.put(Any::tuple({list}));
    dict["queue"] = queue;
    EXPECT_EQ(manager().number_of_objects(), 4U);
  }
  EXPECT_EQ(manager().number_of_objects(), 0U);
}

TEST_P(NestingContract, KeepsWhatAnotherSessionMadeAndLeftInAContainer) {
  auto shared = manager().dict<std::string, ListProxy<int>>("shared");
  {
    Manager other = another();
    auto list = other.list<int>({1, 2});
    other.dict<std::string, ListProxy<int>>("shared").set("list", list);
    const auto unshared = other.list<int>();
    EXPECT_EQ(manager().number_of_objects(), 3U);
    other.shutdown();
  }
  EXPECT_TRUE(test::eventually([&] { return manager().number_of_objects() == 2; }));
  EXPECT_THAT(shared.at("list").copy(), ElementsAre(1, 2));
}

TEST_P(NestingContract, TellsThatAReferenceIsToAnotherKind) {
  auto d = manager().dict<std::string, Any>({{"list", manager().list()}});
  EXPECT_THROW(static_cast<void>(d.at("list").as<SetProxy<int>>()), TypeError);
  EXPECT_THROW(static_cast<void>(d.at("list").as<int>()), TypeError);
}

}  // namespace
}  // namespace mp::contract
