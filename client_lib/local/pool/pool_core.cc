#include "mp/internal/pool_core.h"

#include <unistd.h>

#include <string>
#include <utility>

#include "client_lib/local/pool/dispatch.h"
#include "client_lib/local/pool/frames.h"

namespace mp::internal {

void JobRunner::require_others_to_deliver() const {
  require_own_process();
  if (is_delivering_here())
    throw ProcessError("a callback of a pool can't wait for it: nothing goes on before it returns");
}

PoolCore::PoolCore(const PoolOptions& options, const std::shared_ptr<Target>& initializer)
    : dispatch_(std::make_shared<Dispatch>(options, initializer)), process_(::getpid()) {}

// In a forked child it is a copy of something that is going on elsewhere: not ours to end.
PoolCore::~PoolCore() {
  if (::getpid() == process_) {
    dispatch_->give_up();
  } else {
    // NOLINTNEXTLINE(bugprone-unhandled-exception-at-new): without memory the child ends
    static_cast<void>(new std::shared_ptr<Dispatch>(std::move(dispatch_)));
  }
}

PoolCore::Dispatch& PoolCore::dispatch() const {
  if (::getpid() == process_) return *dispatch_;
  throw ProcessError("this pool belongs to process " + std::to_string(process_) +
                     ": a child makes one of its own");
}

void PoolCore::submit(const std::shared_ptr<Job>& job, std::size_t first, const OutgoingTask& task,
                      const TaskLimits& limits, Admission admission) {
  Dispatch& to = dispatch();
  Task made{.id = to.next_id(),
            .job = job,
            .first = first,
            .items = task.items,
            .frame = {},
            .wire = {},
            .limits = limits};
  const bool by_wire = task.pieces.size() >= kLargeBody || !task.descriptors.descriptors().empty();
  const TaskHeader header{.items = task.items,
                          .task = made.id,
                          .code_size = static_cast<std::uint32_t>(task.code.size()),
                          .by_wire = by_wire ? 1U : 0U};
  made.frame.append(bytes_of_header(header)).append(task.code);
  if (by_wire) {
    made.wire =
        std::make_shared<Parcelled>(parcel_up(task.pieces, task.descriptors, to.segments()));
  } else {
    task.pieces.append_to(made.frame);
  }
  to.submit(std::move(made), admission);
}

void PoolCore::check_running() const { dispatch().check_running(); }
bool PoolCore::await(const Job& job, Timeout timeout) {
  require_others_to_deliver();
  return dispatch().await(job, deadline_after(timeout));
}
void PoolCore::require_own_process() const { static_cast<void>(dispatch()); }
bool PoolCore::is_delivering_here() const { return dispatch().is_delivering_here(); }
bool PoolCore::cancel(const std::shared_ptr<Job>& job) { return dispatch().cancel(job); }
void PoolCore::abandon(const std::shared_ptr<Job>& job) { dispatch().abandon(job); }
void PoolCore::dispatch_by_thread() { dispatch().start_thread(); }
std::size_t PoolCore::processes() const { return dispatch().processes(); }
std::string PoolCore::describe() const { return dispatch().describe(); }
void PoolCore::close() { dispatch().close(); }
void PoolCore::terminate() { dispatch().terminate(); }
bool PoolCore::join(Timeout timeout) {
  require_others_to_deliver();
  return dispatch().join(deadline_after(timeout));
}
void PoolCore::resize(int processes) { dispatch().resize(processes); }
std::vector<int> PoolCore::worker_pids() const { return dispatch().worker_pids(); }

}  // namespace mp::internal
