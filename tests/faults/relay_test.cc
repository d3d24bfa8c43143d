#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "mp/mp.h"
#include "tests/e2e/manager_process.h"
#include "tests/faults/eventually.h"
#include "tests/faults/fault_proxy.h"

// A relay between client and manager, with the connection cut, the relay killed, or stopped.

namespace mp {
namespace {

using namespace std::chrono_literals;
using e2e::ManagerProcess;
using test::eventually;

constexpr auto kLong = 20s;  // far more than anything here takes

std::vector<int> drain(const QueueProxy<int>& queue) {
  std::vector<int> items;
  while (const auto item = queue.try_get()) items.push_back(*item);
  std::ranges::sort(items);
  return items;
}

std::vector<int> first_numbers(int count) {
  std::vector<int> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

TEST(CutConnection, BetweenRelayAndManagerAHundredTimesLosesAndDoublesNothing) {
  constexpr int kOperations = 5000;  // of each of two threads, an increment and a put each
  constexpr int kCuts = 100;
  constexpr int kApart = kOperations / kCuts;  // half of what there is, in operations
  const ManagerProcess server;
  test::FaultProxy network(server.address());
  const ManagerProcess relay({"--relay", network.address()});
  auto manager = Manager::connect("unix:" + relay.socket());
  auto counts = manager.dict<std::string, int>("counts");
  auto items = manager.queue<int>("items");

  std::atomic<int> done = 0;
  const auto work = [&](int first) {
    for (int i = 0; i < kOperations; ++i) {
      counts["n"] += 1;
      items.put(first + i);
      ++done;
    }
  };
  std::thread one(work, 0);
  std::thread two(work, kOperations);
  int cuts = 0;
  for (int next = kApart; cuts < kCuts; next = done + kApart) {
    ASSERT_TRUE(eventually([&] { return done >= next; }));
    cuts += network.cut();  // none, if they have not come back yet
  }
  one.join();
  two.join();

  EXPECT_GE(cuts, kCuts);
  auto direct = Manager::connect("unix:" + server.socket());
  EXPECT_EQ((direct.dict<std::string, int>("counts").at("n")), 2 * kOperations);
  EXPECT_EQ(drain(direct.queue<int>("items")), first_numbers(2 * kOperations));
}

// The process that listens at a path.
pid_t listener_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ucred peer{};
  socklen_t size = sizeof peer;
  pid_t pid = -1;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0) {
    pid = peer.pid;
  }
  close(fd);
  return pid;
}

// A manager whose only road for clients of HOST:PORT is a relay, which connecting starts.
class StartedRelay : public testing::Test {
 protected:
  StartedRelay() {
    setenv("XDG_RUNTIME_DIR", folder.file("run").c_str(), 1);
    setenv("MP_MANAGER_PROGRAM", MP_MANAGER_PATH, 1);
  }
  // Nothing is left: the relay is not a child of ours, and would end by itself only later.
  ~StartedRelay() override {
    if (const pid_t pid = relay(); pid > 0) {
      kill(pid, SIGTERM);
      EXPECT_TRUE(eventually([&] { return relay() < 0; }));
    }
  }
  pid_t relay() const {
    return listener_of(folder.file("run") + "/mp/relay-" + server.address() + ".sock");
  }
  Manager connect() const { return Manager::connect(server.address()); }

  const e2e::TemporaryFolder folder;
  const ManagerProcess server;
};

TEST_F(StartedRelay, IsSharedByAllThatConnectToTheSameManager) {
  auto one = connect();
  const pid_t pid = relay();
  ASSERT_GT(pid, 0);
  auto two = connect();
  EXPECT_EQ(relay(), pid);
  one.dict<std::string, int>("d")["k"] = 1;
  EXPECT_EQ((two.dict<std::string, int>("d").at("k")), 1);
}

TEST_F(StartedRelay, IsStartedOnceByManyThatConnectAtTheSameTime) {
  std::vector<Process> clients;
  clients.reserve(4);
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] { connect().dict<std::string, int>("d")["n"] += 1; });
    clients.back().start();
  }
  for (Process& client : clients) {
    client.join();
    EXPECT_EQ(client.exitcode(), 0);
  }
  EXPECT_EQ((connect().dict<std::string, int>("d").at("n")), 4);
}

