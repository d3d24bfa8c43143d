#include "mp/threads/condition.h"

#include <algorithm>
#include <condition_variable>
#include <limits>
#include <list>
#include <mutex>
#include <ostream>
#include <string>
#include <utility>

#include "client_lib/local/threads/thread_lock.h"
#include "client_lib/local/threads/wait_until.h"
#include "mp/errors.h"

namespace mp {

namespace internal {

// Each who waits is woken alone, so that nobody else is.
class ThreadCondition {
 public:
  explicit ThreadCondition(std::shared_ptr<OwnedThreadLock> lock) : lock_(std::move(lock)) {}

  OwnedThreadLock& lock() const { return *lock_; }

  // Errors: NotOwnerError.
  bool wait(Timeout timeout);
  std::size_t notify(std::size_t waiters);
  std::size_t waiting() const {
    const std::scoped_lock guard(mutex_);
    return waiting_.size();
  }

 private:
  struct Waiter {
    std::condition_variable woken;
    bool is_notified = false;
  };

  void require_lock(const char* verb) const {
    if (lock_->is_mine()) return;
    throw NotOwnerError(std::string("condition ") + verb + ": this thread does not hold its lock");
  }

  const std::shared_ptr<OwnedThreadLock> lock_;
  mutable std::mutex mutex_;    // taken while the lock is held, and never held while that is taken
  std::list<Waiter*> waiting_;  // guarded by mutex_; those not notified, in order of arrival
};

bool ThreadCondition::wait(Timeout timeout) {
  require_lock("wait");
  const Deadline deadline = deadline_after(timeout);
  Waiter waiter;
  std::size_t count = 0;
  {
    std::unique_lock guard(mutex_);
    const auto place = waiting_.insert(waiting_.end(), &waiter);
    count = lock_->release_all();
    wait_until(waiter.woken, guard, deadline, [&] { return waiter.is_notified; });
    if (!waiter.is_notified) waiting_.erase(place);
  }
  lock_->take_back(count);
  return waiter.is_notified;
}

std::size_t ThreadCondition::notify(std::size_t waiters) {
  require_lock("notify");
  const std::scoped_lock guard(mutex_);
  const std::size_t count = std::min(waiters, waiting_.size());
  for (std::size_t i = 0; i < count; ++i) {
    Waiter& waiter = *waiting_.front();
    waiting_.pop_front();
    waiter.is_notified = true;
    waiter.woken.notify_one();
  }
  return count;
}

}  // namespace internal

namespace threads {

Condition::Condition() : Condition(RLock()) {}
Condition::Condition(const Lock& lock)
    : condition_(std::make_shared<internal::ThreadCondition>(lock.lock_)) {}
Condition::Condition(const RLock& lock)
    : condition_(std::make_shared<internal::ThreadCondition>(lock.lock_)) {}

bool Condition::take(internal::Timeout timeout) const { return condition_->lock().take(timeout); }
void Condition::release() const { condition_->lock().release(); }
bool Condition::locked() const { return condition_->lock().is_held(); }
std::uint64_t Condition::token() const { return condition_->lock().token(); }

bool Condition::wait(TimeLimit timeout) const { return condition_->wait(timeout.nanoseconds()); }

std::size_t Condition::notify(std::int64_t waiters) const {
  if (waiters < 1)
    throw ValueError("condition notify: cannot wake " + std::to_string(waiters) + " waiters");
  return condition_->notify(static_cast<std::size_t>(waiters));
}

std::size_t Condition::notify_all() const {
  return condition_->notify(std::numeric_limits<std::size_t>::max());
}

std::ostream& operator<<(std::ostream& out, const Condition& condition) {
  out << "<Condition(";
  condition.condition_->lock().print(out);
  return out << ", " << condition.condition_->waiting() << ")>";
}

}  // namespace threads
}  // namespace mp
