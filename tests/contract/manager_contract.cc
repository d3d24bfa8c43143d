#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "mp/manager_server.h"
#include "tests/contract/child.h"
#include "tests/contract/managers.h"
#include "tests/faults/eventually.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// Managers that a program starts: from its first thread, so that they are forked. What would start
// threads in this process, such as its own gRPC, happens in a child.

const ManagerOptions kAnyPort{.address = "127.0.0.1:0"};

std::string failure_of(const ManagerOptions& options) {
  try {
    const Manager manager(options);
    return "none: it serves at " + manager.address();
  } catch (const ProcessError& error) {
    return error.what();
  }
}

TEST(ManagerContract, ServesAtAnAddressThatTheKernelChooses) {
  const Manager manager(kAnyPort);
  EXPECT_THAT(manager.address(), AllOf(StartsWith("127.0.0.1:"), testing::Not("127.0.0.1:0")));
  manager.dict<std::string, int>("scores")["alice"] = 3;
  const Manager second = Manager::connect(manager.address());
  EXPECT_EQ((second.dict<std::string, int>("scores").at("alice")), 3);
}

TEST(ManagerContract, IsReachedOverGrpcToo) {
  const Manager manager(kAnyPort);
  auto scores = manager.dict<std::string, int>("scores");
  EXPECT_TRUE(in_a_child([&] {
    const Manager second = Manager::connect(manager.address(), {.lane = Lane::kInProcess});
    second.dict<std::string, int>("scores")["alice"] = 3;
    return true;
  }));
  EXPECT_EQ(scores.at("alice"), 3);
}

TEST(ManagerContract, WithoutAnAddressIsReachedFromThisHostOnly) {
  const Manager manager;
  manager.list<int>("shared").append(1);
  const Manager second = Manager::connect(manager.address());
  EXPECT_EQ(second.list<int>("shared").size(), 1U);
  EXPECT_THAT(manager.address(), StartsWith("unix"));
}

TEST(ManagerContract, IsUsedByAnotherProgramWithTheSameTokenAsCPythonsTestSays) {
  const Manager manager({.address = "127.0.0.1:0", .token = "secret"});
  const std::vector<Any> values = {
      "hello world",    None, true, 2.25, "hall\xc3\xa5 v\xc3\xa4rlden", "\xd0\xbf\xd1\x80\xd0\xb8",
      Bytes("hall\xe5")};
  EXPECT_TRUE(in_a_child([&] {
    const Manager second =
        Manager::connect(manager.address(), {.token = "secret", .lane = Lane::kInProcess});
    second.queue("values").put(values);
    return true;
  }));
  const Manager third = Manager::connect(manager.address(), {.token = "secret"});
  EXPECT_EQ(third.queue("values").get(20s), Any(values));
}

TEST(ManagerContract, RefusesAWrongTokenAndNone) {
  const Manager manager({.address = "127.0.0.1:0", .token = "secret"});
  for (const char* token : {"", "Secret", "secret2", "secre"}) {
    EXPECT_TRUE(in_a_child([&] {
      try {
        const Manager second =
            Manager::connect(manager.address(), {.token = token, .lane = Lane::kInProcess});
        return false;
      } catch (const AuthenticationError& error) {
        return std::string(error.what()).find("token") != std::string::npos;
      }
    })) << "'"
        << token << "'";
  }
  EXPECT_EQ(manager.number_of_objects(), 0U);
}

TEST(ManagerContract, RunsTheInitializerInItsOwnProcessBeforeItServes) {
  const Manager other;
  auto ns = other.namespace_({{"test", 0}, {"pid", 0}});
  const Manager manager({.initializer = [&] {
    ns["test"] += 1;
    ns["pid"] = current_process().pid();
  }});
  EXPECT_EQ(ns.get<int>("test"), 1);
  EXPECT_NE(ns.get<int>("pid"), current_process().pid());
}

TEST(ManagerContract, TellsWhatItsInitializerThrew) {
  EXPECT_THAT(failure_of({.initializer = [] { throw std::runtime_error("no such disk"); }}),
              HasSubstr("no such disk"));
  const Manager next;
  EXPECT_EQ(next.number_of_objects(), 0U) << "another one starts";
}

TEST(ManagerContract, TellsThatItsAddressIsTaken) {
  const Manager manager(kAnyPort);
  EXPECT_THAT(failure_of({.address = manager.address()}), HasSubstr(manager.address()));
  EXPECT_EQ(manager.number_of_objects(), 0U) << "the first one goes on";
}

TEST(ManagerContract, ServesAtNoAddressBeyondThisHost) {
  for (const char* address : {"0.0.0.0:0", "192.0.2.1:50051", "nonsense", "127.0.0.1:99999"})
    EXPECT_THROW(Manager({.address = address}), Error) << address;
}

TEST(ManagerContract, EndsWithinALimitAndIsJoined) {
  Manager manager(kAnyPort);
  auto d = manager.dict<int, int>();
  EXPECT_FALSE(manager.join(0s)) << "it runs";
  manager.shutdown(20s);
  EXPECT_TRUE(manager.join(0s));
  manager.shutdown();
  EXPECT_THROW(d.set(1, 1), ManagerError);
  EXPECT_THROW(static_cast<void>(Manager::connect(manager.address(), {.timeout = 50ms})),
               ManagerUnavailable);
}

TEST(ManagerContract, IsJoinedByWhoStartedItOnly) {
  Manager manager;
  Manager second = Manager::connect(manager.address());
  EXPECT_THROW(second.join(0s), ProcessError);
  EXPECT_TRUE(in_a_child([&] {
    try {
      manager.join(0s);
      return false;
    } catch (const ProcessError&) {
      return true;
    }
  }));
}

