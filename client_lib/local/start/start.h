#pragma once

#include <functional>
#include <memory>

#include "client_lib/local/process/process_state.h"
#include "mp/internal/parcel.h"

namespace mp::internal {

// What a child does: one that is a copy of this process, and any other.
struct Work {
  std::function<void()> run;
  std::function<Parcel()> pack;
};

// Process::start(), on an object that is not closed.
void start(const std::shared_ptr<ProcessState>& child, const Work& work);

}  // namespace mp::internal
