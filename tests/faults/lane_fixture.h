#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "mp/mp.h"
#include "tests/e2e/manager_process.h"

// A manager whose local lane is shared memory, and what the system knows of it.

namespace mp::test {

inline constexpr auto kLong = std::chrono::seconds(20);  // far more than anything here takes

// How many lanes a process has mapped.
inline int rings_of(pid_t pid) {
  const std::string maps = e2e::contents_of("/proc/" + std::to_string(pid) + "/maps");
  int count = 0;
  for (auto at = maps.find("mp-lane"); at != std::string::npos; at = maps.find("mp-lane", at + 1))
    ++count;
  return count;
}

inline long descriptors_of(pid_t pid) {
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(pid) + "/fd");
  return std::distance(begin(all), end(all));
}

// A thread that was running does not stop at once.
inline bool is_stopped(pid_t pid) {
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(pid) + "/task");
  return std::all_of(begin(all), end(all), [](const auto& thread) {
    const std::string status = e2e::contents_of(thread.path() / "status");
    return status.find("State:\tT") != std::string::npos;
  });
}

class SharedLane : public testing::Test {
 protected:
  explicit SharedLane(std::vector<std::string> flags = {}) : server_(std::move(flags)) {}

  Manager connect(Lane lane) const {
    return Manager::connect("unix:" + server_.socket(), {.lane = lane});
  }
  static void use_often(Manager& manager) {
    auto numbers = manager.list<int>();
    for (int i = 0; i < 1000; ++i) numbers.append(i);
    EXPECT_EQ(numbers.size(), 1000U);
  }

  e2e::ManagerProcess server_;
};

}  // namespace mp::test
