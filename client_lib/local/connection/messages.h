#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "client_lib/local/os/descriptor.h"

// What parents, children that are not forked from them, and forkservers tell one another, over
// sockets of whole messages.
//
//   parent                 forkserver               child
//     │ kStart, a socket ─────▶│                      │         over the forkserver's socket
//     │                        │─ fork ──────────────▶│
//     │◀──────────────────────────── kBorn, a pidfd ──│         over that socket, of the child's
//     own │    (or kFailed ────────│)                     │ │ kLuggage, descriptors
//     ───────────────────────▶│ │                        │                      │ runs
//     │◀────────────── kEnded ─│◀─ ends ──────────────│
//
// A spawned child gets its kLuggage, and nothing else is said.

namespace mp::internal {

enum class Word : std::uint32_t {
  kStart,
  kBorn,     // and its process id
  kFailed,   // and the errno: there is no child
  kLuggage,  // and how many descriptors come, with this message and more of them, while there are
  kEnded,    // and its exit code
};

struct Message {
  Word word;
  std::int32_t value;
};

// An errno, or 0. At most kMostDescriptorsAtOnce descriptors.
int send_message(const Descriptor& socket, Message message, std::span<const int> descriptors = {});

// The next message, and its descriptors put after `into`. nullopt at the end of file, or after an
// error that says the same: nobody is there. Errors: ProcessError.
std::optional<Message> receive_message(const Descriptor& socket, std::vector<Descriptor>& into);

// The exit code that was told, if one was; it stays there to be read. kUnknownExitcode if nobody is
// there to tell any more.
std::optional<int> told_exitcode(const Descriptor& socket);

// Whether an errno of send_message() says that nobody is there.
bool nobody_is_there(int error);

}  // namespace mp::internal
