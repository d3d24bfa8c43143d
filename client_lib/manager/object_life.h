#pragma once

#include <cstdint>

#include "mp/life.h"
#include "mp/wire/message.h"

namespace mp::internal {

// A Life as an mp.v1.ObjectLife.
void write_life(wire::Message& request, std::uint32_t field, const Life& life);

}  // namespace mp::internal
