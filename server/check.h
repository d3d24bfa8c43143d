#pragma once

#include "absl/status/status.h"
#include "server/options.h"

namespace mp::server {

// Asks the manager that options.check names for its health. OK if it serves; else a sentence. For
// HEALTHCHECK of a container, and scripts that wait for a manager.
absl::Status check_health(const ManagerOptions& options);

// Is it behind a Unix socket, which may demand a token, and not on a port?
bool checks_a_socket(const ManagerOptions& options);

}  // namespace mp::server
