#include <gmock/gmock.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <memory>
#include <numeric>
#include <ranges>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <vector>

#include "mp/current_process.h"
#include "mp/local/connection.h"
#include "mp/local/queue.h"
#include "mp/pool.h"
#include "mp/process.h"
#include "mp/thread_pool.h"
#include "tests/fork/process_fixture.h"
#include "tests/fork/sanitized.h"
#include "tests/pool/pool_contract.h"

// What pools find where they are made, and what they are given.

namespace mp::test {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

class Surroundings : public ProcessTest {};

// For as long as it is in scope, no descriptor can be opened.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int first_free = ::dup(STDERR_FILENO);
    ::close(first_free);
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(first_free);
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

// A zombie does not.
bool runs(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t end = text.rfind(')');
  return end != std::string::npos && text.at(end + 2) != 'Z';
}

int told_pipe = -1;

TEST_F(Surroundings, HandlersOfTheProgramDoNotRunInWorkers) {
  Pipe told;
  told_pipe = told.write_end();
  EXPECT_EQ(in_child([] {
              std::signal(SIGTERM, [](int) { static_cast<void>(::write(told_pipe, "!", 1) == 1); });
              Pool pool(2);
              const auto result = pool.map_async([](int) { ::pause(); }, std::views::iota(0, 4));
              pool.terminate();
              return std::to_string(result.ready());
            }),
            "1");
  EXPECT_EQ(told.read_available(), "");
}

TEST_F(Surroundings, WhereSignalsAreBlockedWorkersStillHearThatTheirTimeIsOver) {
  EXPECT_EQ(
      in_child([] {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
        Pool pool(1);
        const auto wait = [] {
          errno = 0;
          while (!this_task::stop_requested() && ::poll(nullptr, 0, 60'000) == 0) continue;
          return errno;
        };
        return std::to_string(
            pool.apply_async(wait, std::tuple(), {.task = {.soft_time_limit = 100ms}}).get(60s));
      }),
      std::to_string(EINTR));
}

TEST_F(Surroundings, ASoftTimeLimitMayBeOverBeforeTheWorkerHasBegun) {
  for (int round = 0; round < 20; ++round) {
    Pool pool({.processes = 2, .max_restarts = 1});
    const auto result =
        pool.map_async([](int n) { return n; }, std::views::iota(0, 4),
                       {.chunksize = 1, .task = {.soft_time_limit = std::chrono::microseconds(1)}});
    EXPECT_THAT(result.get(60s), ElementsAre(0, 1, 2, 3));
  }
}

TEST_F(Surroundings, ATaskThatMakesAPoolDoesNotHandItsTimeLimitDown) {
  ThreadPool threads(1);
  const auto result = threads.apply_async(
      [] {
        Pool pool(1);
        while (!this_task::stop_requested()) std::this_thread::sleep_for(1ms);
        return pool.apply([] { return this_task::stop_requested(); });
      },
      std::tuple(), {.task = {.soft_time_limit = 20ms}});
  EXPECT_FALSE(result.get(60s));
}

TEST_F(Surroundings, APoolOutlivesTheThreadThatMadeIt) {
  std::unique_ptr<Pool> pool;
  std::thread([&] { pool = std::make_unique<Pool>(2); }).join();
  EXPECT_EQ(pool->apply(square, 5), 25);
  EXPECT_EQ(pool->apply_async(square, 6).get(60s), 36);
}

TEST_F(Surroundings, AThreadPoolCanBeDestroyedInAForkedChild) {
  auto threads = std::make_unique<ThreadPool>(2);
  EXPECT_EQ(in_child([&] {
              threads.reset();
              return std::string("gone");
            }),
            "gone");
}

TEST_F(Surroundings, AResultForWhichThereIsNoDescriptorIsTheErrorOfItsTask) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer needs descriptors for its checks";
  Pool pool(1);
  const auto large = [] {
    static const NoDescriptors for_ever;
    return std::vector<char>(std::size_t{1} << 20U, 'x');
  };
  const int worker = pool.apply(::getpid);
  try {
    pool.apply(large);
    FAIL() << "a result came";
  } catch (const WorkerLost&) {
    FAIL() << "the worker has died";
  } catch (const Error&) {
    SUCCEED();
  }
  EXPECT_EQ(pool.apply(::getpid), worker);
}

TEST_F(Surroundings, AnArgumentForWhichThereIsNoDescriptorIsTheCallersError) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer needs descriptors for its checks";
  Pool pool(1);
  const auto size_of = [](const std::vector<char>& bytes) { return bytes.size(); };
  const std::vector<char> large(std::size_t{1} << 20U, 'x');
  {
    const NoDescriptors none;
    EXPECT_THROW(pool.apply(size_of, large), Error);
    EXPECT_THROW(pool.apply_async(size_of, large), Error);
    EXPECT_EQ(pool.apply(square, 3), 9);
  }
  EXPECT_EQ(pool.apply(size_of, large), large.size());
}

TEST_F(Surroundings, AWorkerThatCannotBeReplacedAtOnceIsReplacedLater) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer needs descriptors for its checks";
  Pool pool(2);
  pool.apply_async(square, 1).get(60s);
  {
    const NoDescriptors none;
    EXPECT_THROW(pool.apply([] { ::raise(SIGKILL); }), WorkerLost);
    EXPECT_EQ(pool.apply(square, 3), 9);
  }
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (pool.worker_pids().size() < 2 && std::chrono::steady_clock::now() < deadline)
    EXPECT_EQ(pool.apply(square, 3), 9);
  EXPECT_THAT(pool.worker_pids(), testing::SizeIs(2));
}