TEST(ManagerContract, AnswersWhoWaitsWhenItEnds) {
  Manager manager(kAnyPort);
  auto waiting = manager.queue<int>().async().get();
  EXPECT_FALSE(waiting.ready());
  manager.shutdown(20s);
  EXPECT_THROW(waiting.get(20s), ManagerError);
}

TEST(ManagerContract, ShutDownByAConnectedProgramEndsItsSessionOnly) {
  const Manager manager;
  Manager second = Manager::connect(manager.address());
  const auto d = second.dict();
  second.shutdown();
  EXPECT_TRUE(test::eventually([&] { return manager.number_of_objects() == 0; }));
}

TEST(ManagerContract, StartsOnTheSameAddressAtOnceAsCPythonsTestOfRestartsSays) {
  std::string address = "127.0.0.1:0";
  for (int round = 0; round < 10; ++round) {
    Manager manager({.address = address, .token = "secret"});
    address = manager.address();
    EXPECT_TRUE(in_a_child([&] {
      const Manager second = Manager::connect(address, {.token = "secret"});
      second.queue<std::string>("greetings").put("hello world");
      return true;
    }));
    EXPECT_EQ(manager.queue<std::string>("greetings").get(20s), "hello world");
    EXPECT_EQ(manager.queue<std::string>("greetings").qsize(), 0U);
    manager.shutdown(20s);
  }
}

TEST(ManagerContract, KnowsNothingOfTheObjectsOfAnEarlierRun) {
  Manager first(kAnyPort);
  const Manager client = Manager::connect(first.address());
  auto old = client.dict<int, int>("d");
  old[1] = 1;
  first.shutdown(20s);
  const Manager second({.address = first.address()});
  EXPECT_TRUE((client.dict<int, int>("d").empty()));
  EXPECT_THROW(old.set(1, 2), NoSuchObject);
}

TEST(ManagerContract, IsUsedByAForkedChild) {
  const Manager manager;
  EXPECT_TRUE(in_a_child([&] {
    manager.list<int>("shared").append(1);
    return manager.number_of_objects() == 1;
  }));
  EXPECT_EQ(manager.list<int>("shared").size(), 1U);
}

TEST(ManagerContract, ServesFromAProcessOfItsOwnUntilItIsTold) {
  const Manager ours;
  auto addresses = ours.queue<std::string>();
  Process process([&] {
    ManagerServer server(kAnyPort);
    addresses.put(server.address());
    server.serve_forever();
  });
  process.start();
  const std::string address = addresses.get(20s);
  const Manager client = Manager::connect(address);
  client.dict<int, int>("d")[1] = 2;
  EXPECT_EQ((Manager::connect(address).dict<int, int>("d").at(1)), 2);
  process.terminate();
  process.join();
  EXPECT_EQ(process.exitcode(), 0) << "serve_forever() returns";
}

TEST(ManagerContract, IsKilledIfItDoesNotEndWithinTheLimit) {
  const Manager other;
  auto ns = other.namespace_();
  Manager manager({.initializer = [&] { ns["pid"] = getpid(); }});
  ASSERT_EQ(kill(ns.get<pid_t>("pid"), SIGSTOP), 0);
  manager.shutdown(20ms);
  EXPECT_TRUE(manager.join(0s));
  EXPECT_NE(kill(ns.get<pid_t>("pid"), 0), 0) << "it is gone";
}

TEST(ManagerContract, MayTakeAsLongAsItLikesToBeginAndToEnd) {
  constexpr auto kEver = std::chrono::hours::max();  // more nanoseconds than can be counted
  Manager manager;
  Manager::connect(manager.address(), {.timeout = kEver}).shutdown(kEver);
  manager.shutdown(kEver);
  EXPECT_TRUE(manager.join(0s));
}

TEST(ManagerContract, WritesNothingOfItsOwnAccordInAProcessThatServesWithIt) {
  EXPECT_TRUE(in_a_child([] {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    { const ManagerServer server(kAnyPort); }
    return testing::internal::GetCapturedStdout().empty() &&
           testing::internal::GetCapturedStderr().empty();
  }));
}

// A thread that does nothing, for as long as this lives.
class Thread {
  std::jthread thread_{[](const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait(lock, stop, [] { return false; });
  }};
};

TEST(ManagerContract, IsAProgramOfItsOwnWhereThereAreThreads) {
  EXPECT_TRUE(in_a_child([] {
    const Thread thread;
    const Manager manager({.address = "127.0.0.1:0", .token = "secret"});
    manager.list<int>("l").append(1);
    const Manager second =
        Manager::connect(manager.address(), {.token = "secret", .lane = Lane::kInProcess});
    return second.list<int>("l").size() == 1;
  }));
}

TEST(ManagerContract, DemandsItsTokenAlsoAsAProgramOfItsOwn) {
  EXPECT_TRUE(in_a_child([] {
    const Thread thread;
    const Manager manager({.address = "127.0.0.1:0", .token = "secret"});
    try {
      const Manager second = Manager::connect(manager.address(), {.lane = Lane::kInProcess});
      return false;
    } catch (const AuthenticationError&) {
      return true;
    }
  }));
}

TEST(ManagerContract, RunsNoInitializerWhereThereAreThreads) {
  EXPECT_TRUE(in_a_child([] {
    const Thread thread;
    return failure_of({.initializer = [] {}}).find("initializer") != std::string::npos;
  }));
}

}  // namespace
}  // namespace mp::contract
