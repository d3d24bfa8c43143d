#pragma once

#include "tests/contract/managers.h"
#include "tests/contract/parties.h"

namespace mp::contract {

// Parties of a manager's objects; all in threads where children can't use the manager.
class Crowd : public Parties {
 public:
  Crowd(Backend backend, int parties, const Party& party)
      : Parties(backend == Backend::kInProcess ? Spread::kThreads : Spread::kProcessesAndThreads,
                parties, party) {}
};

// Somebody else: one child that runs this, or one thread where children can't use the manager.
template <class Function>
void elsewhere(Backend backend, const Function& function) {
  Crowd(backend, 1, [&function](int) { function(); }).join();
}

}  // namespace mp::contract
