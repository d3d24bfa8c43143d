#pragma once

#include <cstddef>
#include <mutex>

namespace mp::internal {

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
  std::unique_lock<std::mutex> one_at_a_time_;
  std::size_t first_run_;  // the hooks from here on have run `before`
};

}  // namespace mp::internal
