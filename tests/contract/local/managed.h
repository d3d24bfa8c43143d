#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "mp/mp.h"

// The manager's objects, made as local ones are: by their constructors. (The inherited constructors
// are the codec's, which makes the proxies in a spawned child.)

namespace mp::contract::managed {

// The manager of a test. One at a time.
class Home {
 public:
  Home() { current_ = &*manager_; }
  ~Home() { current_ = nullptr; }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  static const Manager& manager() { return *current_; }

 private:
  static inline const Manager* current_ = nullptr;
  std::optional<Manager> manager_ = Manager();
};

class Lock : public LockProxy {
 public:
  using LockProxy::LockProxy;
  Lock() : LockProxy(Home::manager().lock()) {}
};

class RLock : public RLockProxy {
 public:
  using RLockProxy::RLockProxy;
  RLock() : RLockProxy(Home::manager().rlock()) {}
};

// What -1 is to a number of permits or parties that has no sign: too many.
inline std::uint64_t counted(std::int64_t number) { return static_cast<std::uint64_t>(number); }

class Semaphore : public SemaphoreProxy {
 public:
  using SemaphoreProxy::SemaphoreProxy;
  explicit Semaphore(std::int64_t value = 1)
      : SemaphoreProxy(Home::manager().semaphore(counted(value))) {}
};

class BoundedSemaphore : public SemaphoreProxy {
 public:
  using SemaphoreProxy::SemaphoreProxy;
  explicit BoundedSemaphore(std::int64_t value = 1)
      : SemaphoreProxy(Home::manager().bounded_semaphore(counted(value))) {}
};

class Condition : public ConditionProxy {
 public:
  using ConditionProxy::ConditionProxy;
  Condition() : ConditionProxy(Home::manager().condition()) {}
  explicit Condition(const OwnedLockProxy& lock)
      : ConditionProxy(Home::manager().condition(lock)) {}
};

class Event : public EventProxy {
 public:
  using EventProxy::EventProxy;
  Event() : EventProxy(Home::manager().event()) {}
};

class Barrier : public BarrierProxy {
 public:
  using BarrierProxy::BarrierProxy;
  explicit Barrier(std::int64_t parties, std::function<void()> action = {},
                   TimeLimit timeout = None)
      : BarrierProxy(
            Home::manager().barrier(counted(parties), std::move(action), {.timeout = timeout})) {}
};

template <class T>
class Queue : public QueueProxy<T> {
 public:
  using QueueProxy<T>::QueueProxy;
  explicit Queue(std::uint64_t maxsize = 0)
      : QueueProxy<T>(Home::manager().queue<T>({.maxsize = maxsize})) {}
};

template <class T>
class JoinableQueue : public JoinableQueueProxy<T> {
 public:
  using JoinableQueueProxy<T>::JoinableQueueProxy;
  explicit JoinableQueue(std::uint64_t maxsize = 0)
      : JoinableQueueProxy<T>(Home::manager().joinable_queue<T>({.maxsize = maxsize})) {}
};

}  // namespace mp::contract::managed
