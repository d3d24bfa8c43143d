#include "mp/local/semaphore.h"

#include <atomic>
#include <ostream>
#include <string>
#include <utility>

#include "client_lib/local/shared/memory.h"
#include "client_lib/local/shared/shared_permits.h"
#include "client_lib/local/shared/shared_semaphore.h"
#include "mp/errors.h"

namespace mp {

using internal::Block;
using internal::BlockTicket;
using internal::deadline_after;
using internal::SharedPermits;
using internal::SharedSemaphore;
using internal::Timeout;

namespace internal {

// What stands behind a semaphore and its copies in this process.
struct SemaphoreHandle {
  bool acquire_in_line(const Timeout& timeout) {
    const bool does_not_wait = timeout && *timeout <= timeout->zero();
    if (does_not_wait && shared.value() == 0) return false;  // nobody need look again
    return shared.acquire(deadline_after(timeout));
  }

  const Block block;
  SharedSemaphore& shared;
};

struct BoundedSemaphoreHandle {
  BoundedSemaphoreHandle(Block given, SharedPermits& in_it)
      : block(std::move(given)), shared(in_it) {}

  const Block block;
  SharedPermits& shared;
  std::atomic<bool> previous_owner_died = false;  // of the last grant to this process
};

}  // namespace internal

using internal::BoundedSemaphoreHandle;
using internal::SemaphoreHandle;

namespace {

constexpr const char* kSemaphore = "a semaphore";
constexpr const char* kBoundedSemaphore = "a bounded semaphore";

std::uint64_t checked_value(std::int64_t value) {
  if (value >= 0 && static_cast<std::uint64_t>(value) <= SharedSemaphore::kMost)
    return static_cast<std::uint64_t>(value);
  throw ValueError("a semaphore cannot have " + std::to_string(value) + " permits");
}

std::uint64_t checked_permits(std::int64_t permits) {
  if (permits >= 1) return static_cast<std::uint64_t>(permits);
  throw ValueError("cannot release " + std::to_string(permits) + " permits");
}

std::shared_ptr<SemaphoreHandle> make_semaphore(std::uint64_t value) {
  const auto block = Block::make(sizeof(SharedSemaphore));
  auto& shared = internal::construct_in<SharedSemaphore>(block, value);
  return std::make_shared<SemaphoreHandle>(SemaphoreHandle{block, shared});
}

std::shared_ptr<BoundedSemaphoreHandle> make_bounded(std::uint64_t value) {
  const auto block = Block::make(SharedPermits::size_for(value));
  auto& shared = internal::construct_in<SharedPermits>(block, value);
  return std::make_shared<BoundedSemaphoreHandle>(block, shared);
}

}  // namespace

Semaphore::Semaphore(std::int64_t value) : Semaphore(make_semaphore(checked_value(value))) {}
Semaphore::Semaphore(std::shared_ptr<SemaphoreHandle> handle) : handle_(std::move(handle)) {}

bool Semaphore::take(Timeout timeout) const {
  return handle_->shared.acquire_free() || handle_->acquire_in_line(timeout);
}

void Semaphore::release(std::int64_t permits) const {
  if (!handle_->shared.release(checked_permits(permits)))
    throw ValueError("cannot release " + std::to_string(permits) + " permits: there are " +
                     std::to_string(get_value()));
}

std::size_t Semaphore::get_value() const { return handle_->shared.value(); }

BlockTicket Semaphore::pack() const { return handle_->block.pack(kSemaphore); }

Semaphore Semaphore::unpack(const BlockTicket& ticket) {
  const auto block = Block::unpack(kSemaphore, ticket);
  auto& shared = internal::object_in<SharedSemaphore>(block);
  return Semaphore(std::make_shared<SemaphoreHandle>(SemaphoreHandle{block, shared}));
}

std::ostream& operator<<(std::ostream& out, const Semaphore& semaphore) {
  return out << "<Semaphore(value=" << semaphore.get_value() << ")>";
}

BoundedSemaphore::BoundedSemaphore(std::int64_t value)
    : BoundedSemaphore(make_bounded(checked_value(value))) {}
BoundedSemaphore::BoundedSemaphore(std::shared_ptr<BoundedSemaphoreHandle> handle)
    : handle_(std::move(handle)) {}

bool BoundedSemaphore::take(Timeout timeout) const {
  using Acquired = SharedPermits::Acquired;
  const Acquired result = handle_->shared.acquire(deadline_after(timeout));
  if (result == Acquired::kNo) return false;
  handle_->previous_owner_died.store(result == Acquired::kFromTheDead, std::memory_order_relaxed);
  return true;
}

void BoundedSemaphore::release(std::int64_t permits) const {
  const SharedPermits& shared = handle_->shared;
  if (!handle_->shared.release(checked_permits(permits)))
    throw ValueError("cannot release " + std::to_string(permits) +
                     " permits: a bounded semaphore never has more than " +
                     std::to_string(shared.bound()));
}

std::size_t BoundedSemaphore::get_value() const { return handle_->shared.value(); }
bool BoundedSemaphore::is_signal() const { return handle_->shared.is_signal(); }
bool BoundedSemaphore::previous_owner_died() const {
  return handle_->previous_owner_died.load(std::memory_order_relaxed);
}

BlockTicket BoundedSemaphore::pack() const { return handle_->block.pack(kBoundedSemaphore); }

BoundedSemaphore BoundedSemaphore::unpack(const BlockTicket& ticket) {
  const auto block = Block::unpack(kBoundedSemaphore, ticket);
  auto& shared = internal::object_in<SharedPermits>(block);
  internal::require_size(block, SharedPermits::size_for(shared.bound()));
  return BoundedSemaphore(std::make_shared<BoundedSemaphoreHandle>(block, shared));
}

std::ostream& operator<<(std::ostream& out, const BoundedSemaphore& semaphore) {
  return out << "<BoundedSemaphore(value=" << semaphore.get_value()
             << ", maxvalue=" << semaphore.handle_->shared.bound() << ")>";
}

}  // namespace mp
