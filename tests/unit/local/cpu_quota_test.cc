#include "client_lib/local/cpu_quota.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace mp::internal {
namespace {

namespace fs = std::filesystem;
using testing::Eq;
using testing::Optional;

// A tree with the files that the kernel would show.
class CpuQuota : public testing::Test {
 protected:
  CpuQuota() : root_(make_root()) {}
  ~CpuQuota() override { fs::remove_all(root_); }

  void file(const fs::path& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text << '\n';
  }
  void own_groups(const std::string& text) { file("proc/self/cgroup", text); }
  void mounts(const std::string& text) { file("proc/self/mountinfo", text); }
  std::optional<double> quota() const { return cpu_quota(root_); }

 private:
  static fs::path make_root() {
    std::string name = fs::temp_directory_path() / "mp-cpu-quota-XXXXXX";
    return ::mkdtemp(name.data());
  }

  fs::path root_;
};

constexpr char kMountV2[] =
    "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate";

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
  mounts(std::string("nonsense\n - \n") + kMountV2);
  own_groups("nonsense\n0::/");
  file("sys/fs/cgroup/cpu.max", "0 0");
  EXPECT_EQ(quota(), std::nullopt);
}

}  // namespace
}  // namespace mp::internal
