#pragma once

#include <chrono>
#include <cstdint>

namespace mp::internal {

// Whether a connection is used so often that it is worth the memory. Time is handed in.
class FrequentUse {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // As many frames within this time. So also for who does something else for a millisecond after
  // each; who speaks less often than some hundred times a second would not notice.
  static constexpr std::uint32_t kFrames = 64;
  static constexpr std::chrono::milliseconds kTime{250};

  // From the first frame on.
  static FrequentUse always() { return FrequentUse(0); }
  FrequentUse() : FrequentUse(1) {}

  // A frame was sent. True, and it counts anew: now it is.
  bool on_frame(Time now) {
    if (is_over_) return false;
    if (frames_ == 0) since_ = now;
    if (++frames_ < times_ * kFrames) return false;
    frames_ = 0;
    return times_ == 0 || now - since_ <= times_ * kTime;
  }
  // There was no memory: it takes as many times more until it is worth to ask again.
  void refused() { times_ = kFrames; }
  // It can't be used here.
  void give_up() { is_over_ = true; }

 private:
  explicit FrequentUse(std::uint32_t times) : times_(times) {}

  std::uint32_t times_;  // kFrames, in kTime; 0: any frame will do
  std::uint32_t frames_ = 0;
  Time since_{};
  bool is_over_ = false;
};

}  // namespace mp::internal
