#include "mp/local/connection.h"

#include <algorithm>
#include <ostream>

#include "client_lib/local/connection/connection_state.h"
#include "client_lib/local/connection/part_of.h"
#include "client_lib/local/os/socket_io.h"

namespace mp {
namespace internal {
namespace {

constexpr std::size_t kLargestKept = std::size_t{64} * 1024;

// One per thread, lent out by moving it.
std::string& spare_buffer() {
  thread_local std::string spare;
  return spare;
}

}  // namespace

OutgoingMessage::OutgoingMessage() : bytes_(std::exchange(spare_buffer(), {})) { bytes_.clear(); }

OutgoingMessage::~OutgoingMessage() {
  if (bytes_.capacity() <= kLargestKept) spare_buffer() = std::move(bytes_);
}

}  // namespace internal

using internal::ConnectionState;
using internal::IncomingMessage;
using internal::kReceive;
using internal::kSend;

ConnectionState& Connection::state() const {
  if (state_) return *state_;
  throw ValueError("the connection was moved from");
}

void Connection::send_message(const internal::OutgoingMessage& message) const {
  const auto socket = state().to_send(kSend);
  state_->transport().send(socket.get(), message.bytes(), message.descriptors());
}

void Connection::receive(internal::Timeout timeout,
                         const std::function<void(std::string_view)>& read) const {
  IncomingMessage message;
  if (!await_message(state(), message, {.deadline = internal::deadline_after(timeout)})) return;
  const internal::IncomingDescriptors descriptors(std::move(message.descriptors));
  read(message.bytes());
}

void Connection::throw_timeout() {
  throw TimeoutError("cannot receive: no message within the time limit");
}

void Connection::send_bytes(internal::BytesView bytes, std::ptrdiff_t offset,
                            std::optional<std::ptrdiff_t> size) const {
  const auto socket = state().to_send(kSend);
  state_->transport().send(socket.get(), internal::part_of(bytes.view(), offset, size), {});
}

Bytes Connection::recv_bytes(std::optional<std::ptrdiff_t> max_length) const {
  internal::ReceiveLimits limits;
  if (const auto most = internal::checked_max_length(max_length)) limits.max_length = *most;
  IncomingMessage message;
  await_message(state(), message, limits);
  return message.take_bytes();
}

std::size_t Connection::recv_bytes_into(std::span<std::byte> buffer, std::ptrdiff_t offset) const {
  const auto room = internal::room_in(buffer, offset);
  IncomingMessage message;
  await_message(state(), message, {});
  return internal::copy_message(message.bytes(), room);
}

bool Connection::poll(TimeLimit timeout) const {
  const auto deadline = internal::deadline_after(timeout.nanoseconds());
  const auto socket = state().to_receive("poll");
  return internal::wait_readable(state_->transport().to_poll(socket.get()), deadline);
}

void Connection::send_descriptor(int fd) const {
  const auto socket = state().to_send("send a descriptor");
  state_->transport().send(socket.get(), {}, {&fd, 1});
}

int Connection::recv_descriptor() const {
  IncomingMessage message;
  await_message(state(), message, {});
  if (message.descriptors.size() != 1) {
    throw ConnectionError("cannot receive a descriptor: the message came with " +
                          std::to_string(message.descriptors.size()));
  }
  return message.descriptors.front().release();
}

int Connection::fileno() const { return state().to_do("ask the descriptor").get(); }

void Connection::close() const { state().close(); }

void Connection::close_other_end() const {
  if (const auto other = state().other_end()) other->close();
}

bool Connection::closed() const { return state().is_closed(); }
bool Connection::readable() const { return state().receives(); }
bool Connection::writable() const { return state().sends(); }

std::ostream& operator<<(std::ostream& out, const Connection& connection) {
  if (!connection.state_) return out << "<Connection moved from>";
  if (connection.closed()) return out << "<Connection closed>";
  return out << "<Connection fd=" << connection.fileno()
             << (connection.readable() ? " receiving" : "")
             << (connection.writable() ? " sending>" : ">");
}

}  // namespace mp