TEST_F(StartedRelay, IsReplacedWhenItIsKilledAndNothingIsLostOrDoubled) {
  constexpr int kOperations = 2000;
  constexpr int kKills = 10;
  auto manager = connect();
  auto counts = manager.dict<std::string, int>("counts");
  auto items = manager.queue<int>("items");
  auto lock = manager.lock("held");
  lock.acquire();
  std::atomic<int> done = 0;
  std::thread worker([&] {
    for (int i = 0; i < kOperations; ++i) {
      counts["n"] += 1;
      items.put(i);
      ++done;
    }
  });
  for (int i = 1; i <= kKills; ++i) {
    EXPECT_TRUE(eventually([&] { return done >= i * kOperations / (kKills + 1); }));
    pid_t pid = -1;
    EXPECT_TRUE(eventually([&] { return (pid = relay()) > 0; }));
    kill(pid, SIGKILL);
  }
  worker.join();
  EXPECT_EQ(counts.at("n"), kOperations);
  EXPECT_EQ(drain(items), first_numbers(kOperations));
  EXPECT_FALSE(lock.lost());  // the session outlived them all
}

TEST_F(StartedRelay, ServesForkedChildrenWithSessionsOfTheirOwn) {
  auto manager = connect();
  auto counts = manager.dict<std::string, int>("counts");
  auto lock = manager.lock("turn");
  std::vector<Process> children;
  children.reserve(4);
  for (int child = 0; child < 4; ++child) {
    children.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const std::scoped_lock turn(lock);
        counts["n"] = static_cast<int>(counts["n"]) + 1;
      }
    });
  }
  counts["n"] = 0;
  for (Process& child : children) child.start();
  for (Process& child : children) {
    child.join();
    EXPECT_EQ(child.exitcode(), 0);
  }
  EXPECT_EQ(counts.at("n"), 200);
}

TEST(StoppedRelay, LosesItsSessionsAfterTheirTimeToLiveAndTheLateWriteIsRefused) {
  const ManagerProcess server({"--session-time-to-live", "1s"});
  const ManagerProcess relay({"--relay", server.address()});
  auto behind = Manager::connect("unix:" + relay.socket());
  auto beside = Manager::connect("unix:" + server.socket());
  auto lock = behind.lock("deploy");
  auto states = behind.dict<std::string, int>("states");
  lock.acquire();
  const auto token = lock.token();

  relay.signal(SIGSTOP);
  auto next = beside.lock("deploy");
  ASSERT_TRUE(next.acquire(kLong));
  EXPECT_TRUE(next.previous_owner_died());
  relay.signal(SIGCONT);

  // Whether it comes in the session that ended, or in the next one, or its refusal is lost with the
  // old one's connection.
  try {
    states.fenced_by(lock, token)["version"] = 1;
    FAIL() << "the late write went through";
  } catch (const StaleTokenError&) {
  } catch (const SessionExpired&) {
  } catch (const OutcomeUnknown&) {
  }
  EXPECT_TRUE(lock.lost());
  EXPECT_EQ((beside.dict<std::string, int>("states").get("version")), std::nullopt);
}

TEST(EndedRelay, LeavesInOrderThoughClientsWaitAndItIsCongested) {
  const ManagerProcess server;
  ManagerProcess relay({"--relay", server.address()});
  auto manager = Manager::connect("unix:" + relay.socket());
  auto large = manager.dict<int, std::string>();
  large[0] = std::string(1 << 20U, 'x');
  std::vector<std::thread> threads;
  threads.reserve(20);
  std::atomic<int> begun = 0;
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&, i] {
      auto later = large.async();
      std::vector<Future<std::string>> unread;  // more than any buffer on the way holds
      unread.reserve(30);
      for (int j = 0; j < 30; ++j) unread.push_back(later.at(i % 2));
      later.flush();
      ++begun;
    });
  }
  EXPECT_TRUE(eventually([&] { return begun == 20; }));
  relay.signal(SIGTERM);
  EXPECT_EQ(relay.wait(), 0);
  for (std::thread& thread : threads) thread.join();
}

