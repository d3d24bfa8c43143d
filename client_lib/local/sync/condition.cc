#include "mp/local/condition.h"

#include <limits>
#include <ostream>
#include <string>
#include <utility>

#include "client_lib/local/shared/memory.h"
#include "client_lib/local/shared/shared_condition.h"
#include "client_lib/local/sync/lock_handle.h"
#include "mp/errors.h"

namespace mp {

namespace internal {

// What stands behind a Condition and its copies in this process.
struct ConditionHandle {
  const Block block;
  SharedCondition& shared;
  const std::shared_ptr<OwnedLockHandle> lock;
  const bool is_recursive;

  void require_lock(const char* verb) const {
    if (lock->is_mine()) return;
    throw NotOwnerError(std::string("condition ") + verb + ": its lock is not held");
  }
};

}  // namespace internal

using internal::Block;
using internal::ConditionHandle;
using internal::OwnedLockHandle;
using internal::SharedCondition;

namespace {

constexpr const char* kWhat = "a condition";

std::shared_ptr<ConditionHandle> make_handle(std::shared_ptr<OwnedLockHandle> lock,
                                             bool is_recursive) {
  const auto block = Block::make(sizeof(SharedCondition));
  auto& shared = internal::construct_in<SharedCondition>(block);
  return std::make_shared<ConditionHandle>(
      ConditionHandle{block, shared, std::move(lock), is_recursive});
}

}  // namespace

Condition::Condition() : Condition(RLock()) {}
Condition::Condition(const Lock& lock) : Condition(make_handle(lock.handle_, false)) {}
Condition::Condition(const RLock& lock) : Condition(make_handle(lock.handle_, true)) {}
Condition::Condition(std::shared_ptr<ConditionHandle> handle) : handle_(std::move(handle)) {}

bool Condition::take(internal::Timeout timeout) const { return handle_->lock->take(timeout); }
void Condition::release() const { handle_->lock->release(); }
bool Condition::locked() const { return handle_->lock->is_held(); }
std::uint64_t Condition::token() const { return handle_->lock->token(); }
bool Condition::previous_owner_died() const { return handle_->lock->previous_owner_died(); }

bool Condition::wait(TimeLimit timeout) const {
  handle_->require_lock("wait");
  const auto deadline = internal::deadline_after(timeout.nanoseconds());
  auto& sleeper = handle_->shared.enter();
  const std::size_t count = handle_->lock->release_all();
  handle_->shared.sleep(sleeper, deadline);
  handle_->lock->take_back(count);
  return handle_->shared.leave(sleeper);
}

std::size_t Condition::notify(std::int64_t waiters) const {
  if (waiters < 1)
    throw ValueError("condition notify: cannot wake " + std::to_string(waiters) + " waiters");
  handle_->require_lock("notify");
  return handle_->shared.notify(static_cast<std::size_t>(waiters));
}

std::size_t Condition::notify_all() const {
  handle_->require_lock("notify_all");
  return handle_->shared.notify(std::numeric_limits<std::size_t>::max());
}

internal::ConditionTicket Condition::pack() const {
  return {handle_->block.pack(kWhat), handle_->lock->block().pack(kWhat), handle_->is_recursive};
}

Condition Condition::unpack(const internal::ConditionTicket& ticket) {
  const auto block = Block::unpack(kWhat, ticket.condition);
  auto& shared = internal::object_in<SharedCondition>(block);
  std::shared_ptr<OwnedLockHandle> lock;
  if (ticket.is_recursive) {
    lock = RLock::unpack(ticket.lock).handle_;
  } else {
    lock = Lock::unpack(ticket.lock).handle_;
  }
  return Condition(std::make_shared<ConditionHandle>(
      ConditionHandle{block, shared, std::move(lock), ticket.is_recursive}));
}

std::ostream& operator<<(std::ostream& out, const Condition& condition) {
  const ConditionHandle& handle = *condition.handle_;
  out << "<Condition(";
  handle.lock->print(out);
  return out << ", " << handle.shared.waiting() << ")>";
}

}  // namespace mp
