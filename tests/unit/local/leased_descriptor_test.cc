#include "client_lib/local/connection/leased_descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <thread>
#include <vector>

#include "tests/unit/local/connection_fixture.h"

namespace mp::internal {
namespace {

class LeasedDescriptors : public test::ConnectionTest {
 protected:
  const int fd_ = ::eventfd(0, EFD_CLOEXEC);
  LeasedDescriptor leased_{Descriptor(fd_)};

  bool is_open() const { return ::fcntl(fd_, F_GETFD) >= 0; }
  void TearDown() override {
    leased_.close();
    EXPECT_FALSE(is_open());
  }
};

TEST_F(LeasedDescriptors, IsClosedAtOnceWhenNobodyUsesIt) {
  EXPECT_EQ(leased_.use()->get(), fd_);
  leased_.close();
  EXPECT_FALSE(is_open());
  EXPECT_TRUE(leased_.is_closed());
  EXPECT_FALSE(leased_.use().has_value());
}

TEST_F(LeasedDescriptors, StaysOpenUntilTheLastUseHasEnded) {
  auto first = leased_.use();
  auto second = leased_.use();
  leased_.close();
  EXPECT_FALSE(leased_.use().has_value());
  first.reset();
  EXPECT_TRUE(is_open());
  second.reset();
  EXPECT_FALSE(is_open());
}

TEST_F(LeasedDescriptors, UsesThatWereLostInAForkKeepNothingOpen) {
  const auto use = leased_.use();
  const pid_t child = ::fork();
  if (child == 0) {
    leased_.close();
    ::_exit(is_open() ? 1 : 0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(is_open());
}

TEST_F(LeasedDescriptors, AChildClosesWhatAnotherThreadOfItsParentWasToClose) {
  const auto use = leased_.use();
  leased_.close();
  const pid_t child = ::fork();
  if (child == 0) {
    leased_.close();
    ::_exit(is_open() ? 1 : 0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(LeasedDescriptors, IsClosedOnceWhoeverComesLast) {
  std::vector<std::jthread> users;
  for (int i = 0; i < 4; ++i) {
    users.emplace_back([this] {
      while (leased_.use()) continue;
    });
  }
  leased_.close();
}

}  // namespace
}  // namespace mp::internal
