#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <utility>

#include "mp/any.h"
#include "mp/bytes.h"
#include "mp/internal/bytes_view.h"
#include "mp/internal/closable_handle.h"
#include "mp/internal/thread_message.h"
#include "mp/time_limit.h"

namespace mp {
namespace internal {

class ThreadInbox;

// One end of a threads::Pipe: open as long as one of its handles is.
class ThreadEnd {
 public:
  // For receiving and for sending; either may be missing.
  ThreadEnd(std::shared_ptr<ThreadInbox> in, std::shared_ptr<ThreadInbox> out)
      : in_(std::move(in)), out_(std::move(out)) {}

  bool add_handle();
  void remove_handle();

  const std::shared_ptr<ThreadInbox>& in() const { return in_; }
  const std::shared_ptr<ThreadInbox>& out() const { return out_; }

 private:
  const std::shared_ptr<ThreadInbox> in_;
  const std::shared_ptr<ThreadInbox> out_;
  std::atomic<std::ptrdiff_t> handles_ = 0;  // below 0 once all have gone
};

}  // namespace internal

namespace threads {

class Connection;
class Waitable;

// The two ends of a new connection: what is sent into one is received from the other, in order.
// With `duplex` both ways; without, the first end receives and the second sends.
//
// Python: multiprocessing.dummy.Pipe().
//
//   auto [mine, theirs] = mp::threads::Pipe();
//   mp::threads::Process p([](const auto& out) { out.send(std::make_unique<int>(42)); },
//                          std::move(theirs));
//   p.start();
//   std::cout << *mine.recv<std::unique_ptr<int>>() << '\n';
std::pair<Connection, Connection> Pipe(bool duplex = true);

// One end of a connection between threads of this process.
//
// Python: multiprocessing.dummy.connection.Connection, a pair of queues. No descriptor and no copy:
// a value is moved in, and moved out to who asks for the type that was sent. Who asks for another
// type gets it as from mp::Connection, by way of bytes, if both types have a Codec.
//
// This is a handle, and each copy is one by itself, as in mp each process has a descriptor of its
// own: an end is closed once all handles to it are closed or gone. Then the other end receives what
// is there and after that an EOFError, which Python's does not. An end that was sent to itself
// stays open until it is received.
//
// Blocks: send() never. Errors: ConnectionError if this handle is closed, or for the other
// direction; ValueError if it was moved from. Thread-safety: any thread. After fork: nothing of it
// leads to the parent.
class Connection {
 public:
  // Sends a value: moved, or copied if it is an lvalue; a literal or a string_view as std::string.
  //
  // Errors: ConnectionError, "Broken pipe", if nobody is left to receive.
  template <class T>
  void send(T&& value) const {
    using Kept = internal::KeptMessage<T>;
    send_message(
        std::make_unique<internal::ValueMessage<Kept>>(std::in_place, std::forward<T>(value)));
  }

  // Waits for a value, and gives it as a T.
  //
  // Errors: EOFError if the other side is gone and all is received; TypeError or ValueError if it
  // is no T, and the message is lost then.
  template <class T = Any>
  T recv() const {
    return internal::value_of<T>(*receive(std::nullopt));
  }

  // The same, for at most so long.
  // Errors: TimeoutError.
  template <class T = Any>
  T recv(TimeLimit timeout) const {
    const auto message = receive(timeout.nanoseconds());
    if (!message) throw_timeout();
    return internal::value_of<T>(*message);
  }

  // The same; nullopt if nothing came in time.
  template <class T = Any>
  std::optional<T> try_recv(TimeLimit timeout = std::chrono::nanoseconds(0)) const {
    const auto message = receive(timeout.nanoseconds());
    if (!message) return std::nullopt;
    return internal::value_of<T>(*message);
  }

  // Sends bytes, the memory of any range of plain values: `size` of them from `offset` on.
  //
  // Errors: ValueError if these are negative, or beyond the end; otherwise as send().
  void send_bytes(internal::BytesView bytes, std::ptrdiff_t offset = 0,
                  std::optional<std::ptrdiff_t> size = std::nullopt) const;

  // Waits for a message, and gives its bytes.
  //
  // Errors: EOFError and ConnectionError as recv(). ValueError for a negative max_length.
  // ConnectionError, "bad message length", for a longer message, which is lost; others come.
  // TypeError for a value without a Codec.
  Bytes recv_bytes(std::optional<std::ptrdiff_t> max_length = std::nullopt) const;

  // Waits for a message, puts its bytes into `buffer` from byte `offset` on, and returns their
  // number.
  //
  // Errors: as recv_bytes(). ValueError for an offset that is negative or beyond the end.
  // BufferTooShort, with the message, if it does not fit; the buffer is unchanged.
  std::size_t recv_bytes_into(std::span<std::byte> buffer, std::ptrdiff_t offset = 0) const;
  template <internal::PlainMemory R>
  std::size_t recv_bytes_into(R& buffer, std::ptrdiff_t offset = 0) const {
    return recv_bytes_into(
        std::as_writable_bytes(std::span(std::ranges::data(buffer), std::ranges::size(buffer))),
        offset);
  }

  // Waits until recv() has something to give: a message, or the end of file. Consumes nothing, and
  // gives false when the time is over; without an argument, it does not wait.
  bool poll(TimeLimit timeout = std::chrono::nanoseconds(0)) const;

  // Closes this handle, and with the last of them the end. Any number of times.
  void close() const { end_.close(); }

  // Does nothing: no thread inherits the other end. Here so that code for mp::Connection compiles.
  void close_other_end() const {}

  bool closed() const { return !end_.is_open(); }
  bool readable() const;  // is it for receiving
  bool writable() const;  // is it for sending

  // Are they the same end?
  friend bool operator==(const Connection& left, const Connection& right) {
    return left.end_.state() == right.end_.state();
  }

  // <Connection receiving sending>, <Connection closed>
  friend std::ostream& operator<<(std::ostream& out, const Connection& connection);

 private:
  friend class Waitable;
  friend std::pair<Connection, Connection> Pipe(bool duplex);

  explicit Connection(std::shared_ptr<internal::ThreadEnd> end) : end_(std::move(end)) {}

  // Errors: ConnectionError; ValueError.
  internal::ThreadEnd& open_end(const char* attempt) const;
  internal::ThreadInbox& inbox(const char* attempt) const;
  void send_message(std::unique_ptr<internal::ThreadMessage> message) const;
  // nullptr if there was none for so long.
  std::unique_ptr<internal::ThreadMessage> receive(internal::Timeout timeout) const;
  [[noreturn]] static void throw_timeout();

  internal::ClosableHandle<internal::ThreadEnd> end_;
};

}  // namespace threads
}  // namespace mp
