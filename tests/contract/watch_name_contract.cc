#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/contract/crowd.h"
#include "tests/contract/managers.h"

// Watches that have a name: whoever asks for one goes on where the last reader ended.

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

using Scores = DictProxy<std::string, int>;
using Scoring = Watch<std::string, int>;

class WatchNameContract : public Managers {
 protected:
  static Scoring news(const Manager& manager) {
    return manager.watch(manager.dict<std::string, int>("scores"),
                         {.new_values = true, .name = "news"});
  }
  void score(int first, int last) {
    for (int i = first; i <= last; ++i) scores.set("alice", i);
  }
  static std::vector<int> read(const Scoring& watch) {
    std::vector<int> values;
    while (const auto event = watch.next(0s)) values.push_back(*event->changes.at(0).new_value);
    return values;
  }

  Scores scores = manager().dict<std::string, int>("scores");
};
MP_CONTRACT(WatchNameContract);

TEST_P(WatchNameContract, GoesOnWhereItsLastReaderEnded) {
  {
    Manager other = another();
    const auto first = news(other);
    score(1, 3);
    EXPECT_EQ(first.next(0s)->version, 1U);
  }
  score(4, 5);
  EXPECT_THAT(read(news(manager())), ElementsAre(2, 3, 4, 5));
}

TEST_P(WatchNameContract, GivesEachEventToOneOfItsReaders) {
  Manager other = another();
  const auto mine = news(manager());
  const auto theirs = news(other);
  score(1, 4);
  EXPECT_EQ(mine.next(0s)->version, 1U);
  EXPECT_EQ(theirs.next(0s)->version, 2U);
  EXPECT_THAT(read(mine), ElementsAre(3, 4));
  EXPECT_THAT(read(theirs), IsEmpty());
}

TEST_P(WatchNameContract, GoesOnAsItWasMade) {
  news(manager());
  score(1, 1);
  const auto without_values = manager().watch(scores, {.keys = {"bob"}, .name = "news"});
  EXPECT_THAT(read(without_values), ElementsAre(1));
}

TEST_P(WatchNameContract, KnowsItsPositionOnceItHasGivenAnEvent) {
  const auto mine = news(manager());
  score(1, 3);
  EXPECT_EQ(mine.position().version, 0U);
  EXPECT_EQ(news(manager()).position().version, 0U) << "how far others have come it does not know";
  ASSERT_EQ(mine.next(0s)->version, 1U);
  EXPECT_EQ(mine.position().version, 1U);
}

TEST_P(WatchNameContract, IsOfOneObject) {
  news(manager());
  EXPECT_THROW(manager().watch(manager().list<int>(), {.name = "news"}), WrongKind);
  manager().list<int>("items");
  EXPECT_THROW(manager().watch(scores, {.name = "items"}), WrongKind);
}

TEST_P(WatchNameContract, EndsWhenItIsRemoved) {
  const auto mine = news(manager());
  score(1, 1);
  manager().remove("news");
  EXPECT_THROW(mine.next(0s), NoSuchObject);
}

TEST_P(WatchNameContract, TellsItsCallbackNothingMoreOnceItIsRemoved) {
  const auto mine = news(manager());
  int told = 0;
  mine.on_change([&](const auto&) { ++told; });
  const auto bystander = manager().watch(scores);
  std::vector<bool> heard;
  bystander.on_change([&](const auto& event) { heard.push_back(event.deleted); });
  manager().remove("news");
  {
    Manager other = another();
    other.dict<std::string, int>("scores").set("alice", 1);
  }
  scores.get("alice");
  EXPECT_THAT(heard, ElementsAre(false)) << "the dict lives";
  EXPECT_EQ(told, 0) << "a watch is gone, and not what it watched";
}

TEST_P(WatchNameContract, TellsACallbackOfAllEventsInOrder) {
  const auto mine = news(manager());
  std::vector<int> told;
  mine.on_change([&](const auto& event) { told.push_back(*event.changes.at(0).new_value); });
  {
    Manager other = another();
    auto theirs = other.dict<std::string, int>("scores");
    for (int i = 1; i <= 5; ++i) theirs.set("alice", i);
  }
  scores.get("alice");
  EXPECT_THAT(told, ElementsAre(1, 2, 3, 4, 5));
}

TEST_P(WatchNameContract, IsReadByAForkedChildInTurnWithItsParent) {
  MP_NEEDS_FORK();
  const auto mine = news(manager());
  score(1, 3);
  ASSERT_EQ(mine.next(0s)->version, 1U);
  elsewhere(GetParam(), [&] { demand(mine.next(kLong)->version == 2, "the child is next"); });
  EXPECT_THAT(read(mine), ElementsAre(3));
}

}  // namespace
}  // namespace mp::contract
