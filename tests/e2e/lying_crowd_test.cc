#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "client_lib/local/lane/lane_frames.h"
#include "client_lib/local/lane/lane_memory.h"
#include "tests/e2e/lying_lane.h"

// Liars one after the other, and memory that changes while the manager reads it.

namespace mp::e2e {
namespace {

using internal::LaneFrame;
using internal::LaneMemory;

constexpr std::size_t kSize = LaneMemory::kControlBytes + 2 * LaneMemory::kRingBytes;

// A thread that writes anything anywhere, all the time, into the memory that it is given.
class Scribbler {
 public:
  Scribbler() : thread_([this] { run(); }) {}
  ~Scribbler() {
    over_ = true;
    thread_.join();
  }
  Scribbler(const Scribbler&) = delete;
  Scribbler& operator=(const Scribbler&) = delete;

  // Into a part of it. No memory: it rests.
  void scribble_on(std::shared_ptr<LaneMemory> memory, std::size_t begin = 0,
                   std::size_t size = kSize) {
    const std::scoped_lock lock(mutex_);
    memory_ = std::move(memory);
    begin_ = begin;
    size_ = size;
  }

 private:
  void run() {
    while (!over_) {
      if (!scribble_some()) std::this_thread::yield();
    }
  }
  bool scribble_some() {
    const std::scoped_lock lock(mutex_);
    if (memory_ == nullptr) return false;
    auto* const bytes = reinterpret_cast<volatile char*>(&memory_->control());
    for (int i = 0; i < 256; ++i) bytes[begin_ + random_() % size_] = static_cast<char>(random_());
    return true;
  }

  std::mutex mutex_;
  std::shared_ptr<LaneMemory> memory_;  // guarded by mutex_
  std::size_t begin_ = 0;               // guarded by mutex_
  std::size_t size_ = 0;                // guarded by mutex_
  std::mt19937 random_;                 // of the thread
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

class LyingCrowd : public LyingLane {
 protected:
  bool sometimes() { return random_() % 2 == 0; }

  std::string any_bytes() {
    std::string bytes(random_() % 300, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_());
    return bytes;
  }

  // Some of all that can be done to a manager.
  void lie(Liar& liar) {
    if (sometimes()) scribbler_.scribble_on(liar.memory);
    if (sometimes()) liar.write(a_command().substr(0, random_() % 40));
    if (sometimes()) liar.write(any_bytes());
    if (sometimes()) liar.to_server().written = random_() >> random_() % 64;
    if (sometimes()) liar.to_server().read = random_();
    if (sometimes()) liar.to_client().read = random_() >> random_() % 64;
    if (sometimes()) punch_a_hole(liar);
    if (sometimes()) {
      std::memset(static_cast<void*>(&liar.memory->control()), static_cast<int>(random_()),
                  LaneMemory::kControlBytes);
    }
    if (sometimes()) {
      EXPECT_NE(ftruncate(liar.descriptor.get(), any_place()), 0);
    }
    if (sometimes()) liar.say(static_cast<LaneFrame>(1 + random_() % 4));
    if (sometimes()) liar.ring();
    scribbler_.scribble_on(nullptr);
  }

  off_t any_place() { return static_cast<off_t>(random_() % kSize); }
  void punch_a_hole(const Liar& liar) {
    const off_t from = any_place();
    EXPECT_EQ(fallocate(liar.descriptor.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from,
                        1 + any_place()),
              0);
  }

  auto descriptors() const {
    const std::filesystem::directory_iterator all("/proc/" + std::to_string(manager_.pid()) +
                                                  "/fd");
    return std::distance(begin(all), end(all));
  }
  // The manager has let go of all that it had for them.
  void expect_nothing_left(long descriptors_before) const {
    const std::string maps = "/proc/" + std::to_string(manager_.pid()) + "/maps";
    const auto has_rings = [&] { return contents_of(maps).find("mp-lane") != std::string::npos; };
    for (int i = 0; i < 2000 && (has_rings() || descriptors() > descriptors_before); ++i)
      poll(nullptr, 0, 10);
    EXPECT_FALSE(has_rings());
    EXPECT_LE(descriptors(), descriptors_before);
  }

  std::mt19937_64 random_{3};
  std::array<char, 65'536> answers_{};
  Scribbler scribbler_;
};

TEST_F(LyingCrowd, MayChangeWhatIsBeingRead) {
  constexpr int kConnections = 100;
  constexpr std::size_t kWrites = 20;  // of each, at most
  std::string commands;
  for (int i = 0; i < 50; ++i) commands += a_command();
  int ended = 0;
  for (int connection = 0; connection < kConnections; ++connection) {
    const auto liar = with_rings();
    if (HasFatalFailure()) return;
    scribbler_.scribble_on(liar->memory, LaneMemory::kControlBytes, kWrites * commands.size());
    for (std::size_t i = 0; i < kWrites && !liar->is_over(); ++i) {
      liar->write(commands);
      while (!liar->is_over() && liar->to_server().read != (i + 1) * commands.size())
        liar->reader->read(answers_.data(), answers_.size());
    }
    ended += liar->is_over() ? 1 : 0;
    scribbler_.scribble_on(nullptr);
  }
  std::cout << ended << " of " << kConnections << " connections were ended by the manager\n";
  EXPECT_GT(ended, 1);
}

TEST_F(LyingCrowd, ByTensOfThousandsLeavesNothingBehind) {
  constexpr int kConnections = 30'000;
  constexpr int kLeast = 1000;  // where the time is up before
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  with_rings();  // the manager has started up then, too
  const auto before = descriptors();
  int connection = 0;
  for (; connection < kConnections; ++connection) {
    if (connection >= kLeast && std::chrono::steady_clock::now() > end) break;
    const auto liar = with_rings();
    if (HasFatalFailure()) return;
    lie(*liar);
  }
  std::cout << connection << " liars\n";
  expect_nothing_left(before);
}

}  // namespace
}  // namespace mp::e2e
