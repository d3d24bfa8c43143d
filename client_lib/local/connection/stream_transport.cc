#include "client_lib/local/connection/stream_transport.h"

#include <endian.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <mutex>
#include <string>
#include <utility>

#include "client_lib/local/connection/receive_next.h"
#include "client_lib/local/os/ancillary.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

constexpr std::uint32_t kLongFollows = std::numeric_limits<std::uint32_t>::max();  // -1
constexpr std::uint32_t kLongestShort = std::numeric_limits<std::int32_t>::max();

// Up to here a message is sent with its head in one piece: TCP would delay the second.
constexpr std::size_t kJoined = std::size_t{16} * 1024;

std::string head_of(std::size_t size) {
  const bool is_short = size <= kLongestShort;
  const std::uint32_t first = ::htobe32(is_short ? static_cast<std::uint32_t>(size) : kLongFollows);
  const std::uint64_t second = ::htobe64(size);
  std::string head(reinterpret_cast<const char*>(&first), sizeof first);
  if (!is_short) head.append(reinterpret_cast<const char*>(&second), sizeof second);
  return head;
}

// Others than Unix sockets would say nothing, and drop them.
void require_unix_socket(int fd) {
  int domain = 0;
  socklen_t size = sizeof domain;
  if (::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX) return;
  throw ConnectionError("cannot send: descriptors and local objects go over Unix sockets only");
}

// The first byte, with which the descriptors go.
void send_with(int fd, char byte, std::span<const int> descriptors) {
  iovec part{.iov_base = &byte, .iov_len = 1};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  Ancillary ancillary;
  ancillary.put(message, descriptors);
  while (::sendmsg(fd, &message, MSG_NOSIGNAL) < 0) {
    if (errno == EAGAIN) {
      wait_writable(fd);
    } else if (errno != EINTR) {
      throw_cannot(kSend, errno);
    }
  }
}

}  // namespace

void StreamTransport::send(int fd, std::string_view bytes, std::span<const int> descriptors) {
  if (descriptors.size() > kMostDescriptorsAtOnce) {
    throw_too_many_descriptors(descriptors.size(), kMostDescriptorsAtOnce);
  }
  if (!descriptors.empty()) require_unix_socket(fd);
  std::string head = head_of(bytes.size());
  const std::lock_guard turn(sending_);
  if (!descriptors.empty()) {
    send_with(fd, head.front(), descriptors);
    head.erase(0, 1);
  }
  if (bytes.size() <= kJoined) return write_all(fd, head.append(bytes));
  write_all(fd, head);
  write_all(fd, bytes);
}

Received StreamTransport::receive(int fd, IncomingMessage& message, const ReceiveLimits& limits) {
  const std::unique_lock turn(receiving_, std::try_to_lock);
  if (!turn) throw ConnectionError("cannot receive: another thread is receiving");
  if (!incoming_.has_body) {
    const Received head = receive_head(fd, limits.deadline);
    if (head != Received::kMessage) return head;
  }
  if (incoming_.body.size > limits.max_length) return Received::kTooLong;
  const Received body = receive_body(fd, limits.deadline);
  if (body != Received::kMessage) return body;
  Incoming whole = std::exchange(incoming_, Incoming());
  message.set_bytes(std::move(whole.body.bytes));
  message.descriptors = std::move(whole.descriptors);
  return Received::kMessage;
}

// What is there of the head: descriptors come with its first byte.
Received StreamTransport::begin(int fd, Deadline deadline) {
  Filling& head = incoming_.head;
  head.bytes.resize(kShortHead);
  iovec part{.iov_base = head.bytes.data(), .iov_len = kShortHead};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  Ancillary ancillary;
  const ssize_t got = receive_next(fd, message, ancillary, deadline);
  if (got == 0 || (got < 0 && errno == ECONNRESET)) return Received::kEndOfFile;
  if (got < 0 && errno == EAGAIN) return Received::kTimedOut;
  if (got < 0) throw_cannot(kReceive, errno);
  head.got = static_cast<std::size_t>(got);
  incoming_.descriptors = Ancillary::take(message);
  return Received::kMessage;
}

Received StreamTransport::receive_head(int fd, Deadline deadline) {
  Filling& head = incoming_.head;
  if (head.got == 0) {
    const Received first = begin(fd, deadline);
    if (first != Received::kMessage) return first;
  }
  for (;;) {
    const Filled filled = fill(fd, head, deadline);
    if (filled == Filled::kTimedOut) return Received::kTimedOut;
    if (filled == Filled::kEndOfFile) throw_end_within_message(head.got, head.size);
    std::uint32_t first = 0;
    std::memcpy(&first, head.bytes.data(), sizeof first);
    if (head.size == kLongHead || ::be32toh(first) != kLongFollows) break;
    head.size = kLongHead;
  }
  std::uint64_t size = 0;
  if (head.size == kLongHead) {
    std::memcpy(&size, head.bytes.data() + kShortHead, sizeof size);
    size = ::be64toh(size);
  } else {
    std::uint32_t short_size = 0;
    std::memcpy(&short_size, head.bytes.data(), sizeof short_size);
    size = ::be32toh(short_size);
    if (size > kLongestShort) throw ConnectionError("cannot receive: bad message length");
  }
  incoming_.body.size = size;
  incoming_.has_body = true;
  return Received::kMessage;
}

Received StreamTransport::receive_body(int fd, Deadline deadline) {
  const Filled filled = fill(fd, incoming_.body, deadline);
  if (filled == Filled::kTimedOut) return Received::kTimedOut;
  if (filled == Filled::kEndOfFile) {
    throw_end_within_message(incoming_.body.got, incoming_.body.size);
  }
  return Received::kMessage;
}

}  // namespace mp::internal
