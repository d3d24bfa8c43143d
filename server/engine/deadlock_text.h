#pragma once

#include <string>
#include <vector>

#include "mp/v1/admin.pb.h"
#include "server/engine/deadlock_search.h"
#include "server/engine/engine.h"
#include "server/engine/every_section.h"

namespace mp::server {

// Who an owner is, as far as its session has said.
v1::DeadlockParty party_of(const Owner& owner, const Sessions& sessions);

// A cycle that was found, for people: while the world stands still.
v1::Deadlock describe(const std::vector<DeadlockEdge>& cycle, EverySection& world, Engine& engine);

// A sentence that tells who waits for whom.
std::string text_of(const v1::Deadlock& deadlock);

// What the first in the cycle is told.
v1::Error refusal(const v1::Deadlock& deadlock);

}  // namespace mp::server
