#pragma once

#include <chrono>
#include <iosfwd>
#include <memory>
#include <optional>
#include <utility>

#include "mp/bytes.h"
#include "mp/local/address.h"
#include "mp/local/connection.h"
#include "mp/none.h"
#include "mp/time_limit.h"

namespace mp {

namespace internal {
class ListenerState;
}

struct ListenerOptions {
  // How many may have connected, and not be accepted yet. Python's is 1.
  int backlog = 128;
  // Without a value nobody is asked for a key. The empty key is one, which everybody knows.
  std::optional<Bytes> authkey = {};
  // How long accept() attends to one that does not finish the handshake.
  TimeLimit handshake_limit = std::chrono::seconds(5);
};

// Where other processes, of this machine or another, come to connect to this one.
//
// Python: multiprocessing.connection.Listener.
//
// This is a handle: copies are the same listener, which is closed with the last of them, or for all
// by close(). A forked child has it too, and accepts in turn with its parent; it cannot be sent.
//
// With an authkey both sides prove that they have it, by HMAC-SHA256, before a byte of the program
// is read; the other side is then a Client with the same key, or Python's of 3.12 or later. What
// follows is neither encrypted nor signed. So an authkey is for the loopback and for networks where
// nobody listens.
//
// The Connections are over streams: one process at a time sends into an end, and one thread
// receives from it.
//
// A path. The file is removed by close(), in the process that made it and as long as it is the same
// file. One that a killed process has left behind is taken over by the next listener there: it is
// in use only if somebody has it open.
//
// Errors: ValueError if it was moved from. Thread-safety: any thread; several may accept at once,
// each attending to one handshake. After fork: works in the child, which closes its own descriptor
// and leaves the file.
//
//   mp::Listener listener(mp::Address("localhost", 6000), {.authkey = mp::Bytes("secret")});
//   const mp::Connection connection = listener.accept();
class Listener {
 public:
  // Listens, from here on; an address of Address::any() is chosen now. Host names are looked up,
  // and IPv4 is taken where there is both.
  //
  // Errors: ConnectionError if the address is in use, the host has no such address, or the system
  // refuses; ValueError for a path longer than 107 bytes, or with a NUL, and a negative backlog.
  explicit Listener(const Address& address = Address::any(Family::kUnix),
                    ListenerOptions options = {});

  // Waits for somebody, and for the end of the handshake.
  //
  // Blocks: for ever if nobody comes; somebody who is slow in the handshake has handshake_limit.
  // Errors: AuthenticationError if the other side has another key or none, is gone, says what is no
  // handshake, or is too slow. That connection is closed, and the listener as good as before.
  // ConnectionError if the listener is closed, before or meanwhile, or the system refuses.
  Connection accept() const { return std::move(*accept_within(std::nullopt)); }

  // The same; waits at most so long for somebody to come. The handshake is not part of it.
  // Errors: TimeoutError.
  Connection accept(TimeLimit timeout) const;

  // The same; nullopt if nobody came in time.
  std::optional<Connection> try_accept(TimeLimit timeout = std::chrono::nanoseconds(0)) const {
    return accept_within(timeout.nanoseconds());
  }

  // Where it is: the port, path or name that was chosen; of a host its number. Also when closed.
  Address address() const;

  // Where the last one came from whom accept() took up, in this process, also if the handshake
  // failed then; nullopt before. Of Unix sockets the path is mostly empty.
  std::optional<Address> last_accepted() const;

  // Ends it in this process, for all copies: who waits in accept() gets a ConnectionError. Who has
  // connected and was not accepted is disconnected, unless a forked child or parent still listens.
  // Any number of times.
  void close() const;
  bool closed() const;

  // <Listener ('127.0.0.1', 6000)>, <Listener '/run/jobs.sock' closed>
  friend std::ostream& operator<<(std::ostream& out, const Listener& listener);

 private:
  internal::ListenerState& state() const;
  std::optional<Connection> accept_within(internal::Timeout timeout) const;

  std::shared_ptr<internal::ListenerState> state_;
};

struct ClientOptions {
  // The listener's. Without a value there is no handshake.
  std::optional<Bytes> authkey = {};
  // For connecting, and again for the handshake, together. As in Python, none: the listener may be
  // busy with others.
  TimeLimit timeout = None;
};

// A new connection to the Listener at `address`: of this library, or of Python 3.12 or later, which
// understands send_bytes() and recv_bytes().
//
// Python: multiprocessing.connection.Client.
//
// A host name may have several addresses; they are tried in turn, IPv4 first. To look it up takes
// as long as the system's resolver takes.
//
// Blocks: until the listener accepts, if there is a key; else until it has room in its backlog.
// Errors: ConnectionError if nobody listens there, "Connection refused" or "No such file or
// directory", or the network or the system refuses. TimeoutError. AuthenticationError if the other
// side has another key, or speaks something else. EOFError if it is gone within the handshake.
// ValueError for a path that is too long.
//
//   const auto connection = mp::Client({"localhost", 6000}, {.authkey = mp::Bytes("secret")});
Connection Client(const Address& address, const ClientOptions& options = {});

}  // namespace mp
