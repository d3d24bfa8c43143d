#pragma once

#include <span>

#include "server/objects/operations.h"

namespace mp::server {

// Every kind that this manager hosts, a line each.
std::span<const KindTable> kinds();

}  // namespace mp::server
