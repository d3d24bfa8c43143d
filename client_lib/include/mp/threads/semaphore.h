#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>

#include "mp/local/acquirable.h"
#include "mp/local/semaphore.h"

namespace mp {
namespace internal {
struct ThreadSemaphore;
}

namespace threads {

// A counter between the threads of this process: what is released by one may be acquired by
// another.
//
// Python: multiprocessing.dummy.Semaphore, which is threading.Semaphore. What is said of handles,
// cost, order, threads and forks at threads::Lock holds here too.
class Semaphore : public internal::Acquirable<Semaphore>, public internal::Permits<Semaphore> {
 public:
  // Errors: ValueError if `value` is negative, or 2^62 or more.
  explicit Semaphore(std::int64_t value = 1);

  // By whomever.
  // Errors: ValueError if `permits` is less than 1, or there would be 2^62: nothing has changed.
  void release(std::int64_t permits = 1) const;

  // How many permits are left.
  std::size_t get_value() const;
  // None is left.
  bool locked() const { return get_value() == 0; }

  // As Python prints multiprocessing's: <Semaphore(value=1)>
  friend std::ostream& operator<<(std::ostream& out, const Semaphore& semaphore);

 private:
  friend class internal::Acquirable<Semaphore>;

  bool take(internal::Timeout timeout) const;

  std::shared_ptr<internal::ThreadSemaphore> semaphore_;
};

// A number of seats: there are never more free ones than at first.
//
// Python: multiprocessing.dummy.BoundedSemaphore. Its permits belong to nobody, as threads cannot
// be killed; mp::BoundedSemaphore's belong to processes. What is said of handles, cost, order,
// threads and forks at threads::Lock holds here too.
class BoundedSemaphore : public internal::Acquirable<BoundedSemaphore>,
                         public internal::Permits<BoundedSemaphore> {
 public:
  // Errors: ValueError if `value` is negative, or 2^62 or more.
  explicit BoundedSemaphore(std::int64_t value = 1);

  // Errors: ValueError if `permits` is less than 1, or there would be more than at first: nothing
  // has changed.
  void release(std::int64_t permits = 1) const;

  // How many permits are left.
  std::size_t get_value() const;
  // None is left.
  bool locked() const { return get_value() == 0; }

  // Always, and never, between threads: here so that code for mp::BoundedSemaphore compiles.
  bool is_signal() const { return true; }
  bool previous_owner_died() const { return false; }

  // As Python prints multiprocessing's: <BoundedSemaphore(value=1, maxvalue=4)>
  friend std::ostream& operator<<(std::ostream& out, const BoundedSemaphore& semaphore);

 private:
  friend class internal::Acquirable<BoundedSemaphore>;

  bool take(internal::Timeout timeout) const;

  std::shared_ptr<internal::ThreadSemaphore> semaphore_;
};

}  // namespace threads
}  // namespace mp
