#include "client_lib/local/os/cpu_quota.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/unit/local/control_group_tree.h"

namespace mp::internal {
namespace {

using testing::Optional;

class CpuQuota : public ControlGroupTree {
 protected:
  std::optional<double> quota() const { return cpu_quota(root()); }
};

TEST_F(CpuQuota, IsAbsentWithoutControlGroups) { EXPECT_EQ(quota(), std::nullopt); }

TEST_F(CpuQuota, IsReadFromVersion2) {
  mounts(kMountV2);
  own_groups("0::/");
  file("sys/fs/cgroup/cpu.max", "150000 100000");
  EXPECT_THAT(quota(), Optional(1.5));
}

TEST_F(CpuQuota, MaxIsNoQuota) {
  mounts(kMountV2);
  own_groups("0::/");
  file("sys/fs/cgroup/cpu.max", "max 100000");
  EXPECT_EQ(quota(), std::nullopt);
}

TEST_F(CpuQuota, TheTightestOfAllAncestorsCounts) {
  mounts(kMountV2);
  own_groups("0::/slice/service/worker");
  file("sys/fs/cgroup/slice/cpu.max", "200000 100000");
  file("sys/fs/cgroup/slice/service/cpu.max", "50000 100000");
  file("sys/fs/cgroup/slice/service/worker/cpu.max", "max 100000");
  EXPECT_THAT(quota(), Optional(0.5));
}

TEST_F(CpuQuota, IsReadFromVersion1) {
  mounts(
      "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
      "33 31 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset");
  own_groups("4:cpu,cpuacct:/jobs\n3:cpuset:/\n0::/");
  file("sys/fs/cgroup/cpu,cpuacct/jobs/cpu.cfs_quota_us", "300000");
  file("sys/fs/cgroup/cpu,cpuacct/jobs/cpu.cfs_period_us", "100000");
  EXPECT_THAT(quota(), Optional(3.0));
}

TEST_F(CpuQuota, MinusOneIsNoQuota) {
  mounts("32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu");
  own_groups("4:cpu:/");
  file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1");
  file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000");
  EXPECT_EQ(quota(), std::nullopt);
}

TEST_F(CpuQuota, AContainerSeesItsGroupAtTheMountPoint) {
  mounts("32 31 0:29 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu");
  own_groups("4:cpu:/docker/abc");
  file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000");
  file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000");
  EXPECT_THAT(quota(), Optional(0.5));
}

TEST_F(CpuQuota, NonsenseIsNoQuota) {
  std::string lines = "nonsense\n - \n";
  lines += kMountV2;
  mounts(lines);
  own_groups("nonsense\n0::/");
  file("sys/fs/cgroup/cpu.max", "0 0");
  EXPECT_EQ(quota(), std::nullopt);
}

}  // namespace
}  // namespace mp::internal
