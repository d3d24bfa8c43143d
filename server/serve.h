#pragma once

#include <functional>

#include "server/node/manager_options.h"

namespace mp::server {

// What a manager has beside what its flags say: done before it is made.
using SetUp = std::function<void(ManagerOptions&)>;

// The whole of mp-manager, and of a manager with one's own types: reads the flags, serves until it
// is told to end, and gives the exit status. A relay and a check are not set up.
int serve(int argc, char** argv, const SetUp& set_up = {});

}  // namespace mp::server
