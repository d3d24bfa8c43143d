#include "mp/local/lock.h"

#include <ostream>
#include <utility>

#include "client_lib/local/process/uncaught.h"
#include "client_lib/local/sync/lock_handle.h"

namespace mp {

namespace internal {

void report_failed_release(const std::exception& error) noexcept { report(error.what()); }

}  // namespace internal

using internal::Block;
using internal::LockHandle;
using internal::SharedLock;

namespace {

constexpr const char* kWhat = "a lock";

std::shared_ptr<LockHandle> make_handle() {
  const auto block = Block::make(sizeof(SharedLock));
  return std::make_shared<LockHandle>(block, internal::construct_in<SharedLock>(block));
}

}  // namespace

Lock::Lock() : Lock(make_handle()) {}
Lock::Lock(std::shared_ptr<LockHandle> handle) : handle_(std::move(handle)) {}

bool Lock::take(internal::Timeout timeout) const { return handle_->take(timeout); }
void Lock::release() const { handle_->release(); }
bool Lock::locked() const { return handle_->is_held(); }
std::uint64_t Lock::token() const { return handle_->token(); }
bool Lock::previous_owner_died() const { return handle_->previous_owner_died(); }

internal::BlockTicket Lock::pack() const { return handle_->block().pack(kWhat); }

Lock Lock::unpack(const internal::BlockTicket& ticket) {
  const auto block = Block::unpack(kWhat, ticket);
  return Lock(std::make_shared<LockHandle>(block, internal::object_in<SharedLock>(block)));
}

std::ostream& operator<<(std::ostream& out, const Lock& lock) {
  lock.handle_->print(out);
  return out;
}

}  // namespace mp
