#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "client_lib/local/os/descriptor.h"

// Descriptors that go along with bytes over a Unix socket (SCM_RIGHTS).

namespace mp::internal {

// The system's SCM_MAX_FD.
inline constexpr std::size_t kMostDescriptorsAtOnce = 253;

class Ancillary {
 public:
  // To be sent with `message`; at most kMostDescriptorsAtOnce. Must outlive the sending.
  void put(msghdr& message, std::span<const int> descriptors);

  // Room for what comes with `message`. Its descriptors have to be taken whatever becomes of it.
  void make_room(msghdr& message);

  // What came: this process's own, closed on exec, beyond the standard ones.
  // Errors: ConnectionError if the process has no room for all of them: the others are lost, and so
  // is the message they came with.
  static std::vector<Descriptor> take(msghdr& message);

 private:
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostDescriptorsAtOnce * sizeof(int))> room_;
};

}  // namespace mp::internal
