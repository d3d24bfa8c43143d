#include "client_lib/local/pool/dispatch.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <limits>

#include "client_lib/local/os/pidfd.h"
#include "mp/internal/travel.h"
#include "mp/logging.h"

namespace mp::internal {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostEvents = 256;
constexpr std::chrono::seconds kLookAtZygote(1);

Deadline earlier(Deadline left, Deadline right) {
  if (!left || !right) return left ? left : right;
  return std::min(*left, *right);
}

// The pools whose results this thread is bringing to their jobs: the innermost first, since a
// callback may use another pool.
class DeliveringHere {
 public:
  explicit DeliveringHere(const void* pool) : pool_(pool), further_out_(innermost) {
    innermost = this;
  }
  ~DeliveringHere() { innermost = further_out_; }
  DeliveringHere(const DeliveringHere&) = delete;
  DeliveringHere& operator=(const DeliveringHere&) = delete;

  static bool is_of(const void* pool) {
    const DeliveringHere* here = innermost;
    while (here != nullptr && here->pool_ != pool) here = here->further_out_;
    return here != nullptr;
  }

 private:
  static thread_local const DeliveringHere* innermost;

  const void* const pool_;
  const DeliveringHere* const further_out_;
};
thread_local const DeliveringHere* DeliveringHere::innermost = nullptr;

}  // namespace

// ---- Leading ----

bool PoolCore::Dispatch::lead_until(Lock& lock, const std::function<bool()>& condition,
                                    Deadline deadline) {
  while (!condition()) {
    if (deadline && Clock::now() >= *deadline) {
      pass_on();
      return false;
    }
    if (!is_led_) {
      lead(lock, deadline);
      continue;
    }
    ++followers_;
    deadline ? static_cast<void>(changed_.wait_until(lock, *deadline)) : changed_.wait(lock);
    --followers_;
  }
  pass_on();
  return true;
}

void PoolCore::Dispatch::pass_on() {
  if (!is_led_ && !schedule_.is_idle()) something_.notify_one();
}

void PoolCore::Dispatch::lead(Lock& lock, Deadline until) {
  is_led_ = true;
  try {
    take_events(lock, until);
  } catch (const std::exception& error) {
    if (!lock.owns_lock()) lock.lock();
    break_down(error.what());
    deliver(lock);
  }
  is_led_ = false;
  if (followers_ > 0) changed_.notify_all();
}

void PoolCore::Dispatch::lead_by_thread() {
  Lock lock(mutex_);
  while (!thread_must_end_ && !is_over()) {
    if (is_led_ || schedule_.is_idle()) {
      something_.wait(lock);
    } else {
      lead(lock, std::nullopt);
    }
  }
}

void PoolCore::Dispatch::take_events(Lock& lock, Deadline until) {
  const auto now = Clock::now();
  const auto wake = *earlier(earlier(until, next_time()), now + kLookAtZygote);
  const auto limit =
      std::max(std::chrono::nanoseconds(wake - now), std::chrono::nanoseconds::zero());
  lock.unlock();
  events_.take(crew_.events(), kMostEvents, limit);
  lock.lock();
  for (std::size_t i = 0; i < events_.size(); ++i) handle(events_[i]);
  if (events_.empty() && !is_over()) {
    if (crew_.zygote_has_ended()) break_down("its helper process has died");
    replace_missing();
  }
  look_at_time();
  hand_out();
  deliver(lock);
}

// Where it fails, who leads looks by itself within kLookAtZygote.
void PoolCore::Dispatch::nudge() noexcept {
  try {
    const EventHeader header;
    crew_.events().put(bytes_of_header(header), std::nullopt);
  } catch (const Error& error) {
    get_logger().debug([&] { return std::string("a pool can't nudge itself: ") + error.what(); });
  }
}

// ---- What is done about it ----

void PoolCore::Dispatch::hand_out() {
  if (is_over()) return;
  try {
    level();
    give();
  } catch (const std::exception& error) {
    break_down(error.what());
  }
}

// From who has more than one task to who has none.
void PoolCore::Dispatch::level() {
  while (const auto rich = schedule_.whom_to_take_from()) {
    const auto taken = crew_.take_back(*rich, 1);
    if (taken.empty()) break;
    schedule_.take_back(*rich, taken);
  }
}

