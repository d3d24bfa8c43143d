#pragma once

#include <cstdint>

#include "client_lib/local/pool/orders.h"
#include "mp/internal/parcel.h"

namespace mp::internal {

// The life of a worker: it does what its queue of tasks says, until that says stop, or it has done
// as much as it may. `initializer` may be null.
void worker_main(const WorkerPlace& place, std::uint32_t number, const QueueCore& events,
                 const WorkerRules& rules, Call* initializer);

}  // namespace mp::internal
