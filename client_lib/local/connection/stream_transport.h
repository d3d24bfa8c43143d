#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "client_lib/local/connection/transport.h"
#include "client_lib/local/os/socket_io.h"
#include "client_lib/local/process/fork_safe_lock.h"

namespace mp::internal {

// Over a stream of bytes: a Unix or TCP socket. A message is its length and its bytes, as Python's
// multiprocessing.connection has them, so that send_bytes() and recv_bytes() reach a Python
// program: 4 bytes, the most significant first; or -1 and 8 bytes. Descriptors go along with the
// first byte, over a Unix socket only.
//
// Threads of a process take turns in sending. Processes that share one end do not: one of them may
// send, and one receive.
class StreamTransport final : public Transport {
 public:
  void send(int fd, std::string_view bytes, std::span<const int> descriptors) override;

  // Errors, beside Transport's: ConnectionError while another thread is receiving.
  Received receive(int fd, IncomingMessage& message, const ReceiveLimits& limits) override;

  int to_poll(int fd) const override { return fd; }

 private:
  // A message that is coming; kept where a time limit ends in the middle of it.
  struct Incoming {
    Filling head{.size = kShortHead};
    Filling body;
    bool has_body = false;
    std::vector<Descriptor> descriptors = {};
  };

  static constexpr std::size_t kShortHead = 4;
  static constexpr std::size_t kLongHead = 12;

  static void send_head(int fd, std::size_t size, std::span<const int> descriptors);
  Received begin(int fd, Deadline deadline);
  Received receive_head(int fd, Deadline deadline);
  Received receive_body(int fd, Deadline deadline);

  ForkSafeLock sending_;
  ForkSafeLock receiving_;
  Incoming incoming_;
};

}  // namespace mp::internal
