#pragma once

#include "client_lib/local/descriptor.h"
#include "client_lib/local/process_state.h"

namespace mp::internal {

// The life of a child, from the fork on. `parent` is the sentinel of the process that forked it.
[[noreturn]] void child_main(ProcessState& child, Descriptor parent) noexcept;

}  // namespace mp::internal
