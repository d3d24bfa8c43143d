#include "server/engine/executor.h"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {

namespace {

// What entitles a task to a thread.
struct Seat {
  enum class Kind : std::uint8_t { kBase, kInside, kHurried };
  Kind kind = Kind::kBase;
  std::uint64_t of = 0;  // the parent, or the object
};

}  // namespace

struct Executor::State : std::enable_shared_from_this<Executor::State> {
  struct Active {
    Task task;
    Seat seat;
    std::chrono::steady_clock::time_point since;
  };
  using Lock = std::unique_lock<std::mutex>;

  State(std::size_t bound, StartThread start)
      : most_base(std::max<std::size_t>(1, bound)), start_thread(std::move(start)) {}

  // All with the mutex held.
  std::optional<Seat> seat_for(const Task& task);
  void release(const Seat& seat);
  // If that fails, the task is where it was, and the seat free.
  absl::Status start(Task& task, const Seat& seat);
  void wait_for_thread(Task task);
  std::optional<Active> next_after(const Seat& seat);
  std::optional<Active> next_that_waits_for_a_thread();
  template <class Condition>
  std::optional<Task> take(Condition condition);

  void thread();
  void run(Lock& lock, Active active);

  const std::size_t most_base;
  const StartThread start_thread;
  std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  std::size_t base = 0;  // seats taken
  absl::flat_hash_set<CallId> inside;
  absl::flat_hash_set<std::uint64_t> hurried;
  std::list<Task> queue;     // in order of arrival; those inside others are taken first
  bool has_seats = false;    // for some of the queue, and had no thread for them
  std::list<Task> left;      // entrusted, for the destructor: nothing more gets a thread
  std::deque<Active> ready;  // that have a seat, for threads that wait
  std::size_t waiting = 0;   // threads
  std::size_t threads = 0;
  std::list<const Active*> active;
};

namespace {

absl::Status no_thread(const std::system_error& failure) {
  return error(v1::LIMIT_EXCEEDED, absl::StrCat("the system has no thread to run the method: ",
                                                failure.what(), "; nothing was changed"));
}

}  // namespace

Executor::Executor(std::size_t threads, StartThread start)
    : state_(std::make_shared<State>(
          threads, start ? std::move(start) : [](std::function<void()> run) {
            std::thread(std::move(run)).detach();
          })) {}

Executor::~Executor() {
  stop(std::chrono::nanoseconds::max());
  for (Task& task : state_->left) task.run();
}

std::optional<Seat> Executor::State::seat_for(const Task& task) {
  if (base < most_base) {
    ++base;
    return Seat{Seat::Kind::kBase, 0};
  }
  if (task.parent != 0 && inside.insert(task.parent).second)
    return Seat{Seat::Kind::kInside, task.parent};
  if (task.hurried && hurried.insert(task.object).second)
    return Seat{Seat::Kind::kHurried, task.object};
  return std::nullopt;
}

void Executor::State::release(const Seat& seat) {
  if (seat.kind == Seat::Kind::kBase) --base;
  if (seat.kind == Seat::Kind::kInside) inside.erase(seat.of);
  if (seat.kind == Seat::Kind::kHurried) hurried.erase(seat.of);
}

absl::Status Executor::State::start(Task& task, const Seat& seat) {
  ready.push_back({std::move(task), seat, {}});
  if (waiting >= ready.size()) {
    changed.notify_one();
    return absl::OkStatus();
  }
  try {
    start_thread([state = shared_from_this()] { state->thread(); });
  } catch (const std::system_error& failure) {
    task = std::move(ready.back().task);
    ready.pop_back();
    release(seat);
    return no_thread(failure);
  }
  ++threads;
  return absl::OkStatus();
}

void Executor::State::wait_for_thread(Task task) {
  queue.push_back(std::move(task));
  has_seats = true;
}

absl::Status Executor::submit(Task task) {
  const std::lock_guard lock(state_->mutex);
  if (state_->stopping) return error(v1::MANAGER_SHUT_DOWN, "the manager is shutting down");
  const auto seat = state_->seat_for(task);
  if (!seat) {
    state_->queue.push_back(std::move(task));
    return absl::OkStatus();
  }
  absl::Status started = state_->start(task, *seat);
  if (started.ok() || state_->threads == 0 || task.parent != 0 || task.hurried) return started;
  state_->wait_for_thread(std::move(task));
  return absl::OkStatus();
}

