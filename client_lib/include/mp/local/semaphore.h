#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>

#include "mp/internal/travel.h"
#include "mp/local/acquirable.h"

namespace mp {

namespace internal {

struct SemaphoreHandle;
struct BoundedSemaphoreHandle;

// What the two semaphores S have in common: the spellings of std::counting_semaphore.
template <class S>
class Permits {
 public:
  [[nodiscard]] bool try_acquire() const { return self().acquire(false); }
  [[nodiscard]] bool try_acquire_for(TimeLimit timeout) const { return self().acquire(timeout); }
  template <class Clock, class Duration>
  [[nodiscard]] bool try_acquire_until(const std::chrono::time_point<Clock, Duration>& time) const {
    return self().try_lock_until(time);
  }

 private:
  friend S;
  Permits() = default;

  const S& self() const { return static_cast<const S&>(*this); }
};

}  // namespace internal

// A counter between the processes of one machine, and their threads: what is released by one may be
// acquired by another.
//
// Python: multiprocessing.Semaphore. Its permits belong to nobody: one that a process had acquired
// does not come back when that process ends. See mp::BoundedSemaphore for seats that must.
//
// Meets the standard's TimedLockable, and has std::counting_semaphore's methods. What is said of
// handles, order, cost, threads and forks at mp::Lock holds here too.
//
//   mp::Semaphore arrived(0);
//   mp::Process p([arrived] { arrived.release(); });
//   p.start();
//   arrived.acquire();
class Semaphore : public internal::Acquirable<Semaphore>, public internal::Permits<Semaphore> {
 public:
  // Errors: ValueError if `value` is negative; MemoryError.
  explicit Semaphore(std::int64_t value = 1);

  // By whomever.
  // Errors: ValueError if `permits` is less than 1, or there would be 2^62: nothing has changed.
  void release(std::int64_t permits = 1) const;

  // How many permits are left. Python: get_value().
  std::size_t get_value() const;
  // None is left. Python: locked(), since 3.14.
  bool locked() const { return get_value() == 0; }

  // As Python: <Semaphore(value=1)>
  friend std::ostream& operator<<(std::ostream& out, const Semaphore& semaphore);

 private:
  friend class internal::Acquirable<Semaphore>;
  friend struct internal::HandleCodec<Semaphore>;

  explicit Semaphore(std::shared_ptr<internal::SemaphoreHandle> handle);

  bool take(internal::Timeout timeout) const;
  internal::BlockTicket pack() const;
  static Semaphore unpack(const internal::BlockTicket& ticket);

  std::shared_ptr<internal::SemaphoreHandle> handle_;
};

// A number of seats for the processes of one machine, and their threads: there are never more free
// ones than at first.
//
// Python: multiprocessing.BoundedSemaphore. Beyond that, a permit belongs to the process that
// acquired it. If that one ends without a release, be it by kill -9, the permit comes back, and who
// gets it learns so from previous_owner_died(). Once a process releases more than it holds, the
// semaphore is a signal: from then on permits belong to nobody, and are never returned by an end.
// (So it is, too, if more than 4096 processes hold permits at once.)
//
// Meets the standard's TimedLockable, and has std::counting_semaphore's methods. What is said of
// handles, order, threads and forks at mp::Lock holds here too.
//
// Cost: a mutex to acquire and one to release. 4 KiB of memory, and 16 bytes for each permit up to
// 4096 of them.
//
//   mp::BoundedSemaphore seats(4);
//   mp::Process p([seats] { std::scoped_lock seat(seats); ride(); });
class BoundedSemaphore : public internal::Acquirable<BoundedSemaphore>,
                         public internal::Permits<BoundedSemaphore> {
 public:
  // Errors: ValueError if `value` is negative; MemoryError.
  explicit BoundedSemaphore(std::int64_t value = 1);

  // Errors: ValueError if `permits` is less than 1, or there would be more than at first: nothing
  // has changed.
  void release(std::int64_t permits = 1) const;

  // How many permits are left, those of ended processes among them. Cost: six system calls for each
  // process that holds some. Python: get_value().
  std::size_t get_value() const;
  // None is left. Python: locked(), since 3.14.
  bool locked() const { return get_value() == 0; }
  // Whether its permits belong to nobody, since more were released than their holder had. Cost: a
  // mutex.
  bool is_signal() const;

  // Whether the permit that this process acquired last was one of a process that ended with it.
  bool previous_owner_died() const;

  // As Python: <BoundedSemaphore(value=1, maxvalue=4)>
  friend std::ostream& operator<<(std::ostream& out, const BoundedSemaphore& semaphore);

 private:
  friend class internal::Acquirable<BoundedSemaphore>;
  friend struct internal::HandleCodec<BoundedSemaphore>;

  explicit BoundedSemaphore(std::shared_ptr<internal::BoundedSemaphoreHandle> handle);

  bool take(internal::Timeout timeout) const;
  internal::BlockTicket pack() const;
  static BoundedSemaphore unpack(const internal::BlockTicket& ticket);

  std::shared_ptr<internal::BoundedSemaphoreHandle> handle_;
};

template <>
struct Codec<Semaphore> : internal::HandleCodec<Semaphore> {};
template <>
struct Codec<BoundedSemaphore> : internal::HandleCodec<BoundedSemaphore> {};

}  // namespace mp
