#pragma once

#include <cstddef>

namespace mp::internal {

// Whoever holds it is the only one in this process that forks by us, or changes the hooks.
class ForkTurn {
 public:
  ForkTurn();
  ~ForkTurn();
  ForkTurn(const ForkTurn&) = delete;
  ForkTurn& operator=(const ForkTurn&) = delete;
};

// The bracket around one fork of ours: only one is open at a time. When it closes, in the parent,
// the `in_parent` hooks run of those whose `before` had run.
class ForkGuard {
 public:
  ForkGuard();
  ~ForkGuard();
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;

  // Throws what a hook throws.
  void run_before_hooks();

  // In the child, which then never destroys its copy of the guard. Throws what a hook throws.
  static void run_in_child_hooks();

 private:
  ForkTurn turn_;          // first, as the hooks are read under it
  std::size_t first_run_;  // the hooks from here on have run `before`
};

// What the layers above have to say at the end of a child.
void run_end_of_child_hooks() noexcept;

}  // namespace mp::internal