TEST_F(Surroundings, DaemonsOfAWorkerEndWithIt) {
  Pool pool(1);
  const Queue<int> pids;
  const auto start_daemon = [](const Queue<int>& out) {
    static Process daemon({.daemon = true}, [] {
      for (;;) ::pause();
    });
    daemon.start();
    out.put(*daemon.pid());
    ::raise(SIGKILL);
  };
  EXPECT_THROW(pool.apply(start_daemon, pids), WorkerLost);
  const int daemon = pids.get(60s);
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (runs(daemon) && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(1ms);
  EXPECT_FALSE(runs(daemon));
}

TEST_F(Surroundings, LargeItemsMayBeMadeOneByOne) {
  Pool pool(2);
  const auto sum = [](const std::vector<int>& numbers) {
    return std::accumulate(numbers.begin(), numbers.end(), std::int64_t{0});
  };
  constexpr int kSize = 100'000;
  const auto made = std::views::iota(0, 8) |
                    std::views::transform([](int n) { return std::vector<int>(kSize, n); });
  std::vector<std::int64_t> expected;
  for (int n = 0; n < 8; ++n) expected.push_back(std::int64_t{n} * kSize);
  EXPECT_EQ(pool.map(sum, made, {.chunksize = 3}), expected);
  std::vector<std::int64_t> sums;
  for (const auto one : pool.imap(sum, made, {.chunksize = 3})) sums.push_back(one);
  EXPECT_EQ(sums, expected);
}

// ---- What is given ----

int twice(int n) noexcept { return 2 * n; }
const std::string& itself(const std::string& text) { return text; }
int sum_of(std::tuple<int, int> pair, int more) {
  return std::get<0>(pair) + std::get<1>(pair) + more;
}

template <class Backend>
class Givens : public PoolContract<Backend> {};
TYPED_TEST_SUITE(Givens, Backends, NameOfBackend);

TYPED_TEST(Givens, FunctionsMayBeOfManySorts) {
  auto pool = this->make(1);
  EXPECT_EQ(pool.apply(twice, 4), 8);
  EXPECT_EQ(pool.apply(itself, "text"), "text");
  EXPECT_EQ(pool.apply(std::plus<>(), 4, 5), 9);
  EXPECT_EQ(pool.apply([](std::string_view text) { return text.size(); }, "four"), 4U);
  EXPECT_THAT(pool.map([](int n) { return n > 1; }, std::vector<int>{1, 2}),
              ElementsAre(false, true));
}

TYPED_TEST(Givens, ATupleCanBeAnArgument) {
  auto pool = this->make(1);
  EXPECT_EQ(pool.apply(sum_of, std::tuple(1, 2), 3), 6);
  EXPECT_EQ(pool.apply_async(sum_of, std::tuple(1, 2), 3).get(60s), 6);
  const AsyncOptions<int> options;
  EXPECT_EQ(pool.apply_async(twice, std::tuple(4), options).get(60s), 8);
}

TYPED_TEST(Givens, ItemsMayBeTextThatSomebodyElseOwns) {
  auto pool = this->make(1);
  const std::string text = "one two three";
  auto words = text | std::views::split(' ') | std::views::transform([](auto word) {
                 return std::string_view(word.begin(), word.end());
               });
  EXPECT_THAT(pool.map([](std::string_view word) { return word.size(); }, words),
              ElementsAre(3U, 3U, 5U));
}

TEST_F(Surroundings, ThreadsTakeAnyCallable) {
  ThreadPool pool(2);
  const std::function<int(int)> function = [base = 10](int n) { return base + n; };
  EXPECT_EQ(pool.apply(function, 5), 15);
  EXPECT_THAT(pool.map(&std::string::size, std::vector<std::string>{"a", "bcd"}),
              ElementsAre(1U, 3U));
  EXPECT_EQ(*pool.apply([](std::unique_ptr<int> n) { return n; }, std::make_unique<int>(4)), 4);
}

TEST_F(Surroundings, ThreadsTakeItemsThatCanOnlyBeMoved) {
  ThreadPool pool(2);
  std::vector<std::unique_ptr<int>> items;
  items.push_back(std::make_unique<int>(4));
  EXPECT_THAT(pool.map([](std::unique_ptr<int> n) { return *n; }, std::move(items)),
              ElementsAre(4));
}

}  // namespace
}  // namespace mp::test
