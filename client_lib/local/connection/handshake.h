#pragma once

#include <string>
#include <string_view>

#include "client_lib/local/os/deadline.h"

// How two processes that are connected prove to each other that they have the same key: as Python's
// multiprocessing.connection since 3.12.
//
//   listener                                            client
//      │ #CHALLENGE#{sha256}R ─────────────────────────────▶│   R: mp-listener: and 40 random bytes
//      │◀───────────────────── {sha256}HMAC(key, {sha256}R) │
//      │ #WELCOME# ────────────────────────────────────────▶│   or #FAILURE#, and the end
//      │◀───────────────────────────── #CHALLENGE#{sha256}S │   S: mp-client: and 40 random bytes
//      │ {sha256}HMAC(key, {sha256}S) ─────────────────────▶│
//      │◀──────────────────────────────────────── #WELCOME# │   or #FAILURE#, and the end
//
// Each is a message of a stream (stream_transport.h) of at most 256 bytes. Python's R and S are
// random bytes alone. Since a client answers first, one who has no key could show it the challenge
// of another client, and hand on what it answers. So who finds a challenge of its own role refuses.

namespace mp::internal {

enum class Role { kListener, kClient };

// Errors, which begin with "cannot `attempt`: ": AuthenticationError if the other side has another
// key, says that we have, or something else than this; TimeoutError at the deadline. EOFError if it
// is gone, ConnectionError if it is so in the middle of a message. The connection is of no use
// then.
void authenticate(int fd, Role role, std::string_view key, Deadline deadline,
                  const std::string& attempt);

// What follows #CHALLENGE#.
std::string new_challenge(Role role);

// What proves the key to who sent the challenge.
std::string answer_to(std::string_view challenge, std::string_view key);

}  // namespace mp::internal
