#pragma once

#include <string>

#include "bench/peer.h"
#include "mp/manager.h"

namespace mp::bench {

// What is measured of each kind of mp's objects, by the name of its row. The objects have names,
// and stay for the next client.
Repeated repeated_of(const Manager& manager, const std::string& what);

// A change of a dict that so many threads watch, until each of them knows of it.
Repeated watched_by(const Manager& manager, std::size_t subscribers);
// Reads that a near cache answers.
Repeated near_cache_hits(const Manager& manager);

void fill(const Manager& manager, const Filling& filling);

}  // namespace mp::bench
