#include <algorithm>
#include <csignal>
#include <limits>
#include <sstream>

#include "client_lib/local/pool/dispatch.h"
#include "mp/current_process.h"
#include "mp/start_method.h"

// A pool from its beginning to its end.

namespace mp::internal {
namespace {

constexpr int kRestartsPerProcess = 10;

int checked(int number, const char* name) {
  if (number >= 1) return number;
  throw ValueError(std::string("mp::Pool: ") + name + " must be at least 1, not " +
                   std::to_string(number));
}

WorkerRules rules_of(const PoolOptions& options) {
  return {.most_tasks = options.maxtasksperchild
                            ? static_cast<std::uint64_t>(
                                  checked(*options.maxtasksperchild, "maxtasksperchild"))
                            : 0,
          .most_memory_growth = options.max_memory_growth.value_or(0)};
}

std::size_t processes_of(const PoolOptions& options) {
  return static_cast<std::size_t>(checked(options.processes.value_or(cpu_count()), "processes"));
}

}  // namespace

PoolCore::Dispatch::Dispatch(const PoolOptions& options, const std::shared_ptr<Target>& initializer)
    : most_restarts_(options.max_restarts.value_or(kRestartsPerProcess *
                                                   static_cast<int>(processes_of(options)))),
      crew_(options.start_method.value_or(get_start_method()), rules_of(options), initializer),
      target_(processes_of(options)) {
  for (std::size_t i = 0; i < target_; ++i) crew_.start(crew_.add_place());
  Lock lock(mutex_);
  lead_until(
      lock,
      [this] {
        return state_ != State::kRunning || unstarted_ ||
               std::ranges::none_of(crew_.members(), [](const Member& member) {
                 return member.state == Member::State::kStarting;
               });
      },
      std::nullopt);
  if (unstarted_) {
    crew_.end();
    std::rethrow_exception(unstarted_);
  }
}

// A callback may have had the last handle: then this is the thread that would be waited for, and it
// keeps all of this until it ends.
void PoolCore::Dispatch::give_up() {
  terminate();
  {
    const Lock lock(mutex_);
    thread_must_end_ = true;
  }
  something_.notify_all();
  if (!thread_.joinable()) return;
  thread_.get_id() == std::this_thread::get_id() ? thread_.detach() : thread_.join();
}

void PoolCore::Dispatch::require_running(Admission admission) const {
  if (broken_) std::rethrow_exception(broken_);
  if (state_ == State::kTerminated && admission == Admission::kFurther)
    throw PoolTerminated("the pool was terminated before all tasks were given to it");
  const bool takes =
      state_ == State::kRunning || (state_ == State::kClosed && admission == Admission::kFurther);
  if (!takes) throw ValueError("the pool is not running: it takes no more work");
}

void PoolCore::Dispatch::check_running() const {
  const Lock lock(mutex_);
  require_running(Admission::kFirst);
}

void PoolCore::Dispatch::submit(Task task, Admission admission) {
  Lock lock(mutex_);
  require_running(admission);
  // Nobody has listened meanwhile; a worker, or the helper, may have ended.
  if (!is_led_ && schedule_.is_idle()) {
    lead(lock, std::chrono::steady_clock::now());
    require_running(admission);
  }
  const bool has_limit = task.limits.soft || task.limits.hard;
  schedule_.add(std::move(task));
  hand_out();
  deliver(lock);  // if that has broken the pool
  if (is_led_ && has_limit) nudge();
  if (!is_led_ && thread_.joinable()) something_.notify_one();
}

bool PoolCore::Dispatch::await(const Job& job, Deadline deadline) {
  Lock lock(mutex_);
  return lead_until(
      lock, [&job] { return job.is_done(); }, deadline);
}

void PoolCore::Dispatch::take_back_from_holders(const std::function<bool(const Task&)>& condition) {
  for (std::size_t worker = 0; worker < crew_.members().size(); ++worker) {
    if (std::ranges::any_of(schedule_.hand(worker), condition))
      schedule_.take_back(worker, crew_.take_back(worker, std::numeric_limits<std::size_t>::max()));
  }
}

bool PoolCore::Dispatch::cancel(const std::shared_ptr<Job>& job) {
  Lock lock(mutex_);
  if (job->is_done()) return false;
  const auto is_of_job = [&](const Task& task) { return task.job == job; };
  const auto why = std::make_exception_ptr(Cancelled("the task was cancelled"));
  const auto withdraw = [&](std::vector<Task> tasks) {
    for (Task& task : tasks) failures_.emplace_back(std::move(task), why);
  };
  take_back_from_holders(is_of_job);
  for (std::size_t worker = 0; worker < crew_.members().size(); ++worker) {
    auto withdrawn = schedule_.withdraw(worker, is_of_job);
    if (withdrawn.may_run) doom(worker, why);
    withdraw(std::move(withdrawn.tasks));
  }
  withdraw(schedule_.take_waiting(is_of_job));
  const bool is_any = !failures_.empty();
  hand_out();
  deliver(lock);
  is_led_ ? nudge() : pass_on();
  return is_any;
}

void PoolCore::Dispatch::abandon(const std::shared_ptr<Job>& job) {
  std::vector<Task> dropped;  // destroyed when the mutex is free, as what users wrote goes with it
  Lock lock(mutex_);
  const auto is_of_job = [&](const Task& task) { return task.job == job; };
  take_back_from_holders(is_of_job);
  dropped = schedule_.take_waiting(is_of_job);
  for (std::size_t worker = 0; worker < crew_.members().size(); ++worker) {
    for (Task& task : schedule_.hand(worker)) {
      if (is_of_job(task)) task.limits.retries = 0;
    }
  }
  hand_out();
  deliver(lock);  // if that has broken the pool
  is_led_ ? nudge() : pass_on();
}

void PoolCore::Dispatch::start_thread() {
  const Lock lock(mutex_);
  if (thread_.joinable() || state_ != State::kRunning) return;
  // Signals are for the program's own threads.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::thread([self = shared_from_this()] { self->lead_by_thread(); });
  } catch (...) {
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void PoolCore::Dispatch::close() {
  const Lock lock(mutex_);
  if (state_ == State::kRunning) state_ = State::kClosed;
}

void PoolCore::Dispatch::terminate() {
  Lock lock(mutex_);
  if (state_ == State::kTerminated || state_ == State::kEnded) return;
  if (state_ != State::kBroken) {
    state_ = State::kTerminated;
    const auto why =
        std::make_exception_ptr(PoolTerminated("the pool was terminated before the task was done"));
    for (Task& task : schedule_.take_all()) failures_.emplace_back(std::move(task), why);
    nudge();
    crew_.end();
    for (Member& member : crew_.members()) member.state = Member::State::kGone;
  }
  deliver(lock);
  changed_.notify_all();
  something_.notify_all();
}

bool PoolCore::Dispatch::join(Deadline deadline) {
  Lock lock(mutex_);
  if (state_ == State::kRunning) throw ValueError("the pool is still running: close() it first");
  const auto nothing_is_left = [this] { return state_ != State::kClosed || is_idle(); };
  if (!lead_until(lock, nothing_is_left, deadline)) return false;
  if (state_ == State::kClosed) {
    state_ = State::kEnding;
    for (std::size_t worker = 0; worker < crew_.members().size(); ++worker) {
      if (crew_.member(worker).is_working()) crew_.stop(worker);
    }
  }
  const auto nobody_is_left = [this] {
    const bool are_gone = std::ranges::none_of(crew_.members(), &Member::is_there);
    return (is_over() || are_gone) && delivering_ == 0;
  };
  if (!lead_until(lock, nobody_is_left, deadline)) return false;
  crew_.end();
  if (state_ == State::kEnding) state_ = State::kEnded;
  something_.notify_all();
  return true;
}

void PoolCore::Dispatch::resize(int processes) {
  const auto wanted = static_cast<std::size_t>(checked(processes, "processes"));
  Lock lock(mutex_);
  require_running(Admission::kFirst);
  target_ = wanted;
  for (std::size_t worker = crew_.members().size(); worker-- > 0 && members_there() > target_;) {
    const Member& member = crew_.member(worker);
    if (!member.is_working()) continue;
    schedule_.shut(worker);
    schedule_.take_back(worker, crew_.take_back(worker, std::numeric_limits<std::size_t>::max()));
    crew_.stop(worker);
  }
  for (std::size_t worker = 0; worker < crew_.members().size() && members_there() < target_;
       ++worker) {
    if (!crew_.member(worker).is_there()) crew_.start(worker);
  }
  while (members_there() < target_) crew_.start(crew_.add_place());
  hand_out();
  deliver(lock);  // if that has broken the pool
}

std::size_t PoolCore::Dispatch::processes() const {
  const Lock lock(mutex_);
  return target_;
}

std::vector<int> PoolCore::Dispatch::worker_pids() const {
  const Lock lock(mutex_);
  std::vector<int> pids;
  for (const Member& member : crew_.members()) {
    if (member.is_there() && member.pid != 0) pids.push_back(member.pid);
  }
  return pids;
}

std::string PoolCore::Dispatch::describe() const {
  const Lock lock(mutex_);
  constexpr const char* kNames[] = {"RUN", "CLOSE", "CLOSE", "TERMINATE", "BROKEN", "CLOSE"};
  std::ostringstream out;
  out << "state=" << kNames[static_cast<std::size_t>(state_)] << " pool_size=" << target_;
  return out.str();
}

}  // namespace mp::internal
