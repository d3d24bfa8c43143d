#include "mp/current_process.h"

#include <unistd.h>

#include <utility>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/process/this_process.h"

namespace mp {

using internal::LockedProcess;

std::string CurrentProcess::name() const { return LockedProcess()->name; }
void CurrentProcess::set_name(std::string name) const { LockedProcess()->name = std::move(name); }
int CurrentProcess::pid() const { return ::getpid(); }
bool CurrentProcess::daemon() const { return LockedProcess()->daemon; }

ParentProcess::ParentProcess(std::string name, int pid,
                             std::shared_ptr<const internal::Descriptor> sentinel)
    : name_(std::move(name)), pid_(pid), sentinel_(std::move(sentinel)) {}

bool ParentProcess::is_alive() const { return !wait(std::chrono::nanoseconds::zero()); }

bool ParentProcess::wait(internal::Timeout timeout) const {
  return internal::wait_ended(*sentinel_, internal::deadline_after(timeout));
}

CurrentProcess current_process() { return {}; }

std::optional<ParentProcess> parent_process() {
  const LockedProcess self;
  if (!self->parent) return std::nullopt;
  return ParentProcess(self->parent->name, self->parent->pid, self->parent->sentinel);
}

}  // namespace mp
