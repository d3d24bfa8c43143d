#include "mp/internal/fork_hooks.h"

#include <pthread.h>

#include <atomic>
#include <utility>
#include <vector>

#include "client_lib/local/process/fork_guard.h"
#include "client_lib/local/process/this_process.h"

namespace mp::internal {

constinit std::atomic<std::uint64_t> fork_generation_counter = 0;

namespace {

// Taken over a whole start, hooks included. No mutex: a child must be able to free it, whoever of
// the threads that it has not got had taken it.
constinit std::atomic<int> turn_is_taken = 0;

std::vector<ForkHooks>& hooks() {
  static auto* const registered = new std::vector<ForkHooks>;
  return *registered;
}

// These run around every fork() of the program, also of code that knows nothing of us: so they only
// leave the child with locks it can take, and tell it that it is one.
void in_forked_child() {
  fork_generation_counter.fetch_add(1, std::memory_order_relaxed);
  turn_is_taken.store(0, std::memory_order_release);
  unlock_this_process_after_fork();
}

[[maybe_unused]] const int kHandlersAreRegistered =
    ::pthread_atfork(lock_this_process_for_fork, unlock_this_process_after_fork, in_forked_child);

}  // namespace

ForkTurn::ForkTurn() {
  while (turn_is_taken.exchange(1, std::memory_order_acquire) != 0) turn_is_taken.wait(1);
}

ForkTurn::~ForkTurn() {
  turn_is_taken.store(0, std::memory_order_release);
  turn_is_taken.notify_one();
}

void register_fork_hooks(ForkHooks added) {
  const ForkTurn turn;
  hooks().push_back(std::move(added));
}

ForkGuard::ForkGuard() : first_run_(hooks().size()) {}

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

void run_end_of_child_hooks() noexcept {
  for (const ForkHooks& hook : hooks()) {
    if (hook.at_end_of_child) hook.at_end_of_child();
  }
}

void ForkGuard::run_in_child_hooks() {
  for (const ForkHooks& hook : hooks()) {
    if (hook.in_child) hook.in_child();
  }
}

}  // namespace mp::internal
