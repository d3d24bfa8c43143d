#pragma once

#include <cstddef>

#include "client_lib/local/connection/large_message.h"
#include "client_lib/local/connection/transport.h"
#include "client_lib/local/shared/patience.h"

namespace mp::internal {

// How many bytes go in one packet; more go by LargeMessage.
inline constexpr std::size_t kLargestPacket = std::size_t{64} * 1024;

// Over a socket of the type SOCK_SEQPACKET. A message is one packet: a head that says how to read
// it, and its bytes. So a message goes whole or not at all, and any number of threads and processes
// may send to, and receive from, one end.
class PacketTransport final : public Transport {
 public:
  void send(int fd, std::string_view bytes, std::span<const int> descriptors) override;
  Received receive(int fd, IncomingMessage& message, const ReceiveLimits& limits) override;
  int to_poll(int fd) const override;

 private:
  UnfinishedMessages unfinished_;
  Patience patience_;
};

}  // namespace mp::internal
