#include "mp/threads/lock.h"

#include "client_lib/local/threads/thread_lock.h"

namespace mp::threads {

Lock::Lock() : lock_(std::make_shared<internal::ThreadLock>()) {}

bool Lock::take(internal::Timeout timeout) const { return lock_->take(timeout); }
void Lock::release() const { lock_->release(); }
bool Lock::locked() const { return lock_->is_held(); }
std::uint64_t Lock::token() const { return lock_->token(); }

std::ostream& operator<<(std::ostream& out, const Lock& lock) {
  lock.lock_->print(out);
  return out;
}

}  // namespace mp::threads
