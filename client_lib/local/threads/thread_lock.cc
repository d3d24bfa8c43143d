#include "client_lib/local/threads/thread_lock.h"

#include <ostream>

#include "client_lib/local/threads/thread_record.h"
#include "mp/errors.h"

namespace mp::internal {

constexpr auto kRelaxed = std::memory_order_relaxed;

bool OwnedThreadLock::is_mine() const { return owner_.load(kRelaxed) == this_thread_number(); }

bool OwnedThreadLock::acquire(Timeout timeout) {
  if (!permit_.take(timeout)) return false;
  owner_.store(this_thread_number(), kRelaxed);
  grants_.store(grants_.load(kRelaxed) + 1, kRelaxed);
  return true;
}

bool OwnedThreadLock::give_up() {
  owner_.store(0, kRelaxed);
  return permit_.give(1);
}

void OwnedThreadLock::print_owner(std::ostream& out) const {
  const std::uint64_t owner = owner_.load(kRelaxed);
  if (owner == 0) {
    out << "None";
  } else {
    out << name_of_thread(owner);
  }
}

void ThreadLock::release() {
  if (!is_held() || !give_up())
    throw ValueError("lock release: nobody holds the lock; released too many times");
}

std::size_t ThreadLock::release_all() {
  give_up();
  return 1;
}

void ThreadLock::print(std::ostream& out) const {
  out << "<Lock(owner=";
  print_owner(out);
  out << ")>";
}

bool ThreadRLock::take(Timeout timeout) {
  if (!is_mine() && !acquire(timeout)) return false;
  count_.store(count() + 1, kRelaxed);
  return true;
}

void ThreadRLock::release() {
  if (!is_mine()) throw NotOwnerError("rlock release: this thread does not hold the lock");
  const std::size_t left = count() - 1;
  count_.store(left, kRelaxed);
  if (left == 0) give_up();
}

std::size_t ThreadRLock::release_all() {
  const std::size_t held = count_.exchange(0, kRelaxed);
  give_up();
  return held;
}

void ThreadRLock::take_back(std::size_t count) {
  acquire(std::nullopt);
  count_.store(count, kRelaxed);
}

void ThreadRLock::print(std::ostream& out) const {
  out << "<RLock(";
  print_owner(out);
  out << ", " << count() << ")>";
}

}  // namespace mp::internal
