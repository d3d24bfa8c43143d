#include <cmath>
#include <cstdint>
#include <map>
#include <ranges>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

#include "tests/contract/child.h"
#include "tests/contract/managers.h"

namespace mp::contract {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class DictContract : public Managers {};
MP_CONTRACT(DictContract);

template <class T>
std::string printed(const T& object) {
  std::ostringstream out;
  out << object;
  return out.str();
}

TEST_P(DictContract, HoldsWhatWasSetInOrderOfInsertion) {
  auto d = manager().dict<int, std::string>();
  d[65] = "A";
  d[66] = "B";
  d[65] = "a";
  EXPECT_THAT(d.items(), ElementsAre(Pair(65, "a"), Pair(66, "B")));
  EXPECT_THAT(d.keys(), ElementsAre(65, 66));
  EXPECT_THAT(d.values(), ElementsAre("a", "B"));
  EXPECT_THAT(d.reversed(), ElementsAre(66, 65));
  EXPECT_EQ(d.size(), 2U);
  EXPECT_TRUE(d.contains(66));
  EXPECT_FALSE(d.contains(67));
}

TEST_P(DictContract, PrintsAsPythonDoes) {
  auto d = manager().dict();
  EXPECT_EQ(printed(d), "{}");
  d[1] = "1";
  d["2"] = 2;
  d[0.25] = None;
  EXPECT_EQ(printed(d), "{1: '1', '2': 2, 0.25: None}");
}

TEST_P(DictContract, TellsIntFloatAndBoolKeysApart) {
  auto d = manager().dict();
  d[1] = "int";
  d[1.0] = "float";
  d[true] = "bool";
  EXPECT_EQ(d.size(), 3U);
  EXPECT_EQ(d.at(1.0), Any("float"));
}

TEST_P(DictContract, RefusesNanAndUnhashableKeys) {
  auto d = manager().dict();
  EXPECT_THROW(d.set(std::nan(""), 1), ValueError);
  EXPECT_THROW(d.set(std::vector<int>{1}, 1), TypeError);
  EXPECT_TRUE(d.empty());
}

TEST_P(DictContract, MissesAnAbsentKeyByNameAndWithoutThrowingWhereAsked) {
  auto d = manager().dict<std::string, int>("scores");
  try {
    static_cast<void>(d.at("alice"));
    FAIL() << "no error";
  } catch (const KeyError& error) {
    EXPECT_THAT(error.what(), HasSubstr("dict 'scores'"));
    EXPECT_THAT(error.what(), HasSubstr("'alice'"));
  }
  EXPECT_EQ(d.get("alice"), std::nullopt);
  EXPECT_EQ(d.get("alice", 7), 7);
  EXPECT_FALSE(d.erase("alice"));
  EXPECT_THROW(d.pop("alice"), KeyError);
  EXPECT_EQ(d.pop("alice", 5), 5);
  EXPECT_THROW(d.popitem(), KeyError);
}

TEST_P(DictContract, PopsSetsDefaultsUpdatesAndClears) {
  auto d = manager().dict<std::string, int>({{"a", 1}, {"b", 2}});
  EXPECT_EQ(d.pop("a"), 1);
  EXPECT_EQ(d.setdefault("b", 9), 2);
  EXPECT_EQ(d.setdefault("c", 3), 3);
  EXPECT_THAT(d.popitem(), Pair("c", 3));
  d.update({{"x", 24}, {"b", 20}});
  d |= std::map<std::string, int>{{"y", 25}};
  EXPECT_THAT(d.items(), ElementsAre(Pair("b", 20), Pair("x", 24), Pair("y", 25)));
  d.clear();
  EXPECT_TRUE(d.empty());
}

TEST_P(DictContract, AddsAtomicallyFromAllThreads) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 500;
  auto d = manager().dict<std::string, int>();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&d] {
        for (int i = 0; i < kRounds; ++i) d["sum"] += 1;
      });
    }
  }
  EXPECT_EQ(d.at("sum"), kThreads * kRounds);
}

TEST_P(DictContract, AddsAtomicallyFromForkedChildren) {
  MP_NEEDS_FORK();
  auto d = manager().dict<std::string, int>();
  std::vector<Process> children;
  for (int c = 0; c < 4; ++c) {
    children.emplace_back([&d] {
      for (int i = 0; i < 250; ++i) d["sum"] += 1;
    });
  }
  for (auto& child : children) child.start();
  for (auto& child : children) child.join();
  EXPECT_EQ(d.at("sum"), 1000);
}

