#include "client_lib/local/connection/packet_transport.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "client_lib/local/connection/receive_next.h"
#include "client_lib/local/os/ancillary.h"
#include "client_lib/local/os/socket_io.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

enum class Packet : std::uint16_t {
  kWhole = 0,  // the message follows
  kLarge = 1,  // its size follows; it comes by the last of the descriptors
};

// What a packet begins with.
struct Head {
  Packet kind = Packet::kWhole;
  std::uint16_t processor = 0;  // which the sender runs on
};

// One is for the stream of a large message.
constexpr std::size_t kMostDescriptors = kMostDescriptorsAtOnce - 1;

// False if the system takes no packets of this size.
bool send_packet(int fd, Packet kind, std::string_view bytes, std::span<const int> descriptors) {
  Head head{.kind = kind, .processor = static_cast<std::uint16_t>(this_processor())};
  std::array<iovec, 2> parts{
      {{.iov_base = &head, .iov_len = sizeof head},
       {.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()}}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  Ancillary ancillary;
  ancillary.put(message, descriptors);
  while (::sendmsg(fd, &message, MSG_NOSIGNAL) < 0) {
    if (errno == EMSGSIZE) return false;
    if (errno == EAGAIN) {
      wait_writable(fd);
    } else if (errno != EINTR) {
      throw_cannot(kSend, errno);
    }
  }
  return true;
}

void send_large(int fd, std::string_view bytes, std::span<const int> descriptors) {
  PrivateStream stream;
  std::vector<int> with_stream(descriptors.begin(), descriptors.end());
  with_stream.push_back(stream.reading->get());
  const std::uint64_t size = bytes.size();
  const std::string_view head(reinterpret_cast<const char*>(&size), sizeof size);
  if (!send_packet(fd, Packet::kLarge, head, with_stream)) throw_cannot(kSend, EMSGSIZE);
  stream.reading.reset();  // now the receiver's alone: if it dies, we learn of it
  write_all(stream.writing->get(), bytes);
}

[[noreturn]] void throw_bad_message() { throw ConnectionError("cannot receive: bad message"); }

struct Arrived {
  Head head;
  std::string_view bytes;
  std::vector<Descriptor> descriptors;
};

// The next packet, read into `message`.
Received receive_packet(int fd, IncomingMessage& message, Deadline deadline, Patience& patience,
                        Arrived& arrived) {
  const std::span<char> room = message.room(kLargestPacket);
  std::array<iovec, 2> parts{{{.iov_base = &arrived.head, .iov_len = sizeof arrived.head},
                              {.iov_base = room.data(), .iov_len = room.size()}}};
  msghdr packet{};
  packet.msg_iov = parts.data();
  packet.msg_iovlen = parts.size();
  Ancillary ancillary;
  ssize_t got = -1;
  const auto has_come = [&] {
    got = receive_now(fd, packet, ancillary);
    return got >= 0 || errno != EAGAIN;
  };
  if (!patience.look(has_come)) got = receive_next(fd, packet, ancillary, deadline);
  // ECONNRESET says, once, that the other side went without reading all that we sent. What it sent
  // before is still to be read.
  while (got < 0 && errno == ECONNRESET) got = receive_next(fd, packet, ancillary, deadline);

  if (got < 0 && errno == EAGAIN) return Received::kTimedOut;
  if (got < 0) throw_cannot(kReceive, errno);
  arrived.descriptors = Ancillary::take(packet);
  if (got == 0) return Received::kEndOfFile;
  const auto size = static_cast<std::size_t>(got);
  if (size < sizeof arrived.head || (packet.msg_flags & MSG_TRUNC) != 0) throw_bad_message();
  arrived.bytes = {room.data(), size - sizeof arrived.head};
  patience.heard_from(arrived.head.processor);
  return Received::kMessage;
}

std::unique_ptr<LargeMessage> begin_large(Arrived arrived, const ReceiveLimits& limits) {
  std::uint64_t size = 0;
  if (arrived.bytes.size() != sizeof size || arrived.descriptors.empty()) {
    throw_bad_message();
  }
  std::memcpy(&size, arrived.bytes.data(), sizeof size);
  if (size > limits.max_length) return nullptr;
  Descriptor stream = std::move(arrived.descriptors.back());
  arrived.descriptors.pop_back();
  return std::make_unique<LargeMessage>(std::move(stream), size, std::move(arrived.descriptors));
}

Received within(const ReceiveLimits& limits, const IncomingMessage& message) {
  return message.bytes().size() > limits.max_length ? Received::kTooLong : Received::kMessage;
}

}  // namespace

void PacketTransport::send(int fd, std::string_view bytes, std::span<const int> descriptors) {
  if (descriptors.size() > kMostDescriptors) {
    throw_too_many_descriptors(descriptors.size(), kMostDescriptors);
  }
  const bool is_sent =
      bytes.size() <= kLargestPacket && send_packet(fd, Packet::kWhole, bytes, descriptors);
  if (!is_sent) send_large(fd, bytes, descriptors);
}

Received PacketTransport::receive(int fd, IncomingMessage& message, const ReceiveLimits& limits) {
  auto large = unfinished_.take();
  if (!large) {
    Arrived arrived;
    const Received packet = receive_packet(fd, message, limits.deadline, patience_, arrived);
    if (packet != Received::kMessage) return packet;
    if (arrived.head.kind == Packet::kWhole) {
      message.set_size(arrived.bytes.size());
      message.descriptors = std::move(arrived.descriptors);
      return within(limits, message);
    }
    if (arrived.head.kind != Packet::kLarge) throw_bad_message();
    large = begin_large(std::move(arrived), limits);
    if (!large) return Received::kTooLong;
  }
  const Received result = large->receive(message, limits.deadline);
  if (result == Received::kMessage) return within(limits, message);
  unfinished_.put(std::move(large));
  return result;
}

int PacketTransport::to_poll(int fd) const { return unfinished_.fd_or(fd); }

}  // namespace mp::internal
