#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "client_lib/local/os/descriptor.h"
#include "client_lib/local/process/process_state.h"
#include "mp/internal/fork_hooks.h"
#include "mp/start_method.h"

namespace mp::internal {

struct ParentRecord {
  std::string name;
  int pid;
  std::shared_ptr<Descriptor> sentinel;
};

// What the library knows of the process it runs in.
struct ThisProcess {
  std::string name = "MainProcess";
  std::vector<int> identity;  // which child of which child it is; empty in the first process
  bool daemon = false;
  StartMethod start_method = StartMethod::kFork;
  bool start_method_is_settled = false;  // set, or used where nobody said another
  int children_made = 0;                 // Process objects, started or not
  // The inherited object whose callable this process runs. Never followed: only compared.
  const ProcessState* own_state = nullptr;
  std::optional<ParentRecord> parent;

  // Started here and not reaped yet, in the order of their start.
  std::vector<std::shared_ptr<ProcessState>> children;
  // All that children of ours have to close, those of reaped processes included.
  std::vector<std::weak_ptr<Descriptor>> sentinels;
  // Where a child of the forkserver says how it ended, if the forkserver can't.
  std::shared_ptr<Descriptor> lifeline;
  int forkserver = 0;  // its process id
  std::vector<std::function<void()>> at_exit_handlers;

  // The fork_generation() that the four above belong to.
  std::uint64_t generation = fork_generation();

  // Handlers of processes that this one was forked from. Kept, because what they hold is not ours
  // to destroy.
  std::vector<std::function<void()>> inherited_handlers;

  // Lets go of what belongs to the process that this one was forked from.
  void forget_inherited();
};

// `Process-1:2` for the second child of the first child.
std::string default_name(const std::vector<int>& identity);

// Exclusive access to ThisProcess and to every ProcessState. Held for a few instructions at a time,
// never while waiting or running what others wrote; a fork waits for it, so that it is whole and
// free in the child.
class LockedProcess {
 public:
  LockedProcess();

  ThisProcess* operator->() const { return &data_; }
  ThisProcess& operator*() const { return data_; }

 private:
  std::unique_lock<std::mutex> lock_;
  ThisProcess& data_;
};

void lock_this_process_for_fork();
void unlock_this_process_after_fork();

}  // namespace mp::internal
