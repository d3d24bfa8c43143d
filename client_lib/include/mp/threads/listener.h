#pragma once

#include <chrono>
#include <iosfwd>
#include <memory>
#include <optional>
#include <utility>

#include "mp/threads/connection.h"
#include "mp/time_limit.h"

namespace mp {
namespace internal {
class ThreadListener;
}

namespace threads {

// Where a threads::Listener is: a name for it that can be handed on, and keeps nobody listening.
// Python's is a queue too.
class Address {
 public:
  friend bool operator==(const Address& left, const Address& right) = default;
  // As an address of memory: 0x7f10
  friend std::ostream& operator<<(std::ostream& out, const Address& address);

 private:
  friend class Listener;
  friend Connection Client(const Address& address);

  explicit Address(std::shared_ptr<internal::ThreadListener> listener)
      : listener_(std::move(listener)) {}

  std::shared_ptr<internal::ThreadListener> listener_;
};

// Where other threads of this process come to connect to this one.
//
// Python: multiprocessing.dummy.connection.Listener. Nobody else can come, so there is no key, no
// backlog and no choice of an address.
//
// This is a handle: copies are the same listener, which is closed with the last of them, or for all
// by close(). Thread-safety: any thread; several may accept at once.
//
//   mp::threads::Listener listener;
//   mp::threads::Process p([address = listener.address()] { serve(mp::threads::Client(address));
//   });
class Listener {
 public:
  Listener();

  // Waits for somebody.
  //
  // Blocks: for ever if nobody comes. Errors: ConnectionError if the listener is closed, before or
  // meanwhile.
  Connection accept() const;

  // The same; waits at most so long. Errors: TimeoutError.
  Connection accept(TimeLimit timeout) const;

  // The same; nullopt if nobody came in time.
  std::optional<Connection> try_accept(TimeLimit timeout = std::chrono::nanoseconds(0)) const;

  Address address() const { return Address(listener_); }

  // Who waits in accept() gets a ConnectionError; who has connected and was not accepted is
  // disconnected. Any number of times.
  void close() const;
  bool closed() const;

 private:
  std::shared_ptr<internal::ThreadListener> listener_;
  std::shared_ptr<void> closes_;  // with the last copy
};

// A new connection to the Listener at `address`, which it may accept later.
//
// Errors: ConnectionError, "Connection refused", if it is closed.
Connection Client(const Address& address);

}  // namespace threads
}  // namespace mp
