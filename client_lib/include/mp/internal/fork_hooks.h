#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

// How the layers above the local processes take part in a fork without being known to them.

namespace mp::internal {

// Run around the fork of every mp::Process, on the thread that starts it; any of them may be
// left empty.
//
// One start at a time: no hook of another start runs between `before` and the `in_parent` or
// `in_child` that belongs to it. A hook must not call Process::start. Raw fork() runs no hooks:
// fork_generation() tells of it.
struct ForkHooks {
  // In the parent, before the fork; last registered first. It may throw: then there is no fork,
  // `in_parent` runs for those hooks whose `before` had returned, and start() throws the same.
  std::function<void()> before{};

  // In the parent, after the fork or after its failure; first registered first. Must not throw.
  std::function<void()> in_parent{};

  // In the child, before the callable; first registered first. The child has its name and its own
  // process table by then. Here a layer closes the descriptors that are its parent's. What it
  // throws ends the child like an exception of the callable.
  std::function<void()> in_child{};

  // In a child that ends by itself, after its handlers; first registered first. Must not throw.
  std::function<void()> at_end_of_child{};
};

// Adds hooks for the rest of the process's life and its children's.
//
// Thread-safety: any thread, but not from within a hook.
void register_fork_hooks(ForkHooks added);

extern constinit std::atomic<std::uint64_t> fork_generation_counter;

// How many forks, of ours or raw, lie between this process and the first one. Whoever keeps what
// only one process may use (a connection, a session) keeps this number with it, and compares.
//
// Cost: one relaxed atomic load. A child made by vfork(), posix_spawn() or a bare clone() is not
// counted.
inline std::uint64_t fork_generation() noexcept {
  return fork_generation_counter.load(std::memory_order_relaxed);
}

}  // namespace mp::internal
