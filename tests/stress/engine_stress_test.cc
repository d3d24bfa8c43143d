#include <algorithm>
#include <array>
#include <iterator>
#include <random>
#include <thread>

#include "server/engine/inspection.h"
#include "tests/stress/stress_client.h"

namespace mp::server::engine_test {
namespace {

constexpr std::size_t kClients = 4;
constexpr unsigned kThreads = 8;
constexpr int kCommandsPerThread = 10'000;

const std::array<std::string, 3> kDicts = {"d0", "d1", "d2"};
const std::array<std::string, 2> kLocks = {"L0", "L1"};
const std::array<std::string, 2> kQueues = {"q0", "q1"};

class EngineStressTest : public testing::TestWithParam<unsigned> {
 protected:
  EngineStressTest() {
    for (const std::string& name : kDicts) observer.call(create_dict(name));
    for (const std::string& name : kLocks) observer.call(create_lock(name));
    observer.call(create_queue(kQueues[0]));
    observer.call(create_queue(kQueues[1], 3));
    for (auto& client : clients) client = begin();
  }

  std::shared_ptr<StressClient> begin() {
    const MutexLock lock(mutex);
    return all.emplace_back(std::make_shared<StressClient>(manager));
  }
  std::shared_ptr<StressClient> client(std::size_t at) {
    const MutexLock lock(mutex);
    return clients[at];
  }
  // A process dies, and another takes its place.
  void replace(std::size_t at) {
    auto next = begin();
    {
      const MutexLock lock(mutex);
      std::swap(clients[at], next);
    }
    next->end();
  }

  void run_thread(unsigned thread);
  v1::Command random_command(std::mt19937& random);
  void look_around(unsigned thread);

  // After the end of all sessions.
  std::vector<std::int64_t> drain();

