#pragma once

namespace mp::server {
struct ManagerOptions;
}

namespace mp::internal {

// The types that this program has registered are hosted by a manager of these options, to which
// their methods have a way of their own. Errors: ProcessError.
void host_registered_types(server::ManagerOptions& options);

}  // namespace mp::internal
