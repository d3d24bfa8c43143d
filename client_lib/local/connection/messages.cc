#include "client_lib/local/connection/messages.h"

#include <sys/socket.h>

#include <cerrno>
#include <iterator>
#include <string>

#include "client_lib/local/os/ancillary.h"
#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/process/children.h"
#include "mp/errors.h"

namespace mp::internal {

bool nobody_is_there(int error) {
  return error == EPIPE || error == ECONNRESET || error == ECONNREFUSED || error == ENOTCONN;
}

int send_message(const Descriptor& socket, Message message, std::span<const int> descriptors) {
  iovec part{.iov_base = &message, .iov_len = sizeof message};
  msghdr packet{};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  Ancillary ancillary;
  ancillary.put(packet, descriptors);
  while (::sendmsg(socket.get(), &packet, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

std::optional<Message> receive_message(const Descriptor& socket, std::vector<Descriptor>& into) {
  Message message{};
  iovec part{.iov_base = &message, .iov_len = sizeof message};
  msghdr packet{};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  Ancillary ancillary;
  ssize_t size = 0;
  do {
    ancillary.make_room(packet);
    size = ::recvmsg(socket.get(), &packet, MSG_CMSG_CLOEXEC);
    // That the other end has not read all is told once, before what it has said.
  } while (size < 0 && (errno == EINTR || errno == ECONNRESET));
  if (size < 0) throw ProcessError("no message was received" + errno_text(errno));
  std::vector<Descriptor> came;
  try {
    came = Ancillary::take(packet);
  } catch (const ConnectionError&) {
    throw ProcessError("no room for a descriptor: Too many open files");
  }
  if (size != sizeof message) return std::nullopt;
  into.insert(into.end(), std::make_move_iterator(came.begin()),
              std::make_move_iterator(came.end()));
  return message;
}

std::optional<int> told_exitcode(const Descriptor& socket) {
  Message message{};
  ssize_t size = 0;
  do {
    size = ::recv(socket.get(), &message, sizeof message, MSG_PEEK | MSG_DONTWAIT);
  } while (size < 0 && (errno == EINTR || errno == ECONNRESET));
  if (size < 0 && errno == EAGAIN) return std::nullopt;
  if (size == sizeof message && message.word == Word::kEnded) return message.value;
  return kUnknownExitcode;
}

}  // namespace mp::internal