  Manager manager;
  Client observer{manager, nullptr};
  Mutex mutex;
  std::array<std::shared_ptr<StressClient>, kClients> clients;
  std::vector<std::shared_ptr<StressClient>> all;
  std::atomic<std::int64_t> last_item{0};
};

v1::Command EngineStressTest::random_command(std::mt19937& random) {
  const std::string& dict = kDicts[random() % kDicts.size()];
  const std::string& lock = kLocks[random() % kLocks.size()];
  const std::string& queue = kQueues[random() % kQueues.size()];
  const Timeout timeouts[] = {kNow, milliseconds(1), milliseconds(20), {}};
  const Timeout timeout = timeouts[random() % 4];
  switch (random() % 8) {
    case 0:
      return add(dict, std::to_string(random() % 5), 1);
    case 1:
      return get(dict, "1");
    case 2:
      return acquire(lock, timeout, random() % 4 == 0 ? Timeout(milliseconds(5)) : Timeout());
    case 3:
      return release(lock);
    case 4:
      return put(queue, std::to_string(++last_item), timeout);
    case 5:
      return take(queue, timeout);
    case 6:
      return locked(lock);
    default:
      return batch(
          {add(dict, "'b'", 1), random() % 2 == 0 ? acquire(lock) : add(kDicts[0], "'b'", 1)});
  }
}

void EngineStressTest::look_around(unsigned thread) {
  if (thread == 0) {
    manager.clock.set(manager.clock.now() + milliseconds(1));
    manager.engine.tick();
  } else if (thread == 1) {
    manager.engine.collect();
    v1::ListWaitersReply waiters;
    v1::ListSessionsReply sessions;
    v1::DescribeObjectRequest request;
    v1::DescribeObjectReply lock;
    request.set_name(kLocks[0]);
    EXPECT_TRUE(Inspection(manager.engine).list_waiters({}, waiters).ok());
    EXPECT_TRUE(Inspection(manager.engine).list_sessions({}, sessions).ok());
    EXPECT_TRUE(Inspection(manager.engine).describe_object(request, lock).ok());
  }
}

void EngineStressTest::run_thread(unsigned thread) {
  std::mt19937 random(GetParam() * kThreads + thread);
  for (int i = 0; i < kCommandsPerThread; ++i) {
    const std::size_t at = random() % kClients;
    const auto chosen = client(at);
    const auto dice = random() % 1000;
    if (dice < 2) {
      replace(at);
    } else if (dice < 60) {
      chosen->give_up(random());
    } else if (dice < 120) {
      chosen->resend(random());
    } else if (dice < 300) {
      chosen->acknowledge();
    } else {
      chosen->send(random_command(random));
    }
    if (i % 50 == 0) look_around(thread);
  }
}

std::vector<std::int64_t> EngineStressTest::drain() {
  std::vector<std::int64_t> items;
  for (const std::string& queue : kQueues) {
    for (v1::Outcome got = observer.ask(take(queue, kNow)); got.has_queue_get();
         got = observer.ask(take(queue, kNow))) {
      items.push_back(got.queue_get().value().int_());
    }
  }
  return items;
}

TEST_P(EngineStressTest, ThreadsSessionsAndTheirEndsLeaveEverythingInOrder) {
  std::vector<std::thread> threads;
  for (unsigned thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([=, this] { run_thread(thread); });
  for (std::thread& thread : threads) thread.join();

  // A lock is free, or held by a session that lives.
  for (const std::string& name : kLocks) {
    v1::DescribeObjectRequest request;
    request.set_name(name);
    v1::DescribeObjectReply lock;
    ASSERT_TRUE(Inspection(manager.engine).describe_object(request, lock).ok());
    for (const v1::Holder& holder : lock.holders()) {
      EXPECT_NE(manager.engine.sessions().find(holder.party().session()), nullptr);
    }
  }

  for (const auto& client : clients) client->end();
  for (const std::string& name : kLocks)
    EXPECT_EQ(observer.call(locked(name)), "locked=False token=0");
  v1::ListWaitersReply waiters;
  ASSERT_TRUE(Inspection(manager.engine).list_waiters({}, waiters).ok());
  EXPECT_EQ(waiters.waiters_size(), 0);

  std::uint64_t added = 0;
  std::multiset<std::int64_t> put;
  std::multiset<std::int64_t> got;
  std::multiset<std::int64_t> kept;
  for (const auto& client : all) {
    StressClient::Books books = client->books();
    EXPECT_THAT(books.unanswered, testing::IsEmpty());
    EXPECT_THAT(books.contradictions, testing::IsEmpty());
    added += books.added;
    put.merge(books.put);
    got.merge(books.got);
    kept.merge(books.kept);
  }

  std::int64_t sum = 0;
  for (const std::string& dict : kDicts) {
    const v1::Outcome counters = observer.ask(items(dict));
    for (const v1::Entry& entry : counters.dict_items().entries()) sum += entry.value().int_();
  }
  EXPECT_EQ(static_cast<std::uint64_t>(sum), added);

  const std::vector<std::int64_t> drained = drain();
  const std::multiset<std::int64_t> left(drained.begin(), drained.end());
  EXPECT_EQ(left.size(), std::set<std::int64_t>(left.begin(), left.end()).size())
      << "an item was doubled";
  EXPECT_EQ(kept.size(), std::set<std::int64_t>(kept.begin(), kept.end()).size())
      << "two got one item";
  for (const std::int64_t item : put)
    EXPECT_TRUE(left.contains(item) || got.contains(item)) << "lost: " << item;
  for (const std::int64_t item : kept) EXPECT_FALSE(left.contains(item)) << "came back: " << item;
  RecordProperty("sessions", static_cast<int>(all.size()));
  RecordProperty("items kept", static_cast<int>(kept.size()));
  RecordProperty("items left", static_cast<int>(left.size()));
}

INSTANTIATE_TEST_SUITE_P(Seeds, EngineStressTest, testing::ValuesIn(random_seeds(3)),
                         [](const auto& each) {
                           return "MP_TEST_SEED_" + std::to_string(each.param);
                         });

TEST(KeptOutcomesStressTest, OneWaitForEverAndAMillionSetsKeepNothingThatGrows) {
  Manager manager;
  Client a(manager);
  a.call(create_dict("d"));
  a.call(create_queue("q"));
  const auto waits = a.send(take("q"));
  const v1::Command command = set("d", "'k'", "1");
  for (std::uint64_t seq = waits + 1; seq <= 1'000'000; ++seq) {
    if (seq % 50 == 0) {
      const std::uint64_t unanswered[] = {seq, 1};
      a.session->acknowledge(waits, unanswered);
      const Session::Numbers numbers = a.session->numbers();
      ASSERT_EQ(numbers.intervals, 1U);
      ASSERT_LT(numbers.kept, 60U);
      ASSERT_LT(numbers.kept_bytes, 20'000U);
      a.outcomes();
    }
    a.send_as(seq, command);
  }
  Client b(manager);
  b.call(put("q", "7"));
  EXPECT_THAT(a.outcomes().back(), Returns(waits, 7));
}

}  // namespace
}  // namespace mp::server::engine_test
