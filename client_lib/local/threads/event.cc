#include "mp/threads/event.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <ostream>

#include "client_lib/local/threads/wait_until.h"

namespace mp {

namespace internal {

class ThreadEvent {
 public:
  void set() {
    const std::scoped_lock lock(mutex_);
    if (is_set_.exchange(true)) return;
    ++times_set_;
    changed_.notify_all();
  }
  void clear() {
    const std::scoped_lock lock(mutex_);
    is_set_ = false;
  }
  bool is_set() const { return is_set_; }

  bool wait(Timeout timeout) {
    const Deadline deadline = deadline_after(timeout);
    std::unique_lock lock(mutex_);
    const std::uint64_t before = times_set_;
    return wait_until(changed_, lock, deadline, [&] { return is_set_ || times_set_ != before; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> is_set_ = false;  // written under mutex_
  std::uint64_t times_set_ = 0;       // guarded by mutex_
};

}  // namespace internal

namespace threads {

Event::Event() : event_(std::make_shared<internal::ThreadEvent>()) {}

void Event::set() const { event_->set(); }
void Event::clear() const { event_->clear(); }
bool Event::is_set() const { return event_->is_set(); }
bool Event::wait(TimeLimit timeout) const { return event_->wait(timeout.nanoseconds()); }

std::ostream& operator<<(std::ostream& out, const Event& event) {
  return out << "<Event at " << static_cast<const void*>(event.event_.get())
             << (event.is_set() ? " set>" : " unset>");
}

}  // namespace threads
}  // namespace mp
