#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "mp/mp.h"
#include "tests/contract/managers.h"
#include "tests/e2e/manager_process.h"
#include "tests/faults/eventually.h"
#include "tests/faults/fault_proxy.h"

// Callbacks of watches whose session is lost, whose events are of others' types, whose connection
// is cut, and whose process is killed.

namespace mp {
namespace {

using namespace std::chrono_literals;
using e2e::ManagerProcess;
using test::eventually;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Counts = DictProxy<std::string, int>;
using Event = WatchEvent<std::string, int>;

constexpr auto kLong = 20s;  // far more than anything here takes

// "1: 7", "2: everything", "3: deleted"
std::string text(const Event& event) {
  std::string text = std::to_string(event.version) + ":";
  if (event.everything) text += " everything";
  if (event.resync) text += " resync";
  if (event.deleted) text += " deleted";
  for (const auto& change : event.changes) text += " " + std::to_string(*change.new_value);
  return text;
}

TEST(SuccessorOfAKilledManager, TellsACallbackThatTheObjectIsGone) {
  const e2e::TemporaryFolder folder;
  const std::vector<std::string> flags{"--socket", folder.file("manager.sock")};
  auto server = std::make_unique<ManagerProcess>(flags);
  auto manager = Manager::connect("unix:" + folder.file("manager.sock"));
  auto counts = manager.dict<std::string, int>("counts");
  std::vector<std::string> told;
  const auto watch = manager.watch(counts, {.new_values = true});
  watch.on_change([&](const Event& event) { told.push_back(text(event)); });
  counts["a"] = 7;
  server->signal(SIGKILL);
  server->wait();
  server = std::make_unique<ManagerProcess>(flags);
  manager.dict<std::string, int>("counts")["a"] = 8;  // another dict, which nobody watches
  manager.dict<std::string, int>("counts")["a"] = 9;
  EXPECT_THAT(told, ElementsAre("1: 7", "1: deleted"));
}

TEST(LostSession, TellsACallbackInTheNextOneOfAllThatHappenedMeanwhile) {
  const ManagerProcess server({"--session-time-to-live", "300ms"});
  auto manager = Manager::connect("unix:" + server.socket());
  auto counts = manager.dict<std::string, int>("counts");
  auto ready = manager.queue<int>("ready");
  Process reader([&] {
    const auto own = Manager::connect(server.address(), {.lane = Lane::kInProcess});
    const auto same = own.dict<std::string, int>("counts");
    const auto watch = own.watch(same, {.new_values = true});
    std::vector<std::string> told;
    watch.on_change([&](const Event& event) { told.push_back(text(event)); });
    same.set("a", 1);
    own.queue<int>("ready").put(1);
    raise(SIGSTOP);  // until it has no session any more
    while (told.size() < 3) {
      try {
        same.get("a");
      } catch (const ManagerError&) {
        continue;  // this was the call that has found it out
      }
    }
    exit(told == std::vector<std::string>{"1: 1", "2: 2", "3: 3"} ? 0 : 2);
  });
  reader.start();
  ASSERT_EQ(ready.get(kLong), 1);
  ASSERT_TRUE(eventually([&] { return manager.number_of_objects() == 2; })) << "the watch is gone";
  counts["a"] = 2;
  counts["a"] = 3;
  kill(*reader.pid(), SIGCONT);
  EXPECT_TRUE(reader.join(kLong));
  EXPECT_EQ(reader.exitcode(), 0);
}

TEST(WronglyTypedEvent, ComesToACallbackAsEverythingAndThoseAfterItAsTheyAre) {
  const ManagerProcess server;
  auto manager = Manager::connect("unix:" + server.socket());
  auto other = Manager::connect("unix:" + server.socket());
  const auto counts = manager.dict<std::string, int>("counts");
  const auto watch = manager.watch(counts, {.new_values = true});
  std::vector<std::string> told;
  watch.on_change([&](const Event& event) { told.push_back(text(event)); });
  other.dict("counts").set("a", "no number");
  other.dict("counts").set(7, 7);
  other.dict("counts").set("a", 3);
  counts.get("a");
  EXPECT_THAT(told, ElementsAre("1: everything", "2: everything", "3: 3"));
}

TEST(WronglyTypedEvent, IsATypeErrorOfNextAndThoseAfterItAreRead) {
  const ManagerProcess server;
  auto manager = Manager::connect("unix:" + server.socket());
  const auto watch = manager.watch(manager.dict<std::string, int>("counts"), {.new_values = true});
  manager.dict("counts").set("a", "no number");
  manager.dict("counts").set("a", 3);
  EXPECT_THROW(watch.next(0s), TypeError);
  EXPECT_EQ(text(*watch.next(0s)), "2: 3");
}

using KilledWatcher = contract::Managers;
INSTANTIATE_TEST_SUITE_P(On, KilledWatcher,
                         testing::Values(contract::Backend::kEmbedded, contract::Backend::kRelayed),
                         testing::PrintToStringParamName());

TEST_P(KilledWatcher, LeavesNoWatchBehind) {
  const auto counts = manager().dict<std::string, int>("counts");
  Process watcher([&] {
    const auto near = manager().dict<std::string, int>("counts", {.near_cache = true});
    near.get("a");
    const auto told = manager().watch(counts);
    told.on_change([](const Event&) {});
    manager().watch(counts).next();
  });
  watcher.start();
  ASSERT_TRUE(
      eventually([&] { return manager().debug_info().find("waiting 1") != std::string::npos; }));
  EXPECT_THAT(manager().debug_info(), HasSubstr("watch "));
  watcher.kill();
  watcher.join();
  EXPECT_TRUE(eventually([&] { return manager().number_of_objects() == 1; }))
      << manager().debug_info();
  EXPECT_THAT(manager().debug_info(), Not(HasSubstr("watch ")));
  counts.set("a", 1);
}

TEST_P(KilledWatcher, LeavesTheLastEventToTheNextReaderOfItsName) {
  const auto counts = manager().dict<std::string, int>("counts");
  const auto news = [&](const Manager& manager) {
    return manager.watch(counts, {.new_values = true, .name = "news"});
  };
  Process watcher([&] {
    const auto watch = news(manager());
    counts.set("a", 1);
    counts.set("a", 2);
    if (watch.next(kLong)->version == 1) raise(SIGKILL);
  });
  watcher.start();
  watcher.join();
  ASSERT_EQ(watcher.exitcode(), -SIGKILL);
  ASSERT_TRUE(eventually([&] {
    return manager().debug_info().find("length 2") != std::string::npos;
  })) << manager().debug_info();
  const auto watch = news(manager());
  EXPECT_EQ(text(*watch.next(0s)), "1: 1");
  EXPECT_EQ(text(*watch.next(0s)), "2: 2");
}

// A writer on the manager's host, and a reader behind a relay whose connection to the manager is
// cut again and again.
class CutWatch : public testing::Test {
 protected:
  explicit CutWatch(std::vector<std::string> flags = {}) : server_(std::move(flags)) {}

