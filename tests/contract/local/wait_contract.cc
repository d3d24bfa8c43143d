#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "mp/errors.h"
#include "tests/contract/local/local_contract.h"

namespace mp::contract {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr int kSenders = 4;
constexpr int kEach = 10;

class LocalWaitInProcesses : public LocalContract {};
INSTANTIATE_TEST_SUITE_P(By, LocalWaitInProcesses, testing::ValuesIn(all_ways()), name_of_param);

void send_pairs(const Connection& out, int number, milliseconds pause) {
  for (int i = 0; i < kEach; ++i) {
    std::this_thread::sleep_for(pause);
    out.send(std::pair(i, number));
  }
}

std::vector<std::pair<int, int>> all_pairs() {
  std::vector<std::pair<int, int>> pairs;
  for (int i = 0; i < kEach; ++i)
    for (int number = 0; number < kSenders; ++number) pairs.emplace_back(i, number);
  return pairs;
}

// Takes away those that are at the end of file.
std::vector<std::pair<int, int>> receive_all(std::vector<Connection>& readers) {
  std::vector<std::pair<int, int>> received;
  while (!readers.empty()) {
    for (const Connection& reader : wait(readers)) {
      try {
        received.push_back(reader.recv<std::pair<int, int>>());
      } catch (const EOFError&) {
        std::erase(readers, reader);
      }
    }
  }
  std::ranges::sort(received);
  return received;
}

TEST_P(LocalWaitInProcesses, GivesAllMessagesOfManySendersWhetherTheyPauseOrNot) {
  for (const milliseconds pause : {0ms, 2ms}) {
    std::vector<Connection> readers;
    std::vector<Process> senders;
    for (int number = 0; number < kSenders; ++number) {
      auto [reader, writer] = Pipe(false);
      senders.push_back(started(send_pairs, std::move(writer), number, pause));
      readers.push_back(std::move(reader));
    }
    EXPECT_EQ(receive_all(readers), all_pairs());
    for (Process& sender : senders) expect_success(sender);
  }
}

TEST_P(LocalWaitInProcesses, TakesSentinelsAndConnectionsTogether) {
  const auto [a, b] = Pipe();
  const Event enough;
  Process child = started([](const Event& its) { its.wait(kLong); }, enough);
  const Waitable sentinel(child);
  EXPECT_THAT(wait({a, sentinel, b}, 1ms), IsEmpty());
  enough.set();
  EXPECT_THAT(wait({a, sentinel, b}, kLong), ElementsAre(sentinel));
  a.send(None);
  EXPECT_THAT(wait({a, sentinel, b}, kLong), ElementsAre(sentinel, Waitable(b)));
  b.send(None);
  EXPECT_THAT(wait({a, sentinel, b}, kLong), ElementsAre(Waitable(a), sentinel, Waitable(b)));
  expect_success(child);
}

TEST_P(LocalWaitInProcesses, DoesNotWaitForANegativeTime) {
  const auto [a, b] = Pipe();
  const Event enough;
  Process child = started([](const Event& its) { its.wait(kLong); }, enough);
  EXPECT_THAT(wait({a, Waitable(child), b}, -1s), IsEmpty());
  enough.set();
  expect_success(child);
}

}  // namespace
}  // namespace mp::contract
