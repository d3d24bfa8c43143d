#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "mp/local.h"
#include "mp/mp.h"
#include "tests/faults/eventually.h"
#include "tests/faults/lane_fixture.h"
#include "tests/pool/pool_processes.h"

// kill -9 of either side of lanes in shared memory, at random moments: every call ends, in its time
// and with an error that says what it is, and nothing of the lanes is left.

namespace mp {
namespace {

using namespace std::chrono_literals;
using e2e::ManagerProcess;
using test::descriptors_of;
using test::eventually;
using test::kLong;
using test::rings_of;
using test::SharedLane;

// How often a test kills: so often as can be afforded each time, or as MP_TEST_KILLS says.
int kills(int usual) {
  const char* chosen = std::getenv("MP_TEST_KILLS");
  const int count = chosen == nullptr ? usual : static_cast<int>(std::strtol(chosen, nullptr, 10));
  std::cout << count << " kills (MP_TEST_KILLS sets how many)\n";
  return count;
}

TEST_F(SharedLane, OfAKilledManagerEnds) {
  Manager manager = connect(Lane::kShared);
  auto queue = manager.queue<int>();
  use_often(manager);
  Process killer([&] {
    ::usleep(20'000);
    server_.signal(SIGKILL);
    ::_exit(0);
  });
  killer.start();
  EXPECT_THROW(queue.get(kLong), ManagerError);
  killer.join();
}

TEST_F(SharedLane, OfAKilledManagerEndsWhereItsRingIsFull) {
  Manager manager = connect(Lane::kShared);
  auto texts = manager.dict<int, std::string>();
  use_often(manager);
  server_.signal(SIGSTOP);
  Process killer([&] {
    ::usleep(100'000);  // time to fill the ring
    server_.signal(SIGKILL);
    ::_exit(0);
  });
  killer.start();
  EXPECT_THROW(texts.set(1, std::string(std::size_t{4} << 20U, 'x')), ManagerError);
  killer.join();
}

TEST_F(SharedLane, OfAClientKilledAtAnyMomentIsCleanedUp) {
  Manager manager = connect(Lane::kShared);
  auto lock = manager.lock();
  auto texts = manager.dict<int, std::string>();
  use_often(manager);
  const auto mine = descriptors_of(getpid());
  const auto its = descriptors_of(server_.pid());
  std::minstd_rand random(17);
  for (int i = 0, all = kills(300); i < all; ++i) {
    Process client([&] {
      for (int k = 0;; ++k) {
        lock.acquire();
        texts[k % 7] = std::string(static_cast<std::size_t>(k * 997 % 40'000), 'y');
        lock.release();
      }
    });
    client.start();
    ::usleep(static_cast<useconds_t>(random() % 4000));
    client.kill();
    ASSERT_TRUE(client.join(kLong));
    ASSERT_TRUE(lock.acquire(kLong)) << i;
    lock.release();
  }
  EXPECT_TRUE(eventually([&] { return rings_of(server_.pid()) == 1; }));
  EXPECT_TRUE(eventually([&] { return descriptors_of(server_.pid()) <= its; }))
      << its << " before, and then " << descriptors_of(server_.pid());
  EXPECT_EQ(rings_of(getpid()), 1);
  EXPECT_EQ(descriptors_of(getpid()), mine);
}

// Exit codes of a client.
constexpr int kTooLate = 3;
constexpr int kUntyped = 4;
constexpr int kLeftSomething = 5;

// A client that makes calls of all lengths, with names that outlive a manager.
class Caller {
 public:
  Caller(Manager manager, unsigned seed) : manager_(std::move(manager)), random_(seed) {}

  // Until `over()`, or the manager is gone for good. The exit code.
  template <class Over>
  int run(const Over& over) {
    while (!over()) {
      const auto start = std::chrono::steady_clock::now();
      const bool gone = !call();
      if (std::chrono::steady_clock::now() - start > kLong) return kTooLate;
      if (untyped_) return kUntyped;
      if (gone) break;
    }
    return 0;
  }

 private:
  // False: there is no manager.
  bool call() {
    try {
      call_something();
    } catch (const ManagerUnavailable&) {
      return false;
    } catch (const ManagerError&) {   // its outcome is unknown, its session was lost
    } catch (const NoSuchObject&) {   // of a manager that was
    } catch (const NotOwnerError&) {  // of a lock of a manager that was
    } catch (const std::exception& error) {
      std::cerr << "untyped: " << error.what() << '\n';
      untyped_ = true;
    }
    return true;
  }

  void call_something() {
    auto texts = manager_.dict<int, std::string>("texts");
    auto items = manager_.queue<int>("items");
    auto lock = manager_.lock("lock");
    for (int i = 0; i < 50; ++i) {
      switch (random_() % 5) {
        case 0:
          texts[static_cast<int>(random_() % 7)] = std::string(random_() % 40'000, 'y');
          break;
        case 1:
          static_cast<void>(texts.get(static_cast<int>(random_() % 7)));
          break;
        case 2:
          items.put(i);
          break;
        case 3:
          static_cast<void>(items.try_get(1ms));
          break;
        default:
          if (lock.acquire(1ms)) lock.release();
      }
    }
  }

  Manager manager_;
  std::minstd_rand random_;
  bool untyped_ = false;
};

class LanesOfAKilledManager : public testing::Test {
 protected:
  std::unique_ptr<ManagerProcess> start() const {
    return std::make_unique<ManagerProcess>(
        std::vector<std::string>{"--listen", "none", "--socket", folder_.file("manager.sock")});
  }
  // In a process of its own.
  void make_calls(unsigned seed) const {
    const auto before = descriptors_of(getpid());
    int code =
        Caller(Manager::connect("unix:" + folder_.file("manager.sock"), {.lane = Lane::kShared}),
               seed)
            .run([&] { return over_.is_set(); });
    if (code == 0 && (rings_of(getpid()) != 0 || descriptors_of(getpid()) != before))
      code = kLeftSomething;
    if (code != 0) mp::exit(code);
  }

  static constexpr int kClients = 3;

  e2e::TemporaryFolder folder_;
  Event over_;
};

TEST_F(LanesOfAKilledManager, EndEveryCallAndTheNextOneServesAll) {
  auto server = start();
  std::vector<Process> clients;
  for (unsigned seed = 0; seed < kClients; ++seed) {
    clients.emplace_back([&, seed] { make_calls(seed); });
    clients.back().start();
  }
  std::minstd_rand random(29);
  for (int i = 0, all = kills(60); i < all; ++i) {
    ASSERT_TRUE(eventually([&] { return rings_of(server->pid()) == kClients; })) << i;
    ::usleep(static_cast<useconds_t>(random() % 5000));
    server->signal(SIGKILL);
    server->wait();
    server = start();
  }
  over_.set();
  for (Process& client : clients) {
    ASSERT_TRUE(client.join(kLong));
    EXPECT_EQ(client.exitcode(), 0);
  }
  EXPECT_TRUE(eventually([&] { return rings_of(server->pid()) == 0; }));
}

TEST(LanesOfAKilledEmbeddedManager, EndEveryCall) {
  const auto before = descriptors_of(getpid());
  std::minstd_rand random(31);
  for (int i = 0, all = kills(60); i < all; ++i) {
    Manager manager({.lane = Lane::kShared});
    const std::vector<int> children = test::children_of(getpid());
    ASSERT_EQ(children.size(), 1U);
    ASSERT_TRUE(eventually([&] {
      static_cast<void>(manager.number_of_objects());
      return rings_of(getpid()) == 1;
    }));
    std::vector<Process> clients;
    for (unsigned seed = 0; seed < 2; ++seed) {
      clients.emplace_back([&, seed] {
        const int code = Caller(std::move(manager), seed).run([] { return false; });
        if (code != 0) mp::exit(code);
      });
      clients.back().start();
    }
    ASSERT_TRUE(eventually([&] { return rings_of(children[0]) == 3; })) << i;
    ::usleep(static_cast<useconds_t>(random() % 5000));
    ::kill(children[0], SIGKILL);
    for (Process& client : clients) {
      ASSERT_TRUE(client.join(kLong));
      EXPECT_EQ(client.exitcode(), 0);
    }
  }
  EXPECT_EQ(rings_of(getpid()), 0);
  EXPECT_EQ(descriptors_of(getpid()), before);
}

}  // namespace
}  // namespace mp
