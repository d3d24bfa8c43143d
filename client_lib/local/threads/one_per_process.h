#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "mp/internal/fork_hooks.h"

namespace mp::internal {

// The T of this process, made when it is first asked for and never destroyed, since daemon threads
// run on while static objects are. A forked child has one of its own: what it has inherited may
// have been in the midst of a change.
template <class T>
T& one_per_process() {
  struct Holder {
    const std::uint64_t generation = fork_generation();
    T value;
  };
  static constinit std::atomic<Holder*> current = nullptr;
  Holder* holder = current.load();
  while (holder == nullptr || holder->generation != fork_generation()) {
    auto made = std::make_unique<Holder>();
    if (current.compare_exchange_strong(holder, made.get())) holder = made.release();
  }
  return holder->value;
}

}  // namespace mp::internal
