#pragma once

#include <memory>

#include "client_lib/local/process_state.h"

namespace mp::internal {

// Process::start(), on an object that is not closed.
void start(const std::shared_ptr<ProcessState>& child);

}  // namespace mp::internal