TEST_P(DictContract, ExchangesOnlyWhatIsExpected) {
  auto d = manager().dict<std::string, int>();
  EXPECT_TRUE(d.compare_exchange("k", std::nullopt, 1));
  EXPECT_FALSE(d.compare_exchange("k", std::nullopt, 2));
  EXPECT_FALSE(d.compare_exchange("k", 5, 2));
  EXPECT_TRUE(d.compare_exchange("k", 1, 2));
  EXPECT_EQ(d.at("k"), 2);
  EXPECT_TRUE(d.compare_exchange("k", 2, std::nullopt));
  EXPECT_TRUE(d.empty());
}

TEST_P(DictContract, IsFoundByItsNameFromAnotherSession) {
  auto d = manager().dict<std::string, int>("shared");
  d["k"] = 1;
  Manager other = another();
  auto same = other.dict<std::string, int>("shared");
  EXPECT_EQ(same.at("k"), 1);
  EXPECT_EQ(same, d);
  EXPECT_THROW(static_cast<void>(other.dict("shared", {.create = Create::kMustNotExist})),
               AlreadyExists);
  EXPECT_THROW(static_cast<void>(other.list("shared")), WrongKind);
  other.remove("shared");
  EXPECT_THROW(static_cast<void>(d.size()), NoSuchObject);
}

TEST_P(DictContract, HoldsProxiesAsReferences) {
  auto outer = manager().dict<std::string, Any>();
  {
    auto inner = manager().list<int>({1, 2});
    outer["list"] = inner;
  }
  auto inner = outer.at("list").as<ListProxy<int>>();
  inner.append(3);
  auto again = outer.at("list").as<ListProxy<int>>();
  EXPECT_THAT(again.copy(), ElementsAre(1, 2, 3));
}

TEST_P(DictContract, PipelinesAsynchronousCallsInOrder) {
  auto d = manager().dict<int, int>();
  auto later = d.async();
  std::vector<Future<void>> sets;
  for (int i = 0; i < 1000; ++i) sets.push_back(later.set(i % 10, i));
  auto size = later.size();
  EXPECT_EQ(size.get(), 10U);
  for (auto& set : sets) set.get();
  EXPECT_EQ(d.at(9), 999);
  EXPECT_THROW(later.at(77).get(), KeyError);
}

TEST_P(DictContract, TakesTextOfAnyLanguageAndBytesOfAnyKind) {
  auto d = manager().dict<std::string, Bytes>("смешно 🎉");
  const std::string key = "naïve ☃ \x01";
  d[key] = Bytes(std::string_view("\xff\x00\xfe", 3));
  EXPECT_EQ(d.at(key), Bytes(std::string_view("\xff\x00\xfe", 3)));
  EXPECT_THROW(d.set("\xff", Bytes()), ValueError);
  EXPECT_EQ(d.size(), 1U);
}

TEST_P(DictContract, BehavesAsCPythonsTestOfContainersSays) {
  auto d = manager().dict<int, std::string>();
  for (const int i : range(65, 70)) d[i] = std::string(1, static_cast<char>(i));
  const Dict<int, std::string> same{{65, "A"}, {66, "B"}, {67, "C"}, {68, "D"}, {69, "E"}};
  EXPECT_EQ(d.copy(), same);
  EXPECT_THAT(d.keys(), ElementsAre(65, 66, 67, 68, 69));
  EXPECT_THAT(d.values(), ElementsAre("A", "B", "C", "D", "E"));
  EXPECT_THAT(d.items(), ElementsAre(Pair(65, "A"), Pair(66, "B"), Pair(67, "C"), Pair(68, "D"),
                                     Pair(69, "E")));
}

TEST_P(DictContract, IteratesOverWhatItHeldAtTheBeginning) {
  static_assert(std::ranges::forward_range<DictProxy<int, int>>);
  auto d = manager().dict<int, int>({{65, 1}, {66, 2}});
  auto at = d.begin();
  d.clear();
  EXPECT_THAT(std::vector(at, d.end()), ElementsAre(Pair(65, 1), Pair(66, 2)));
  EXPECT_EQ(d.begin(), d.end());
}

TEST_P(DictContract, UnitesWithOtherEntriesIntoADictOfThisProcess) {
  auto d = manager().dict<std::string, int>({{"a", 1}, {"b", 2}});
  const Dict<std::string, int> other{{"b", 20}, {"c", 30}};
  EXPECT_THAT((d | other), ElementsAre(Pair("a", 1), Pair("b", 20), Pair("c", 30)));
  EXPECT_THAT((other | d), ElementsAre(Pair("b", 2), Pair("c", 30), Pair("a", 1)));
  EXPECT_THAT((d | d), ElementsAre(Pair("a", 1), Pair("b", 2)));
  EXPECT_EQ(d.size(), 2U);
  const std::vector<std::string> keys{"x", "y"};
  EXPECT_THAT(d.fromkeys(keys, 7), ElementsAre(Pair("x", 7), Pair("y", 7)));
}

