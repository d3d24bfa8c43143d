#include "client_lib/local/shared/memory_room.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

#include "tests/unit/local/control_group_tree.h"

namespace mp::internal {
namespace {

using testing::Gt;
using testing::Optional;

class MemoryRoom : public ControlGroupTree {
 protected:
  void machine(const std::string& available, const std::string& swap) {
    file("proc/meminfo", "MemTotal: 9000 kB\nMemAvailable:   " + available +
                             " kB\nSwapTotal: 9 kB\nSwapFree: " + swap + " kB");
  }
  void version_1() {
    mounts("32 31 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory");
    own_groups("4:memory:/job\n0::/");
  }
  void version_2() {
    mounts(kMountV2);
    own_groups("0::/slice/job");
  }
  std::optional<std::uint64_t> room() const { return memory_room(root()); }
};

TEST_F(MemoryRoom, IsUnknownWithoutTheKernelsFiles) { EXPECT_EQ(room(), std::nullopt); }

TEST_F(MemoryRoom, IsWhatTheMachineHasAvailableAndFreeInTheSwap) {
  machine("1000", "24");
  EXPECT_THAT(room(), Optional(1024U * 1024));
}

TEST_F(MemoryRoom, IsWhatIsLeftOfTheGroupsLimitInVersion2) {
  machine("1000", "0");
  version_2();
  file("sys/fs/cgroup/slice/job/memory.max", "5000");
  file("sys/fs/cgroup/slice/job/memory.current", "2000");
  EXPECT_THAT(room(), Optional(3000U));
}

TEST_F(MemoryRoom, IsTheTightestOfAllAncestors) {
  version_2();
  file("sys/fs/cgroup/slice/memory.max", "1000");
  file("sys/fs/cgroup/slice/memory.current", "900");
  file("sys/fs/cgroup/slice/job/memory.max", "5000");
  file("sys/fs/cgroup/slice/job/memory.current", "100");
  EXPECT_THAT(room(), Optional(100U));
}

TEST_F(MemoryRoom, CountsWhatTheGroupHasCachedAsFree) {
  version_2();
  file("sys/fs/cgroup/slice/job/memory.max", "5000");
  file("sys/fs/cgroup/slice/job/memory.current", "5000");
  file("sys/fs/cgroup/slice/job/memory.stat",
       "anon 4000\ninactive_file 300\nactive_file 200\nactive_file_other 7\nshmem 9");
  EXPECT_THAT(room(), Optional(500U));
}

TEST_F(MemoryRoom, CountsTheSwapThatTheGroupMayUse) {
  machine("1000", "10");
  version_2();
  file("sys/fs/cgroup/slice/job/memory.max", "5000");
  file("sys/fs/cgroup/slice/job/memory.current", "4000");
  EXPECT_THAT(room(), Optional(1000U + 10240U));
  file("sys/fs/cgroup/slice/job/memory.swap.max", "300");
  file("sys/fs/cgroup/slice/job/memory.swap.current", "100");
  EXPECT_THAT(room(), Optional(1200U));
  file("sys/fs/cgroup/slice/job/memory.swap.max", "max");
  EXPECT_THAT(room(), Optional(1000U + 10240U));
}

TEST_F(MemoryRoom, MaxIsNoLimit) {
  version_2();
  file("sys/fs/cgroup/slice/job/memory.max", "max");
  file("sys/fs/cgroup/slice/job/memory.current", "2000");
  EXPECT_EQ(room(), std::nullopt);
}

TEST_F(MemoryRoom, IsWhatIsLeftOfTheGroupsLimitInVersion1) {
  version_1();
  file("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "5000");
  file("sys/fs/cgroup/memory/job/memory.usage_in_bytes", "4000");
  file("sys/fs/cgroup/memory/job/memory.stat",
       "inactive_file 1\ntotal_inactive_file 30\ntotal_active_file 20");
  EXPECT_THAT(room(), Optional(1050U));
}

TEST_F(MemoryRoom, IsNoMoreThanVersion1AllowsTogetherWithTheSwap) {
  machine("1000", "10");
  version_1();
  file("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "5000");
  file("sys/fs/cgroup/memory/job/memory.usage_in_bytes", "4000");
  EXPECT_THAT(room(), Optional(1000U + 10240U));
  file("sys/fs/cgroup/memory/job/memory.memsw.limit_in_bytes", "5500");
  file("sys/fs/cgroup/memory/job/memory.memsw.usage_in_bytes", "4000");
  EXPECT_THAT(room(), Optional(1500U));
}

TEST_F(MemoryRoom, IsNothingWhereMoreIsUsedThanAllowed) {
  version_1();
  file("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "5000");
  file("sys/fs/cgroup/memory/job/memory.usage_in_bytes", "6000");
  EXPECT_THAT(room(), Optional(0U));
}

TEST_F(MemoryRoom, NonsenseIsNoLimit) {
  file("proc/meminfo", "MemAvailable\nMemAvailable: much\nSwapFree:");
  version_2();
  file("sys/fs/cgroup/slice/job/memory.max", "few");
  EXPECT_EQ(room(), std::nullopt);
}

TEST(MemoryRoomHere, IsSomething) { EXPECT_THAT(memory_room(), Optional(Gt(0U))); }

}  // namespace
}  // namespace mp::internal
