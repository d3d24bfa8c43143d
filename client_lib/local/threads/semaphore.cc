#include "mp/threads/semaphore.h"

#include <ostream>
#include <string>

#include "client_lib/local/threads/permits.h"
#include "mp/errors.h"

namespace mp {

namespace internal {

struct ThreadSemaphore {
  ThreadSemaphore(std::int64_t value, std::int64_t at_most)
      : permits(value, at_most), most(at_most) {}

  void release(std::int64_t count) {
    if (count < 1)
      throw ValueError("semaphore release: cannot release " + std::to_string(count) + " permits");
    if (!permits.give(count))
      throw ValueError("semaphore release: there would be more than " + std::to_string(most) +
                       " permits");
  }

  ThreadPermits permits;
  const std::int64_t most;
};

}  // namespace internal

namespace threads {
namespace {

constexpr std::int64_t kMostPermits = (std::int64_t{1} << 62) - 1;

std::shared_ptr<internal::ThreadSemaphore> make(std::int64_t value, std::int64_t most) {
  if (value < 0 || value > most)
    throw ValueError("a semaphore cannot have " + std::to_string(value) + " permits");
  return std::make_shared<internal::ThreadSemaphore>(value, most);
}

}  // namespace

Semaphore::Semaphore(std::int64_t value) : semaphore_(make(value, kMostPermits)) {}

bool Semaphore::take(internal::Timeout timeout) const { return semaphore_->permits.take(timeout); }
void Semaphore::release(std::int64_t permits) const { semaphore_->release(permits); }
std::size_t Semaphore::get_value() const {
  return static_cast<std::size_t>(semaphore_->permits.left());
}

std::ostream& operator<<(std::ostream& out, const Semaphore& semaphore) {
  return out << "<Semaphore(value=" << semaphore.get_value() << ")>";
}

BoundedSemaphore::BoundedSemaphore(std::int64_t value)
    : semaphore_(value > kMostPermits ? make(value, kMostPermits) : make(value, value)) {}

bool BoundedSemaphore::take(internal::Timeout timeout) const {
  return semaphore_->permits.take(timeout);
}
void BoundedSemaphore::release(std::int64_t permits) const { semaphore_->release(permits); }
std::size_t BoundedSemaphore::get_value() const {
  return static_cast<std::size_t>(semaphore_->permits.left());
}

std::ostream& operator<<(std::ostream& out, const BoundedSemaphore& semaphore) {
  return out << "<BoundedSemaphore(value=" << semaphore.get_value()
             << ", maxvalue=" << semaphore.semaphore_->most << ")>";
}

}  // namespace threads
}  // namespace mp
