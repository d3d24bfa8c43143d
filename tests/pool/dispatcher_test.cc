#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ranges>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "mp/pool.h"
#include "tests/fork/process_fixture.h"
#include "tests/pool/pool_contract.h"

// The one thread that a pool has, or has not.

namespace mp::test {
namespace {

using namespace std::chrono_literals;

class Dispatcher : public ProcessTest {
 protected:
  // The ids of those threads of this process that were not there at first.
  std::vector<std::string> threads_more() const {
    std::vector<std::string> more;
    for (const std::string& thread : threads()) {
      if (!at_first_.contains(thread)) more.push_back(thread);
    }
    return more;
  }

  // The signals that a thread has blocked, as bits.
  static std::uint64_t blocked_in(const std::string& thread) {
    std::ifstream file("/proc/self/task/" + thread + "/status");
    const std::string key = "SigBlk:";
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with(key)) return std::stoull(line.substr(key.size()), nullptr, 16);
    }
    return 0;
  }

 private:
  static std::set<std::string> threads() {
    std::set<std::string> ids;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task"))
      ids.insert(entry.path().filename());
    return ids;
  }

  const std::set<std::string> at_first_ = threads();
};

TEST_F(Dispatcher, APoolThatNobodyLeavesAloneHasNoThread) {
  Pool pool(2);
  pool.apply(square, 3);
  pool.map(square, std::views::iota(0, 100), {.chunksize = 1});
  EXPECT_THAT(threads_more(), testing::IsEmpty());
}

TEST_F(Dispatcher, IsOneFromTheFirstAsynchronousCallOn) {
  Pool pool(2);
  pool.apply_async(square, 3).get(60s);
  EXPECT_THAT(threads_more(), testing::SizeIs(1));
  pool.map_async(square, std::views::iota(0, 100)).get(60s);
  pool.imap(square, std::views::iota(0, 3)).next(60s);
  EXPECT_THAT(threads_more(), testing::SizeIs(1));
}

TEST_F(Dispatcher, EndsWithThePool) {
  {
    Pool pool(2);
    pool.apply_async(square, 3).get(60s);
  }
  // A thread that was joined may be listed for a moment more.
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (!threads_more().empty() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_THAT(threads_more(), testing::IsEmpty());
}

TEST_F(Dispatcher, LeavesSignalsToTheProgramsThreads) {
  Pool pool(1);
  pool.apply_async(square, 3).get(60s);
  const auto more = threads_more();
  ASSERT_THAT(more, testing::SizeIs(1));
  const std::uint64_t blocked = blocked_in(more[0]);
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCHLD, SIGUSR1, SIGUSR2, SIGALRM})
    EXPECT_TRUE((blocked >> static_cast<unsigned>(signal - 1)) & 1U) << signal;
}

}  // namespace
}  // namespace mp::test
