#pragma once

#include <functional>
#include <string>

#include "bench/peer.h"

namespace mp::bench {

// What is to be measured of this peer, and gives the result as a line of JSON. What takes time that
// is not to be measured, such as making an object, is done before the workload is given.
// Errors: std::runtime_error for a workload that there is not.
std::function<std::string()> workload_of(const Arguments& arguments, Peer& peer);

}  // namespace mp::bench
