#include "server/lanes/local_connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "server/lanes/local_lane.h"

namespace mp::server {
namespace {

constexpr std::size_t kReadSize = 64 << 10U;
// A client that does not read its answers is not read from either, once so much waits for it.
constexpr std::size_t kMaxUnsent = 8 << 20U;

}  // namespace

LocalConnection::LocalConnection(LocalLane& lane, int fd, int epoll, const Peer& peer)
    : lane_(lane), fd_(fd), epoll_(epoll), peer_(peer), in_(lane.max_frame_bytes()) {}

LocalConnection::~LocalConnection() { ::close(fd_); }

void LocalConnection::start(std::shared_ptr<FrameHandler> handler) {
  handler_ = std::move(handler);
  const MutexLock lock(out_mutex_);
  events_ = EPOLLIN;
  epoll_event event{.events = events_, .data = {.ptr = this}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd_, &event);
}

bool LocalConnection::read_once(std::size_t& received) {
  const std::size_t wanted = std::max(kReadSize, in_.missing());
  char* const room = in_.prepare(wanted);
  const ssize_t size = recv(fd_, room, wanted, MSG_DONTWAIT);
  if (size < 0) {
    received = 0;
    return errno == EAGAIN || errno == EINTR;
  }
  if (size == 0) return false;
  received = static_cast<std::size_t>(size);
  in_.commit(received);
  return true;
}

bool LocalConnection::on_readable() {
  if (has_ring()) return on_bell();
  std::size_t received = 0;
  return read_once(received) && hand_on_frames();
}

bool LocalConnection::drain() {
  forget_answers();
  // More cannot have been written before the end; who writes on is not waited for.
  std::size_t left = mp::internal::LaneMemory::kRingBytes;
  for (;;) {
    std::size_t received = 0;
    if (!(has_ring() ? take_from_ring(received) : read_once(received))) return false;
    if (received == 0) return true;
    if (!hand_on_frames()) return false;
    if (has_ring() && received >= left) return true;
    left -= std::min(left, received);
  }
}

void LocalConnection::forget_answers() {
  const MutexLock lock(out_mutex_);
  broken_ = true;
  unsent_.clear();
  sent_ = 0;
  out_.clear();
}

bool LocalConnection::hand_on_frames() {
  while (const auto frame = in_.next()) {
    const auto mine = mp::internal::as_lane_frame(*frame);
    // Nothing is given to who has not said hello.
    const bool is_for_lane = mine && !has_ring() && handler_->session() != 0;
    if (!(is_for_lane ? on_lane_frame(*mine) : handler_->on_frame(*frame))) return false;
  }
  if (!in_.too_large()) {
    if (lane_.rings().give == GiveRings::kToAll && !was_offered_ && handler_->session() != 0) {
      was_offered_ = true;
      offer_rings();
    }
    return true;
  }
  handler_->on_too_large();
  return false;
}

void LocalConnection::append(const v1::Outcome& outcome) {
  const MutexLock lock(out_mutex_);
  if (!broken_) out_.append(outcome);
}

void LocalConnection::append_bytes(std::string_view outcome) {
  const MutexLock lock(out_mutex_);
  if (!broken_) out_.append_bytes(outcome);
}

void LocalConnection::send(const v1::ServerFrame& frame) { send_bytes(frame.SerializeAsString()); }

void LocalConnection::send_bytes(std::string_view frame) {
  {
    const MutexLock lock(out_mutex_);
    if (!broken_) out_.append_frame(frame);
  }
  flush();
}

void LocalConnection::flush() {
  bool drained = false;
  {
    const MutexLock lock(out_mutex_);
    write_some();
    drained = take_drained();
  }
  if (drained) handler_->on_drained();
}

void LocalConnection::write_some() {
  if (!ring_out_) write_to_socket();
  if (changing_ && unsent_.empty() && !broken_) {
    changing_ = false;
    ring_out_.emplace(memory_->server_writer());
    may_ring_.store(true, std::memory_order_relaxed);
  }
  if (ring_out_) write_to_ring(*ring_out_);
  want_events();
}

void LocalConnection::write_to_socket() {
  if (out_.size() != 0 && !changing_) {
    if (unsent_.empty()) {
      unsent_ = out_.take();
    } else {
      unsent_ += out_.take();
    }
  }
  while (!broken_ && sent_ < unsent_.size()) {
    const ssize_t size =
        ::send(fd_, unsent_.data() + sent_, unsent_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size >= 0) {
      sent_ += static_cast<std::size_t>(size);
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      broken_ = true;  // the lane thread finds the connection at its end, and closes it
    }
  }
  forget_sent();
}

void LocalConnection::forget_sent() {
  if (broken_ || sent_ == unsent_.size()) {
    unsent_.clear();
    sent_ = 0;
  } else if (sent_ > kMaxUnsent) {
    unsent_.erase(0, sent_);
    sent_ = 0;
  }
}

// On the socket of a connection with rings there are bells and its end, which are always read.
void LocalConnection::want_events() {
  const bool congested = unsent() >= kMaxUnsent;
  was_congested_ = was_congested_ || congested;
  const bool may_read = !congested && !paused_;
  const bool has_rings = changing_ || ring_out_;
  const bool resumes = !may_read_.exchange(may_read, std::memory_order_relaxed) && may_read;
  kick_ = kick_ || (resumes && has_rings);
  std::uint32_t events = may_read || has_rings ? EPOLLIN : 0U;
  if (kick_ || (unsent() != 0 && !ring_out_)) events |= EPOLLOUT;
  if (events == events_) return;
  events_ = events;
  epoll_event event{.events = events, .data = {.ptr = this}};
  epoll_ctl(epoll_, EPOLL_CTL_MOD, fd_, &event);
}

bool LocalConnection::take_drained() {
  const bool drained = was_congested_ && unsent() < kMaxUnsent;
  if (drained) was_congested_ = false;
  return drained;
}

bool LocalConnection::congested() {
  const MutexLock lock(out_mutex_);
  return unsent() >= kMaxUnsent;
}

void LocalConnection::pause_reading(bool paused) {
  const MutexLock lock(out_mutex_);
  paused_ = paused;
  want_events();
}

// The client reconnects, and learns why it has no session any more.
void LocalConnection::close() { shutdown(fd_, SHUT_RDWR); }

bool LocalConnection::on_writable() {
  bool drained = false;
  bool open = false;
  {
    const MutexLock lock(out_mutex_);
    kick_ = false;
    write_some();
    open = !broken_;
    drained = take_drained();
  }
  if (drained) handler_->on_drained();
  return open;
}

}  // namespace mp::server
