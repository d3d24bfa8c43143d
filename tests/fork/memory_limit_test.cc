#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <csignal>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>

#include "client_lib/local/shared/memory.h"
#include "mp/errors.h"
#include "mp/local/array.h"
#include "tests/fork/process_fixture.h"
#include "tests/fork/sanitized.h"

// What cannot be had is an error when it is made, and no signal later.

namespace mp::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::size_t kGibibyte = std::size_t{1} << 30;
constexpr std::size_t kMebibyte = std::size_t{1} << 20;

class MemoryLimit : public ProcessTest {};

void set_limit(decltype(RLIMIT_AS) resource, rlim_t limit) {
  const rlimit both{.rlim_cur = limit, .rlim_max = limit};
  if (::setrlimit(resource, &both) != 0) throw std::runtime_error("setrlimit failed");
}

// What making so large an array says, in a child with this limit.
std::string error_of(std::size_t size, const std::function<void()>& limit) {
  return in_child([&] {
    limit();
    try {
      const Array<char> a(size, no_lock);
      a[-1] = 1;
      return std::string("made");
    } catch (const MemoryError& error) {
      return std::string(error.what());
    }
  });
}

TEST_F(MemoryLimit, OfAddressesIsAnError) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer takes more addresses than any limit";
  EXPECT_THAT(error_of(kGibibyte, [] { set_limit(RLIMIT_AS, kGibibyte); }),
              StartsWith("cannot map 1073741824 bytes of shared memory"));
}

TEST_F(MemoryLimit, OfFilesIsAnErrorAndNoSignal) {
  EXPECT_THAT(error_of(kGibibyte, [] { set_limit(RLIMIT_FSIZE, 10 * kMebibyte); }),
              StartsWith("cannot reserve 1073741824 bytes to share"));
}

TEST_F(MemoryLimit, OfDescriptorsIsAnError) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer needs descriptors for its checks";
  EXPECT_THAT(error_of(kGibibyte, [] { set_limit(RLIMIT_NOFILE, 4); }),
              StartsWith("cannot reserve 1073741824 bytes to share"));
}

TEST_F(MemoryLimit, OfTheMachineIsAnErrorAndKillsNobody) {
  EXPECT_THAT(error_of(kGibibyte << 20, [] {}), HasSubstr("the machine, or a control group"));
}

TEST_F(MemoryLimit, LeavesNothingOfWhatWasNotMade) {
  for (int i = 0; i < 10; ++i) EXPECT_THROW(Array<char>(kGibibyte << 20), MemoryError);
}

TEST_F(MemoryLimit, WhatWasMadeIsReserved) {
  const internal::Segment segment(64 * kMebibyte);
  struct stat status {};
  ASSERT_EQ(::fstat(segment.fd(), &status), 0);
  EXPECT_GE(static_cast<std::size_t>(status.st_blocks) * 512, segment.size());
}

TEST_F(MemoryLimit, ASignalEveryMillisecondDoesNotKeepItFromBeingReserved) {
  EXPECT_EQ(in_child([] {
              ::signal(SIGALRM, [](int) {});
              const itimerval often{.it_interval = {0, 1000}, .it_value = {0, 1000}};
              ::setitimer(ITIMER_REAL, &often, nullptr);
              const Array<char> a(256 * kMebibyte, no_lock);
              return std::to_string(a.size());
            }),
            std::to_string(256 * kMebibyte));
}

}  // namespace
}  // namespace mp::test
