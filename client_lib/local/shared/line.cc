#include "client_lib/local/shared/line.h"

#include <algorithm>
#include <utility>

namespace mp::internal {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

bool is_past(std::uint64_t time, nanoseconds by) {
  return now_word() > time + static_cast<std::uint64_t>(by.count());
}

bool is_past(Deadline deadline) {
  return deadline && (*deadline == kAtOnce || *deadline <= steady_clock::now());
}

}  // namespace

std::uint64_t now_word() {
  const nanoseconds now = steady_clock::now().time_since_epoch();
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(now.count()));
}

Line::Place* Line::free_place() {
  const auto free =
      std::ranges::find_if(places_, [](const Place& place) { return place.ticket.get() == 0; });
  return free == places_.end() ? nullptr : &*free;
}

Line::Place* Line::enter(InMonitor& in) {
  Place* const free = free_place();
  if (free == nullptr) return nullptr;
  in.add(last_ticket_, 1);
  in.add(count_, 1);
  in.set(free->ticket, last_ticket_.get());
  in.set(free->who, this_process().word);
  in.set(free->since, now_word());
  in.set(free->offered, 0);
  in.set(free->passed_over, 0);
  in.set(free->asked, 0);
  return free;
}

void Line::leave(InMonitor& in, Place& place) {
  in.set(place.ticket, 0);
  in.add(count_, ~std::uint64_t{0});
}

Line::Place* Line::first() {
  if (is_empty()) return nullptr;
  Place* first = nullptr;
  const auto rank = [](const Place& place) {
    return std::pair(place.passed_over.get(), place.ticket.get());
  };
  for_each([&](Place& place) {
    if (first == nullptr || rank(place) < rank(*first)) first = &place;
  });
  return first;
}

bool Line::may_go(InMonitor& in, const Place* place) {
  for (;;) {
    Place* const before = first();
    if (before == nullptr || before == place || before->passed_over.get() != 0) return true;
    if (!is_past(before->since.get(), kPatience)) return true;
    if (before->offered.get() == 0 || !is_past(before->offered.get(), kGrace)) return false;
    if (is_running({before->who.get()})) {
      in.set(before->passed_over, 1);
    } else {
      leave(in, *before);
    }
    in.commit();
  }
}

void Line::drop_dead_firsts(InMonitor& in) {
  for (Place* place = first(); place != nullptr && !is_running({place->who.get()});
       place = first()) {
    leave(in, *place);
    in.commit();
  }
}

void Line::drop_all_the_dead(InMonitor& in) {
  for_each([&](Place& place) {
    if (is_running({place.who.get()})) return;
    leave(in, place);
    in.commit();
  });
}

Line::Place* Line::offer_to_first(InMonitor& in) {
  Place* const place = first();
  if (place->offered.get() != 0) return nullptr;
  in.set(place->offered, now_word());
  return place;
}

Wait::Wait(Monitor& monitor, Line& line, Deadline deadline)
    : monitor_(monitor),
      line_(line),
      deadline_(deadline),
      looks_closely_(is_past(deadline)),
      is_over_(looks_closely_) {}

Wait::~Wait() {
  if (place_ != nullptr) {
    Line::Place* next = nullptr;
    {
      InMonitor in(monitor_);
      const bool was_offered = place_->offered.get() != 0;
      leave(in);
      if (was_offered) next = line_.offer(in);  // what was ours to take is the next one's
      in.commit();
    }
    if (next != nullptr) Line::ring(*next);
  }
  // Who gives up in the lobby may have been rung.
  if (has_room_for_the_lobby_ || is_in_lobby()) line_.ring_the_lobby();
}

void Wait::leave(InMonitor& in) {
  has_room_for_the_lobby_ = line_.size() == Line::kPlaces;
  line_.leave(in, *place_);
  place_ = nullptr;
}

Line::Place* Wait::succeed(InMonitor& in, Attempt attempt) {
  if (place_ != nullptr) leave(in);
  Line::Place* const next = attempt == Attempt::kTakenAndMoreLeft ? line_.offer(in) : nullptr;
  in.commit();
  return next;
}

Line::Place* Wait::stay(InMonitor& in) {
  if (place_ == nullptr) {
    if (looks_closely_ && line_.size() == Line::kPlaces) line_.drop_all_the_dead(in);
    place_ = line_.enter(in);
    if (bell_ == nullptr) look_at_ = steady_clock::now() + interval_;
    // Who comes from the lobby lets the next one out of it, if several places came free at once.
    has_room_for_the_lobby_ = is_in_lobby() && place_ != nullptr && line_.size() < Line::kPlaces;
  }
  if (place_ != nullptr) {
    // We have looked: whoever changes something has to tell us again.
    in.set(place_->offered, 0);
    in.set(place_->passed_over, 0);
    in.set(place_->asked, 0);
  }
  in.commit();
  bell_ = place_ == nullptr ? &line_.lobby() : &place_->bell;
  heard_ = bell_->load(std::memory_order_acquire);
  return looks_closely_ ? look_around(in) : nullptr;
}

// Should there be something for the first and nobody who says so, since who would have to has died,
// the others do, and look soon whether it came: one that is stopped is passed over then. One that
// comes looks whether a dead one holds what it waits for.
Line::Place* Wait::look_around(InMonitor& in) {
  Line::Place* const first = line_.first();
  const bool was_first = std::exchange(is_first_, first == place_);
  if (is_first_) {
    if (!was_first) {
      interval_ = Line::kFirstLook;
      look_at_ = std::min(look_at_, steady_clock::now() + interval_);
    }
    return nullptr;
  }
  if (std::exchange(asked_, nullptr) == first) return nullptr;
  asked_ = first;
  if (first != nullptr) in.set(first->asked, 1);
  Line::Place* const next = line_.offer(in);
  in.commit();
  look_at_ = std::min(look_at_, steady_clock::now() + Line::kGrace);
  return next;
}

void Wait::sleep() {
  if (std::exchange(has_room_for_the_lobby_, false)) line_.ring_the_lobby();
  futex_wait(*bell_, heard_, deadline_ ? std::min(look_at_, *deadline_) : look_at_);
  const auto now = steady_clock::now();
  is_over_ = deadline_ && *deadline_ <= now;
  looks_closely_ = is_over_ || look_at_ <= now;
  if (look_at_ > now) return;
  interval_ = std::min(2 * interval_, is_first_ ? Line::kFirstsInterval : Line::kOthersInterval);
  look_at_ = now + interval_;
}

}  // namespace mp::internal
