#include "client_lib/local/process/child_main.h"

#include <unistd.h>

#include <memory>
#include <utility>

#include "client_lib/local/os/standard_streams.h"
#include "client_lib/local/process/exit.h"
#include "client_lib/local/process/fork_guard.h"
#include "client_lib/local/process/this_process.h"
#include "client_lib/local/start/luggage.h"
#include "mp/logging.h"

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

void log_start() { get_logger().info("child process calling self.run()"); }

void keep_lifeline(Descriptor socket, int forkserver) {
  auto lifeline = std::make_shared<Descriptor>(std::move(socket));
  const LockedProcess self;
  self->sentinels.push_back(lifeline);
  self->lifeline = std::move(lifeline);
  self->forkserver = forkserver;
}

void run_what_is_sent(Descriptor socket, std::optional<int> forkserver) {
  auto luggage = ReceivedLuggage::from(socket);
  if (!luggage) ::_exit(1);  // the parent has died, or given up: nobody is there to be told
  if (forkserver) {
    keep_lifeline(std::move(socket), *forkserver);
  } else {
    socket.close();
  }
  const std::unique_ptr<Call> call = std::move(*luggage).unpack();
  log_start();
  if (call) call->run();
}

}  // namespace

void child_main(ProcessState& child, Descriptor parent, const std::function<void()>& run) noexcept {
  become(child, std::move(parent));
  adopt_standard_streams();
  prepare_exit_of_child();
  leave(run_to_exitcode([&run] {
    ForkGuard::run_in_child_hooks();
    log_start();
    run();
  }));
}

void sent_child_main(Descriptor socket, std::optional<int> forkserver) noexcept {
  prepare_exit_of_child();
  leave(run_to_exitcode([&] { run_what_is_sent(std::move(socket), forkserver); }));
}

}  // namespace mp::internal
