#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mp::server {

// The services of the gRPC lane by their full names, in order, as reflection lists them: all of
// mp.v1, and gRPC's own health and reflection. Read from the descriptors, so that a new kind is
// among them by itself.
const std::vector<std::string>& served_services();
bool is_served(std::string_view service);

}  // namespace mp::server
