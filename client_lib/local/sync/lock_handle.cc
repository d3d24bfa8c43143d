#include "client_lib/local/sync/lock_handle.h"

#include <ostream>

#include "mp/current_process.h"
#include "mp/errors.h"

namespace mp::internal {

using Acquired = SharedLock::Acquired;

bool OwnedLockHandle::acquire_in_line(const Timeout& timeout) {
  const Acquired result = lock_.acquire(deadline_after(timeout));
  if (result == Acquired::kFromTheDead)
    grant_from_the_dead_.store(lock_.grants(), std::memory_order_relaxed);
  return result != Acquired::kNo;
}

void OwnedLockHandle::print_holder(std::ostream& out) const {
  const ProcessIdentity holder = lock_.holder();
  if (holder.word == 0) {
    out << "None";
  } else if (holder == this_process()) {
    out << current_process().name();
  } else {
    out << "pid " << holder.pid();
  }
}

void LockHandle::print(std::ostream& out) const {
  out << "<Lock(owner=";
  print_holder(out);
  out << ")>";
}

void RLockHandle::print(std::ostream& out) const {
  out << "<RLock(";
  print_holder(out);
  out << ", " << shared_.count() << ")>";
}

void LockHandle::throw_not_held() { throw ValueError("cannot release a lock that nobody holds"); }

std::size_t LockHandle::release_all() {
  shared_.release();
  return 1;
}

bool RLockHandle::take(const Timeout& timeout) {
  if (shared_.is_mine()) {
    shared_.acquire_again();
    return true;
  }
  if (!acquire(timeout)) return false;
  shared_.begin();
  return true;
}

void RLockHandle::release() {
  if (!shared_.is_mine()) throw NotOwnerError("cannot release an rlock: this thread holds none");
  shared_.release();
}

void RLockHandle::take_back(std::size_t count) {
  acquire(std::nullopt);
  shared_.begin(count);
}

}  // namespace mp::internal
