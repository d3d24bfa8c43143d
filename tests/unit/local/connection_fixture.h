#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <iterator>

// What tests of connections share.

namespace mp::test {

inline std::size_t count_descriptors() {
  return static_cast<std::size_t>(std::distance(
      std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator()));
}

// Checks that a test leaves no descriptor.
class ConnectionTest : public testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(count_descriptors(), descriptors_before_); }

 private:
  const std::size_t descriptors_before_ = count_descriptors();
};

// Larger than a packet, and than what the system holds for a socket.
inline constexpr std::size_t kLarge = std::size_t{16} * 1024 * 1024;

}  // namespace mp::test