  // Sets a key to 1, 2, …, and cuts now and then.
  std::jthread writing(int last) {
    return std::jthread([this, last] {
      auto counts = writer_.dict<std::string, int>("counts");
      for (int i = 1; i <= last; ++i) {
        counts["a"] = i;
        if (i % 100 == 0) network_.cut();
      }
    });
  }

  const ManagerProcess server_;
  test::FaultProxy network_{server_.address()};
  const ManagerProcess relay_{{"--relay", network_.address()}};
  Manager reader_ = Manager::connect("unix:" + relay_.socket());
  Manager writer_ = Manager::connect("unix:" + server_.socket());
  const Counts counts_ = reader_.dict<std::string, int>("counts");
  const Watch<std::string, int> watch_ = reader_.watch(counts_, {.new_values = true});
};

TEST_F(CutWatch, TellsACallbackOfEachEventOnceAndInOrder) {
  constexpr int kEvents = 2000;
  int last = 0;
  int wrong = 0;
  watch_.on_change([&](const Event& event) {
    const int next = event.resync ? 0 : event.changes.at(0).new_value.value_or(0);
    if (next != last + 1) ++wrong;
    last = next;
  });
  const std::jthread writer = writing(kEvents);
  // What a get() has seen was told before it returned.
  EXPECT_TRUE(eventually([&] {
    const int seen = counts_.get("a").value_or(0);
    if (last < seen) ++wrong;
    return last == kEvents;
  }));
  EXPECT_EQ(wrong, 0);
}

class CutWatchOfAShortLog : public CutWatch {
 protected:
  CutWatchOfAShortLog() : CutWatch({"--max-watch-events", "8"}) {}
};

TEST_F(CutWatchOfAShortLog, LeavesOutNoEventWithoutAResync) {
  constexpr std::uint64_t kEvents = 2000;
  const std::jthread writer = writing(static_cast<int>(kEvents));
  std::uint64_t version = 0;
  while (version < kEvents) {
    const auto event = watch_.next(kLong);
    ASSERT_TRUE(event.has_value()) << "after " << version;
    if (event->resync) {
      EXPECT_GT(event->version, version);
    } else {
      EXPECT_EQ(event->version, version + 1);
    }
    version = event->version;
  }
  EXPECT_FALSE(watch_.next(0s).has_value());
}

}  // namespace
}  // namespace mp
