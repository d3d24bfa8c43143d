#include <string>

#include "tests/contract/sent/sent_proxies.h"

// References that nobody takes.

namespace mp::contract {
namespace {

using Counts = DictProxy<std::string, int>;

// An argument that the parent cannot write.
struct Unwritten {
  int number = 0;
};

}  // namespace
}  // namespace mp::contract

template <>
struct mp::Codec<mp::contract::Unwritten> {
  template <class Sink>
  static void write(Sink&, const mp::contract::Unwritten&) {
    throw OverflowError("not today");
  }
  template <class Source>
  static mp::contract::Unwritten read(Source&) {
    return {};
  }
};

namespace mp::contract {
namespace {

class LostOnTheWay : public testing::Test {
 protected:
  // Sends a reference to a child that does not come to be.
  void send_to_nobody() {
    Process child = get_context(StartMethod::kSpawn)
                        .process([](const Counts&, Unwritten) {}, manager.dict<std::string, int>(),
                                 Unwritten());
    EXPECT_THROW(child.start(), OverflowError);
  }
  bool eventually_has(std::size_t objects) {
    return test::eventually([&] { return manager.number_of_objects() == objects; });
  }

  const e2e::ManagerProcess server{{"--child-adoption", "200ms"}};
  Manager manager = Manager::connect("unix:" + server.socket());
};

TEST_F(LostOnTheWay, AnArgumentOfNoChildIsForgottenAfterTheTimeForAdoption) {
  send_to_nobody();
  EXPECT_EQ(manager.number_of_objects(), 1U);
  EXPECT_TRUE(eventually_has(0));
}

TEST_F(LostOnTheWay, AMessageWaitsForAsLongAsItsSenderLives) {
  const Queue<Counts> queue;
  queue.put(manager.dict<std::string, int>());
  send_to_nobody();
  EXPECT_TRUE(eventually_has(1)) << "what was sent later to nobody is gone";
  queue.get()["still"] = 1;
}

TEST_F(LostOnTheWay, AMessageThatNobodyReadsIsForgottenAfterItsSender) {
  const Queue<Counts> queue;
  {
    const Manager sender = Manager::connect("unix:" + server.socket());
    queue.put(sender.dict<std::string, int>());
  }
  EXPECT_TRUE(eventually_has(0));
}

TEST_F(LostOnTheWay, AProxyThatComesTooLateIsReadAndFailsWhenItIsUsed) {
  const Queue<Counts> queue;
  {
    const Manager sender = Manager::connect("unix:" + server.socket());
    queue.put(sender.dict<std::string, int>());
  }
  EXPECT_TRUE(eventually_has(0));
  const Counts late = queue.get();
  EXPECT_THROW(late["too"] = 1, NoSuchObject);
}

TEST_F(LostOnTheWay, AProxyThatComesTooLateWorksWhileTheObjectLives) {
  const auto kept = manager.dict<std::string, int>("kept");
  const Queue<Counts> queue;
  {
    const Manager sender = Manager::connect("unix:" + server.socket());
    queue.put(sender.dict<std::string, int>("kept"));
    queue.put(sender.dict<std::string, int>());
  }
  EXPECT_TRUE(eventually_has(1));
  const Counts late = queue.get();
  late["late"] = 1;
  EXPECT_EQ(kept.at("late"), 1);
}

}  // namespace
}  // namespace mp::contract
