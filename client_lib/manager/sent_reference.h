#pragma once

#include "mp/internal/reference_travel.h"

namespace mp::internal {

// How proxies go to other processes of this host. The manager holds a reference for one that is on
// its way, until the process that it comes to has taken it.
extern const ReferenceTravel kTravelOfProxies;

}  // namespace mp::internal
