#include "mp/threads/rlock.h"

#include "client_lib/local/threads/thread_lock.h"

namespace mp::threads {

RLock::RLock() : lock_(std::make_shared<internal::ThreadRLock>()) {}

bool RLock::take(internal::Timeout timeout) const { return lock_->take(timeout); }
void RLock::release() const { lock_->release(); }
bool RLock::locked() const { return lock_->is_held(); }
std::size_t RLock::count() const { return lock_->count(); }
std::uint64_t RLock::token() const { return lock_->token(); }

std::ostream& operator<<(std::ostream& out, const RLock& lock) {
  lock.lock_->print(out);
  return out;
}

}  // namespace mp::threads
