#include "mp/internal/shared_data.h"

#include <atomic>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <utility>

#include "client_lib/local/shared/memory.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

// The number, from 1, of the item that is being set; 0: none.
using Pending = std::atomic<std::uint64_t>;

std::size_t items_size(const ItemType& type, std::size_t count) {
  constexpr std::size_t kMost = std::numeric_limits<std::ptrdiff_t>::max() / 4;
  if (count > kMost / type.size)
    throw MemoryError("cannot reserve " + std::to_string(count) + " times " +
                      std::to_string(type.size) + " bytes to share");
  constexpr std::size_t kStep = Block::kAlignment;
  return (count * type.size + kStep - 1) / kStep * kStep;
}

std::size_t block_size(const ItemType& type, std::size_t count) {
  const std::size_t items = items_size(type, count);
  if (type.is_lock_free) return items;
  return items + Block::kAlignment + type.size;
}

Pending& pending_before(std::byte* second_place) {
  return *std::launder(reinterpret_cast<Pending*>(second_place - Block::kAlignment));
}

// A process may be killed between any two instructions, and what it did before is seen by all: only
// the compiler must keep the order.
void before_what_follows() { std::atomic_signal_fence(std::memory_order_seq_cst); }

}  // namespace

SharedData::SharedData(const ItemType& type, std::size_t count, AssociatedLock lock)
    : SharedData(type, count, std::move(lock), Block::make(block_size(type, count))) {
  if (!type_.is_lock_free) new (begin_ + items_size(type_, count_)) Pending(0);
}

SharedData::SharedData(const ItemType& type, std::size_t count, AssociatedLock lock,
                       const Block& block)
    : type_(type),
      begin_(block.data()),
      count_(count),
      lock_(std::move(lock)),
      keeper_(std::make_shared<const Block>(block)) {}

SharedData SharedData::with(const char* owner, AssociatedLock lock) const {
  SharedData same = *this;
  same.type_.owner = owner;
  same.lock_ = std::move(lock);
  return same;
}

const AssociatedLock& SharedData::get_lock() const {
  if (lock_.exists()) return lock_;
  throw AttributeError(std::string(type_.owner) + " that was made without a lock has none");
}

bool SharedData::take(Timeout timeout) const {
  const AssociatedLock& lock = get_lock();
  if (!(timeout ? lock.acquire(TimeLimit(*timeout)) : lock.acquire())) return false;
  finish_what_the_dead_began();
  return true;
}

void SharedData::release() const { get_lock().release(); }

std::byte* SharedData::second_place() const {
  return begin_ + items_size(type_, count_) + Block::kAlignment;
}

void SharedData::finish_what_the_dead_began() const {
  if (!has_second_place()) return;
  Pending& pending = pending_before(second_place());
  const std::uint64_t number = pending.load(std::memory_order_relaxed);
  if (number == 0 || number > count_) return;
  std::memcpy(begin_ + (number - 1) * type_.size, second_place(), type_.size);
  before_what_follows();
  pending.store(0, std::memory_order_relaxed);
}

void SharedData::put(void* item, const void* from) const {
  if (!has_second_place()) {
    std::memcpy(item, from, type_.size);
    return;
  }
  const auto offset = static_cast<std::size_t>(static_cast<std::byte*>(item) - begin_);
  std::memcpy(second_place(), from, type_.size);
  before_what_follows();
  pending_before(second_place()).store(offset / type_.size + 1, std::memory_order_relaxed);
  before_what_follows();
  finish_what_the_dead_began();
}

void SharedData::get_item(const void* item, void* to) const {
  const Held held(*this);
  std::memcpy(to, item, type_.size);
}

void SharedData::set_item(void* item, const void* from) const {
  const Held held(*this);
  put(item, from);
}

void SharedData::exchange_item(void* item, const void* from, void* to) const {
  const Held held(*this);
  std::memcpy(to, item, type_.size);
  put(item, from);
}

SharedDataTicket SharedData::pack() const {
  return {.block = keeper_->pack(type_.owner),
          .count = count_,
          .item_size = type_.size,
          .typecode = static_cast<unsigned char>(type_.typecode),
          .lock = lock_};
}

SharedData SharedData::unpack(const ItemType& type, const SharedDataTicket& ticket) {
  if (ticket.item_size != type.size || ticket.typecode != static_cast<unsigned char>(type.typecode))
    throw TypeError(std::string(type.owner) +
                    " of this type was expected, one of another was sent");
  const auto block = Block::unpack(type.owner, ticket.block);
  require_size(block, block_size(type, ticket.count));
  return {type, ticket.count, ticket.lock, block};
}

Held::Held(const SharedData& data) : data_(data) {
  if (data_.lock_.exists()) static_cast<void>(data_.take(std::nullopt));
}

Held::~Held() {
  if (data_.lock_.exists()) data_.lock_.unlock();
}

}  // namespace mp::internal
