#include <gmock/gmock.h>

#include <chrono>
#include <latch>
#include <optional>
#include <ranges>
#include <string>
#include <tuple>
#include <vector>

#include "mp/local/queue.h"
#include "tests/fork/process_fixture.h"
#include "tests/pool/pool_contract.h"

// Waiting for several results, and where they can't be waited for.

namespace mp::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;
using namespace std::chrono_literals;

template <class Backend>
class Waiting : public PoolContract<Backend> {};
TYPED_TEST_SUITE(Waiting, Backends, NameOfBackend);

class WaitingForProcesses : public ProcessTest {};

using Results = std::vector<AsyncResult<int>>;

int get_from(const Queue<int>& in) { return in.get(); }

int sum_as_completed(const Results& results) {
  int sum = 0;
  for (const auto& result : as_completed(results)) sum += result.get();
  return sum;
}

TYPED_TEST(Waiting, ResultsAreGivenAsTheyComplete) {
  auto pool = this->make(2);
  const Queue<int> gate;
  const auto wait = [](const Queue<int>& in) { return in.get(); };
  const auto at_once = [](int n) { return n; };
  const std::vector<AsyncResult<int>> results = {pool.apply_async(wait, gate),
                                                 pool.apply_async(at_once, 1)};
  std::vector<int> order;
  for (const auto& result : as_completed(results)) {
    order.push_back(result.get());
    if (order.size() == 1) gate.put(0);
  }
  EXPECT_THAT(order, ElementsAre(1, 0));
}

TYPED_TEST(Waiting, OneCanWaitForTheFirstOrForAll) {
  auto pool = this->make(2);
  const Queue<int> gate;
  const std::vector<AsyncResult<int>> results = {
      pool.apply_async([](const Queue<int>& in) { return in.get(); }, gate),
      pool.apply_async(square, 2)};
  const auto first = wait(results, ReturnWhen::kFirstCompleted);
  EXPECT_THAT(first.done, testing::SizeIs(1));
  EXPECT_THAT(first.not_done, testing::SizeIs(1));
  EXPECT_THAT(wait(results, ReturnWhen::kAllCompleted, 1ms).not_done, testing::SizeIs(1));
  gate.put(0);
  EXPECT_THAT(wait(results).done, testing::SizeIs(2));
}

TYPED_TEST(Waiting, ACallbackThatWaitsForItsOwnResultIsToldSo) {
  auto pool = this->make(1);
  std::latch is_there(1);
  std::optional<AsyncResult<int>> result;
  result = pool.apply_async(square, std::tuple(2), {.callback = [&](int) {
                              is_there.wait();
                              result->get();
                            }});
  is_there.count_down();
  EXPECT_THAT([&] { result->get(60s); }, ThrowsMessage<ProcessError>(HasSubstr("can't wait")));
}

TYPED_TEST(Waiting, ACallbackThatWaitsForTheEndOfThePoolIsToldSo) {
  auto pool = this->make(1);
  const auto result = pool.apply_async(square, std::tuple(2), {.callback = [&](int) {
                                         pool.close();
                                         pool.join();
                                       }});
  EXPECT_THAT([&] { result.get(60s); }, ThrowsMessage<ProcessError>(HasSubstr("can't wait")));
}

TYPED_TEST(Waiting, ACallbackThatWaitsForItsOwnResultAmongOthersIsToldSo) {
  auto pool = this->make(1);
  std::latch are_there(1);
  Results results;
  const auto call = [&](auto how) {
    return pool.apply_async(square, std::tuple(2), {.callback = [&, how](int) {
                              are_there.wait();
                              how(results);
                            }});
  };
  results.push_back(call([](const Results& all) { static_cast<void>(wait(all)); }));
  results.push_back(call([](const Results& all) { sum_as_completed(all); }));
  are_there.count_down();
  EXPECT_THAT([&] { results[0].get(60s); }, ThrowsMessage<ProcessError>(HasSubstr("can't wait")));
  EXPECT_THAT([&] { results[1].get(60s); }, ThrowsMessage<ProcessError>(HasSubstr("can't wait")));
}

