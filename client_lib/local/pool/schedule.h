#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "client_lib/local/pool/task.h"

namespace mp::internal {

// Who does what. It knows no process, clock or queue: it says which task goes to which worker, and
// is told what came of it.
//
//             next()                     finish()
//   waiting ─────────▶ in a worker's hand ─────────▶ gone
//      ▲                  │        │
//      └── take_back() ───┘        └── take_lost(): it had begun when the worker died
//
// Tasks wait in the order of their arrival. A worker is given one at a time, unless tasks are so
// short that its way here and back would count: then it has some in hand, of which it does one
// after another. Those that it has not begun can be taken back, and are, if another has nothing to
// do.
//
// Invariant: each task is in one place. A task that is alone (Task::is_alone) shares no hand. What
// goes by wire to a worker is one at a time: who puts it there never waits for room.
class Schedule {
 public:
  void add(Task task) { waiting_.push_back(std::move(task)); }

  // A worker of this number takes tasks from now on, or takes none any more.
  void open(std::size_t worker);
  void shut(std::size_t worker);

  // The worker has dropped what had come by wire of a task that was taken back.
  void free_wire(std::size_t worker) { hand_of(worker).wire_is_free = true; }

  // Gives the next task to a worker that has room: it is the last in its hand now.
  std::optional<std::size_t> next();

  // Whom to take a task from that has not begun it, as another has nothing to do.
  std::optional<std::size_t> whom_to_take_from() const;

  // The result of a task came, which took so long. nullopt: this worker has no such task.
  std::optional<Task> finish(std::size_t worker, std::uint64_t task, std::chrono::nanoseconds took);

  // These were found not begun: they wait again, before all others.
  void take_back(std::size_t worker, const std::vector<std::uint64_t>& tasks);

  // The worker is no more, and what it had not begun was taken back: what it had begun.
  std::vector<Task> take_lost(std::size_t worker);

  // The tasks in a hand, of which what had not begun was taken back, that fulfil the condition.
  struct Withdrawn {
    std::vector<Task> tasks;
    bool may_run = false;  // whether the worker may be at one of them
  };
  Withdrawn withdraw(std::size_t worker, const std::function<bool(const Task&)>& condition);

  // All that wait and fulfil the condition.
  std::vector<Task> take_waiting(const std::function<bool(const Task&)>& condition);

  // All there are.
  std::vector<Task> take_all();

  // Tasks in hand with a limit of time.
  struct Timed {
    std::size_t worker;
    Task* task;
  };
  std::vector<Timed> timed();

  // In the order in which they were given, and are begun.
  std::deque<Task>& hand(std::size_t worker) { return hand_of(worker).tasks; }

  std::size_t waiting() const { return waiting_.size(); }
  bool is_idle() const { return waiting_.empty() && in_hand_ == 0; }
  // How many a worker may have in hand.
  std::size_t depth() const { return depth_; }

 private:
  struct Hand {
    std::deque<Task> tasks;
    bool is_open = false;
    bool wire_is_free = true;  // of tasks that were taken back

    bool has_room(const Task& task, std::size_t depth) const;
  };

  Hand& hand_of(std::size_t worker);
  void learn(std::chrono::nanoseconds took);

  std::deque<Task> waiting_;
  std::vector<Hand> hands_;
  std::size_t in_hand_ = 0;
  std::optional<double> mean_;  // how long a task takes, in nanoseconds
  std::size_t depth_ = 1;
};

}  // namespace mp::internal
