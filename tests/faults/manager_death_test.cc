#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <memory>
#include <thread>

#include "mp/mp.h"
#include "tests/e2e/manager_process.h"

// A manager that is killed, and one that comes back at the same address.

namespace mp {
namespace {

using namespace std::chrono_literals;

class RestartedManager : public testing::Test {
 protected:
  std::unique_ptr<e2e::ManagerProcess> start() {
    return std::make_unique<e2e::ManagerProcess>(
        std::vector<std::string>{"--socket", folder_.file("manager.sock")});
  }
  void kill_and_restart() {
    server_->signal(SIGKILL);
    server_->wait();
    server_ = start();
  }

  e2e::TemporaryFolder folder_;
  std::unique_ptr<e2e::ManagerProcess> server_ = start();
  Manager manager_ = Manager::connect("unix:" + folder_.file("manager.sock"));
};

TEST_F(RestartedManager, DoesNotKnowOldReferencesAndServesNewOnes) {
  auto old = manager_.dict<std::string, int>("scores");
  old["alice"] = 3;
  kill_and_restart();
  EXPECT_THROW(static_cast<void>(old.get("alice")), NoSuchObject);
  auto scores = manager_.dict<std::string, int>("scores");
  EXPECT_TRUE(scores.empty());
  scores["alice"] = 4;
  EXPECT_EQ(scores.at("alice"), 4);
  EXPECT_THROW(static_cast<void>(old.get("alice")), NoSuchObject)
      << "an old reference is never a new object's";
}

TEST_F(RestartedManager, HasLostItsLocksAndTheirHoldersCanTell) {
  auto lock = manager_.lock("deploy");
  lock.acquire();
  const std::uint64_t token = lock.token();
  EXPECT_FALSE(lock.lost());
  kill_and_restart();
  auto again = manager_.lock("deploy");
  EXPECT_TRUE(lock.lost());
  EXPECT_TRUE(again.acquire(false));
  EXPECT_GT(again.token(), token) << "tokens grow over restarts";
}

TEST_F(RestartedManager, TellsACallThatWaitedThatItsOutcomeIsUnknown) {
  auto items = manager_.queue<int>("items");
  auto item = items.async().get();
  EXPECT_FALSE(item.ready());
  kill_and_restart();
  EXPECT_THROW(item.get(), OutcomeUnknown);
}

TEST(DeadManager, FailsWhatWaitsAndWhatComesLaterWithATypedError) {
  Manager manager;
  auto items = manager.queue<int>();
  auto item = items.async().get();
  EXPECT_FALSE(item.ready());
  manager.shutdown(0s);
  EXPECT_THROW(item.get(), ManagerError);
  EXPECT_THROW(items.put(1), ManagerUnavailable);
  EXPECT_THROW(static_cast<void>(items.qsize()), ManagerUnavailable);
  EXPECT_THROW(static_cast<void>(manager.dict()), ManagerUnavailable);
}

TEST(StoppedManager, CostsNobodyItsSession) {
  e2e::ManagerProcess server;
  Manager manager = Manager::connect("unix:" + server.socket());
  auto lock = manager.lock("deploy");
  auto numbers = manager.dict<int, int>("numbers");
  lock.acquire();
  server.signal(SIGSTOP);
  ASSERT_EQ(waitpid(server.pid(), nullptr, WUNTRACED), server.pid()) << "until it has stopped";
  auto answer = numbers.async().add(1, 1);
  EXPECT_FALSE(answer.wait(50ms));
  server.signal(SIGCONT);
  EXPECT_EQ(answer.get(), 1);
  EXPECT_FALSE(lock.lost());
  lock.release();
}

}  // namespace
}  // namespace mp
