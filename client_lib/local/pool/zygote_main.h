#pragma once

#include "client_lib/local/pool/orders.h"
#include "mp/internal/parcel.h"
#include "mp/local/connection.h"

namespace mp::internal {

// How long workers may take over their SIGTERM, before SIGKILL.
inline constexpr std::chrono::milliseconds kWorkerGrace(500);

// The life of a zygote. `initializer` may be null. Returns when the pool needs it no more.
void zygote_main(const Connection& orders, const QueueCore& events, const WorkerRules& rules,
                 Call* initializer);

}  // namespace mp::internal