void PoolCore::Dispatch::give() {
  std::vector<std::vector<Task*>> given(crew_.members().size());
  const auto now = Clock::now();
  while (const auto worker = schedule_.next()) {
    Task& task = schedule_.hand(*worker).back();
    if (task.limits.soft) task.soft_deadline = now + *task.limits.soft;
    if (task.limits.hard) task.hard_deadline = now + *task.limits.hard;
    given[*worker].push_back(&task);
  }
  for (std::size_t worker = 0; worker < given.size(); ++worker) {
    if (!given[worker].empty()) crew_.give(worker, given[worker]);
  }
}

void PoolCore::Dispatch::Delivery::bring(SegmentStore& segments) noexcept {
  if (!wire) {
    task.job->deliver(task.first, task.items, reply);
  } else {
    std::vector<Descriptor> descriptors;
    for (const auto& descriptor : wire->descriptors) descriptors.push_back(std::move(*descriptor));
    const IncomingDescriptors incoming(std::move(descriptors));
    task.job->deliver(task.first, task.items, wire->body());
    wire->segment = nullptr;
  }
  if (task.wire && task.wire->segment) segments.give_back(task.wire->segment);
}

bool PoolCore::Dispatch::is_delivering_here() const { return DeliveringHere::is_of(this); }

void PoolCore::Dispatch::deliver(Lock& lock) {
  if (deliveries_.empty() && failures_.empty()) return;
  auto deliveries = std::exchange(deliveries_, {});
  auto failures = std::exchange(failures_, {});
  std::vector<std::size_t> had_wire;
  for (const Delivery& delivery : deliveries) {
    if (delivery.wire) had_wire.push_back(delivery.worker);
  }
  ++delivering_;
  lock.unlock();
  {
    const DeliveringHere here(this);
    for (Delivery& delivery : deliveries) delivery.bring(segments_);
    for (const auto& [task, error] : failures) task.fail(error);
    // With the last handle of a job goes what users wrote.
    deliveries.clear();
    failures.clear();
  }
  lock.lock();
  for (const std::size_t worker : had_wire) --crew_.member(worker).unread;
  --delivering_;
  if (followers_ > 0) changed_.notify_all();
}

void PoolCore::Dispatch::doom(std::size_t worker, const std::exception_ptr& why) {
  Member& member = crew_.member(worker);
  schedule_.shut(worker);
  schedule_.take_back(worker, crew_.take_back(worker, std::numeric_limits<std::size_t>::max()));
  member.doom = why;
  crew_.kill(worker, SIGKILL);
}

Deadline PoolCore::Dispatch::next_time() {
  Deadline next;
  for (const Schedule::Timed& timed : schedule_.timed()) {
    next = earlier(next, earlier(timed.task->soft_deadline, timed.task->hard_deadline));
  }
  return next;
}

void PoolCore::Dispatch::look_at_time() {
  const auto now = Clock::now();
  for (const Schedule::Timed& timed : schedule_.timed()) {
    Task& task = *timed.task;
    if (task.soft_deadline && now >= *task.soft_deadline) {
      task.soft_deadline.reset();
      crew_.ask_to_stop(timed.worker, task.id);
    }
    if (task.hard_deadline && now >= *task.hard_deadline) {
      task.hard_deadline.reset();
      doom(timed.worker,
           std::make_exception_ptr(TimeLimitExceeded(
               "the task has run for longer than its time limit of " +
               std::to_string(std::chrono::duration<double>(*task.limits.hard).count()) +
               " s; its worker was killed")));
    }
  }
}

void PoolCore::Dispatch::break_down(const std::string& why) {
  if (is_over()) return;
  broken_ = std::make_exception_ptr(PoolBroken("the pool is broken: " + why));
  state_ = State::kBroken;
  for (Task& task : schedule_.take_all()) failures_.emplace_back(std::move(task), broken_);
  crew_.end();
  for (Member& member : crew_.members()) member.state = Member::State::kGone;
  something_.notify_all();
}

}  // namespace mp::internal
