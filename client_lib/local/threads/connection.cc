#include "mp/threads/connection.h"

#include <ostream>
#include <string>

#include "client_lib/local/connection/part_of.h"
#include "client_lib/local/threads/thread_inbox.h"
#include "mp/errors.h"

namespace mp {

namespace internal {

bool ThreadEnd::add_handle() {
  std::ptrdiff_t handles = handles_.load();
  while (handles >= 0 && !handles_.compare_exchange_weak(handles, handles + 1)) continue;
  return handles >= 0;
}

void ThreadEnd::remove_handle() {
  std::ptrdiff_t handles = handles_.load();
  while (!handles_.compare_exchange_weak(handles, handles == 1 ? -1 : handles - 1)) continue;
  if (handles != 1) return;
  if (in_) in_->close_for_receiving();
  if (out_) out_->close_for_sending();
}

}  // namespace internal

namespace threads {

using internal::ThreadEnd;
using internal::ThreadInbox;
using internal::ThreadMessage;

std::pair<Connection, Connection> Pipe(bool duplex) {
  const auto there = std::make_shared<ThreadInbox>();
  const auto back = duplex ? std::make_shared<ThreadInbox>() : nullptr;
  return {Connection(std::make_shared<ThreadEnd>(there, back)),
          Connection(std::make_shared<ThreadEnd>(back, there))};
}

ThreadEnd& Connection::open_end(const char* attempt) const {
  if (!end_.state()) throw ValueError("the connection was moved from");
  if (!end_.is_open())
    throw ConnectionError(std::string("cannot ") + attempt + ": the connection is closed");
  return *end_.state();
}

ThreadInbox& Connection::inbox(const char* attempt) const {
  const auto& in = open_end(attempt).in();
  if (!in)
    throw ConnectionError(std::string("cannot ") + attempt + ": the connection is write-only");
  return *in;
}

void Connection::send_message(std::unique_ptr<ThreadMessage> message) const {
  const auto& out = open_end("send").out();
  if (!out) throw ConnectionError("cannot send: the connection is read-only");
  out->put(std::move(message));
}

std::unique_ptr<ThreadMessage> Connection::receive(internal::Timeout timeout) const {
  return inbox("receive").get(timeout);
}

void Connection::throw_timeout() {
  throw TimeoutError("cannot receive: no message within the time limit");
}

void Connection::send_bytes(internal::BytesView bytes, std::ptrdiff_t offset,
                            std::optional<std::ptrdiff_t> size) const {
  send_message(
      std::make_unique<internal::BytesMessage>(internal::part_of(bytes.view(), offset, size)));
}

Bytes Connection::recv_bytes(std::optional<std::ptrdiff_t> max_length) const {
  const auto most = internal::checked_max_length(max_length);
  std::string bytes = receive(std::nullopt)->bytes();
  if (most && bytes.size() > *most) {
    throw ConnectionError("cannot receive: bad message length, more than " + std::to_string(*most) +
                          " bytes");
  }
  return Bytes(bytes);
}

std::size_t Connection::recv_bytes_into(std::span<std::byte> buffer, std::ptrdiff_t offset) const {
  const auto room = internal::room_in(buffer, offset);
  return internal::copy_message(receive(std::nullopt)->bytes(), room);
}

bool Connection::poll(TimeLimit timeout) const { return inbox("poll").poll(timeout.nanoseconds()); }

bool Connection::readable() const { return end_.state() && end_.state()->in() != nullptr; }
bool Connection::writable() const { return end_.state() && end_.state()->out() != nullptr; }

std::ostream& operator<<(std::ostream& out, const Connection& connection) {
  if (connection.closed()) return out << "<Connection closed>";
  out << "<Connection";
  if (connection.readable()) out << " receiving";
  if (connection.writable()) out << " sending";
  return out << '>';
}

}  // namespace threads
}  // namespace mp