void Executor::entrust(std::string what, std::function<void()> run) {
  Task task{.what = std::move(what), .must_run = true, .run = std::move(run)};
  const std::lock_guard lock(state_->mutex);
  if (state_->stopping) return state_->left.push_back(std::move(task));
  const auto seat = state_->seat_for(task);
  if (!seat || !state_->start(task, *seat).ok()) state_->wait_for_thread(std::move(task));
}

absl::Status Executor::hurry(std::uint64_t object) {
  const std::lock_guard lock(state_->mutex);
  std::list<Task>& queue = state_->queue;
  auto first = queue.end();
  for (auto at = queue.begin(); at != queue.end(); ++at) {
    if (at->object != object) continue;
    at->hurried = true;
    if (first == queue.end()) first = at;
  }
  if (first == queue.end() || !state_->hurried.insert(object).second) return absl::OkStatus();
  absl::Status started = state_->start(*first, {Seat::Kind::kHurried, object});
  if (started.ok()) {
    queue.erase(first);
  } else {
    state_->has_seats = true;
  }
  return started;
}

template <class Condition>
std::optional<Executor::Task> Executor::State::take(Condition condition) {
  const auto at = std::ranges::find_if(queue, condition);
  if (at == queue.end()) return std::nullopt;
  Task task = std::move(*at);
  queue.erase(at);
  return task;
}

// The seat passes to who may have it, or is free.
std::optional<Executor::State::Active> Executor::State::next_after(const Seat& seat) {
  std::optional<Task> task;
  switch (seat.kind) {
    case Seat::Kind::kBase:
      task = take([](const Task& each) { return each.parent != 0; });
      if (!task) task = take([](const Task&) { return true; });
      break;
    case Seat::Kind::kInside:
      task = take([&](const Task& each) { return each.parent == seat.of; });
      break;
    case Seat::Kind::kHurried:
      task = take([&](const Task& each) { return each.hurried && each.object == seat.of; });
      break;
  }
  if (task) return Active{*std::move(task), seat, {}};
  release(seat);
  return next_that_waits_for_a_thread();
}

std::optional<Executor::State::Active> Executor::State::next_that_waits_for_a_thread() {
  if (!has_seats) return std::nullopt;
  for (auto at = queue.begin(); at != queue.end(); ++at) {
    const auto seat = seat_for(*at);
    if (!seat) continue;
    Active next{std::move(*at), *seat, {}};
    queue.erase(at);
    return next;
  }
  has_seats = false;
  return std::nullopt;
}

void Executor::State::thread() {
  Lock lock(mutex);
  for (;;) {
    ++waiting;
    changed.wait(lock, [&] { return stopping || !ready.empty() || waiting > most_base; });
    --waiting;
    if (ready.empty()) break;
    Active first = std::move(ready.front());
    ready.pop_front();
    run(lock, std::move(first));
  }
  --threads;
  changed.notify_all();
}

void Executor::State::run(Lock& lock, Active active_task) {
  for (std::optional<Active> task = std::move(active_task); task;) {
    task->since = std::chrono::steady_clock::now();
    active.push_back(&*task);
    lock.unlock();
    task->task.run();
    task->task.run = nullptr;  // what it holds goes here, outside of the mutex
    lock.lock();
    std::erase(active, &*task);
    const Seat seat = task->seat;
    task = next_after(seat);
  }
}

std::vector<std::string> Executor::stop(std::chrono::nanoseconds patience) {
  State::Lock lock(state_->mutex);
  state_->stopping = true;
  std::list<Task> dropped = std::exchange(state_->queue, {});
  const auto entrusted = std::stable_partition(dropped.begin(), dropped.end(),
                                               [](const Task& task) { return !task.must_run; });
  state_->left.splice(state_->left.end(), dropped, entrusted, dropped.end());
  state_->changed.notify_all();
  lock.unlock();
  dropped.clear();
  lock.lock();
  const auto ended = [&] { return state_->threads == 0; };
  constexpr std::chrono::hours kLongest(24 * 365);
  state_->changed.wait_for(lock, std::min<std::chrono::nanoseconds>(patience, kLongest), ended);
  std::vector<std::string> left;
  const auto now = std::chrono::steady_clock::now();
  for (const State::Active* active : state_->active) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - active->since);
    left.push_back(absl::StrCat(active->task.what, ", for ", seconds.count(), " s"));
  }
  return left;
}

}  // namespace mp::server
