#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>

#include "client_lib/local/os/descriptor.h"

namespace mp::internal {

struct LaunchedGuardian {
  pid_t pid = -1;
  Descriptor pidfd;
  Descriptor socket;
};

// Starts a guardian for this process; whether it then stands guard it says through the socket.
// Returns why it did not work, or nothing.
//
// It is no child of this process, unless that adopts orphans (as process 1 and subreapers do): no
// wait() sees it, and no SIGCHLD tells of it.
std::string launch_guardian(LaunchedGuardian& guardian);

// Sends a message with descriptors to it, at most kPidfdsPerMessage: an errno, or 0.
int send_to_guardian(const Descriptor& socket, std::string_view text,
                     std::span<const int> descriptors) noexcept;

}  // namespace mp::internal
