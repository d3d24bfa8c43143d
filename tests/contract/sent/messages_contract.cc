#include <string>

#include "tests/contract/sent/sent_proxies.h"

// Proxies in messages between processes: over a Connection, and through a Queue of this host.

namespace mp::contract {
namespace {

using Counts = DictProxy<std::string, int>;

class ProxyMessages : public SentProxies {};
MP_CONTRACT(ProxyMessages);

Counts make_one(const std::string& address, Lane lane) {
  const Manager manager = Manager::connect(address, {.lane = lane});
  const Counts counts = manager.dict<std::string, int>();
  counts["sender"] = 7;
  return counts;
}

TEST_P(ProxyMessages, OverAConnectionOutliveTheirSender) {
  by_each_method([&](const Context& context) {
    auto [mine, theirs] = Pipe();
    const auto send = [](const Connection& out, const std::string& address, Lane lane) {
      out.send(make_one(address, lane));
    };
    EXPECT_EQ(exitcode_of(context, send, theirs, address(), lane()), 0);
    EXPECT_EQ(mine.recv<Counts>(kLong).at("sender"), 7);
  });
}

TEST_P(ProxyMessages, ThroughAQueueOutliveTheirSender) {
  by_each_method([&](const Context& context) {
    const Queue<Counts> queue;
    const auto send = [](const Queue<Counts>& out, const std::string& address, Lane lane) {
      out.put(make_one(address, lane));
    };
    EXPECT_EQ(exitcode_of(context, send, queue, address(), lane()), 0);
    EXPECT_EQ(queue.get(kLong).at("sender"), 7);
  });
}

TEST_P(ProxyMessages, ReachAChildThatRuns) {
  by_each_method([&](const Context& context) {
    auto [mine, theirs] = Pipe();
    Process child = context.process(
        [](const Connection& in) {
          for (int i = 0; i < 3; ++i) in.recv<Counts>()["child"] = i;
        },
        theirs);
    child.start();
    const auto kept = manager().dict<std::string, int>();
    mine.send(manager().dict<std::string, int>());  // the message alone refers to it
    mine.send(manager().dict<std::string, int>());
    mine.send(kept);
    EXPECT_TRUE(child.join(kLong));
    EXPECT_EQ(child.exitcode(), 0);
    EXPECT_EQ(kept.at("child"), 2);
  });
}

TEST_P(ProxyMessages, BackInTheirProcessAreOfItsOwnSession) {
  const auto lock = manager().rlock();
  const Queue<RLockProxy> queue;
  queue.put(lock);
  const auto same = queue.get();
  EXPECT_EQ(same, lock);
  EXPECT_TRUE(lock.acquire(false));
  EXPECT_TRUE(same.acquire(false));
  same.release();
  lock.release();
}

}  // namespace
}  // namespace mp::contract
