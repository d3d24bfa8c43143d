#include "client_lib/local/shared/shared_permits.h"

#include <algorithm>
#include <new>

#include "client_lib/local/shared/identity.h"

namespace mp::internal {

std::uint64_t SharedPermits::owners_for(std::uint64_t bound) {
  return std::min(bound, kMostOwners);
}

std::size_t SharedPermits::size_for(std::uint64_t bound) {
  return sizeof(SharedPermits) + owners_for(bound) * sizeof(Owner);
}

SharedPermits::SharedPermits(std::uint64_t bound) : bound_(bound) {
  static_assert(sizeof(SharedPermits) % alignof(Owner) == 0);
  for (std::uint64_t i = 0; i < owners_for(bound); ++i) new (first_owner() + i) Owner;
  InMonitor in(monitor_);
  in.set(value_, bound);
  in.commit();
}

SharedPermits::Acquired SharedPermits::acquire(Deadline deadline) {
  Acquired result = Acquired::kNo;
  wait_in_line(monitor_, line_, deadline,
               [&](InMonitor& in, bool closely) { return attempt(in, closely, result); });
  return result;
}

Attempt SharedPermits::attempt(InMonitor& in, bool closely, Acquired& result) {
  if (value_.get() == 0 && closely) take_back_from_the_dead(in);
  if (value_.get() == 0) return Attempt::kFailed;
  if (!is_signal(in)) own(in, find(this_process().word));
  in.set(value_, value_.get() - 1);
  result = returned_.get() == 0 ? Acquired::kYes : Acquired::kFromTheDead;
  if (returned_.get() != 0) in.set(returned_, returned_.get() - 1);
  return value_.get() > 0 ? Attempt::kTakenAndMoreLeft : Attempt::kTaken;
}

void SharedPermits::own(InMonitor& in, Owner* owner) {
  if (owner == nullptr) owner = free_owner();
  if (owner == nullptr) {
    take_back_from_the_dead(in);
    owner = free_owner();
  }
  if (owner == nullptr) {
    in.set(is_signal_, 1);
    return;
  }
  if (owner == owners().data() + owners().size()) in.add(owners_in_use_, 1);
  in.set(owner->who, this_process().word);
  in.add(owner->permits, 1);
}

SharedPermits::Owner* SharedPermits::find(std::uint64_t who) {
  const auto found =
      std::ranges::find_if(owners(), [&](const Owner& owner) { return owner.who.get() == who; });
  return found == owners().end() ? nullptr : &*found;
}

// May be the one behind those in use.
SharedPermits::Owner* SharedPermits::free_owner() {
  if (Owner* const free = find(0)) return free;
  const auto used = owners_in_use_.get();
  return used < owners_for(bound_) ? first_owner() + used : nullptr;
}

bool SharedPermits::release(std::uint64_t permits) {
  Line::Place* next = nullptr;
  bool is_done = false;
  {
    InMonitor in(monitor_);
    is_done = release_mine(in, permits);
    if (value_.get() > 0) next = line_.offer(in);
    in.commit();
  }
  if (next != nullptr) Line::ring(*next);
  return is_done;
}

bool SharedPermits::release_mine(InMonitor& in, std::uint64_t permits) {
  if (permits > bound_) return false;
  Owner* const owner = is_signal(in) ? nullptr : find(this_process().word);
  const std::uint64_t held = owner == nullptr ? 0 : owner->permits.get();
  if (!is_signal(in) && held < permits) take_back_from_the_dead(in);
  if (permits > bound_ - value_.get()) return false;
  in.add(value_, permits);
  if (is_signal(in)) return true;
  if (owner == nullptr || held < permits) {
    in.set(is_signal_, 1);
  } else {
    in.set(owner->permits, held - permits);
    if (held == permits) in.set(owner->who, 0);
  }
  return true;
}

std::uint64_t SharedPermits::value() {
  Line::Place* next = nullptr;
  std::uint64_t value = 0;
  {
    InMonitor in(monitor_);
    take_back_from_the_dead(in);
    value = value_.get();
    if (value > 0) next = line_.offer(in);
    in.commit();
  }
  if (next != nullptr) Line::ring(*next);
  return value;
}

bool SharedPermits::is_signal() {
  const InMonitor in(monitor_);
  return is_signal(in);
}

void SharedPermits::take_back_from_the_dead(InMonitor& in) {
  if (is_signal(in)) return;
  for (Owner& owner : owners()) {
    if (owner.who.get() == 0 || is_running({owner.who.get()})) continue;
    in.add(value_, owner.permits.get());
    in.add(returned_, owner.permits.get());
    in.set(owner.permits, 0);
    in.set(owner.who, 0);
    in.commit();
  }
}

}  // namespace mp::internal
