#include "client_lib/local/connection/connection_state.h"

#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <utility>

#include "client_lib/local/connection/packet_transport.h"
#include "client_lib/local/connection/stream_transport.h"
#include "client_lib/local/os/socket_io.h"
#include "mp/errors.h"

// Where connections come from: a pair, a socket of the user's, another process.

namespace mp {
namespace internal {
namespace {

constexpr const char* kWhat = "a connection";

[[noreturn]] void refuse(const char* attempt, const char* reason) {
  throw ConnectionError(std::string("cannot ") + attempt + ": the connection is " + reason);
}

// 0 with errno if it is no socket.
int type_of_socket(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 ? type : 0;
}

std::unique_ptr<Transport> transport_of(int fd) {
  switch (type_of_socket(fd)) {
    case SOCK_SEQPACKET:
      return std::make_unique<PacketTransport>();
    case SOCK_STREAM:
      return std::make_unique<StreamTransport>();
    case 0:
      throw ValueError("descriptor " + std::to_string(fd) + " is no connection" +
                       errno_text(errno));
    default:
      throw ValueError("descriptor " + std::to_string(fd) +
                       " is no connection, but a socket of another type");
  }
}

std::shared_ptr<ConnectionState> adopt(Descriptor socket, ConnectionUse use) {
  auto transport = transport_of(socket.get());
  return std::make_shared<ConnectionState>(std::move(socket), std::move(transport), use);
}

// Keeps a connection open, whoever closes it, until it is sent.
struct OnItsWay {
  std::shared_ptr<ConnectionState> state;
  LeasedDescriptor::Lease socket;
};

}  // namespace

LeasedDescriptor::Lease ConnectionState::to_do(const char* attempt) {
  auto lease = socket_.use();
  if (!lease) refuse(attempt, "closed");
  return std::move(*lease);
}

LeasedDescriptor::Lease ConnectionState::to_send(const char* attempt) {
  auto lease = to_do(attempt);
  if (!sends_) refuse(attempt, "read-only");
  return lease;
}

LeasedDescriptor::Lease ConnectionState::to_receive(const char* attempt) {
  auto lease = to_do(attempt);
  if (!receives()) refuse(attempt, "write-only");
  return lease;
}

void ConnectionState::end_receiving() {
  if (sends_) {
    receives_.store(false, std::memory_order_relaxed);
  } else {
    close();
  }
}

ConnectionUse ConnectionState::use() const {
  if (!receives()) return ConnectionUse::kSending;
  return sends_ ? ConnectionUse::kBoth : ConnectionUse::kReceiving;
}

bool await_message(ConnectionState& state, IncomingMessage& message, const ReceiveLimits& limits) {
  const auto socket = state.to_receive(kReceive);
  switch (state.transport().receive(socket.get(), message, limits)) {
    case Received::kMessage:
      return true;
    case Received::kTimedOut:
      return false;
    case Received::kEndOfFile:
      throw EOFError("cannot receive: end of file, the other end of the connection is closed");
    case Received::kTooLong:
      state.end_receiving();
  }
  throw ConnectionError("cannot receive: bad message length, more than " +
                        std::to_string(limits.max_length) + " bytes");
}

}  // namespace internal

using internal::ConnectionState;
using internal::Descriptor;

Connection::Connection(int fd, ConnectionUse use) {
  if (fd < 0) throw ValueError("a connection needs a descriptor, which is not negative");
  auto transport = internal::transport_of(fd);
  state_ = std::make_shared<ConnectionState>(Descriptor(fd), std::move(transport), use);
}

std::pair<Connection, Connection> Pipe(bool duplex) {
  constexpr const char* kAttempt = "make a pipe";
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    internal::throw_cannot(kAttempt, errno);
  }
  Descriptor second(ends[1]);
  Descriptor first = beyond_standard(Descriptor(ends[0]));
  second = beyond_standard(std::move(second));
  if (!first.is_open() || !second.is_open()) internal::throw_cannot(kAttempt, errno);
  const auto left =
      internal::adopt(std::move(first), duplex ? ConnectionUse::kBoth : ConnectionUse::kReceiving);
  const auto right =
      internal::adopt(std::move(second), duplex ? ConnectionUse::kBoth : ConnectionUse::kSending);
  left->set_other_end(right);
  right->set_other_end(left);
  return {Connection(left), Connection(right)};
}

internal::ConnectionTicket Connection::pack() const {
  auto way = std::make_shared<internal::OnItsWay>(
      internal::OnItsWay{state_, state().to_do("send a connection")});
  const int fd = way->socket.get();
  return {internal::OutgoingDescriptors::current(internal::kWhat).add(fd, std::move(way)),
          state_->use()};
}

Connection Connection::unpack(const internal::ConnectionTicket& ticket) {
  const auto& incoming = internal::IncomingDescriptors::current(internal::kWhat);
  Descriptor socket = internal::duplicate(incoming.at(ticket.descriptor));
  if (!socket.is_open()) internal::throw_cannot("receive a connection", errno);
  return Connection(internal::adopt(std::move(socket), ticket.use));
}

}  // namespace mp