TYPED_TEST(Waiting, ACallbackIsGivenWhatIsThere) {
  auto pool = this->make(1);
  const Results before = {pool.apply_async(square, 3), pool.apply_async(square, 4)};
  EXPECT_THAT(wait(before).done, testing::SizeIs(2));
  int sum = 0;
  const auto result = pool.apply_async(
      square, std::tuple(2), {.callback = [&](int) { sum = sum_as_completed(wait(before).done); }});
  EXPECT_EQ(result.get(60s), 4);
  EXPECT_EQ(sum, 25);
}

TYPED_TEST(Waiting, AForkedChildIsToldThatResultsDoNotComeThere) {
  auto pool = this->make(1);
  const Queue<int> gate;
  const Results results = {pool.apply_async(square, 3), pool.apply_async(get_from, gate)};
  results[0].wait();
  auto items = pool.imap(square, std::views::iota(0, 3));
  const auto is_told = [](const auto& call) {
    return in_child([&] {
      try {
        call();
        return std::string("no");
      } catch (const ProcessError&) {
        return std::string("yes");
      }
    });
  };
  EXPECT_EQ(is_told([&] { results[1].get(); }), "yes");
  EXPECT_EQ(is_told([&] { results[1].wait(1ms); }), "yes");
  EXPECT_EQ(is_told([&] { wait(results); }), "yes");
  EXPECT_EQ(is_told([&] { sum_as_completed(results); }), "yes");
  EXPECT_EQ(is_told([&] { items.next(); }), "yes");
  EXPECT_EQ(is_told([&] { pool.apply(square, 1); }), "yes");
  EXPECT_EQ(is_told([&] {
              wait(results, ReturnWhen::kFirstCompleted);
              sum_as_completed({results[0]});
            }),
            "no");
  gate.put(1);
  EXPECT_EQ(results[1].get(60s), 1);
  EXPECT_EQ(items.next(60s), 0);
}

TEST_F(WaitingForProcesses, ACallbackThatWaitsForAnotherResultIsToldSo) {
  Pool pool(1);
  const Queue<int> gate;
  std::latch is_there(1);
  Results other;
  const auto in_callback = [&](auto call) {
    return pool.apply_async(square, std::tuple(2), {.callback = [&, call](int) {
                              is_there.wait();
                              call();
                            }});
  };
  const Results told = {in_callback([&] { pool.apply(square, 3); }),
                        in_callback([&] { other[0].get(); }),
                        in_callback([&] { other[0].wait(1ms); }),
                        in_callback([&] { static_cast<void>(wait(other)); }),
                        in_callback([&] { sum_as_completed(other); }),
                        in_callback([&] { pool.imap(square, std::vector{1}).next(); })};
  other.push_back(pool.apply_async(get_from, gate));
  is_there.count_down();
  for (const auto& result : told) EXPECT_THROW(result.get(60s), ProcessError);
  gate.put(5);
  EXPECT_EQ(other[0].get(60s), 5);
}

TEST_F(WaitingForProcesses, ACallbackMayUseAnotherPool) {
  Pool pool(1);
  Pool other(1);
  int squared = 0;
  const auto result = pool.apply_async(
      square, std::tuple(2), {.callback = [&](int n) { squared = other.apply(square, n); }});
  EXPECT_EQ(result.get(60s), 4);
  EXPECT_EQ(squared, 16);
}

TEST_F(WaitingForProcesses, ACallbackMayWaitForResultsOfAnotherPool) {
  Pool pool(1);
  Pool other(1);
  const Queue<int> gate;
  const Results results = {other.apply_async(get_from, gate), other.apply_async(square, 3)};
  int sum = 0;
  const auto result = pool.apply_async(square, std::tuple(2), {.callback = [&](int n) {
                                         gate.put(n);
                                         sum = sum_as_completed(results);
                                       }});
  EXPECT_EQ(result.get(60s), 4);
  EXPECT_EQ(sum, 13);
}

}  // namespace
}  // namespace mp::test
