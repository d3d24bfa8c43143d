#include "client_lib/manager/shared_lane.h"

#include <string>
#include <utility>

#include "mp/logging.h"

namespace mp::internal {

SharedLane::SharedLane(std::shared_ptr<LaneSocket> socket, Lane lane, const Spin& spin)
    : socket_(std::move(socket)),
      use_(lane == Lane::kShared ? FrequentUse::always() : FrequentUse()),
      patience_(spin) {
  socket_->keep_descriptors(true);
}

bool SharedLane::send_frame(LaneFrame frame) {
  const LaneFrameBytes bytes = lane_frame_bytes(frame);
  std::size_t sent = 0;
  return socket_->send_some(bytes.data(), bytes.size(), sent) == Result::kDone &&
         sent == bytes.size();
}

// What the socket does not take now is tried again behind the next frame.
void SharedLane::on_frame_sent() {
  switch (state_) {
    case State::kOnSocket:
      if (use_.on_frame(Clock::now()) && send_frame(LaneFrame::kAsk)) state_ = State::kAsked;
      break;
    case State::kOffered:
      if (!send_frame(LaneFrame::kChange)) break;
      writer_.emplace(memory_->client_writer());
      state_ = State::kChanged;
      break;
    case State::kRefused:
      if (send_frame(LaneFrame::kDecline)) state_ = State::kOnSocket;
      break;
    default:
      break;
  }
}

LaneConnection::Frame SharedLane::take(std::string_view frame) {
  const auto mine = as_lane_frame(frame);
  if (!mine || reader_) return Frame::kNotMine;
  switch (*mine) {
    case LaneFrame::kOffer:
      on_offer();
      return Frame::kMine;
    case LaneFrame::kDecline:
      if (state_ != State::kAsked) return Frame::kMine;
      state_ = State::kOnSocket;
      use_.refused();
      return Frame::kMine;
    case LaneFrame::kChange:
      if (state_ != State::kChanged) break;
      socket_->keep_descriptors(false);
      reader_.emplace(memory_->client_reader());
      return Frame::kMyLast;
    default:
      break;
  }
  return Frame::kNotMine;
}

void SharedLane::on_offer() {
  const Descriptor descriptor = socket_->take_descriptor();
  if (memory_ != nullptr || state_ == State::kChanged) return;
  std::string why = "no descriptor is left for it";
  if (descriptor.is_open()) memory_ = LaneMemory::attach(descriptor, why);
  state_ = memory_ != nullptr ? State::kOffered : State::kRefused;
  if (memory_ != nullptr) return;
  use_.give_up();
  get_logger().info([&] { return "no shared memory with the manager: " + why; });
}

LaneConnection::Result SharedLane::send_some(const char* data, std::size_t size,
                                             std::size_t& sent) {
  if (!writer_) return socket_->send_some(data, size, sent);
  const auto written = writer_->write(data, size);
  if (!written) {
    socket_->shut();  // who receives shall hear of it, too
    return Result::kClosed;
  }
  if (*written == 0) return Result::kWouldBlock;
  sent += *written;
  if (writer_->must_ring()) socket_->ring();
  return Result::kDone;
}

LaneConnection::Result SharedLane::read_from(RingReader& ring, char* data, std::size_t size,
                                             std::size_t& received) const {
  const auto read = ring.read(data, size);
  if (!read) return Result::kClosed;
  if (*read == 0) return is_closed_ ? Result::kClosed : Result::kTimedOut;
  if (ring.must_ring()) socket_->ring();
  received = *read;
  return Result::kDone;
}

// The end of the connection is believed once nothing is left that came before it.
LaneConnection::Result SharedLane::receive(char* data, std::size_t size, const Deadline& deadline,
                                           std::size_t& received) {
  if (!reader_) return socket_->receive(data, size, deadline, received);
  for (;;) {
    const Result result = read_from(*reader_, data, size, received);
    if (result != Result::kTimedOut) return result;
    if (deadline && *deadline <= Clock::now()) return Result::kTimedOut;
    const auto has_bytes = [this] { return reader_->has_bytes(); };
    if (patience_.look(memory_->control(), has_bytes) || !reader_->lie_down()) continue;
    is_closed_ = socket_->await_bell(deadline) == Result::kClosed;
    reader_->wake();
  }
}

LaneConnection::Result SharedLane::wait_either(const Deadline& deadline) {
  if (!writer_) return socket_->wait_either(deadline);
  if (!writer_->lie_down()) return Result::kDone;
  Result result = Result::kDone;
  if (!reader_) {
    result = socket_->wait_readable(deadline);
  } else if (reader_->lie_down()) {
    result = socket_->await_bell(deadline);
    is_closed_ = result == Result::kClosed;
    reader_->wake();
  }
  writer_->wake();
  return result;
}

}  // namespace mp::internal
