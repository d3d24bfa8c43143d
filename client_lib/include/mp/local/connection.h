#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mp/any.h"
#include "mp/bytes.h"
#include "mp/codec.h"
#include "mp/errors.h"
#include "mp/internal/bytes_view.h"
#include "mp/internal/outgoing_message.h"
#include "mp/internal/plain_bytes.h"
#include "mp/internal/timeout.h"
#include "mp/time_limit.h"

namespace mp {

class Connection;
class Waitable;
std::vector<std::size_t> wait_for_any(std::span<const Waitable> waitables,
                                      internal::Timeout timeout);

// What one end of a connection is for.
enum class ConnectionUse : std::uint8_t { kBoth, kReceiving, kSending };

namespace internal {

class ConnectionState;

// A connection, as bytes can name it.
struct ConnectionTicket {
  std::uint64_t descriptor;
  ConnectionUse use;
};

}  // namespace internal

// The two ends of a new connection: what is sent into one is received from the other, in order,
// message by message. With `duplex` both ways; without, the first end receives and the second
// sends.
//
// Python: multiprocessing.Pipe().
// Errors: ConnectionError if the system has no descriptor for it.
//
//   auto [mine, theirs] = mp::Pipe();
//   mp::Process p([](const mp::Connection& out) { out.send(mp::Any{42, mp::None, "hello"}); },
//                 std::move(theirs));
//   p.start();
//   std::cout << mine.recv() << '\n';  // [42, None, 'hello']
std::pair<Connection, Connection> Pipe(bool duplex = true);

// One end of a connection between processes of one machine, or threads.
//
// Python: multiprocessing.connection.Connection.
//
// This is a handle: copies are the same end, which is closed with the last of them, or for all of
// them by close(). A forked child has the end by inheritance, a spawned one as an argument, and any
// process that is sent it over a Connection; each has a descriptor of its own.
//
// End of file. Who receives learns that the other end is gone once every process that has it has
// closed it or ended, in whatever way. A forked child inherits *both* ends if its parent had both
// at the time, as in Python: then neither of them learns of the other's end while it keeps both.
// So move the child's end into its mp::Process, which takes it from the parent with start(), and
// call close_other_end() in the child.
//
// Messages stay whole. Those of up to 64 KiB are one packet. Larger ones go by a way of their own,
// so that they never mix: any number of threads and processes may send to one end and receive from
// one end at once. Two messages of one thread arrive in order, provided that one receives them.
// What is said here of whole messages holds for the ends of a Pipe; an end over a stream (see the
// constructor) has one process at a time to send, and one thread to receive.
//
// Blocks: send() while the other side does not receive and the system holds as much as it will,
// some 200 KiB. When both sides send a lot before they receive, they wait for ever. Errors:
// ConnectionError if this end is closed, for the other direction, or the system refuses; ValueError
// if it was moved from. Thread-safety: any thread. After close(), a thread that waits in recv()
// goes on waiting. After fork: works in the child. Nothing is read ahead. A message over 64 KiB of
// which a part had come when a time limit ended is the parent's.
class Connection {
 public:
  // Takes over a connected socket: a Unix one of packets (SOCK_SEQPACKET) with this library at the
  // other end, or a stream, Unix or TCP, where messages look as Python's do.
  // Errors: ValueError if it is no such socket; it stays the caller's then.
  explicit Connection(int fd, ConnectionUse use = ConnectionUse::kBoth);

  // Sends a value: whatever has a Codec, local objects and connections included.
  //
  // Errors: ConnectionError, "Broken pipe", if nobody is left to receive; what the Codec throws;
  // ValueError for more than 252 descriptors. Nothing was sent, but that a message over 64 KiB may
  // have been in part, which then nobody receives.
  template <Codable T>
  void send(const T& value) const {
    internal::OutgoingMessage message;
    internal::write_value(message.bytes(), value);
    send_message(message);
  }

  // Waits for a value, and gives it as a T, which need not be the very type that was sent.
  //
  // Errors: EOFError if the other side is gone and all is received; TypeError or ValueError if it
  // is no T, and the message is lost then; ConnectionError if its sender died while sending it,
  // "got end of file during message", and the connection is as good as before.
  template <class T = Any>
  T recv() const {
    return std::move(*receive_as<T>(std::nullopt));
  }

  // The same, for at most so long.
  // Errors: TimeoutError.
  template <class T = Any>
  T recv(TimeLimit timeout) const {
    auto value = receive_as<T>(timeout.nanoseconds());
    if (!value) throw_timeout();
    return std::move(*value);
  }

  // The same; nullopt if nothing came in time. Where a message of more than 64 KiB has begun to
  // come, the next call goes on with it.
  template <class T = Any>
  std::optional<T> try_recv(TimeLimit timeout = std::chrono::nanoseconds(0)) const {
    return receive_as<T>(timeout.nanoseconds());
  }

