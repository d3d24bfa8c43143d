#pragma once

#include <string>

#include "client_lib/local/os/deadline.h"
#include "client_lib/local/os/descriptor.h"

// Processes by descriptor: unlike a process id, a pidfd never comes to mean another process.

namespace mp::internal {

// Closed on exec, and never one of the three standard descriptors, which a child of ours and many a
// program rearrange. Not open, with errno, if the system refuses.
Descriptor open_pidfd(int pid) noexcept;

// Waits until the process has ended; false at the deadline. Errors: ProcessError if the descriptor
// was closed behind our back.
bool wait_ended(const Descriptor& pidfd, Deadline deadline);

// Nothing happens if the process has ended. Returns an errno, or 0.
int send_signal(const Descriptor& pidfd, int signal) noexcept;

// The text for errno, as in `: Too many open files`.
std::string errno_text(int error);

}  // namespace mp::internal
