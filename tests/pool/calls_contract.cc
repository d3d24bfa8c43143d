#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <chrono>
#include <forward_list>
#include <memory>
#include <numeric>
#include <ranges>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "mp/local/queue.h"
#include "tests/pool/pool_contract.h"

// CPython's tests of pools (_TestPool), but for the failures.

namespace mp::test {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

template <class Backend>
class Calls : public PoolContract<Backend> {};
TYPED_TEST_SUITE(Calls, Backends, NameOfBackend);

std::vector<int> squares_below(int n) {
  std::vector<int> squares;
  for (int i = 0; i < n; ++i) squares.push_back(i * i);
  return squares;
}

int wait_and_square(int n, double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  return n * n;
}

TYPED_TEST(Calls, ApplyGivesWhatTheFunctionReturns) {
  auto pool = this->make(4);
  EXPECT_EQ(pool.apply(square, 5), 25);
  EXPECT_EQ(pool.apply(product, 3, 4), 12);
  EXPECT_EQ(pool.apply([](const std::string& text) { return text + "!"; }, "hello"), "hello!");
}

TYPED_TEST(Calls, ApplyOfAFunctionWithoutAResultWaitsForIt) {
  auto pool = this->make(1);
  const Queue<int> answers;
  pool.apply([](const Queue<int>& out) { out.put(7); }, answers);
  EXPECT_EQ(answers.get_nowait(), 7);
}

TYPED_TEST(Calls, MapKeepsTheOrderOfTheItems) {
  auto pool = this->make(4);
  EXPECT_EQ(pool.map(square, std::views::iota(0, 10)), squares_below(10));
  EXPECT_EQ(pool.map(square, std::views::iota(0, 100), {.chunksize = 20}), squares_below(100));
  EXPECT_EQ(pool.map(square, std::views::iota(0, 1000), {.chunksize = 1}), squares_below(1000));
}

TYPED_TEST(Calls, MapTakesRangesOfEverySort) {
  auto pool = this->make(2);
  EXPECT_THAT(pool.map(square, std::forward_list<int>{1, 2, 3}), ElementsAre(1, 4, 9));
  std::istringstream text("1 2 3");
  EXPECT_THAT(pool.map(square, std::views::istream<int>(text)), ElementsAre(1, 4, 9));
  EXPECT_THAT(pool.map([](bool flag) { return !flag; }, std::vector<bool>{true, false}),
              ElementsAre(false, true));
}

TYPED_TEST(Calls, MapOfNothingIsNothing) {
  auto pool = this->make(2);
  EXPECT_THAT(pool.map(square, std::vector<int>()), ElementsAre());
  EXPECT_THAT(pool.map_async(square, std::vector<int>(), {.chunksize = 1}).get(10s), ElementsAre());
  EXPECT_FALSE(pool.imap(square, std::vector<int>()).next().has_value());
}

TYPED_TEST(Calls, StarmapSpreadsItsItems) {
  auto pool = this->make(4);
  std::vector<std::pair<int, int>> pairs;
  for (int i = 0; i < 100; ++i) pairs.emplace_back(i, i);
  EXPECT_EQ(pool.starmap(product, pairs), squares_below(100));
  EXPECT_EQ(pool.starmap(product, pairs, {.chunksize = 20}), squares_below(100));
  EXPECT_EQ(pool.starmap_async(product, pairs).get(), squares_below(100));
}

TYPED_TEST(Calls, StarmapTakesTuplesAndArrays) {
  auto pool = this->make(2);
  EXPECT_THAT(pool.starmap(product, std::vector<std::tuple<int, int>>{{2, 3}, {3, 4}}),
              ElementsAre(6, 12));
  EXPECT_THAT(pool.starmap(product, std::vector<std::array<int, 2>>{{2, 3}, {3, 4}}),
              ElementsAre(6, 12));
  EXPECT_THAT(pool.starmap_async(square, std::vector<std::array<int, 1>>{{2}, {3}}).get(60s),
              ElementsAre(4, 9));
  EXPECT_EQ(pool.map([](std::array<int, 2> pair) { return pair[0] - pair[1]; },
                     std::vector<std::array<int, 2>>{{3, 1}}),
            std::vector{2});
}

TYPED_TEST(Calls, ApplyTakesOptions) {
  auto pool = this->make(1);
  EXPECT_EQ(pool.apply(product, std::tuple(3, 4), {.soft_time_limit = 60s, .retries = 1}), 12);
  const TaskOptions options;
  EXPECT_EQ(pool.apply(square, std::tuple(5), options), 25);
  const Queue<int> answers;
  pool.apply([](const Queue<int>& out) { out.put(7); }, std::tuple(answers), options);
  EXPECT_EQ(answers.get_nowait(), 7);
}

TYPED_TEST(Calls, MapAsyncTellsItsCallbacksOnce) {
  auto pool = this->make(2);
  std::vector<std::vector<int>> results;
  std::vector<std::string> errors;
  const auto good = pool.map_async(
      square, std::vector<int>{1, 2, 3},
      {.callback = [&](const std::vector<int>& result) { results.push_back(result); }});
  good.wait();
  const auto bad = pool.map_async(refuse_three, std::vector<int>{2, 3, 3},
                                  {.error_callback = [&](const auto& error) {
                                    try {
                                      std::rethrow_exception(error);
                                    } catch (const std::invalid_argument& invalid) {
                                      errors.emplace_back(invalid.what());
                                    }
                                  }});
  bad.wait();
  EXPECT_TRUE(good.successful());
  EXPECT_FALSE(bad.successful());
  EXPECT_THAT(results, ElementsAre(ElementsAre(1, 4, 9)));
  EXPECT_THAT(errors, ElementsAre("three"));
}

TYPED_TEST(Calls, ACallbackThatThrowsTakesThePlaceOfTheResult) {
  auto pool = this->make(2);
  const auto result = pool.apply_async(
      square, std::tuple(3), {.callback = [](int) { throw std::runtime_error("no thanks"); }});
  EXPECT_THAT([&] { result.get(); }, testing::ThrowsMessage<std::runtime_error>("no thanks"));
  EXPECT_EQ(pool.apply(square, 4), 16);
}

TYPED_TEST(Calls, AnErrorCallbackThatThrowsTakesThePlaceOfTheError) {
  auto pool = this->make(2);
  const auto result = pool.apply_async(
      refuse_three, std::tuple(3),
      {.error_callback = [](const auto&) { throw std::runtime_error("no thanks"); }});
  EXPECT_THAT([&] { result.get(); }, testing::ThrowsMessage<std::runtime_error>("no thanks"));
  EXPECT_EQ(pool.apply(square, 4), 16);
}

TYPED_TEST(Calls, ApplyAsyncGivesItsResultLater) {
  auto pool = this->make(2);
  const auto result = pool.apply_async(wait_and_square, 7, 0.05);
  EXPECT_EQ(result.get(), 49);
  EXPECT_EQ(result.get(), 49);
  EXPECT_TRUE(result.ready());
  EXPECT_TRUE(result.successful());
  EXPECT_EQ(pool.apply_async(square, 4).get(10s), 16);
}

TYPED_TEST(Calls, AResultThatIsNotThereInTimeIsATimeout) {
  auto pool = this->make(1);
  const Queue<int> gate;
  const auto result = pool.apply_async([](const Queue<int>& in) { return in.get(); }, gate);
  EXPECT_THROW(result.get(1ms), TimeoutError);
  EXPECT_THROW(result.get(-1s), TimeoutError);
  EXPECT_FALSE(result.wait(1ms));
  EXPECT_FALSE(result.ready());
  EXPECT_THROW(result.successful(), ValueError);
  gate.put(5);
  EXPECT_EQ(result.get(), 5);
}

TYPED_TEST(Calls, FunctionsCanBeBoundToTheirFirstArguments) {
  auto pool = this->make(2);
  EXPECT_THAT(pool.map(mp::bind(product, 10), std::vector<int>{1, 2}), ElementsAre(10, 20));
  const std::string greeting = "hello ";
  EXPECT_EQ(pool.apply(mp::bind([](const std::string& a, const std::string& b) { return a + b; },
                                greeting),
                       "world"),
            "hello world");
  EXPECT_EQ(pool.apply(mp::bind(mp::bind(product, 6), 7)), 42);
}

TYPED_TEST(Calls, EachWorkerIsInitializedOnce) {
  const Queue<int> calls;
  {
    auto pool = this->make(
        3, [](const Queue<int>& out, int number) { out.put(number); }, calls, 8);
    EXPECT_THAT(pool.map(square, std::views::iota(0, 30)), testing::SizeIs(30));
  }
  EXPECT_THAT(calls.get_many(10), ElementsAre(8, 8, 8));
}

TYPED_TEST(Calls, ThereMustBeAWorker) {
  EXPECT_THROW(this->make(0), ValueError);
  EXPECT_THROW(this->make(-1), ValueError);
}

TYPED_TEST(Calls, AChunkHasAnItemAtLeast) {
  auto pool = this->make(1);
  EXPECT_THROW(pool.map(square, std::vector<int>{1}, {.chunksize = 0}), ValueError);
  EXPECT_THROW(pool.imap(square, std::vector<int>{1}, {.chunksize = 0}), ValueError);
  EXPECT_THROW(pool.imap(square, std::vector<int>{1}, {.buffersize = 0}), ValueError);
}

TYPED_TEST(Calls, AClosedPoolTakesNoMoreAndEndsWhatItHas) {
  auto pool = this->make(2);
  const auto result = pool.map_async(square, std::views::iota(0, 100));
  EXPECT_THROW(pool.join(), ValueError);
  pool.close();
  pool.close();
  EXPECT_THROW(pool.apply(square, 1), ValueError);
  EXPECT_THROW(pool.map_async(square, std::vector<int>{1}), ValueError);
  EXPECT_THROW(pool.map(square, std::vector<int>()), ValueError);
  EXPECT_THROW(pool.imap(square, std::vector<int>{1}), ValueError);
  EXPECT_TRUE(pool.join(60s));
  EXPECT_TRUE(pool.join());
  EXPECT_EQ(result.get(), squares_below(100));
}

TYPED_TEST(Calls, JoinMayTakeTooLong) {
  auto pool = this->make(1);
  const Queue<int> gate;
  const auto result = pool.apply_async([](const Queue<int>& in) { return in.get(); }, gate);
  pool.close();
  EXPECT_FALSE(pool.join(1ms));
  gate.put(1);
  EXPECT_TRUE(pool.join());
  EXPECT_EQ(result.get(), 1);
}

TYPED_TEST(Calls, APoolPrintsItsState) {
  auto pool = this->make(3);
  const auto text = [&] {
    std::ostringstream out;
    out << pool;
    return out.str();
  };
  EXPECT_THAT(text(), testing::HasSubstr("Pool state=RUN pool_size=3>"));
  pool.close();
  EXPECT_THAT(text(), testing::HasSubstr("Pool state=CLOSE pool_size=3>"));
  pool.terminate();
  EXPECT_THAT(text(), testing::HasSubstr("Pool state=TERMINATE pool_size=3>"));
}

TYPED_TEST(Calls, SeveralThreadsCanCallAtOnce) {
  auto pool = this->make(2);
  std::vector<std::thread> callers;
  std::atomic<int> right = 0;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < 100; ++i) right += pool.apply(product, caller, i) == caller * i ? 1 : 0;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(right, 400);
}

TYPED_TEST(Calls, TheProgressOfAMapCanBeSeen) {
  auto pool = this->make(1);
  const Queue<int> gate;
  const auto result = pool.map_async([](const Queue<int>& in) { return in.get(); },
                                     std::vector<Queue<int>>(3, gate), {.chunksize = 1});
  EXPECT_EQ(result.progress().total, 3);
  gate.put_many({1, 2, 3});
  result.wait();
  EXPECT_EQ(result.progress().done, 3);
}

}  // namespace
}  // namespace mp::test
