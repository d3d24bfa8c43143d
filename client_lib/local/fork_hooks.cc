#include "mp/internal/fork_hooks.h"

#include <pthread.h>

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "client_lib/local/fork_guard.h"
#include "client_lib/local/this_process.h"

namespace mp::internal {

constinit std::atomic<std::uint64_t> fork_generation_counter = 0;

namespace {

// Held over a whole start, hooks included.
constinit std::mutex one_fork_at_a_time;

std::vector<ForkHooks>& hooks() {
  static auto* const registered = new std::vector<ForkHooks>;
  return *registered;
}

// These run around every fork() of the program, also of code that knows nothing of us: so they only
// leave the child with locks it can take, and tell it that it is one.
void in_forked_child() {
  fork_generation_counter.fetch_add(1, std::memory_order_relaxed);
  // Whoever held it, this process or a thread that is not here any more, has no use for it now.
  std::construct_at(&one_fork_at_a_time);
  unlock_this_process_after_fork();
}

[[maybe_unused]] const int handlers_are_registered =
    ::pthread_atfork(lock_this_process_for_fork, unlock_this_process_after_fork, in_forked_child);

}  // namespace

void register_fork_hooks(ForkHooks added) {
  const std::scoped_lock lock(one_fork_at_a_time);
  hooks().push_back(std::move(added));
}

ForkGuard::ForkGuard() : one_at_a_time_(one_fork_at_a_time), first_run_(hooks().size()) {}

void ForkGuard::run_before_hooks() {
  while (first_run_ > 0) {
    const ForkHooks& next = hooks()[first_run_ - 1];
    if (next.before) next.before();
    --first_run_;
  }
}

ForkGuard::~ForkGuard() {
  for (std::size_t i = first_run_; i < hooks().size(); ++i) {
    if (hooks()[i].in_parent) hooks()[i].in_parent();
  }
}

void ForkGuard::run_in_child_hooks() {
  for (const ForkHooks& hook : hooks()) {
    if (hook.in_child) hook.in_child();
  }
}

}  // namespace mp::internal