  // Sends bytes, the memory of any range of plain values: `size` of them from `offset` on.
  //
  // Errors: ValueError if these are negative, or beyond the end; otherwise as send().
  void send_bytes(internal::BytesView bytes, std::ptrdiff_t offset = 0,
                  std::optional<std::ptrdiff_t> size = std::nullopt) const;

  // Waits for a message, and gives its bytes.
  //
  // Errors: EOFError and ConnectionError as recv(). ValueError for a negative max_length. For a
  // longer message ConnectionError, "bad message length": the message is lost and, as in Python,
  // this end cannot receive any more; is receiving all it was for, it is closed.
  Bytes recv_bytes(std::optional<std::ptrdiff_t> max_length = std::nullopt) const;

  // Waits for a message, puts its bytes into `buffer` from byte `offset` on, and returns their
  // number.
  //
  // Errors: EOFError and ConnectionError as recv(). ValueError for an offset that is negative or
  // beyond the end. BufferTooShort, with the message, if it does not fit; the buffer is unchanged.
  std::size_t recv_bytes_into(std::span<std::byte> buffer, std::ptrdiff_t offset = 0) const;
  template <internal::PlainMemory R>
  std::size_t recv_bytes_into(R& buffer, std::ptrdiff_t offset = 0) const {
    return recv_bytes_into(
        std::as_writable_bytes(std::span(std::ranges::data(buffer), std::ranges::size(buffer))),
        offset);
  }

  // Waits until recv() has something to give: a message, or the end of file. Consumes nothing, and
  // gives false when the time is over; without an argument, it does not wait.
  //
  // True, and recv() waits all the same: when another process or thread is faster, and while a
  // message of more than 64 KiB is coming.
  bool poll(TimeLimit timeout = std::chrono::nanoseconds(0)) const;

  // Sends another process a descriptor: of a file, a socket, anything. It stays open here, and may
  // be closed at once. Python: multiprocessing.reduction.send_handle(). Errors: as send().
  void send_descriptor(int fd) const;

  // The descriptor that send_descriptor() sent: a new one, which the caller closes. Closed on exec,
  // and never one of the three standard ones.
  // Python: multiprocessing.reduction.recv_handle().
  // Errors: as recv(); ConnectionError if the message came without a descriptor, or this process
  // has no room for it. The message is lost.
  int recv_descriptor() const;

  // The descriptor of this end, which poll() finds readable. It stays this object's.
  int fileno() const;

  // Closes this end in this process, for all copies. Any number of times.
  void close() const;

  // Closes this process's own descriptor of the other end, if this end was made here, or before the
  // fork, by Pipe(). A child calls it to learn of the end of its parent. Any number of times.
  void close_other_end() const;

  bool closed() const;
  bool readable() const;  // is it for receiving
  bool writable() const;  // is it for sending

  // Are they the same end?
  friend bool operator==(const Connection& left, const Connection& right) {
    return left.state_ == right.state_;
  }

  // <Connection fd=5 receiving sending>, <Connection closed>
  friend std::ostream& operator<<(std::ostream& out, const Connection& connection);

 private:
  friend struct Codec<Connection>;
  friend std::vector<std::size_t> wait_for_any(std::span<const Waitable> waitables,
                                               internal::Timeout timeout);
  friend std::pair<Connection, Connection> Pipe(bool duplex);

  explicit Connection(std::shared_ptr<internal::ConnectionState> state)
      : state_(std::move(state)) {}

  template <class T>
  std::optional<T> receive_as(internal::Timeout timeout) const {
    std::optional<T> value;
    receive(timeout,
            [&value](std::string_view bytes) { value.emplace(internal::read_value<T>(bytes)); });
    return value;
  }

  internal::ConnectionState& state() const;
  void send_message(const internal::OutgoingMessage& message) const;
  // Calls `read` with the message, unless the time is over.
  void receive(internal::Timeout timeout, const std::function<void(std::string_view)>& read) const;
  [[noreturn]] static void throw_timeout();

  internal::ConnectionTicket pack() const;
  static Connection unpack(const internal::ConnectionTicket& ticket);

  std::shared_ptr<internal::ConnectionState> state_;
};

// As an argument of a process, or sent over a connection: the receiver has the same end, with a
// descriptor of its own.
template <>
struct Codec<Connection> {
  static constexpr KindSet kKinds{ValueKind::kTuple};
  template <class Sink>
  static void write(Sink& out, const Connection& connection) {
    out.write(connection.pack());
  }
  template <class Source>
  static Connection read(Source& in) {
    return Connection::unpack(Codec<internal::ConnectionTicket>::read(in));
  }
};

}  // namespace mp
