#include <cmath>
#include <cstdint>
#include <map>
#include <sstream>
#include <thread>
#include <vector>

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
  EXPECT_THROW(static_cast<void>(other.dict("shared", Create::kMustNotExist)), AlreadyExists);
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

}  // namespace
}  // namespace mp::contract
