#include "mp/local/listener.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <ostream>
#include <utility>

#include "client_lib/local/connection/handshake.h"
#include "client_lib/local/connection/leased_descriptor.h"
#include "client_lib/local/connection/listening_socket.h"
#include "client_lib/local/os/socket_io.h"
#include "client_lib/local/process/this_process.h"
#include "mp/errors.h"
#include "mp/internal/fork_hooks.h"

namespace mp {
namespace internal {
namespace {

[[noreturn]] void throw_closed() {
  throw ConnectionError("cannot accept a connection: the listener is closed");
}

std::shared_ptr<const Descriptor> new_alarm() {
  auto alarm =
      std::make_shared<const Descriptor>(beyond_standard(Descriptor(::eventfd(0, EFD_CLOEXEC))));
  if (!alarm->is_open()) throw_cannot("listen", errno);
  return alarm;
}

}  // namespace

// What stands behind a Listener and its copies in this process.
class ListenerState {
 public:
  ListenerState(Listening where, ListenerOptions options)
      : options_(std::move(options)),
        address_(std::move(where.address)),
        file_(std::move(where.file)),
        socket_(std::move(where.socket)),
        alarm_(new_alarm()) {}
  ~ListenerState() { close(); }
  ListenerState(const ListenerState&) = delete;
  ListenerState& operator=(const ListenerState&) = delete;

  std::optional<Connection> accept(Timeout timeout);
  void close() noexcept;

  bool is_closed() const { return socket_.is_closed(); }
  const Address& address() const { return address_; }
  std::optional<Address> last_accepted() const {
    const LockedProcess self;
    return last_accepted_;
  }

 private:
  std::shared_ptr<const Descriptor> alarm();
  void admit(const Peer& peer, const Bytes& authkey) const;

  const ListenerOptions options_;
  const Address address_;
  const std::unique_ptr<SocketFile> file_;
  LeasedDescriptor socket_;

  // Guarded by LockedProcess, so that a forked child finds them in one piece.
  std::optional<Address> last_accepted_;
  // Can be read once this process has closed the listener; of that process alone.
  std::shared_ptr<const Descriptor> alarm_;
  std::uint64_t alarm_generation_ = fork_generation();
};

// Of this process; null if it has closed the listener.
std::shared_ptr<const Descriptor> ListenerState::alarm() {
  const LockedProcess self;
  if (alarm_ && alarm_generation_ != fork_generation()) {
    alarm_ = new_alarm();
    alarm_generation_ = fork_generation();
  }
  return alarm_;
}

void ListenerState::close() noexcept {
  if (file_) file_->remove();
  socket_.close();
  const LockedProcess self;
  const auto alarm = std::exchange(alarm_, nullptr);
  if (alarm && alarm_generation_ == fork_generation()) ::eventfd_write(alarm->get(), 1);
}

std::optional<Connection> ListenerState::accept(Timeout timeout) {
  const Deadline deadline = deadline_after(timeout);
  const auto lease = socket_.use();
  const auto closing = alarm();
  if (!lease || !closing) throw_closed();
  auto peer = next_peer(lease->get(), *closing, deadline);
  if (!peer) {
    if (is_closed()) throw_closed();
    return std::nullopt;
  }
  {
    const LockedProcess self;
    last_accepted_ = peer->address;
  }
  if (options_.authkey) admit(*peer, *options_.authkey);
  send_without_delay(peer->socket.get());
  Connection connection(peer->socket.get());
  peer->socket.release();
  return connection;
}

void ListenerState::admit(const Peer& peer, const Bytes& authkey) const {
  const std::string attempt =
      "accept a connection at " + text_of(address_) + " from " + text_of(peer.address);
  try {
    authenticate(peer.socket.get(), Role::kListener, authkey.view(),
                 deadline_after(options_.handshake_limit.nanoseconds()), attempt);
  } catch (const Error& error) {
    // Whatever it was, nothing is the matter with the listener.
    throw AuthenticationError(error.what());
  }
}

}  // namespace internal

Listener::Listener(const Address& address, ListenerOptions options)
    : state_(std::make_shared<internal::ListenerState>(
          internal::listen_at(address, options.backlog), std::move(options))) {}

internal::ListenerState& Listener::state() const {
  if (state_) return *state_;
  throw ValueError("the listener was moved from");
}

Connection Listener::accept(TimeLimit timeout) const {
  if (auto connection = accept_within(timeout.nanoseconds())) return std::move(*connection);
  throw TimeoutError("cannot accept a connection: nobody came within the time limit");
}

std::optional<Connection> Listener::accept_within(internal::Timeout timeout) const {
  return state().accept(timeout);
}

Address Listener::address() const { return state().address(); }
std::optional<Address> Listener::last_accepted() const { return state().last_accepted(); }
void Listener::close() const { state().close(); }
bool Listener::closed() const { return state().is_closed(); }

std::ostream& operator<<(std::ostream& out, const Listener& listener) {
  if (!listener.state_) return out << "<Listener moved from>";
  return out << "<Listener " << listener.address() << (listener.closed() ? " closed>" : ">");
}

}  // namespace mp
