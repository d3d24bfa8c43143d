// The ring and its sleep protocol under two threads that sleep as often as they can: whoever misses
// a wake-up sleeps for good, which is noticed after ten seconds.

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <random>
#include <thread>
#include <vector>

#include "client_lib/local/lane/byte_ring.h"
#include "client_lib/local/os/descriptor.h"
#include "client_lib/local/shared/spin.h"

namespace mp::internal {
namespace {

// On a machine that has nothing else to do that is a matter of seconds; elsewhere there are fewer.
constexpr std::uint64_t kRounds = 5'000'000;
constexpr std::chrono::seconds kLongEnough(15);
constexpr std::uint64_t kLeastRounds = 10'000;  // whatever else the machine does
constexpr std::uint64_t kBytes = 40'000'000;

constexpr std::chrono::seconds kForGood(10);

// The kernel's.
class EventBell {
 public:
  void ring() {
    const std::uint64_t one = 1;
    ASSERT_EQ(::write(fd_.get(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
  }
  // False if it does not ring.
  bool wait() {
    pollfd entry{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    std::uint64_t count = 0;
    return ::poll(&entry, 1, std::chrono::milliseconds(kForGood).count()) == 1 &&
           ::read(fd_.get(), &count, sizeof count) > 0;
  }

 private:
  Descriptor fd_{::eventfd(0, EFD_CLOEXEC)};
};

// Nobody sleeps in truth: the two are so close to each other all the time that whatever can happen
// between two instructions does.
class AwakeBell {
 public:
  void ring() { rung_.store(true, std::memory_order_release); }
  bool wait() {
    const auto end = std::chrono::steady_clock::now() + kForGood;
    for (int looks = 1; !rung_.exchange(false, std::memory_order_acquire); ++looks) {
      if (looks % 128 != 0) continue;
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();  // where there is one processor
    }
    return true;
  }

 private:
  alignas(128) std::atomic<bool> rung_{false};
};

// One direction, with a bell for each side.
template <class Bell>
struct Ring {
  explicit Ring(std::size_t capacity) : bytes(capacity) {}

  RingControl control{};
  std::vector<std::byte> bytes;
  Bell for_reader;
  Bell for_writer;
};

// Between two looks: nothing, or so long that the other side is found in any state.
class Dawdler {
 public:
  explicit Dawdler(unsigned seed) : random_(seed) {}
  void dawdle() {
    for (auto left = random_() % 64; left > 56; --left) pause();
  }

 private:
  std::minstd_rand random_;
};

template <class Bell>
class Sender {
 public:
  Sender(Ring<Bell>& ring, unsigned seed)
      : ring_(ring), end_(ring.control, ring.bytes.data(), ring.bytes.size()), dawdler_(seed) {}

  bool send(const char* data, std::size_t size) {
    while (size > 0) {
      const auto written = end_.write(data, size);
      if (!written) return false;
      if (*written != 0 && end_.must_ring()) ring_.for_reader.ring();
      data += *written;
      size -= *written;
      if (size == 0) return true;
      dawdler_.dawdle();
      if (end_.lie_down()) {
        if (!ring_.for_writer.wait()) return false;
        end_.wake();
      }
    }
    return true;
  }

 private:
  Ring<Bell>& ring_;
  RingWriter end_;
  Dawdler dawdler_;
};

template <class Bell>
class Receiver {
 public:
  Receiver(Ring<Bell>& ring, unsigned seed)
      : ring_(ring), end_(ring.control, ring.bytes.data(), ring.bytes.size()), dawdler_(seed) {}

  bool receive(char* data, std::size_t size) {
    while (size > 0) {
      const auto got = end_.read(data, size);
      if (!got) return false;
      if (end_.must_ring()) ring_.for_writer.ring();
      data += *got;
      size -= *got;
      if (size == 0) return true;
      dawdler_.dawdle();
      if (end_.lie_down()) {
        if (!ring_.for_reader.wait()) return false;
        end_.wake();
      }
    }
    return true;
  }

 private:
  Ring<Bell>& ring_;
  RingReader end_;
  Dawdler dawdler_;
};

template <class Bell>
void echo_all(Ring<Bell>& there, Ring<Bell>& back) {
  Receiver receiver(there, 1);
  Sender sender(back, 2);
  std::uint64_t number = 0;
  const auto bytes = [&number] { return reinterpret_cast<char*>(&number); };
  while (receiver.receive(bytes(), sizeof number) && number != kRounds) {
    if (!sender.send(bytes(), sizeof number)) return;
  }
}

// Whether all rounds went well.
template <class Bell>
bool answer_each_other() {
  Ring<Bell> there(64);
  Ring<Bell> back(64);
  std::thread echo([&] { echo_all(there, back); });
  Sender sender(there, 3);
  Receiver receiver(back, 4);
  const auto end = std::chrono::steady_clock::now() + kLongEnough;
  std::uint64_t round = 0;
  bool good = true;
  for (; good && round < kRounds; ++round) {
    if (round % 1024 == 0 && std::chrono::steady_clock::now() > end) break;
    std::uint64_t answer = ~round;
    good = sender.send(reinterpret_cast<const char*>(&round), sizeof round) &&
           receiver.receive(reinterpret_cast<char*>(&answer), sizeof answer) && answer == round;
  }
  std::cout << round << " rounds\n";
  sender.send(reinterpret_cast<const char*>(&kRounds), sizeof kRounds);
  echo.join();
  return good && round > kLeastRounds;
}

TEST(LaneStressTest, NoWakeUpIsLostBetweenTwoWhoAnswerEachOther) {
  EXPECT_TRUE(answer_each_other<AwakeBell>());
}

TEST(LaneStressTest, NoWakeUpIsLostBetweenTwoWhoSleep) {
  EXPECT_TRUE(answer_each_other<EventBell>());
}

// How many bytes were missing, or of the first that was wrong on.
template <class Bell>
std::uint64_t stream(std::uint64_t bytes) {
  Ring<Bell> ring(256);
  std::thread writer([&] {
    Sender sender(ring, 5);
    std::minstd_rand random(6);
    std::array<char, 600> block{};
    char next = 0;
    for (std::uint64_t left = bytes; left > 0;) {
      const auto size = std::min<std::uint64_t>(left, 1 + random() % block.size());
      for (std::size_t i = 0; i < size; ++i) block.at(i) = next++;
      if (!sender.send(block.data(), size)) return;
      left -= size;
    }
  });
  Receiver receiver(ring, 7);
  std::minstd_rand random(8);
  std::array<char, 600> block{};
  char next = 0;
  std::uint64_t left = bytes;
  for (bool good = true; good && left > 0;) {
    const auto size = std::min<std::uint64_t>(left, 1 + random() % block.size());
    good = receiver.receive(block.data(), size);
    for (std::size_t i = 0; i < size; ++i) good = good && block.at(i) == next++;
    if (good) left -= size;
  }
  writer.join();
  return left;
}

TEST(LaneStressTest, NoByteIsLostOrTornInARingThatIsMostlyFull) {
  EXPECT_EQ(stream<AwakeBell>(kBytes), 0U);
  EXPECT_EQ(stream<EventBell>(kBytes), 0U);
}

}  // namespace
}  // namespace mp::internal
