#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "client_lib/local/pool/wire.h"
#include "mp/bytes.h"
#include "mp/codec.h"
#include "mp/internal/queue_core.h"
#include "mp/local/value.h"

// What a pool tells its zygote. Plain structs: their Codecs are made of their fields.

namespace mp::internal {

enum class ZygoteCommand : std::uint32_t { kStart, kSignal };

// What a worker is, and how it is reached.
struct WorkerPlace {
  Bytes name;
  QueueCore tasks;
  Wire wire;
  RawValue<std::uint64_t> stopping;  // the task that is asked to stop
};

struct ZygoteOrder {
  ZygoteCommand command = ZygoteCommand::kStart;
  std::uint32_t worker = 0;
  std::int32_t signal = 0;
  std::optional<WorkerPlace> place = {};  // for kStart
};

// What all workers of a pool have in common.
struct WorkerRules {
  std::uint64_t most_tasks = 0;          // 0: no limit
  std::uint64_t most_memory_growth = 0;  // bytes; 0: no limit
};

}  // namespace mp::internal
