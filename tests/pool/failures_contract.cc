#include <gmock/gmock.h>

#include <chrono>
#include <functional>
#include <ranges>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "mp/current_process.h"
#include "mp/local/queue.h"
#include "tests/pool/pool_contract.h"

// Errors are those of one task, and of nobody else.

namespace mp::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;
using namespace std::chrono_literals;

template <class Backend>
class Failures : public PoolContract<Backend> {};
TYPED_TEST_SUITE(Failures, Backends, NameOfBackend);

// Gives `good` numbers from 0 on, and throws then.
auto numbers_until_failure(int good) {
  return std::views::iota(0) | std::views::transform([good](int n) {
           if (n == good) throw std::domain_error("the input is broken");
           return n;
         }) |
         std::views::take(100);
}

TYPED_TEST(Failures, WhatATaskThrowsComesBackAsItself) {
  auto pool = this->make(2);
  EXPECT_THAT([&] { pool.apply([](int) -> int { throw std::out_of_range("too far"); }, 1); },
              ThrowsMessage<std::out_of_range>("too far"));
  EXPECT_THAT([&] { pool.apply([] { throw KeyError("nobody"); }); },
              ThrowsMessage<KeyError>("nobody"));
  EXPECT_THAT(
      [&] { pool.apply([] { throw std::system_error(ENOENT, std::generic_category()); }); },
      testing::Throws<std::system_error>(testing::Property(
          &std::system_error::code, std::make_error_code(std::errc::no_such_file_or_directory))));
  EXPECT_EQ(pool.apply(square, 2), 4);
}

TYPED_TEST(Failures, MapWaitsForAllAndThrowsTheFirstInOrder) {
  auto pool = this->make(2);
  const Queue<int> done;
  const auto refuse_odd = [](const Queue<int>& out, int n) {
    out.put(n);
    if (n % 2 == 1) throw std::runtime_error(std::to_string(n) + std::string(1U << 20U, '.'));
    return n;
  };
  EXPECT_THAT(
      [&] { pool.map(mp::bind(refuse_odd, done), std::views::iota(0, 6), {.chunksize = 1}); },
      ThrowsMessage<std::runtime_error>(testing::StartsWith("1.")));
  EXPECT_EQ(done.qsize(), 6);
}

TYPED_TEST(Failures, OfTheInputOfMapSurfaces) {
  auto pool = this->make(2);
  for (int good : {0, 1, 10}) {
    EXPECT_THROW(pool.map(square, numbers_until_failure(good)), std::domain_error);
    EXPECT_THROW(pool.map(square, numbers_until_failure(good), {.chunksize = 1}),
                 std::domain_error);
    EXPECT_THROW(pool.map_async(square, numbers_until_failure(good)), std::domain_error);
  }
  EXPECT_EQ(pool.apply(square, 3), 9);
}

TYPED_TEST(Failures, OfTheInputOfImapComeAtTheirPlace) {
  auto pool = this->make(2);
  for (const std::size_t chunksize : {1U, 2U, 7U}) {
    auto results = pool.imap(square, numbers_until_failure(3), {.chunksize = chunksize});
    EXPECT_EQ(results.next(), 0);
    EXPECT_EQ(results.next(), 1);
    EXPECT_EQ(results.next(), 4);
    EXPECT_THROW(results.next(), std::domain_error);
    EXPECT_FALSE(results.next().has_value());
  }
}

TYPED_TEST(Failures, OfATaskOfImapComeAtTheirPlace) {
  auto pool = this->make(2);
  for (const std::size_t chunksize : {1U, 2U, 7U}) {
    auto results = pool.imap(refuse_three, std::views::iota(2, 6), {.chunksize = chunksize});
    EXPECT_EQ(results.next(), 2);
    EXPECT_THROW(results.next(), std::invalid_argument);
    EXPECT_EQ(results.next(), 4);
    EXPECT_EQ(results.next(), 5);
    EXPECT_FALSE(results.next().has_value());
  }
}

TYPED_TEST(Failures, AnExitIsTheLossOfTheWorkerAndTheTask) {
  auto pool = this->make(2);
  for (int i = 0; i < 5; ++i) {
    try {
      pool.apply([](int code) { mp::exit(code); }, 3 + i);
      FAIL() << "the task came back";
    } catch (const WorkerLost& lost) {
      EXPECT_EQ(lost.exitcode(), 3 + i);
      EXPECT_EQ(lost.signal(), std::nullopt);
    }
  }
  EXPECT_EQ(pool.apply(square, 3), 9);
}

TYPED_TEST(Failures, AnInitializerThatThrowsBreaksThePoolAtOnce) {
  auto pool = this->make(2, [] { throw std::runtime_error("not today"); });
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT([&] { pool.apply(square, 1); },
                ThrowsMessage<PoolBroken>(HasSubstr("std::runtime_error: not today")));
  }
  pool.close();
  EXPECT_TRUE(pool.join());
}

TYPED_TEST(Failures, TerminateAnswersAllThatIsOutstanding) {
  auto pool = this->make(2);
  const Queue<int> never;
  const auto sleep = [](int) {
    while (!this_task::stop_requested()) std::this_thread::sleep_for(1ms);
    return 0;
  };
  const auto many = pool.map_async(sleep, std::views::iota(0, 10'000), {.chunksize = 1});
  pool.terminate();
  EXPECT_TRUE(pool.join(60s));
  EXPECT_THROW(many.get(60s), PoolTerminated);
  EXPECT_THROW(pool.apply(square, 1), ValueError);
  pool.terminate();
}

TYPED_TEST(Failures, WhatWaitsCanBeCancelled) {
  auto pool = this->make(1);
  const Queue<int> gate;
  const auto first = pool.apply_async([](const Queue<int>& in) { return in.get(); }, gate);
  const auto second = pool.apply_async(square, 2);
  EXPECT_TRUE(second.cancel());
  EXPECT_THROW(second.get(60s), Cancelled);
  EXPECT_FALSE(second.cancel());
  gate.put(1);
  EXPECT_EQ(first.get(60s), 1);
  EXPECT_FALSE(first.cancel());
}

TYPED_TEST(Failures, ASoftTimeLimitIsSeenByTheTask) {
  auto pool = this->make(1);
  const auto endless = [] {
    for (;;) {
      this_task::check();
      std::this_thread::sleep_for(1ms);
    }
  };
  const auto result = pool.apply_async(endless, std::tuple(), {.task = {.soft_time_limit = 20ms}});
  EXPECT_THROW(result.get(60s), SoftTimeLimitExceeded);
  EXPECT_FALSE(pool.apply([] { return this_task::stop_requested(); }));
  EXPECT_FALSE(this_task::stop_requested());
}

TYPED_TEST(Failures, AnExceptionThatUnwindsTheScopeTerminates) {
  const auto begin = std::chrono::steady_clock::now();
  try {
    auto pool = this->make(1);
    pool.apply_async([] {
      while (!this_task::stop_requested()) std::this_thread::sleep_for(1ms);
    });
    throw std::runtime_error("changed my mind");
  } catch (const std::runtime_error&) {
    SUCCEED();
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 60s);
}

}  // namespace
}  // namespace mp::test
