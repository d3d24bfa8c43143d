#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

#include "mp/container_factory.h"
#include "mp/object_options.h"
#include "mp/proxy/barrier.h"
#include "mp/proxy/condition.h"
#include "mp/proxy/count_down_latch.h"
#include "mp/proxy/event.h"
#include "mp/proxy/lock.h"
#include "mp/proxy/rlock.h"
#include "mp/proxy/rwlock.h"
#include "mp/proxy/semaphore.h"

namespace mp {

// The part of an ObjectFactory that makes what processes wait for; what holds of all is said there.
class SynchronisationFactory : public ContainerFactory {
 public:
  // Python: manager.Lock(), manager.RLock().
  LockProxy lock(std::string_view name = {}, CreateOptions options = {}) const {
    return LockProxy(make(wire::Operation::kLockCreate, "lock", name, options));
  }
  RLockProxy rlock(std::string_view name = {}, CreateOptions options = {}) const {
    return RLockProxy(make(wire::Operation::kRLockCreate, "rlock", name, options));
  }

  // Many readers, or one writer. Python has none.
  RWLockProxy rwlock(std::string_view name = {}, CreateOptions options = {}) const {
    return RWLockProxy(make(wire::Operation::kRWLockCreate, "rwlock", name, options));
  }

  // Python: manager.Semaphore(value), manager.BoundedSemaphore(value).
  SemaphoreProxy semaphore(std::uint64_t value = 1) const {
    return semaphore(std::string_view(), {.value = value});
  }
  SemaphoreProxy semaphore(std::string_view name, SemaphoreOptions options = {}) const {
    return make_semaphore(name, options, /*bounded=*/false);
  }
  SemaphoreProxy bounded_semaphore(std::uint64_t value = 1) const {
    return bounded_semaphore(std::string_view(), {.value = value});
  }
  SemaphoreProxy bounded_semaphore(std::string_view name, SemaphoreOptions options = {}) const {
    return make_semaphore(name, options, /*bounded=*/true);
  }

  // Over an RLock of its own, or over this lock: a Lock, an RLock, or what get_lock() of a Value,
  // an Array or another Condition gives. Python: manager.Condition(lock).
  // Errors: WrongKind if there is one of this name over another lock.
  ConditionProxy condition() const {
    const Object object = make(wire::Operation::kConditionCreate, "condition", {}, {});
    return ConditionProxy(object, RLockProxy(object));
  }
  ConditionProxy condition(std::string_view name, CreateOptions options = {}) const {
    return ConditionProxy(make(wire::Operation::kConditionCreate, "condition", name, options));
  }
  ConditionProxy condition(const OwnedLockProxy& lock) const {
    return condition(std::string_view(), lock);
  }
  ConditionProxy condition(std::string_view name, const OwnedLockProxy& lock,
                           CreateOptions options = {}) const {
    wire::Scratch contents;
    contents->fixed64(4, lock.id());
    return ConditionProxy(
        make(wire::Operation::kConditionCreate, "condition", name, options, *contents), lock);
  }

  // Python: manager.Event().
  EventProxy event(EventOptions options = {}) const { return event(std::string_view(), options); }
  EventProxy event(std::string_view name, EventOptions options = {}) const {
    wire::Scratch contents;
    contents->boolean(3, options.set);
    return EventProxy(make(wire::Operation::kEventCreate, "event", name,
                           {options.create, options.life}, *contents));
  }

  // For so many parties. The action is run by one of them each time all have come; see
  // BarrierProxy. Python: manager.Barrier(parties, action, timeout).
  // Errors: ValueError for 0 parties.
  BarrierProxy barrier(std::uint64_t parties, std::function<void()> action = {},
                       BarrierOptions options = {}) const {
    return barrier(std::string_view(), parties, std::move(action), options);
  }
  BarrierProxy barrier(std::string_view name, std::uint64_t parties,
                       std::function<void()> action = {}, BarrierOptions options = {}) const {
    wire::Scratch contents;
    contents->uint(3, parties);
    if (const internal::Timeout timeout = options.timeout.nanoseconds())
      contents->duration(4, *timeout);
    return BarrierProxy(make(wire::Operation::kBarrierCreate, "barrier", name,
                             {options.create, options.life}, *contents),
                        std::move(action));
  }

  // With this count; one of this name that exists keeps its own. With 0 there is nothing to wait
  // for until try_set_count(). Python has none.
  CountDownLatchProxy count_down_latch(std::uint64_t count) const {
    return count_down_latch(std::string_view(), count);
  }
  CountDownLatchProxy count_down_latch(std::string_view name, std::uint64_t count,
                                       CreateOptions options = {}) const {
    wire::Scratch contents;
    contents->uint(3, count);
    return CountDownLatchProxy(
        make(wire::Operation::kCountDownLatchCreate, "latch", name, options, *contents));
  }

 protected:
  using ContainerFactory::ContainerFactory;

 private:
  SemaphoreProxy make_semaphore(std::string_view name, const SemaphoreOptions& options,
                                bool bounded) const;
};

}  // namespace mp
