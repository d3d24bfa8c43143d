#pragma once

#include <variant>

#include "server/node/manager_options.h"

namespace mp::server {

// The options; or, if the program has nothing more to do, its exit status: 0 after --help and
// --version, 2 after a sentence on stderr that says what is wrong.
std::variant<ManagerOptions, int> parse_options(int argc, char** argv);

}  // namespace mp::server
