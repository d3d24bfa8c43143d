#include "client_lib/local/connection/transport.h"

#include <utility>

#include "client_lib/local/connection/packet_transport.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

// One per thread, since most messages are read one after the other; lent out by moving it.
std::unique_ptr<char[]>& spare_room() {
  thread_local std::unique_ptr<char[]> spare;
  return spare;
}

}  // namespace

std::span<char> IncomingMessage::room(std::size_t size) {
  if (size > kLargestPacket) throw ConnectionError("cannot receive: bad message length");
  if (!room_) room_ = std::exchange(spare_room(), nullptr);
  if (!room_) room_ = std::make_unique_for_overwrite<char[]>(kLargestPacket);
  return {room_.get(), size};
}

IncomingMessage::~IncomingMessage() {
  if (room_) spare_room() = std::move(room_);
}

void throw_end_within_message(std::size_t got, std::size_t size) {
  throw ConnectionError("cannot receive: got end of file during message, after " +
                        std::to_string(got) + " of " + std::to_string(size) + " bytes");
}

void throw_too_many_descriptors(std::size_t count, std::size_t most) {
  throw ValueError("cannot send: " + std::to_string(count) +
                   " descriptors in one message are more than " + std::to_string(most));
}

}  // namespace mp::internal
