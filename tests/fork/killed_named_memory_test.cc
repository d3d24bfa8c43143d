#include <sched.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>

#include "mp/errors.h"
#include "mp/local/shareable_list.h"
#include "mp/local/shared_memory.h"
#include "mp/local/shared_memory_manager.h"
#include "mp/local/value.h"
#include "mp/process.h"
#include "tests/fork/kill_at_any_instruction.h"
#include "tests/fork/named_memory_processes.h"
#include "tests/fork/sanitized.h"

// Shared memory with a name whose owners, or those attached to it, are killed.

namespace mp::test {
namespace {

class KilledNamedMemory : public NamedMemoryProcesses {};

// Runs `body` in a child, which is killed where it calls what it is given.
void kill_in(const std::function<void(const std::function<void()>& die)>& body) {
  Pipe ready;
  Process child([&] {
    body([&] {
      ready.write(".");
      while (true) ::pause();
    });
  });
  child.start();
  ready.close_write_end();
  EXPECT_TRUE(ready.wait_for_byte());
  child.kill();
  child.join();
}

void make_and_die(const std::string& name) {
  kill_in([&](const auto& die) {
    const auto shm = SharedMemory::create(name, 4096);
    die();
  });
}

TEST_F(KilledNamedMemory, OfAKilledOwnerIsNotFound) {
  make_and_die(name);
  EXPECT_THROW(SharedMemory::attach(name), NoSuchObject);
  EXPECT_FALSE(exists(name));
}

TEST_F(KilledNamedMemory, OfAKilledOwnerGivesWayToANewOne) {
  make_and_die(name);
  const auto shm = SharedMemory::create(name, 8);
  EXPECT_EQ(SharedMemory::attach(name).size(), 8U);
}

// Other programs may sweep as well, now and then before us.
TEST_F(KilledNamedMemory, OfAKilledOwnerIsSweptAndCounted) {
  do {
    make_and_die(name);
  } while (SharedMemory::sweep() == 0);
  EXPECT_FALSE(exists(name));
}

TEST_F(KilledNamedMemory, OfAKilledOwnerIsRemovedByTheNextProcess) {
  make_and_die(name);
  EXPECT_EQ(exitcode_of([] { static_cast<void>(SharedMemory::create(8)); }), 0);
  EXPECT_FALSE(exists(name));
}

TEST_F(KilledNamedMemory, OfAKilledOwnerStaysWithThoseWhoAreAttached) {
  Pipe ready;
  Process owner([&] {
    const auto shm = SharedMemory::create(name, 8);
    shm.buf()[0] = std::byte{7};
    ready.write(".");
    while (true) ::pause();
  });
  owner.start();
  ready.wait_for_byte();
  const auto shm = SharedMemory::attach(name);
  owner.kill();
  owner.join();
  SharedMemory::sweep();
  EXPECT_FALSE(exists(name));
  EXPECT_EQ(shm.buf()[0], std::byte{7});
}

TEST_F(KilledNamedMemory, OfAKilledOwnerHasItsNameWhileAForkedChildHasIt) {
  Gate gate;
  Pipe alive;
  kill_in([&](const auto& die) {
    const auto shm = SharedMemory::create(name, 8);
    if (::fork() == 0) {
      gate.wait();
      ::_exit(0);
    }
    alive.close_write_end();
    die();
  });
  SharedMemory::sweep();
  EXPECT_EQ(SharedMemory::attach(name).size(), 8U);
  gate.open();
  alive.read_all();
  EXPECT_THROW(SharedMemory::attach(name), NoSuchObject);
}

TEST_F(KilledNamedMemory, OutlivesAKilledMakerIfItIsToBeUnlinked) {
  kill_in([&](const auto& die) {
    const auto shm = SharedMemory::create(name, 8, Lifetime::kUntilUnlinked);
    die();
  });
  SharedMemory::sweep();
  SharedMemory::attach(name).unlink();
}

TEST_F(KilledNamedMemory, IsItsOwnersThoughThoseAttachedAreKilled) {
  const auto shm = SharedMemory::create(name, 8);
  kill_in([&](const auto& die) {
    const auto attached = SharedMemory::attach(name);
    attached.buf()[0] = std::byte{3};
    die();
  });
  SharedMemory::sweep();
  EXPECT_EQ(SharedMemory::attach(name).buf()[0], std::byte{3});
}

TEST_F(KilledNamedMemory, LeavesNothingWhenItsMakerIsKilledAtAnyMoment) {
  std::mt19937 random(7);
  const Value<std::uint64_t> made(0);
  for (int round = 0; round < kRandomKills; ++round) {
    Process maker([&] {
      while (true) {
        const auto shm = SharedMemory::create(name, 4096);
        const auto list = ShareableList::create({"one", 2}, name + "_list");
        ++made;
      }
    });
    const std::uint64_t enough = made.get() + 1 + random() % 5;
    maker.start();
    while (made.get() < enough) ::sched_yield();
    for (auto spins = random() % 20'000; spins != 0; --spins) static_cast<void>(made.get());
    maker.kill();
    maker.join();
    SharedMemory::sweep();
    ASSERT_FALSE(exists(name));
    ASSERT_FALSE(exists(name + "_list"));
  }
}

TEST_F(KilledNamedMemory, OfAManagerThatIsKilledIsSwept) {
  Pipe names;
  kill_in([&](const auto& die) {
    const SharedMemoryManager smm;
    names.write(smm.shared_memory(64).name() + ' ');
    names.write(smm.shareable_list({1, "two"}).shm().name());
    die();
  });
  const std::string both = names.read_all();
  SharedMemory::sweep();
  EXPECT_FALSE(exists(both.substr(0, both.find(' '))));
  EXPECT_FALSE(exists(both.substr(both.find(' ') + 1)));
}

TEST_F(KilledNamedMemory, HasWholeItemsThoughTheirSettersAreKilled) {
  constexpr std::size_t kLength = 20'000;
  const auto list = ShareableList::create({std::string(kLength, 'a'), 0}, name);
  std::mt19937 random(7);
  for (int round = 0; round < kRandomKills; ++round) {
    list[1] = 0;
    Process setter([&] {
      for (int i = 0;; ++i) {
        list[0] =
            std::string(kLength - static_cast<std::size_t>(i % 7), static_cast<char>('a' + i % 7));
        list[1] = i + 1;
      }
    });
    setter.start();
    while (list[1] == 0) ::sched_yield();
    for (auto reads = random() % 50; reads != 0; --reads) static_cast<void>(list.at(0));
    setter.kill();
    setter.join();
    const auto item = list[0].as<std::string>();
    ASSERT_EQ(item, std::string(kLength - static_cast<std::size_t>(item[0] - 'a'), item[0]));
  }
}

TEST_F(KilledNamedMemory, HasAWholeItemAtWhicheverInstructionItsSetterIsKilled) {
  const auto list = ShareableList::create({"one"}, name);
  kill_at_any_instruction({.prepare = [&] { list[0] = "one"; },
                           .operation = [&] { list[0] = "two"; },
                           .check =
                               [&](bool was_through) {
                                 const auto item = list[0].as<std::string>();
                                 EXPECT_TRUE(item == "two" || (item == "one" && !was_through));
                                 list[0] = "free";
                               }});
}

TEST_F(KilledNamedMemory, LeavesNothingAtWhicheverInstructionItsMakerIsKilled) {
  kill_at_any_instruction({.operation =
                               [&] {
                                 const auto shm = SharedMemory::create(name, 4096);
                                 shm.buf()[0] = std::byte{1};
                               },
                           .check =
                               [&](bool) {
                                 SharedMemory::sweep();
                                 EXPECT_FALSE(exists(name));
                                 EXPECT_EQ(SharedMemory::create(name, 8).size(), 8U);
                               }});
}

}  // namespace
}  // namespace mp::test
