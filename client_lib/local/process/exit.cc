#include "client_lib/local/process/exit.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <utility>

#include "client_lib/local/connection/messages.h"
#include "client_lib/local/os/standard_streams.h"
#include "client_lib/local/process/children.h"
#include "client_lib/local/process/fork_guard.h"
#include "client_lib/local/process/this_process.h"
#include "client_lib/local/process/uncaught.h"
#include "mp/current_process.h"
#include "mp/errors.h"
#include "mp/logging.h"

namespace mp {
namespace internal {
namespace {

constexpr int kUncaughtException = 1;
constexpr int kOutputLost = 120;  // what Python's interpreter ends with

// Whether an ExitRequest thrown now, on this thread, is caught.
thread_local bool caught_here = false;

std::function<void()> take_last_handler() {
  const LockedProcess self;
  if (self->at_exit_handlers.empty()) return nullptr;
  auto handler = std::move(self->at_exit_handlers.back());
  self->at_exit_handlers.pop_back();
  return handler;
}

// One by one, since a handler may register another, or call exit() and so come here again.
void run_at_exit_handlers() noexcept {
  while (const auto handler = take_last_handler()) run_to_exitcode(handler);
}

void end_first_process() noexcept {
  run_at_exit_handlers();
  end_children();
}

// One thread ends the process; the others wait for that. The same thread may come again, from a
// handler that calls exit(). By process id, because a child may be forked while its parent leaves.
void become_the_one_that_leaves() noexcept {
  static constinit std::atomic<int> leaving = 0;
  thread_local int left_by_me = 0;
  const int process = ::getpid();
  if (left_by_me == process) return;
  while (leaving.exchange(process) == process) ::pause();
  left_by_me = process;
}

// Who would tell the exit code of a child of the forkserver, if that has died?
void tell_end_if_orphaned(int code) noexcept {
  const LockedProcess self;
  if (!self->lifeline || ::getppid() == self->forkserver) return;
  send_message(*self->lifeline, {Word::kEnded, code});  // nobody there: nobody asks
}

}  // namespace

ExitUnwinds::ExitUnwinds() noexcept : further_out_(std::exchange(caught_here, true)) {}
ExitUnwinds::~ExitUnwinds() { caught_here = further_out_; }

int run_to_exitcode(const std::function<void()>& body) noexcept {
  const ExitUnwinds unwinds;
  int code = 0;
  try {
    body();
  } catch (const ExitRequest& request) {
    code = request.code;
  } catch (...) {
    report_uncaught_exception();
    code = kUncaughtException;
  }
  return code;
}

void prepare_exit_of_first_process() {
  [[maybe_unused]] static const int registered = std::atexit(end_first_process);
}

void prepare_exit_of_child() {
  // on_exit() rather than atexit(), because it tells the code. Registered last, it runs before all
  // that was inherited, and does not come back.
  ::on_exit([](int code, void*) { leave(code); }, nullptr);
}

void leave(int code) noexcept {
  become_the_one_that_leaves();
  get_logger().info("process shutting down");
  run_at_exit_handlers();
  end_children();
  run_end_of_child_hooks();
  if (!flush_before_exit()) {
    report("output could not be written");
    if (code == 0) code = kOutputLost;
  }
  get_logger().info([&] { return "process exiting with exitcode " + std::to_string(code); });
  tell_end_if_orphaned(code);
  ::_exit(code);
}

}  // namespace internal

void at_exit(std::function<void()> handler) {
  if (!handler) throw ValueError("at_exit needs a handler that can be called");
  internal::prepare_exit_of_first_process();
  const internal::LockedProcess self;
  self->at_exit_handlers.push_back(std::move(handler));
}

void exit(int code) {
  constexpr int kMask = 0xff;
  if (internal::caught_here) throw internal::ExitRequest{code & kMask};
  const bool is_child = internal::LockedProcess()->parent.has_value();
  if (is_child) internal::leave(code & kMask);
  std::exit(code & kMask);  // NOLINT(concurrency-mt-unsafe): as std::exit() is, so is this
}

}  // namespace mp
