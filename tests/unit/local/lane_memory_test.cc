#include "client_lib/local/lane/lane_memory.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <memory>
#include <string>

namespace mp::internal {
namespace {

using testing::HasSubstr;

constexpr off_t kSize = LaneMemory::kControlBytes + 2 * LaneMemory::kRingBytes;

class LaneMemoryTest : public testing::Test {
 protected:
  void SetUp() override {
    server_ = LaneMemory::make(passed_, why_);
    ASSERT_NE(server_, nullptr) << why_;
  }
  std::unique_ptr<LaneMemory> attach() { return LaneMemory::attach(passed_, why_); }
  // Memory that may be a lane's but for what `seals` and `size` say.
  std::unique_ptr<LaneMemory> attach_stranger(off_t size, int seals) {
    const Descriptor stranger(::memfd_create("stranger", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    EXPECT_EQ(::ftruncate(stranger.get(), size), 0);
    EXPECT_EQ(::fcntl(stranger.get(), F_ADD_SEALS, seals), 0);
    return LaneMemory::attach(stranger, why_);
  }
  static int mappings() {
    std::ifstream maps("/proc/self/maps");
    int count = 0;
    for (std::string line; std::getline(maps, line);)
      count += line.find("mp-lane") != std::string::npos ? 1 : 0;
    return count;
  }

  Descriptor passed_;
  std::string why_;
  std::unique_ptr<LaneMemory> server_;
};

TEST_F(LaneMemoryTest, CarriesBytesBothWays) {
  const auto client = attach();
  ASSERT_NE(client, nullptr) << why_;
  std::array<char, 8> got{};
  RingReader server_reader = server_->server_reader();
  RingWriter client_writer = client->client_writer();
  client_writer.write("ask", 3);
  EXPECT_EQ(server_reader.read(got.data(), got.size()), 3U);
  EXPECT_STREQ(got.data(), "ask");
  RingReader client_reader = client->client_reader();
  RingWriter server_writer = server_->server_writer();
  server_writer.write("answer", 6);
  EXPECT_EQ(client_reader.read(got.data(), got.size()), 6U);
  EXPECT_STREQ(got.data(), "answer");
}

TEST_F(LaneMemoryTest, CannotBeMadeSmallerUnderItsMaker) {
  EXPECT_NE(::ftruncate(passed_.get(), 0), 0);
  EXPECT_NE(::ftruncate(passed_.get(), kSize + 1), 0);
}

TEST_F(LaneMemoryTest, CannotBeSealedAgainstItsMaker) {
  EXPECT_NE(::fcntl(passed_.get(), F_ADD_SEALS, F_SEAL_WRITE), 0);
}

TEST_F(LaneMemoryTest, ReadsAsZerosWhereAHoleWasPunched) {
  RingWriter writer = server_->server_writer();
  writer.write("answer", 6);
  ASSERT_EQ(::fallocate(passed_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, kSize), 0);
  EXPECT_EQ(server_->control().layout, 0U);
  EXPECT_EQ(writer.write("x", 1), 1U);  // and is written to as before
}

TEST_F(LaneMemoryTest, IsNotTakenWithoutItsSeals) {
  EXPECT_EQ(attach_stranger(kSize, 0), nullptr);
  EXPECT_THAT(why_, HasSubstr("no memory of a lane"));
}

TEST_F(LaneMemoryTest, IsNotTakenInAnotherSize) {
  EXPECT_EQ(attach_stranger(kSize - 4096, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL), nullptr);
}

TEST_F(LaneMemoryTest, IsNotTakenInAnotherLayout) {
  EXPECT_EQ(attach_stranger(kSize, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL), nullptr);
  EXPECT_THAT(why_, HasSubstr("another version"));
}

TEST_F(LaneMemoryTest, IsNotTakenFromWhatIsNoMemory) {
  const Descriptor socket(::open("/dev/null", O_RDWR | O_CLOEXEC));
  EXPECT_EQ(LaneMemory::attach(socket, why_), nullptr);
}

TEST_F(LaneMemoryTest, SaysWhyThereIsNone) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  Descriptor passed;
  const auto memory = LaneMemory::make(passed, why_);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(memory, nullptr);
  EXPECT_THAT(why_, HasSubstr("Too many open files"));
}

TEST_F(LaneMemoryTest, IsRefusedBeyondTheLimitOfAFile) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{.rlim_cur = 4096, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  Descriptor passed;
  const auto memory = LaneMemory::make(passed, why_);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(memory, nullptr);
  EXPECT_THAT(why_, HasSubstr("File too large"));
}

TEST_F(LaneMemoryTest, LeavesNothing) {
  auto client = attach();
  passed_.close();
  EXPECT_EQ(mappings(), 2);
  client.reset();
  server_.reset();
  EXPECT_EQ(mappings(), 0);
}

// Runs in a child, whose exit code says whether it was true.
template <class Claim>
bool holds_in_child(Claim&& claim) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(claim() ? 0 : 1);
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(LaneMemoryTest, IsNotInAForkedChild) {
  EXPECT_TRUE(holds_in_child([] { return mappings() == 0; }));
}

TEST_F(LaneMemoryTest, OfTheParentUnmapsNothingInAForkedChild) {
  auto* const address = reinterpret_cast<std::byte*>(&server_->control());
  EXPECT_TRUE(holds_in_child([&] {
    void* const other = ::mmap(address, 4096, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (other != address) return false;
    server_.reset();
    *address = std::byte{1};  // would be a fault
    return true;
  }));
}

}  // namespace
}  // namespace mp::internal
