#include "client_lib/local/threads/thread_process.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "client_lib/local/process/exit.h"
#include "client_lib/local/process/uncaught.h"
#include "client_lib/local/threads/one_per_process.h"
#include "mp/current_process.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

constexpr int kUncaughtException = 1;

// Those that were started and whose threads nobody has joined yet, in the order of their start.
struct Started {
  std::mutex mutex;
  std::vector<std::shared_ptr<ThreadProcess>> processes;  // guarded by mutex, as what follows
  bool is_exit_prepared = false;
};

Started& started() { return one_per_process<Started>(); }

std::vector<std::shared_ptr<ThreadProcess>> all_started() {
  Started& all = started();
  const std::scoped_lock lock(all.mutex);
  return all.processes;
}

// Of those that ended unjoined a thread is left, as a zombie is of a process.
void join_ended() {
  for (const auto& process : all_started()) {
    const ThreadRecord& record = *process->record();
    if (record.has_ended() && record.number() != this_thread_number()) process->join(std::nullopt);
  }
}

// As interpreters do: who is no daemon is awaited, but for the thread that ends the program.
void join_all_but_daemons() {
  for (auto all = all_started(); !all.empty(); all = all_started()) {
    std::erase_if(all, [](const auto& process) {
      const ThreadRecord& record = *process->record();
      return record.daemon() || record.number() == this_thread_number();
    });
    for (const auto& process : all) process->join(std::nullopt);
    if (all.empty()) return;
  }
}

void list(std::shared_ptr<ThreadProcess> process) {
  Started& all = started();
  const std::scoped_lock lock(all.mutex);
  if (!std::exchange(all.is_exit_prepared, true)) at_exit(join_all_but_daemons);
  all.processes.push_back(std::move(process));
}

void unlist(const ThreadProcess& process) {
  Started& all = started();
  const std::scoped_lock lock(all.mutex);
  std::erase_if(all.processes, [&](const auto& other) { return other.get() == &process; });
}

// What the call comes to.
int exitcode_of(Call& call, const ThreadRecord& record) noexcept {
  const ExitUnwinds unwinds;
  try {
    call.run();
  } catch (const ExitRequest& request) {
    return request.code;
  } catch (...) {
    report_as(record.name(), describe_current_exception());
    return kUncaughtException;
  }
  return 0;
}

}  // namespace

ThreadProcess::~ThreadProcess() {
  // Only in a forked child, where there is no such thread: it must not be taken for one to join.
  if (thread_.joinable()) static_cast<void>(new std::thread(std::move(thread_)));
}

void ThreadProcess::start() {
  join_ended();
  if (record_->parent() != this_thread_record())
    throw ProcessError("cannot start '" + record_->name() + "': another thread has made it");
  const std::scoped_lock lock(mutex_);
  if (std::exchange(is_started_, true))
    throw ProcessError("cannot start '" + record_->name() + "': it was started before");
  list(shared_from_this());
  try {
    thread_ = std::thread([self = shared_from_this()] { self->run(); });
  } catch (const std::system_error& error) {
    is_started_ = false;
    unlist(*this);
    throw ProcessError("cannot start '" + record_->name() + "': " + error.code().message());
  }
  record_->await_begin(std::nullopt);
}

void ThreadProcess::run() {
  const RunsAs as(record_);
  record_->begin();
  const int exitcode = exitcode_of(*call_, *record_);
  call_.reset();
  record_->end(exitcode);
}

bool ThreadProcess::join(Timeout timeout) {
  if (!record_->is_of_this_process())
    throw ProcessError("cannot join '" + record_->name() + "': another process has made it");
  if (record_->number() == this_thread_number())
    throw ProcessError("cannot join '" + record_->name() + "': it is this thread");
  {
    const std::scoped_lock lock(mutex_);
    if (!is_started_)
      throw ProcessError("cannot join '" + record_->name() + "': it was not started");
  }
  if (!record_->await_end(timeout)) return false;
  const std::scoped_lock lock(mutex_);
  if (thread_.joinable()) thread_.join();
  unlist(*this);
  return true;
}

std::vector<std::shared_ptr<ThreadProcess>> thread_children() {
  join_ended();
  auto children = all_started();
  std::erase_if(children, [](const auto& process) {
    return process->record()->parent() != this_thread_record() || process->record()->has_ended();
  });
  return children;
}

}  // namespace mp::internal
