#pragma once

#include "client_lib/local/os/descriptor.h"

namespace mp::internal {

// The life of a forkserver, from mp::init() on. `users` is the socket that is asked through, which
// is at its end when nobody can ask any more.
[[noreturn]] void forkserver_main(Descriptor users);

}  // namespace mp::internal
