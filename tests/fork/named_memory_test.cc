#include <algorithm>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "mp/errors.h"
#include "mp/local/connection.h"
#include "mp/local/shareable_list.h"
#include "mp/local/shared_memory.h"
#include "mp/local/shared_memory_manager.h"
#include "mp/local/value.h"
#include "mp/process.h"
#include "tests/fork/named_memory_processes.h"

// Shared memory with a name, between processes of ours and with Python's class.

namespace mp::test {
namespace {

class NamedMemory : public NamedMemoryProcesses {};
class NamedMemoryByEveryMethod : private NamesAreGone, public EveryMethod {
 protected:
  const std::string name = own_name("memory");
};
INSTANTIATE_TEST_SUITE_P(By, NamedMemoryByEveryMethod, testing::ValuesIn(get_all_start_methods()),
                         name_of_param);

void run(Process child) {
  child.start();
  child.join();
  EXPECT_EQ(child.exitcode(), 0);
}

void attach_and_set(std::string name, SharedMemory shm, ShareableList list) {
  const auto attached = SharedMemory::attach(name);
  attached.span<int>()[0] += 1;
  shm.span<int>()[1] += 2;
  list[0] = list[0].as<std::string>() + "!";
  if (shm.is_owner()) std::abort();
}

TEST_P(NamedMemoryByEveryMethod, IsAttachedToByItsNameAndAsAnArgument) {
  const auto shm = SharedMemory::create(name, 64);
  const auto list = ShareableList::create({"hello"});
  shm.span<int>()[1] = 40;
  EXPECT_EQ(exitcode_of_call(attach_and_set, name, shm, list), 0);
  EXPECT_EQ(shm.span<int>()[0], 1);
  EXPECT_EQ(shm.span<int>()[1], 42);
  EXPECT_EQ(list[0], "hello!");
  EXPECT_TRUE(exists(name));
}

TEST_F(NamedMemory, IsSentAsItsName) {
  const auto [left, right] = mp::Pipe();
  const auto shm = SharedMemory::create(name, 64);
  const auto list = ShareableList::create({1});
  left.send(shm);
  left.send(list);
  const auto received = right.recv<SharedMemory>();
  received.buf()[3] = std::byte{5};
  EXPECT_EQ(shm.buf()[3], std::byte{5});
  right.recv<ShareableList>()[0] = 2;
  EXPECT_EQ(list[0], 2);
}

TEST_F(NamedMemory, ThatIsGoneIsAnErrorOfWhoReceivesIt) {
  const auto [left, right] = mp::Pipe();
  const auto shm = SharedMemory::create(name, 64);
  left.send(shm);
  shm.unlink();
  EXPECT_THROW(static_cast<void>(right.recv<SharedMemory>()), NoSuchObject);
}

TEST_F(NamedMemory, IsNotOwnedByAForkedChild) {
  const auto shm = SharedMemory::create(name, 8);
  run(Process([shm] {
    if (shm.is_owner()) std::abort();
    shm.buf()[0] = std::byte{1};
    shm.close();
  }));
  EXPECT_EQ(shm.buf()[0], std::byte{1});
  EXPECT_TRUE(exists(name));
}

TEST_F(NamedMemory, HasOneOwnerAtATimeThoughOthersSweep) {
  const Value<int> inside(0);
  const Value<int> most(0);
  const Value<int> turns(0);
  std::vector<Process> children;
  for (int c = 0; c < 4; ++c) {
    children.emplace_back([&] {
      while (turns.get() < 2000) {
        try {
          const auto shm = SharedMemory::create(name, 8);
          most.fetch_max(++inside);
          ++turns;
          --inside;
          shm.unlink();
        } catch (const AlreadyExists&) {
          SharedMemory::sweep();
        }
      }
    });
  }
  for (auto& child : children) child.start();
  for (auto& child : children) child.join();
  for (const auto& child : children) EXPECT_EQ(child.exitcode(), 0);
  EXPECT_EQ(most.get(), 1);
}

TEST_F(NamedMemory, OfAManagerIsItsParentsInAForkedChild) {
  const SharedMemoryManager smm;
  const auto shm = smm.shared_memory(8);
  run(Process([&] {
    const auto own = smm.shared_memory(8);
    smm.shutdown();
    if (exists(own.name())) std::abort();
  }));
  EXPECT_TRUE(exists(shm.name()));
}

// Python before 3.13 removes at its end what it was attached to, unless it is told not to.
int run_python(const std::string& program) {
  const std::string prelude =
      "import sys\n"
      "from multiprocessing import shared_memory, resource_tracker\n"
      "def attach(name):\n"
      "    shm = shared_memory.SharedMemory(name)\n"
      "    resource_tracker.unregister(shm._name, 'shared_memory')\n"
      "    return shm\n";
  const std::string command = "python3 -c \"" + prelude + program + "\"";
  return std::system(command.c_str());
}

class NamedMemoryAndPython : public NamedMemory {
 protected:
  void SetUp() override {
    if (std::system("python3 -c 'from multiprocessing import shared_memory'") != 0)
      GTEST_SKIP() << "there is no python3";
  }
};

TEST_F(NamedMemoryAndPython, IsAttachedToByPythonsClass) {
  const auto shm = SharedMemory::create(name, 100);
  std::ranges::copy(std::as_bytes(std::span("hello", 5)), shm.buf().begin());
  EXPECT_EQ(run_python("shm = attach('" + name +
                       "')\n"
                       "assert shm.size == 100 and bytes(shm.buf[:6]) == b'hello\\0'\n"
                       "shm.buf[:5] = b'HELLO'\n"
                       "shm.close()\n"),
            0);
  EXPECT_TRUE(exists(name));
  EXPECT_EQ(shm.span<char>()[4], 'O');
}

TEST_F(NamedMemoryAndPython, IsUnlinkedByPythonsClass) {
  const auto shm = SharedMemory::create(name, 100);
  EXPECT_EQ(run_python("shared_memory.SharedMemory('" + name + "').unlink()\n"), 0);
  EXPECT_FALSE(exists(name));
  EXPECT_THROW(shm.unlink(), NoSuchObject);
}

TEST_F(NamedMemoryAndPython, AttachesToWhatPythonsClassMade) {
  ASSERT_EQ(run_python("shm = shared_memory.SharedMemory('" + name +
                       "', create=True, size=5000)\n"
                       "resource_tracker.unregister(shm._name, 'shared_memory')\n"
                       "shm.buf[4999] = 9\n"),
            0);
  SharedMemory::sweep();
  const auto shm = SharedMemory::attach(name);
  EXPECT_EQ(shm.size(), 5000U);
  EXPECT_EQ(shm.buf()[4999], std::byte{9});
  shm.buf()[0] = std::byte{8};
  EXPECT_EQ(run_python("shm = shared_memory.SharedMemory('" + name +
                       "')\n"
                       "assert shm.buf[0] == 8\n"
                       "shm.unlink()\n"),
            0);
  EXPECT_FALSE(exists(name));
}

}  // namespace
}  // namespace mp::test
