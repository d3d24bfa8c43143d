#include "client_lib/local/shared/shared_condition.h"

#include <algorithm>
#include <limits>
#include <string>

#include "client_lib/local/shared/identity.h"
#include "client_lib/local/shared/line.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

using std::chrono::steady_clock;

constexpr auto kAnyTime = std::numeric_limits<std::uint64_t>::max();

bool is_past(std::uint64_t time, std::chrono::nanoseconds by) {
  return now_word() > time + static_cast<std::uint64_t>(by.count());
}

bool is_dead(const SharedCondition::Sleeper& sleeper) { return !is_running({sleeper.who.get()}); }

}  // namespace

void SharedCondition::Bells::ring() const {
  for (std::size_t i = 0; i < count_; ++i) {
    sleepers_[i]->bell.fetch_add(1, std::memory_order_release);
    futex_wake(sleepers_[i]->bell);
  }
}

// May be the one behind those in use.
SharedCondition::Sleeper* SharedCondition::free_place() {
  const auto used = places();
  const auto free =
      std::ranges::find_if(used, [](const Sleeper& place) { return place.ticket.get() == 0; });
  if (free != used.end()) return &*free;
  return used.size() < kPlaces ? &places_[used.size()] : nullptr;
}

SharedCondition::Sleeper* SharedCondition::first(std::uint64_t until) {
  Sleeper* first = nullptr;
  for (Sleeper& place : places()) {
    if (place.ticket.get() == 0 || place.notified.get() != 0 || place.since.get() > until) continue;
    if (first == nullptr || place.ticket.get() < first->ticket.get()) first = &place;
  }
  return first;
}

SharedCondition::Sleeper& SharedCondition::enter() {
  Bells bells;
  {
    InMonitor in(monitor_);
    if (free_place() == nullptr) bury_the_dead(in, Which::kAnybody, bells);
  }
  bells.ring();
  InMonitor in(monitor_);
  Sleeper* const place = free_place();
  if (place == nullptr)
    throw LimitExceeded("condition wait: " + std::to_string(kPlaces) + " wait already");
  if (place == places_.data() + in_use_.get()) in.add(in_use_, 1);
  in.add(last_ticket_, 1);
  in.set(place->ticket, last_ticket_.get());
  in.set(place->who, this_process().word);
  in.set(place->since, now_word());
  in.set(place->notified, 0);
  in.commit();
  return *place;
}

void SharedCondition::remove(InMonitor& in, Sleeper& sleeper) {
  in.set(sleeper.ticket, 0);
  auto used = in_use_.get();
  while (used > 0 && places_[used - 1].ticket.get() == 0) --used;
  if (used != in_use_.get()) in.set(in_use_, used);
}

bool SharedCondition::leave(Sleeper& sleeper) {
  InMonitor in(monitor_);
  const bool was_notified = sleeper.notified.get() != 0;
  remove(in, sleeper);
  in.commit();
  return was_notified;
}

void SharedCondition::sleep(Sleeper& sleeper, Deadline deadline) {
  std::chrono::milliseconds interval = kFirstLook;
  auto look_at = steady_clock::now() + interval;
  bool looks = false;
  for (;;) {
    Bells bells;
    std::uint32_t heard = 0;
    bool is_notified = false;
    {
      InMonitor in(monitor_);
      is_notified = sleeper.notified.get() != 0;
      if (!is_notified && looks) bury_the_dead(in, Which::kNotified, bells);
      heard = sleeper.bell.load(std::memory_order_acquire);
    }
    bells.ring();
    const auto now = steady_clock::now();
    if (is_notified || (deadline && *deadline <= now)) return;
    looks = false;
    futex_wait(sleeper.bell, heard, deadline ? std::min(look_at, *deadline) : look_at);
    if (look_at > steady_clock::now()) continue;
    looks = true;
    interval = std::min(2 * interval, kLongestInterval);
    look_at = steady_clock::now() + interval;
  }
}

std::size_t SharedCondition::notify(std::size_t most) {
  std::size_t total = 0;
  for (;;) {
    Bells bells;
    {
      InMonitor in(monitor_);
      notify(in, most - total, bells);
    }
    bells.ring();
    total += bells.size();
    if (total == most || !bells.is_full()) return total;
  }
}

// Whoever sleeps for a while may be dead; of the others this is not asked, since it takes longer
// than to wake them. Should one be, those that sleep find out.
void SharedCondition::notify(InMonitor& in, std::size_t most, Bells& bells) {
  while (bells.size() < most && !bells.is_full()) {
    Sleeper* const next = first(kAnyTime);
    if (next == nullptr) return;
    if (is_past(next->since.get(), kFirstLook) && is_dead(*next)) {
      bury(in, *next, bells);
      continue;
    }
    in.set(next->notified, now_word());
    in.commit();
    bells.add(*next);
  }
}

void SharedCondition::bury(InMonitor& in, Sleeper& dead, Bells& bells) {
  const auto notified = dead.notified.get();
  Sleeper* const heir = notified == 0 ? nullptr : first(notified);
  if (heir != nullptr) {
    in.set(heir->notified, notified);
    bells.add(*heir);
  }
  remove(in, dead);
  in.commit();
}

void SharedCondition::bury_the_dead(InMonitor& in, Which which, Bells& bells) {
  for (Sleeper& place : places()) {
    if (bells.is_full()) return;
    if (place.ticket.get() == 0) continue;
    const auto notified = place.notified.get();
    if (which == Which::kNotified && (notified == 0 || !is_past(notified, kFirstLook))) continue;
    if (is_dead(place)) bury(in, place, bells);
  }
}

std::size_t SharedCondition::waiting() {
  InMonitor in(monitor_);
  return static_cast<std::size_t>(std::ranges::count_if(places(), [](const Sleeper& place) {
    return place.ticket.get() != 0 && place.notified.get() == 0;
  }));
}

}  // namespace mp::internal
