#pragma once

#include <string>

namespace mp::linearizability {

// From now on SIGUSR1 shuts down all sockets of this process that are connected to this path, at
// whatever moment it comes.
void cut_sockets_on_signal(const std::string& path);

}  // namespace mp::linearizability
