#include "server/lanes/frame_queue.h"

#include <utility>

namespace mp::server {
namespace {
// Outcomes gather up to this.
constexpr std::size_t kMaxOutcomes = 256 << 10U;
// Frames do up to this: what a frame may have beyond a message (LocalLane::max_frame_bytes()).
constexpr std::size_t kMaxMerged = 64 << 10U;
}  // namespace

void FrameQueue::append(const v1::Outcome& outcome) {
  gathering_.append(outcome);
  open_ = true;
  if (gathering_.size() >= kMaxOutcomes) seal();
}

void FrameQueue::append_bytes(std::string_view outcome) {
  gathering_.append_bytes(outcome);
  open_ = true;
  if (gathering_.size() >= kMaxOutcomes) seal();
}

void FrameQueue::append_frame(std::string_view frame) {
  if (open_ && gathering_.size() + frame.size() > kMaxMerged) seal();
  gathering_.append_frame(frame);
  open_ = true;
}

void FrameQueue::seal() {
  sealed_bytes_ += gathering_.size();
  sealed_.push_back(gathering_.take());
  open_ = false;
}

std::string FrameQueue::pop() {
  if (sealed_.empty()) {
    open_ = false;
    return gathering_.take();
  }
  std::string message = std::move(sealed_.front());
  sealed_.pop_front();
  sealed_bytes_ -= message.size();
  return message;
}

}  // namespace mp::server
