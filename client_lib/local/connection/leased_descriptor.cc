#include "client_lib/local/connection/leased_descriptor.h"

#include "mp/internal/fork_hooks.h"

namespace mp::internal {

LeasedDescriptor::Lease::~Lease() {
  if (owner_ != nullptr) owner_->end_use(generation_);
}

std::uint64_t LeasedDescriptor::this_generation() noexcept {
  return fork_generation() & (~std::uint64_t{0} >> kGenerationShift);
}

std::uint64_t LeasedDescriptor::without_lost_uses(std::uint64_t word) noexcept {
  const std::uint64_t now = this_generation();
  return generation_of(word) == now ? word : (now << kGenerationShift) | (word & kClosed);
}

std::optional<LeasedDescriptor::Lease> LeasedDescriptor::use() {
  std::uint64_t word = word_.load(std::memory_order_acquire);
  std::uint64_t wanted = 0;
  do {
    if ((word & kClosed) != 0) return std::nullopt;
    wanted = without_lost_uses(word) + 1;
  } while (!word_.compare_exchange_weak(word, wanted, std::memory_order_acq_rel));
  return Lease(this, generation_of(wanted));
}

void LeasedDescriptor::end_use(std::uint64_t generation) noexcept {
  std::uint64_t word = word_.load(std::memory_order_acquire);
  do {
    if (generation_of(word) != generation) return;
  } while (!word_.compare_exchange_weak(word, word - 1, std::memory_order_acq_rel));
  const std::uint64_t left = word - 1;
  if ((left & kClosed) != 0 && (left & kUses) == 0) Descriptor(fd_).close();
}

void LeasedDescriptor::close() noexcept {
  std::uint64_t word = word_.load(std::memory_order_acquire);
  std::uint64_t wanted = 0;
  do {
    wanted = without_lost_uses(word) | kClosed;
    if (wanted == word) return;
  } while (!word_.compare_exchange_weak(word, wanted, std::memory_order_acq_rel));
  // Closed before, with uses that were lost in a fork: the parent still has to close its own, and
  // this is the child's.
  const bool was_left_open = (word & kClosed) == 0 || (word & kUses) != 0;
  if (was_left_open && (wanted & kUses) == 0) Descriptor(fd_).close();
}

bool LeasedDescriptor::is_closed() const noexcept {
  return (word_.load(std::memory_order_acquire) & kClosed) != 0;
}

}  // namespace mp::internal
