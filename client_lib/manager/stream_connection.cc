#include "client_lib/manager/stream_connection.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace mp::internal {
namespace {

constexpr char kMethod[] = "/mp.v1.Sessions/Stream";
constexpr std::size_t kFrameHeader = 4;
constexpr std::size_t kMaxUnsent = 1 << 20U;
constexpr std::size_t kMaxMerged = 64 << 10U;  // what a frame may have beyond a message
constexpr std::chrono::seconds kLinger(1);
constexpr std::chrono::milliseconds kWriteTime(100);

std::size_t frame_length(std::string_view bytes) {
  std::uint32_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  return length;
}

std::chrono::system_clock::time_point system_time(const Deadline& deadline) {
  if (!deadline) return std::chrono::system_clock::time_point::max();
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(*deadline - Clock::now());
  return std::chrono::system_clock::now() + std::max(left, std::chrono::microseconds(0));
}

}  // namespace

StreamConnection::StreamConnection(grpc::GenericStub& stub)
    : stream_(stub.PrepareCall(&context_, kMethod, &queue_)) {
  stream_->StartCall(tag(Event::kStarted));
}

StreamConnection::~StreamConnection() {
  Lock lock(mutex_);
  const Deadline linger = Clock::now() + kLinger;
  while (!over_ && (writing_ || out_.size() >= kFrameHeader) && poll(lock, linger)) {
  }
  if (!over_ && writing_) context_.TryCancel();
  if (!over_ && !writing_) {
    writing_ = true;
    stream_->WritesDone(tag(Event::kWritten));
    while (!over_ && poll(lock, linger)) {
    }
    if (!over_) context_.TryCancel();
  }
  while (!over_ && poll(lock, {})) {
  }
  lock.unlock();
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

bool StreamConnection::poll(Lock& lock, const Deadline& deadline) {
  void* tag = nullptr;
  bool ok = false;
  lock.unlock();
  const auto status = queue_.AsyncNext(&tag, &ok, system_time(deadline));
  lock.lock();
  if (status != grpc::CompletionQueue::GOT_EVENT) return false;
  handle(static_cast<Event>(reinterpret_cast<std::uintptr_t>(tag)), ok);
  return true;
}

void StreamConnection::handle(Event event, bool ok) {
  switch (event) {
    case Event::kStarted:
      writing_ = false;
      if (ok) {
        stream_->Read(&message_, tag(Event::kRead));
        write_some();
        return;
      }
      break;
    case Event::kWritten:
      writing_ = false;
      if (ok) write_some();
      return;  // if not, the read tells
    case Event::kRead:
      if (ok) {
        take(std::exchange(message_, {}));
        stream_->Read(&message_, tag(Event::kRead));
        return;
      }
      break;
    case Event::kFinished:
      over_ = true;
      return;
  }
  if (!std::exchange(finishing_, true)) stream_->Finish(&status_, tag(Event::kFinished));
}

void StreamConnection::take(const grpc::ByteBuffer& message) {
  std::vector<grpc::Slice> parts(1);  // small ones come in one
  if (!message.TrySingleSlice(parts.data()).ok() && !message.Dump(&parts).ok())
    return context_.TryCancel();
  if (in_taken_ == in_.size()) {
    in_.clear();
    in_taken_ = 0;
  }
  const auto length = static_cast<std::uint32_t>(message.Length());
  in_.append(reinterpret_cast<const char*>(&length), sizeof length);
  for (const grpc::Slice& part : parts)
    in_.append(reinterpret_cast<const char*>(part.begin()), part.size());
}

// All whole frames that wait leave as one message, unless it would be a large one.
void StreamConnection::write_some() {
  if (writing_ || finishing_) return;
  const std::string_view out(out_);
  std::size_t message_size = 0;
  std::size_t at = 0;
  while (out.size() - at >= kFrameHeader) {
    const std::size_t length = frame_length(out.substr(at));
    if (out.size() - at - kFrameHeader < length) break;
    if (at != 0 && message_size + length > kMaxMerged) break;
    message_size += length;
    at += kFrameHeader + length;
  }
  if (at == 0) return;
  const grpc::Slice message = take_out(at, message_size);
  writing_ = true;
  stream_->Write(grpc::ByteBuffer(&message, 1), tag(Event::kWritten));
}

// The frames in the first `end` bytes of what waits, without their lengths. A large frame that is
// all that waits leaves without being copied.
grpc::Slice StreamConnection::take_out(std::size_t end, std::size_t size) {
  const bool is_one = end == kFrameHeader + size;
  if (is_one && end == out_.size() && size >= kMaxMerged) return leave_whole();
  std::string merged;
  merged.reserve(size);
  for (std::string_view rest = std::string_view(out_).substr(0, end); !rest.empty();) {
    const std::size_t length = frame_length(rest);
    merged += rest.substr(kFrameHeader, length);
    rest.remove_prefix(kFrameHeader + length);
  }
  out_.erase(0, end);
  return grpc::Slice(merged);
}

grpc::Slice StreamConnection::leave_whole() {
  struct Leaving {
    std::string bytes;
    std::shared_ptr<Spare> spare;
  };
  auto* const leaving = new Leaving{std::exchange(out_, {}), spare_};
  const auto has_left = [](void* given) {
    const std::unique_ptr<Leaving> left(static_cast<Leaving*>(given));
    const std::lock_guard lock(left->spare->mutex);
    left->bytes.clear();
    left->spare->bytes = std::move(left->bytes);
  };
  return {leaving->bytes.data() + kFrameHeader, leaving->bytes.size() - kFrameHeader, has_left,
          leaving};
}

LaneConnection::Result StreamConnection::send_some(const char* data, std::size_t size,
                                                   std::size_t& sent) {
  Lock lock(mutex_);
  const Deadline now = Clock::now();
  while (!receiving_ && writing_ && !over_ && out_.size() > kMaxUnsent && poll(lock, now)) {
  }
  if (over_ || finishing_) return Result::kClosed;
  if (writing_ && out_.size() > kMaxUnsent) return Result::kWouldBlock;
  if (out_.empty() && size >= kMaxMerged) {
    const std::lock_guard spare(spare_->mutex);
    out_.swap(spare_->bytes);
  }
  out_.append(data, size);
  sent += size;
  write_some();
  // Nobody else may come by to see that the write is done, and what waits for it would stay here.
  const Deadline soon = now.value() + kWriteTime;
  while (!receiving_ && writing_ && !over_ && out_.size() >= kFrameHeader && poll(lock, soon)) {
  }
  return Result::kDone;
}

LaneConnection::Result StreamConnection::receive(char* data, std::size_t size,
                                                 const Deadline& deadline, std::size_t& received) {
  Lock lock(mutex_);
  while (in_taken_ == in_.size()) {
    if (over_) return Result::kClosed;
    receiving_ = true;
    const bool polled = poll(lock, deadline);
    receiving_ = false;
    if (!polled) return Result::kTimedOut;
  }
  received = std::min(size, in_.size() - in_taken_);
  std::memcpy(data, in_.data() + in_taken_, received);
  in_taken_ += received;
  return Result::kDone;
}

LaneConnection::Result StreamConnection::wait_either(const Deadline& deadline) {
  Lock lock(mutex_);
  if (over_) return Result::kClosed;
  return poll(lock, deadline) ? Result::kDone : Result::kTimedOut;
}

// A thread that receives sees to what is still to leave; without one that is the destructor's.
void StreamConnection::shut() {
  const Lock lock(mutex_);
  if (receiving_) context_.TryCancel();
}

std::string StreamConnection::failure() {
  const Lock lock(mutex_);
  return over_ ? status_.error_message() : std::string();
}

}  // namespace mp::internal
