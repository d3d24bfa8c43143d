#include "mp/local/associated_lock.h"

#include <ostream>
#include <type_traits>

#include "mp/time_limit.h"

namespace mp {
namespace {

// Calls `use` with the lock that there is.
template <class Locks, class Use>
auto with_lock_of(const Locks& locks, Use&& use) {
  return std::visit(
      [&](const auto& lock) -> std::invoke_result_t<Use, const Lock&> {
        if constexpr (std::is_same_v<decltype(lock), const NoLock&>) {
          throw AttributeError("it has no lock: it was made without one");
        } else {
          return use(lock);
        }
      },
      locks);
}

}  // namespace

bool AssociatedLock::take(internal::Timeout timeout) const {
  return with_lock_of(lock_, [&](const auto& lock) {
    return timeout ? lock.acquire(TimeLimit(*timeout)) : lock.acquire();
  });
}

void AssociatedLock::release() const {
  with_lock_of(lock_, [](const auto& lock) { lock.release(); });
}

bool AssociatedLock::locked() const {
  return with_lock_of(lock_, [](const auto& lock) { return lock.locked(); });
}

bool AssociatedLock::previous_owner_died() const {
  return with_lock_of(lock_, [](const auto& lock) { return lock.previous_owner_died(); });
}

std::ostream& operator<<(std::ostream& out, const AssociatedLock& associated) {
  if (!associated.exists()) return out << "None";
  with_lock_of(associated.lock_, [&](const auto& lock) { out << lock; });
  return out;
}

}  // namespace mp
