#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>

#include "mp/local/array.h"
#include "mp/local/barrier.h"
#include "mp/local/condition.h"
#include "mp/local/lock.h"
#include "mp/local/queue.h"
#include "mp/local/rlock.h"
#include "mp/local/semaphore.h"
#include "mp/local/value.h"
#include "mp/process.h"
#include "tests/fork/process_fixture.h"

// A child that outlives its parent with what it inherited.

namespace mp::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kLong = 60s;  // far more than anything here takes

class Orphan : public ProcessTest {
 protected:
  // What a child finds once its parent, which forked it with these objects, was killed.
  template <class Objects>
  std::string found_by_orphan(std::string (*look)(const Objects&)) {
    const Queue<std::string> found;
    Gate parent_is_dead;
    Process parent([&] {
      const Objects objects;
      if (::fork() != 0) ::raise(SIGKILL);  // nobody joins the child
      parent_is_dead.wait();
      found.put(look(objects));
      ::_exit(0);
    });
    parent.start();
    parent.join();
    EXPECT_EQ(parent.exitcode(), -SIGKILL);
    parent_is_dead.open();
    return found.try_get(kLong).value_or("nothing was found");
  }
};

struct Held {
  Held() {
    lock.acquire();
    rlock.acquire();
    condition.acquire();
    seats.acquire();
  }

  const Lock lock;
  const RLock rlock;
  const Condition condition;
  const BoundedSemaphore seats{1};
};

TEST_F(Orphan, HasTheLocksThatItsParentHeldAndKnowsOfItsDeath) {
  const auto acquire_all = [](const Held& held) {
    std::string found;
    if (held.lock.acquire(kLong) && held.lock.previous_owner_died()) found += "lock ";
    if (held.rlock.acquire(kLong) && held.rlock.previous_owner_died()) found += "rlock ";
    if (held.condition.acquire(kLong) && held.condition.previous_owner_died())
      found += "condition ";
    if (held.seats.acquire(kLong) && held.seats.previous_owner_died()) found += "seat";
    return found;
  };
  EXPECT_EQ(found_by_orphan<Held>(acquire_all), "lock rlock condition seat");
}

struct Filled {
  Filled() {
    queue.put("an item");
    tasks.put(1);
    value += 41;
    array[2] = 2.5;
  }

  const Queue<std::string> queue;
  const JoinableQueue<int> tasks;
  const Value<int> value{1};
  const Array<double> array = Array<double>(3);
  const Barrier barrier{1};
};

TEST_F(Orphan, HasTheQueuesAndValuesOfItsParent) {
  const auto use_all = [](const Filled& filled) {
    std::string found = filled.queue.get(kLong);
    filled.queue.put(std::string(1'000'000, 'x'));  // grows without the one that made it
    found += ", " + std::to_string(filled.queue.get(kLong).size());
    found += ", " + std::to_string(filled.tasks.get(kLong));
    filled.tasks.task_done();
    filled.tasks.join(kLong);
    found += ", " + std::to_string(filled.value += 1);
    found += filled.array.at(2) == 2.5 ? ", and a half" : ", and something else";
    filled.barrier.wait(kLong);
    return found;
  };
  EXPECT_EQ(found_by_orphan<Filled>(use_all), "an item, 1000000, 1, 43, and a half");
}

}  // namespace
}  // namespace mp::test
