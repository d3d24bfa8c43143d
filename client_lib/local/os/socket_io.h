#pragma once

#include <poll.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "client_lib/local/os/deadline.h"

// Sockets, with interrupted calls repeated, time limits on the monotonic clock, and no SIGPIPE.

namespace mp::internal {

// ConnectionError: cannot `attempt`: the system's reason.
[[noreturn]] void throw_cannot(const char* attempt, int error);
inline constexpr const char* kSend = "send";
inline constexpr const char* kReceive = "receive";

// Waits until one of them is ready, and marks those that are; false at the deadline.
bool poll_until(std::span<pollfd> entries, Deadline deadline);

// Waits until something can be read, or the other side has gone; false at the deadline.
bool wait_readable(int fd, Deadline deadline);

// Waits until there is room.
void wait_writable(int fd);

// Writes all of it to a stream socket.
// Errors: ConnectionError, also when nobody is left to read.
void write_all(int fd, std::string_view bytes);

enum class Filled { kWhole, kTimedOut, kEndOfFile };

// What comes through a stream socket, as far as it has come: `size` bytes, of which `got` are in
// `bytes`. Memory is taken as the bytes come, not as they are announced.
struct Filling {
  std::size_t size = 0;
  std::size_t got = 0;
  std::string bytes = {};
};

// Goes on with it. After kTimedOut it can be gone on with again.
// Errors: ConnectionError.
Filled fill(int fd, Filling& filling, Deadline deadline);

}  // namespace mp::internal
