#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include "mp/errors.h"
#include "mp/local/array.h"
#include "mp/local/lock.h"
#include "mp/local/queue.h"
#include "mp/local/shareable_list.h"
#include "mp/local/shared_memory.h"
#include "mp/local/shared_memory_manager.h"
#include "mp/local/value.h"
#include "tests/fork/process_fixture.h"
#include "tests/unit/local/named_memory_fixture.h"

// Memory where /dev/shm is full: in a child that has a small one of its own.

namespace mp::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::size_t kKibibyte = 1024;
constexpr std::size_t kMebibyte = 1024 * kKibibyte;
constexpr const char* kRefused = "no mount of one's own: ";

// What `body` returns where /dev/shm is a new file system with these options.
std::string where_shm_is(const char* options, const std::function<std::string()>& body) {
  return in_child([&]() -> std::string {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", "/dev/shm", "tmpfs", 0, options) != 0)
      return std::string(kRefused) + std::system_category().message(errno);
    return body();
  });
}

class FullSharedMemory : public ProcessTest {
 protected:
  void SetUp() override {
    const auto answer = where_shm_is("size=1m", [] { return std::string("mounted"); });
    if (answer.starts_with(kRefused)) GTEST_SKIP() << answer;
  }
};

void write_all(const SharedMemory& shm) { std::ranges::fill(shm.buf(), std::byte{1}); }

// What it says, and what it leaves in /dev/shm.
std::string error_of(const std::function<void()>& make) {
  const auto before = names_in_shm();
  try {
    make();
    return "made";
  } catch (const MemoryError& error) {
    return error.what() +
           std::string(names_in_shm() == before ? "; left nothing" : "; left a name");
  }
}

auto is_refused() { return AllOf(HasSubstr("No space left on device"), HasSubstr("left nothing")); }

TEST_F(FullSharedMemory, IsAnErrorOfWhoMakesANameAndNoSignal) {
  EXPECT_THAT(
      where_shm_is("size=1m", [] { return error_of([] { SharedMemory::create(2 * kMebibyte); }); }),
      is_refused());
  EXPECT_THAT(
      where_shm_is("size=1m",
                   [] { return error_of([] { SharedMemory::create("named", 2 * kMebibyte); }); }),
      is_refused());
}

TEST_F(FullSharedMemory, IsAnErrorOfTheFirstPieceThatHasNoRoomAndTheOthersAreGood) {
  EXPECT_THAT(where_shm_is("size=1m",
                           [] {
                             std::vector<SharedMemory> pieces;
                             const auto error = error_of([&] {
                               while (true) pieces.push_back(SharedMemory::create(64 * kKibibyte));
                             });
                             for (const auto& piece : pieces) write_all(piece);
                             const auto count = pieces.size();
                             pieces.pop_back();
                             pieces.push_back(SharedMemory::create(64 * kKibibyte));
                             write_all(pieces.back());
                             return std::to_string(count) + " made; " + error;
                           }),
              AllOf(StartsWith("16 made"), HasSubstr("No space left on device")));
}

TEST_F(FullSharedMemory, IsAnErrorOfWhoMakesAListOrAsksAManager) {
  EXPECT_THAT(
      where_shm_is(
          "size=1m",
          [] { return error_of([] { ShareableList::create({std::string(kMebibyte, 'x')}); }); }),
      is_refused());
  EXPECT_THAT(where_shm_is("size=1m",
                           [] {
                             const SharedMemoryManager smm;
                             return error_of([&] { smm.shared_memory(2 * kMebibyte); });
                           }),
              is_refused());
}

// A foreign program has given it a size, and no memory.
TEST_F(FullSharedMemory, IsAnErrorOfWhoAttachesToWhatWasNotReserved) {
  EXPECT_THAT(where_shm_is("size=1m",
                           [] {
                             const int fd = ::shm_open("/sparse", O_CREAT | O_RDWR, 0600);
                             if (::ftruncate(fd, 2 * kMebibyte) != 0) return std::string("failed");
                             return error_of([] { SharedMemory::attach("sparse"); });
                           }),
              is_refused());
}

TEST_F(FullSharedMemory, IsAnErrorIfItHasNoRoomForAnotherFileOrIsReadOnly) {
  const auto make = [] { return error_of([] { SharedMemory::create(8); }); };
  EXPECT_THAT(where_shm_is("size=1m,nr_inodes=1", make), is_refused());
  EXPECT_THAT(where_shm_is("ro", make), HasSubstr("Read-only file system; left nothing"));
}

TEST_F(FullSharedMemory, IsNoMatterToWhatHasNoName) {
  EXPECT_EQ(where_shm_is("size=4k",
                         [] {
                           const auto full = SharedMemory::create(4 * kKibibyte);
                           const Array<char> large(4 * kMebibyte);
                           large.fill('x');
                           const Value<int> small(1);
                           const Lock lock;
                           lock.acquire();
                           const Queue<int> queue;
                           queue.put(2);
                           return std::to_string(small.get() + queue.get()) + large.at(-1);
                         }),
            "3x");
}

}  // namespace
}  // namespace mp::test
