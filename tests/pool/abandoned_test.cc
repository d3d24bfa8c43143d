#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <ranges>
#include <stdexcept>
#include <utility>
#include <vector>

#include "mp/local/queue.h"
#include "mp/local/value.h"
#include "tests/pool/pool_contract.h"

// A map whose input throws when its first tasks have begun.

namespace mp::test {
namespace {

using testing::ElementsAre;
using testing::ThrowsMessage;
using namespace std::chrono_literals;

template <class Backend>
class Abandoned : public PoolContract<Backend> {
 protected:
  // Some numbers, and an exception when a task has begun.
  auto numbers() const {
    return std::views::iota(0, 100) | std::views::transform([begun = begun_](int n) {
             if (n == 40) {
               begun.get(60s);
               throw std::domain_error("the input is broken");
             }
             return n;
           });
  }
  auto pairs() const {
    return numbers() | std::views::transform([](int n) { return std::pair(n, n); });
  }
  // Tells that it has begun, and ends when it may.
  auto task() const {
    return mp::bind(
        [](const Queue<int>& begun, const Queue<int>& may_end, int left, int right) {
          begun.put(left);
          return may_end.get() + right;
        },
        begun_, may_end_);
  }
  auto task_of_one() const {
    return mp::bind(
        [](const Queue<int>& begun, const Queue<int>& may_end, int n) {
          begun.put(n);
          return may_end.get();
        },
        begun_, may_end_);
  }

  const Queue<int> begun_;
  const Queue<int> may_end_;
};
TYPED_TEST_SUITE(Abandoned, Backends, NameOfBackend);

TYPED_TEST(Abandoned, ABrokenInputCostsNoWorker) {
  auto pool = this->make(1);
  const int worker = pool.apply(::getpid);
  EXPECT_THAT([&] { pool.map(this->task_of_one(), this->numbers(), {.chunksize = 1}); },
              ThrowsMessage<std::domain_error>("the input is broken"));
  this->may_end_.put(0);
  EXPECT_THAT(pool.map(square, std::vector{1, 2, 3}), ElementsAre(1, 4, 9));
  EXPECT_THAT([&] { pool.starmap(this->task(), this->pairs(), {.chunksize = 1}); },
              ThrowsMessage<std::domain_error>("the input is broken"));
  this->may_end_.put(0);
  EXPECT_THAT(pool.map(square, std::vector{1, 2, 3}), ElementsAre(1, 4, 9));
  EXPECT_EQ(pool.apply(::getpid), worker);
}

TYPED_TEST(Abandoned, WhatHadNotBegunIsNotBegun) {
  auto pool = this->make(1);
  pool.map(square, std::views::iota(0, 500), {.chunksize = 1});  // they are short: many at once
  EXPECT_THROW(pool.map(this->task_of_one(), this->numbers(), {.chunksize = 1}), std::domain_error);
  this->may_end_.put(0);
  EXPECT_EQ(pool.apply(square, 3), 9);
  EXPECT_EQ(this->begun_.qsize(), 0);
}

TYPED_TEST(Abandoned, ItsCallbacksAreToldNothing) {
  int told = 0;
  {
    auto pool = this->make(1);
    EXPECT_THROW(pool.map_async(this->task_of_one(), this->numbers(),
                                {.chunksize = 1,
                                 .callback = [&](const auto&) { ++told; },
                                 .error_callback = [&](const auto&) { ++told; }}),
                 std::domain_error);
    this->may_end_.put(0);
    pool.close();
    EXPECT_TRUE(pool.join(60s));
  }
  EXPECT_EQ(told, 0);
}

TYPED_TEST(Abandoned, TheEndOfThePoolWaitsForWhatHasBegun) {
  auto pool = this->make(1);
  EXPECT_THROW(pool.map(this->task_of_one(), this->numbers(), {.chunksize = 1}), std::domain_error);
  pool.close();
  EXPECT_FALSE(pool.join(1ms));
  this->may_end_.put(0);
  EXPECT_TRUE(pool.join(60s));
}

class AbandonedByProcesses : public Abandoned<Processes<StartMethod::kFork>> {};

TEST_F(AbandonedByProcesses, ItIsNotTriedAgainWhenItsWorkerDies) {
  Pool pool(1);
  const Value<int> tries(0);
  const auto count_and_die = mp::bind(
      [](const Queue<int>& begun, const Queue<int>& may_end, const Value<int>& count, int n) {
        ++count;
        begun.put(n);
        may_end.get();
        ::raise(SIGKILL);
      },
      begun_, may_end_, tries);
  EXPECT_THROW(pool.map(count_and_die, numbers(), {.chunksize = 1, .task = {.retries = 5}}),
               std::domain_error);
  may_end_.put_many({0, 0, 0});
  EXPECT_EQ(pool.apply(square, 3), 9);
  EXPECT_EQ(tries.get(), 1);
}

}  // namespace
}  // namespace mp::test
