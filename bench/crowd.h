#pragma once

#include <cstddef>
#include <string>

#include "bench/peer.h"

namespace mp::bench {

// What each client of a crowd does until its time is over. Where the clients have to agree, they do
// by a file that all of them map: --shared, made of zeros for each crowd. Each gives its result as
// a line of JSON.

// Takes a lock and releases it, again and again; counts how often the last to hold it was another.
std::string hand_over(Peer& peer, const Arguments& arguments);

// Meets --parties others at a barrier, again and again; counts the rounds.
std::string meet(Peer& peer, const Arguments& arguments);

// Puts items into a queue, and at the end one that ends a consumer.
std::string produce(Peer& peer, double seconds);

// Takes items out of the queue until the one that ends it.
std::string consume(Peer& peer);

// So many operations in so many seconds.
std::string rate_of(std::size_t operations, double seconds);

}  // namespace mp::bench
