#pragma once

#include <memory>

#include "client_lib/manager/session.h"
#include "mp/batch.h"

namespace mp::internal {

// An empty batch of a session.
std::shared_ptr<BatchRecord> make_batch_record(std::shared_ptr<Session> session);

}  // namespace mp::internal
