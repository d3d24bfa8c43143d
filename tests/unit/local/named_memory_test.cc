#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <regex>
#include <sstream>
#include <string>

#include "mp/errors.h"
#include "mp/local/shared_memory.h"
#include "mp/local/shared_memory_manager.h"
#include "tests/unit/local/named_memory_fixture.h"

// Shared memory with a name, in one process.

namespace mp::test {
namespace {

using testing::Each;
using testing::StartsWith;

class NamedMemory : private NamesAreGone, public testing::Test {};

template <class Memory>
std::string printed(const Memory& memory) {
  std::ostringstream out;
  out << memory;
  return out.str();
}

TEST_F(NamedMemory, IsZerosOfTheSizeThatWasAskedFor) {
  const auto shm = SharedMemory::create(own_name("zeros"), 513);
  EXPECT_EQ(shm.size(), 513U);
  EXPECT_EQ(shm.buf().size(), 513U);
  EXPECT_THAT(shm.buf(), Each(std::byte{0}));
}

TEST_F(NamedMemory, IsSeenThroughEachAttachment) {
  const auto shm = SharedMemory::create(own_name("seen"), 512);
  const auto also = SharedMemory::attach(shm.name());
  shm.buf()[0] = std::byte{42};
  EXPECT_EQ(also.buf()[0], std::byte{42});
  also.span<std::int64_t>()[1] = -7;
  EXPECT_EQ(shm.span<std::int64_t>(8)[0], -7);
  EXPECT_NE(shm.buf().data(), also.buf().data());
  EXPECT_EQ(also.size(), 512U);
}

TEST_F(NamedMemory, WithoutANameIsCalledAsPythonsIs) {
  const auto shm = SharedMemory::create(1);
  EXPECT_TRUE(std::regex_match(shm.name(), std::regex("psm_[0-9a-f]{8}"))) << shm.name();
  EXPECT_NE(SharedMemory::create(1).name(), SharedMemory::create(1).name());
  EXPECT_EQ(printed(shm), "SharedMemory('" + shm.name() + "', size=1)");
}

TEST_F(NamedMemory, IsFoundWithOrWithoutALeadingSlash) {
  const auto shm = SharedMemory::create('/' + own_name("slash"), 8);
  EXPECT_EQ(shm.name(), own_name("slash"));
  EXPECT_EQ(SharedMemory::attach(own_name("slash")).name(), shm.name());
  EXPECT_EQ(SharedMemory::attach('/' + own_name("slash")).name(), shm.name());
}

TEST_F(NamedMemory, MayHaveAColonInItsName) {
  const auto shm = SharedMemory::create(own_name("a:b:c"), 8);
  EXPECT_EQ(SharedMemory::attach(shm.name()).size(), 8U);
}

TEST_F(NamedMemory, RefusesWhatIsNoName) {
  using namespace std::string_literals;
  for (const auto& name :
       {""s, "/"s, "a/b"s, "//a"s, "."s, ".."s, "a\0b"s, std::string(256, 'x')}) {
    EXPECT_THROW(SharedMemory::create(name, 8), ValueError) << name;
    EXPECT_THROW(SharedMemory::attach(name), ValueError) << name;
  }
  EXPECT_EQ(SharedMemory::create(std::string(255, 'x'), 8).name().size(), 255U);
}

TEST_F(NamedMemory, RefusesASizeThatIsNotAboveZero) {
  EXPECT_THROW(SharedMemory::create(0), ValueError);
  EXPECT_THROW(SharedMemory::create(-1), ValueError);
  EXPECT_THROW(SharedMemory::create(own_name("none"), 0), ValueError);
}

TEST_F(NamedMemory, OfATakenNameIsAnError) {
  const auto shm = SharedMemory::create(own_name("taken"), 8);
  EXPECT_THROW(SharedMemory::create(own_name("taken"), 8), AlreadyExists);
  EXPECT_EQ(SharedMemory::attach(shm.name()).size(), 8U);
}

TEST_F(NamedMemory, ThatIsNotThereIsAnError) {
  EXPECT_THROW(SharedMemory::attach(own_name("missing")), NoSuchObject);
}

TEST_F(NamedMemory, BeyondWhatThereIsIsAnErrorAndLeavesNothing) {
  const std::string name = own_name("large");
  EXPECT_THROW(SharedMemory::create(name, std::numeric_limits<std::int64_t>::max()), MemoryError);
  EXPECT_THROW(SharedMemory::create(name, std::int64_t{1} << 46), MemoryError);
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit small{.rlim_cur = 4096, .rlim_max = limit.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_THROW(SharedMemory::create(name, 4097), MemoryError);
  ::setrlimit(RLIMIT_FSIZE, &limit);
  EXPECT_FALSE(exists(name));
}

TEST_F(NamedMemory, GoesWithTheLastHandleOfItsOwner) {
  {
    const auto shm = SharedMemory::create(own_name("scope"), 8);
    EXPECT_TRUE(shm.is_owner());
    const auto copy = SharedMemory(shm);  // NOLINT: a copy
    const auto also = SharedMemory::attach(shm.name());
    EXPECT_FALSE(also.is_owner());
    EXPECT_TRUE(exists(own_name("scope")));
  }
  EXPECT_FALSE(exists(own_name("scope")));
}

TEST_F(NamedMemory, OutlivesItsHandlesIfItIsToBeUnlinked) {
  static_cast<void>(SharedMemory::create(own_name("kept"), 8, Lifetime::kUntilUnlinked));
  SharedMemory::sweep();
  const auto shm = SharedMemory::attach(own_name("kept"));
  EXPECT_FALSE(shm.is_owner());
  shm.unlink();
  EXPECT_FALSE(exists(own_name("kept")));
}

TEST_F(NamedMemory, KeepsItsNameWhenItIsClosedAndLosesItWhenItIsUnlinked) {
  const auto shm = SharedMemory::create(own_name("closed"), 8);
  shm.close();
  shm.close();
  EXPECT_THROW(static_cast<void>(shm.buf()), ValueError);
  EXPECT_EQ(shm.size(), 8U);
  SharedMemory::sweep();
  EXPECT_EQ(SharedMemory::attach(shm.name()).size(), 8U);
  shm.unlink();
  EXPECT_THROW(shm.unlink(), NoSuchObject);
  EXPECT_THROW(SharedMemory::attach(shm.name()), NoSuchObject);
}

TEST_F(NamedMemory, StaysWithThoseWhoHaveItWhenItsNameGoes) {
  const auto shm = SharedMemory::create(own_name("unlinked"), 8);
  const auto also = SharedMemory::attach(shm.name());
  also.close();
  also.unlink();
  shm.buf()[7] = std::byte{1};
  EXPECT_EQ(shm.buf()[7], std::byte{1});
}

TEST_F(NamedMemory, DoesNotTakeTheNameFromItsSuccessor) {
  const auto first = SharedMemory::create(own_name("again"), 8);
  const auto old = SharedMemory::attach(first.name());
  first.unlink();
  const auto second = SharedMemory::create(own_name("again"), 16);
  EXPECT_THROW(old.unlink(), NoSuchObject);
  EXPECT_EQ(SharedMemory::attach(own_name("again")).size(), 16U);
}

TEST_F(NamedMemory, SaysThatItWasShrunk) {
  const auto shm = SharedMemory::create(own_name("shrunk"), 3 * 4096);
  const auto also = SharedMemory::attach(shm.name());
  ASSERT_EQ(::truncate(("/dev/shm/" + shm.name()).c_str(), 4096), 0);
  EXPECT_THROW(static_cast<void>(shm.buf()), MemoryError);
  EXPECT_THROW(static_cast<void>(also.span<int>()), MemoryError);
  EXPECT_EQ(SharedMemory::attach(shm.name()).size(), 4096U);
  ASSERT_EQ(::truncate(("/dev/shm/" + shm.name()).c_str(), 0), 0);
  EXPECT_THROW(SharedMemory::attach(shm.name()), MemoryError);
}

TEST_F(NamedMemory, ReservesWhatItsMakerDidNot) {
  constexpr std::int64_t kSize = 64 * 4096;
  const std::string path = "/dev/shm/" + own_name("sparse");
  const int fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  ASSERT_EQ(::ftruncate(fd, kSize), 0);
  ::close(fd);
  struct stat status {};
  ::stat(path.c_str(), &status);
  EXPECT_EQ(status.st_blocks, 0);
  const auto shm = SharedMemory::attach(own_name("sparse"));
  ::stat(path.c_str(), &status);
  EXPECT_GE(status.st_blocks * 512, kSize);
  shm.unlink();
}

TEST_F(NamedMemory, HasNoSpanWhereNoneCanLie) {
  const auto shm = SharedMemory::create(own_name("span"), 20);
  EXPECT_EQ(shm.span<double>().size(), 2U);
  EXPECT_EQ(shm.span<std::int32_t>(20).size(), 0U);
  EXPECT_THROW(static_cast<void>(shm.span<double>(4)), ValueError);
  EXPECT_THROW(static_cast<void>(shm.span<char>(21)), ValueError);
}

TEST_F(NamedMemory, IsNotSweptWhileItHasAnOwnerOrNeverHadOne) {
  const auto owned = SharedMemory::create(own_name("owned"), 8);
  const std::string foreign = "/dev/shm/" + own_name("foreign");
  ::close(::open(foreign.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  SharedMemory::sweep();
  EXPECT_TRUE(exists(owned.name()));
  EXPECT_TRUE(exists(own_name("foreign")));
  ::unlink(foreign.c_str());
}

TEST_F(NamedMemory, OfAManagerGoesAtItsEnd) {
  std::string name;
  std::string of_list;
  const auto kept = [&] {
    const SharedMemoryManager smm;
    auto shm = smm.shared_memory(64);
    name = shm.name();
    of_list = smm.shareable_list({1, "two"}).shm().name();
    EXPECT_TRUE(exists(name) && exists(of_list));
    return shm;
  }();
  EXPECT_FALSE(exists(name) || exists(of_list));
  kept.buf()[0] = std::byte{1};
}

TEST_F(NamedMemory, IsMadeByNoManagerThatIsShutDown) {
  const SharedMemoryManager smm;
  const auto shm = smm.shared_memory(8);
  smm.shared_memory(8).unlink();
  smm.shutdown();
  EXPECT_FALSE(exists(shm.name()));
  smm.shutdown();
  EXPECT_THROW(smm.shared_memory(8), ValueError);
  EXPECT_THROW(smm.shareable_list({1}), ValueError);
}

}  // namespace
}  // namespace mp::test
