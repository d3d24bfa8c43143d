#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace mp::internal {

// A tree with the files that the kernel would show.
class ControlGroupTree : public testing::Test {
 protected:
  ControlGroupTree() : root_(make_root()) {}
  ~ControlGroupTree() override { std::filesystem::remove_all(root_); }

  void file(const std::filesystem::path& path, std::string_view text) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text << '\n';
  }
  void own_groups(std::string_view text) { file("proc/self/cgroup", text); }
  void mounts(std::string_view text) { file("proc/self/mountinfo", text); }
  const std::filesystem::path& root() const { return root_; }

  static constexpr char kMountV2[] =
      "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate";

 private:
  static std::filesystem::path make_root() {
    std::string name = std::filesystem::temp_directory_path() / "mp-control-groups-XXXXXX";
    return ::mkdtemp(name.data());
  }

  std::filesystem::path root_;
};

}  // namespace mp::internal
