#include <string>
#include <utility>

#include "client_lib/local/threads/wait_until.h"
#include "mp/errors.h"
#include "mp/internal/thread_queue_gate.h"

namespace mp::internal {
namespace {

// While it is in scope, one more waits.
class Counted {
 public:
  explicit Counted(std::size_t& count) : count_(++count) {}
  ~Counted() { --count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  std::size_t& count_;
};

}  // namespace

ThreadQueueGate::Turn ThreadQueueGate::enter_to_put(std::size_t items, Timeout timeout) {
  if (maxsize_ != 0 && items > maxsize_) {
    throw ValueError("queue put: " + std::to_string(items) +
                     " items will never fit a queue of at most " + std::to_string(maxsize_));
  }
  Turn turn(mutex_);
  const auto may_go = [&] { return is_shut_down_ || maxsize_ == 0 || maxsize_ - size_ >= items; };
  if (!may_go()) {
    const Counted waiting(waiting_putters_);
    if (!wait_until(emptied_, turn, deadline_after(timeout), may_go)) return {};
  }
  if (is_shut_down_) throw ShutDown("queue put: the queue was shut down");
  return turn;
}

void ThreadQueueGate::have_put(const Turn&, std::size_t items) {
  size_ += items;
  unfinished_ += items;
  if (waiting_getters_ == 0) return;
  if (items == 1) {
    filled_.notify_one();
  } else {
    filled_.notify_all();
  }
}

ThreadQueueGate::Turn ThreadQueueGate::enter_to_get(std::size_t max, Timeout timeout) {
  if (max == 0) throw ValueError("queue get: at least one item is to be asked for");
  Turn turn(mutex_);
  const auto may_go = [&] { return size_ != 0 || is_shut_down_; };
  if (!may_go()) {
    const Counted waiting(waiting_getters_);
    if (!wait_until(filled_, turn, deadline_after(timeout), may_go)) return {};
  }
  if (size_ == 0) throw ShutDown("queue get: the queue was shut down, and is empty");
  return turn;
}

// All, since one may wait for more room than there is, and the next for less.
void ThreadQueueGate::have_taken(const Turn&, std::size_t items) {
  size_ -= items;
  if (waiting_putters_ != 0) emptied_.notify_all();
}

std::size_t ThreadQueueGate::task_done() {
  const std::scoped_lock lock(mutex_);
  if (unfinished_ == 0) throw ValueError("queue task_done: called more often than items were put");
  if (--unfinished_ == 0) finished_.notify_all();
  return unfinished_;
}

bool ThreadQueueGate::join(Timeout timeout) {
  std::unique_lock lock(mutex_);
  return wait_until(finished_, lock, deadline_after(timeout), [&] { return unfinished_ == 0; });
}

ThreadQueueGate::Turn ThreadQueueGate::shut_down(ShutdownOptions how) {
  Turn turn(mutex_);
  is_shut_down_ = true;
  if (how.immediate) {
    unfinished_ -= size_;
    size_ = 0;
    if (unfinished_ == 0) finished_.notify_all();
  }
  filled_.notify_all();
  emptied_.notify_all();
  return turn;
}

void throw_handle_closed(const char* verb) {
  throw ValueError(std::string("cannot ") + verb + ": this handle of the queue is closed");
}

}  // namespace mp::internal
