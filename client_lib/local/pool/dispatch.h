#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/pool/crew.h"
#include "client_lib/local/pool/frames.h"
#include "client_lib/local/pool/schedule.h"
#include "mp/internal/pool_core.h"

namespace mp::internal {

// What makes a pool go: whoever waits for it leads, one at a time. Who leads waits for what workers
// say, gives them what is next, and brings the results to their jobs. Once there is a thread for
// it, that leads whenever nobody else does.
//
//   kRunning ──close()──▶ kClosed ──join(): all is done──▶ kEnding ──workers are gone──▶ kEnded
//       │                    │                                │
//       ├────terminate()─────┼────────────────────────────────┴──▶ kTerminated
//       └──(helper dies, crash loop …)───────────────────────────▶ kBroken
class PoolCore::Dispatch : public std::enable_shared_from_this<Dispatch> {
 public:
  Dispatch(const PoolOptions& options, const std::shared_ptr<Target>& initializer);
  // The pool is given up: terminates it, and its thread ends.
  void give_up();

  void check_running() const;
  void submit(Task task, Admission admission);
  bool await(const Job& job, Deadline deadline);
  bool cancel(const std::shared_ptr<Job>& job);
  void abandon(const std::shared_ptr<Job>& job);
  // Whether this thread is bringing results to jobs, and so runs a callback. Nobody else does
  // meanwhile: it can't wait for any.
  bool is_delivering_here() const;
  void start_thread();
  void close();
  void terminate();
  bool join(Deadline deadline);
  void resize(int processes);
  std::size_t processes() const;
  std::vector<int> worker_pids() const;
  std::string describe() const;

  std::uint64_t next_id() { return next_id_.fetch_add(1, std::memory_order_relaxed); }
  SegmentStore& segments() { return segments_; }

 private:
  enum class State { kRunning, kClosed, kEnding, kTerminated, kBroken, kEnded };
  using Lock = std::unique_lock<std::mutex>;

  // A reply that goes to its job once the mutex is free.
  struct Delivery {
    Task task;
    std::size_t worker;
    std::string_view reply;
    std::optional<Parcelled> wire;

    void bring(SegmentStore& segments) noexcept;
  };

  // Leads, or waits for who does, until the condition holds, which is asked under the mutex. False
  // at the deadline.
  bool lead_until(Lock& lock, const std::function<bool()>& condition, Deadline deadline);
  // One turn: waits for events, and deals with them.
  void lead(Lock& lock, Deadline until);
  void lead_by_thread();

  // Takes what events there are, at the latest by then, and deals with them.
  void take_events(Lock& lock, Deadline until);
  void handle(std::string_view frame);
  void handle_reply(const EventHeader& header, std::string_view body);
  void handle_end(std::size_t worker, int exitcode);
  void replace(std::size_t worker, bool was_of_use);
  void replace_missing();
  // With the mutex free: it calls what users wrote.
  void deliver(Lock& lock);
  bool is_idle() const { return schedule_.is_idle() && delivering_ == 0; }
  bool is_over() const {
    return state_ == State::kTerminated || state_ == State::kBroken || state_ == State::kEnded;
  }
  void require_running(Admission admission) const;

  // Hands out what there is to hand out.
  void hand_out();
  void level();
  void give();
  void look_at_time();
  Deadline next_time();
  // All that has not begun waits again, of the workers that have a task which fulfils the
  // condition.
  void take_back_from_holders(const std::function<bool(const Task&)>& condition);
  // Its worker is killed; the task that it has begun fails with this.
  void doom(std::size_t worker, const std::exception_ptr& why);
  void break_down(const std::string& why);
  std::size_t members_there() const;
  // So that who leads looks anew at what there is to do, and until when.
  void nudge() noexcept;
  // Somebody else is to lead, if there is need.
  void pass_on();

  // Constant.
  const int most_restarts_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;    // for those who wait while another leads
  std::condition_variable something_;  // for the thread
  // Guarded by it.
  State state_ = State::kRunning;
  Crew crew_;
  Schedule schedule_;
  std::size_t target_;  // how many workers there should be
  bool is_led_ = false;
  std::size_t followers_ = 0;
  std::vector<Delivery> deliveries_;
  std::size_t delivering_ = 0;  // how many are on the way outside of the mutex
  std::vector<std::pair<Task, std::exception_ptr>> failures_;
  std::deque<std::chrono::steady_clock::time_point> useless_ends_;
  int unready_ends_ = 0;  // in a row: of workers whose initializer had not returned
  std::exception_ptr broken_;
  std::exception_ptr unstarted_;
  Frames events_;  // of who leads
  std::thread thread_;
  bool thread_must_end_ = false;

  std::atomic<std::uint64_t> next_id_ = 1;
  SegmentStore segments_;
};

}  // namespace mp::internal
