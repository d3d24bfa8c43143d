#include "client_lib/local/child_main.h"

#include <memory>
#include <utility>

#include "client_lib/local/exit.h"
#include "client_lib/local/fork_guard.h"
#include "client_lib/local/standard_streams.h"
#include "client_lib/local/this_process.h"

namespace mp::internal {
namespace {

// From here on the process answers to its own name, and has no children and no handlers.
void become(ProcessState& child, Descriptor parent) {
  const LockedProcess self;
  self->parent = {.name = self->name,
                  .pid = child.creator,
                  .sentinel = std::make_shared<Descriptor>(std::move(parent))};
  self->name = child.name;
  self->identity = child.identity;
  self->daemon = child.daemon;
  self->children_made = 0;
  self->own_state = &child;
}

void run_target(ProcessState& child) {
  ForkGuard::run_in_child_hooks();
  const std::unique_ptr<Target> target = std::move(child.target);
  target->run();
}

}  // namespace

void child_main(ProcessState& child, Descriptor parent) noexcept {
  become(child, std::move(parent));
  adopt_standard_streams();
  prepare_exit_of_child();
  leave(run_to_exitcode([&child] { run_target(child); }));
}

}  // namespace mp::internal