TEST_P(DictContract, ChangesAValueOnlyWhereItMeetsTheCondition) {
  auto best = manager().dict<std::string, int>();
  EXPECT_FALSE(best.update_if("alice", less_than(5), 5)) << "what is absent is less than nothing";
  EXPECT_FALSE(best.update_if("alice", present, 5));
  EXPECT_TRUE(best.update_if("alice", absent, 5));
  EXPECT_FALSE(best.update_if("alice", absent, 6));
  EXPECT_TRUE(best.update_if("alice", less_than(7), 7));
  EXPECT_EQ(best.update_if("alice", less_than(7), 1).actual, 7);
  EXPECT_TRUE(best.update_if("alice", equal_to(7.0), 8)) << "numbers compare by value";
  EXPECT_TRUE(best.update_if("alice", greater_or_equal(8), 9));
  EXPECT_FALSE(best.update_if("alice", not_equal_to(9), 0));
  EXPECT_THROW(best.update_if("alice", less_than("text"), 0), TypeError);
  EXPECT_EQ(best.at("alice"), 9);
}

TEST_P(DictContract, GetsAndErasesManyKeysAtOnce) {
  auto d = manager().dict<int, int>();
  std::map<int, int> entries;
  for (const int i : range(10'000)) entries[i] = i * i;
  d.update(entries);
  EXPECT_EQ(d.size(), 10'000U);
  EXPECT_THAT(d.get_many({9'999, -1, 3}), ElementsAre(Pair(9'999, 99'980'001), Pair(3, 9)));
  EXPECT_EQ(d.erase_many(range(-5, 9'990)), 9'990U);
  EXPECT_EQ(d.erase_many({3, 3}), 0U);
  EXPECT_EQ(d.size(), 10U);
}

TEST_P(DictContract, RefusesBadInputAndStaysAsItWas) {
  auto d = manager().dict<Any, Any>({{"n", 1}, {"big", std::uint64_t{1} << 63U}, {"s", "x"}});
  const auto before = d.copy();
  const Any unhashable = Any::list({1});
  EXPECT_THROW(d.update({{"new", 1}, {unhashable, 2}}), TypeError);
  EXPECT_THROW(d.update({{"new", 1}, {std::nan(""), 2}}), ValueError);
  EXPECT_THROW(d.set("n", std::string("\xff")), ValueError);
  EXPECT_THROW(d.setdefault(unhashable, 1), TypeError);
  EXPECT_THROW(d.pop(unhashable, 1), TypeError);
  EXPECT_THROW(static_cast<void>(d.contains(unhashable)), TypeError);
  EXPECT_THROW(static_cast<void>(d.get_many({Any("n"), unhashable})), TypeError);
  EXPECT_THROW(d.erase_many({Any("n"), unhashable}), TypeError);
  EXPECT_THROW(d.compare_exchange(unhashable, std::nullopt, 1), TypeError);
  EXPECT_THROW(d.add("n", "text"), TypeError);
  EXPECT_THROW(d.add("new", None), TypeError);
  EXPECT_THROW(d.add("big", std::uint64_t{1} << 63U), ValueError) << "past 64 bits";
  EXPECT_EQ(d.copy(), before);
}

TEST_P(DictContract, RefusesAValueThatIsNestedTooDeeply) {
  auto d = manager().dict<int, Any>();
  Any deep = 1;
  for (int i = 0; i < 1'000; ++i) deep = Any::list({deep});
  EXPECT_THROW(d.set(1, deep), LimitExceeded);
  EXPECT_TRUE(d.empty());
}

TEST_P(DictContract, TellsThatAValueIsOfAnotherTypeThanTheProxys) {
  auto d = manager().dict<std::string, Any>("mixed");
  d["text"] = "one";
  d["big"] = 300;
  auto bytes = manager().dict<std::string, std::uint8_t>("mixed");
  EXPECT_THROW(static_cast<void>(bytes.at("text")), TypeError);
  EXPECT_THROW(static_cast<void>(bytes.at("big")), ValueError);
  EXPECT_EQ(d.size(), 2U);
}

TEST_P(DictContract, IsReadAndEmptiedByAChild) {
  MP_NEEDS_FORK();
  auto d = manager().dict<std::string, int>();
  d["foo"] = 5;
  EXPECT_TRUE(in_a_child([&] {
    const Dict<std::string, int> same{{"foo", 5}};
    return d.size() == 1 && d["foo"] == 5 && d.get("foo") == 5 && d.copy() == same &&
           d.keys() == std::vector<std::string>{"foo"} && d.values() == std::vector{5} &&
           d.items().front() == std::pair(std::string("foo"), 5) &&
           d.popitem() == std::pair(std::string("foo"), 5);
  }));
  EXPECT_TRUE(d.empty());
}

}  // namespace
}  // namespace mp::contract