TEST(StoppedManager, BehindARelayCostsNobodyItsSession) {
  const ManagerProcess server({"--session-time-to-live", "1s"});
  const ManagerProcess relay({"--relay", server.address()});
  auto manager = Manager::connect("unix:" + relay.socket());
  auto lock = manager.lock("held");
  lock.acquire();
  server.signal(SIGSTOP);
  std::this_thread::sleep_for(2s);  // the pause is what is tested: twice the time to live
  server.signal(SIGCONT);
  auto direct = Manager::connect("unix:" + server.socket());
  EXPECT_FALSE(direct.lock("held").acquire(2s));
  EXPECT_FALSE(lock.lost());
  lock.release();
}

TEST(UnreachableManager, IsATypedErrorThatNamesItAndTheReason) {
  const ManagerProcess relay({"--relay", "127.0.0.1:1"});
  try {
    Manager::connect("unix:" + relay.socket(), {.timeout = 200ms});
    FAIL() << "it connected";
  } catch (const ManagerUnavailable& error) {
    EXPECT_THAT(error.what(),
                testing::AllOf(testing::HasSubstr("127.0.0.1:1"), testing::HasSubstr("onnect")));
  }
}

TEST(DeadManager, BehindARelayIsTypedErrorsAndItsSuccessorServes) {
  auto server = std::make_unique<ManagerProcess>();
  const std::string address = server->address();
  const ManagerProcess relay({"--relay", address});
  auto manager = Manager::connect("unix:" + relay.socket());
  auto old = manager.dict<std::string, int>();
  old["k"] = 1;
  server->signal(SIGKILL);
  server->wait();
  server = std::make_unique<ManagerProcess>(std::vector<std::string>{"--listen", address});
  EXPECT_THROW(old["k"] = 2, NoSuchObject);
  manager.dict<std::string, int>("new")["k"] = 3;
  EXPECT_EQ((manager.dict<std::string, int>("new").at("k")), 3);
}

TEST(InProcessLane, RefusesToWorkInAForkedChild) {
  const ManagerProcess server;
  auto manager = Manager::connect(server.address(), {.lane = Lane::kInProcess});
  auto d = manager.dict<std::string, int>("d");
  d["k"] = 1;
  Process child([&] {
    try {
      d["k"] = 2;
    } catch (const ForkedClientError&) {
      exit(7);
    }
  });
  child.start();
  child.join();
  EXPECT_EQ(child.exitcode(), 7);
  EXPECT_EQ(d.at("k"), 1);
}

TEST(InProcessLane, KeepsItsSessionThroughCutConnections) {
  const ManagerProcess server;
  test::FaultProxy network(server.address());
  auto manager = Manager::connect(network.address(), {.lane = Lane::kInProcess});
  auto lock = manager.lock("held");
  auto counts = manager.dict<std::string, int>("counts");
  lock.acquire();
  for (int i = 0; i < 20; ++i) {
    counts["n"] += 1;
    network.cut();
  }
  EXPECT_EQ(counts.at("n"), 20);
  EXPECT_FALSE(lock.lost());
}

TEST(InProcessLane, KeepsTheSessionOfAClientThatIsSilent) {
  const ManagerProcess server({"--session-time-to-live", "400ms"});
  auto manager = Manager::connect(server.address(), {.lane = Lane::kInProcess});
  auto lock = manager.lock("held");
  lock.acquire();
  auto direct = Manager::connect("unix:" + server.socket());
  EXPECT_FALSE(direct.lock("held").acquire(2s));  // five times as long
  EXPECT_FALSE(lock.lost());
}

}  // namespace
}  // namespace mp
