#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "client_lib/local/os/ancillary.h"
#include "server/lanes/local_connection.h"
#include "server/lanes/local_lane.h"

// How a connection comes from the socket to rings in shared memory, and what it does there.

namespace mp::server {
namespace {

using mp::internal::Descriptor;
using mp::internal::lane_frame_bytes;
using mp::internal::LaneFrame;

constexpr std::size_t kReadSize = 64 << 10U;

// All of it, with the descriptor, or nothing.
bool send_with_descriptor(int socket, const mp::internal::LaneFrameBytes& frame, int descriptor) {
  auto bytes = frame;
  iovec part{.iov_base = bytes.data(), .iov_len = bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  mp::internal::Ancillary along;
  along.put(message, {&descriptor, 1});
  const ssize_t sent = sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent == static_cast<ssize_t>(bytes.size());
}

}  // namespace

bool LocalConnection::on_lane_frame(LaneFrame frame) {
  switch (frame) {
    case LaneFrame::kAsk:
      if (lane_.rings().give == GiveRings::kToNobody || !offer_rings())
        send_lane_frame(LaneFrame::kDecline);
      return true;
    case LaneFrame::kDecline:
      leave_rings();
      return true;
    case LaneFrame::kChange:
      return change_to_rings();
    case LaneFrame::kOffer:
      break;
  }
  return false;
}

void LocalConnection::send_lane_frame(LaneFrame frame) {
  const auto bytes = lane_frame_bytes(frame);
  send_bytes(std::string_view(bytes.data(), bytes.size()).substr(kFrameHeader));
}

// Between two frames that are on the socket, or not at all: who asks again may be luckier.
bool LocalConnection::offer_rings() {
  if (memory_ != nullptr) return true;
  Descriptor descriptor;
  auto memory = lane_.make_rings(descriptor);
  if (memory == nullptr) return false;
  const MutexLock lock(out_mutex_);
  if (!unsent_.empty() ||
      !send_with_descriptor(fd_, lane_frame_bytes(LaneFrame::kOffer), descriptor.get())) {
    lane_.rings_are_gone();
    return false;
  }
  memory_ = std::move(memory);
  return true;
}

bool LocalConnection::change_to_rings() {
  if (memory_ == nullptr || ring_in_) return false;
  in_.drop();  // bells
  ring_in_.emplace(memory_->server_reader());
  const MutexLock lock(out_mutex_);
  const auto mark = lane_frame_bytes(LaneFrame::kChange);
  out_.append_frame(std::string_view(mark.data(), mark.size()).substr(kFrameHeader));
  unsent_ += out_.take();
  changing_ = true;
  write_some();
  return true;
}

void LocalConnection::leave_rings() {
  const MutexLock lock(out_mutex_);
  broken_ = broken_ || changing_ || ring_out_.has_value();
  ring_out_.reset();
  ring_in_.reset();
  if (std::exchange(memory_, nullptr) != nullptr) lane_.rings_are_gone();
}

bool LocalConnection::take_from_ring(std::size_t& received) {
  if (!ring_in_) return false;
  const std::size_t wanted = std::max(kReadSize, in_.missing());
  const auto read = ring_in_->read(in_.prepare(wanted), wanted);
  if (!read) return false;
  received = *read;
  in_.commit(received);
  if (received != 0 && may_ring_.load(std::memory_order_relaxed) && ring_in_->must_ring()) ring();
  return true;
}

bool LocalConnection::read_ring(std::size_t& received) {
  if (!may_read_.load(std::memory_order_relaxed)) return true;
  return take_from_ring(received) && (received == 0 || hand_on_frames());
}

bool LocalConnection::lie_down() {
  return !ring_in_ || !may_read_.load(std::memory_order_relaxed) || ring_in_->lie_down();
}

// What was written before the end counts.
bool LocalConnection::on_bell() {
  std::array<char, 256> bells{};
  const ssize_t size = recv(fd_, bells.data(), bells.size(), MSG_DONTWAIT);
  const bool over = size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
  if (over) {
    drain();
    return false;
  }
  flush();  // it may have rung because there is room again
  std::size_t received = 0;
  return read_ring(received);
}

void LocalConnection::ring() const {
  const char bell = 0;
  [[maybe_unused]] const ssize_t sent = ::send(fd_, &bell, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void LocalConnection::put_into(mp::internal::RingWriter& to, std::string_view bytes,
                               std::size_t& put) {
  while (put < bytes.size()) {
    const auto written = to.write(bytes.data() + put, bytes.size() - put);
    if (!written) {
      broken_ = true;
      shutdown(fd_, SHUT_RDWR);  // the lane thread finds the connection at its end, and closes it
      return;
    }
    put += *written;
    if (*written != 0 && to.must_ring()) ring();
    if (*written == 0 && to.lie_down()) {
      waits_for_room_ = true;
      return;
    }
  }
}

void LocalConnection::write_to_ring(mp::internal::RingWriter& to) {
  if (std::exchange(waits_for_room_, false)) to.wake();
  if (!broken_) put_into(to, unsent_, sent_);
  forget_sent();
  const std::string_view frames = out_.whole_frames();
  std::size_t put = 0;
  if (unsent_.empty() && !broken_) put_into(to, frames, put);
  if (!broken_) unsent_ += frames.substr(put);
  out_.clear();
}

}  // namespace mp::server
