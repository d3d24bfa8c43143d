#pragma once

#include <memory>
#include <optional>

#include "client_lib/local/connection/socket_file.h"
#include "client_lib/local/os/deadline.h"
#include "client_lib/local/os/descriptor.h"
#include "mp/local/address.h"

namespace mp::internal {

// A socket that listens, and where.
struct Listening {
  Descriptor socket;
  Address address;
  std::unique_ptr<SocketFile> file;  // if there is one
};

// Errors: ConnectionError, ValueError.
Listening listen_at(const Address& wanted, int backlog);

// One who came.
struct Peer {
  Descriptor socket;
  Address address;
};

// Waits for one; nullopt at the deadline, or when `alarm` can be read.
// Errors: ConnectionError.
std::optional<Peer> next_peer(int listening, const Descriptor& alarm, Deadline deadline);

// So that what is sent in two pieces is not held back for the answer to the first; where there is
// no such delay, nothing happens.
void send_without_delay(int fd);

}  // namespace mp::internal
