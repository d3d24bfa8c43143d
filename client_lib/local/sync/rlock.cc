#include "mp/local/rlock.h"

#include <ostream>
#include <utility>

#include "client_lib/local/sync/lock_handle.h"

namespace mp {

using internal::Block;
using internal::RLockHandle;
using internal::SharedRLock;

namespace {

constexpr const char* kWhat = "an rlock";

std::shared_ptr<RLockHandle> make_handle() {
  const auto block = Block::make(sizeof(SharedRLock));
  return std::make_shared<RLockHandle>(block, internal::construct_in<SharedRLock>(block));
}

}  // namespace

RLock::RLock() : RLock(make_handle()) {}
RLock::RLock(std::shared_ptr<RLockHandle> handle) : handle_(std::move(handle)) {}

bool RLock::take(internal::Timeout timeout) const { return handle_->take(timeout); }
void RLock::release() const { handle_->release(); }
bool RLock::locked() const { return handle_->is_held(); }
std::size_t RLock::count() const { return handle_->count(); }
std::uint64_t RLock::token() const { return handle_->token(); }
bool RLock::previous_owner_died() const { return handle_->previous_owner_died(); }

internal::BlockTicket RLock::pack() const { return handle_->block().pack(kWhat); }

RLock RLock::unpack(const internal::BlockTicket& ticket) {
  const auto block = Block::unpack(kWhat, ticket);
  return RLock(std::make_shared<RLockHandle>(block, internal::object_in<SharedRLock>(block)));
}

std::ostream& operator<<(std::ostream& out, const RLock& lock) {
  lock.handle_->print(out);
  return out;
}

}  // namespace mp
