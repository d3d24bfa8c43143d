#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include "server/engine/kept_outcomes.h"
#include "server/objects/step.h"

namespace mp::server {

// When which ticket falls due: a heap, earliest first, those of one moment in the order of their
// tickets.
//
// A timer whose waiter was served stays in the heap, since taking it out would cost more than
// finding, when it is due, that nobody wants it. drop_surplus() bounds how many there can be.
class Timers {
 public:
  struct Timer {
    Time when;
    Ticket ticket;
    ObjectId object;
    friend bool operator>(const Timer& a, const Timer& b) {
      return a.when != b.when ? a.when > b.when : a.ticket > b.ticket;
    }
  };

  void add(Timer timer) {
    heap_.push_back(timer);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }

  // Takes out the first timer that is due at `now`, if one is.
  std::optional<Timer> pop_due(Time now) {
    if (next() > now) return std::nullopt;
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    const Timer timer = heap_.back();
    heap_.pop_back();
    return timer;
  }

  // The end of time if there is none.
  Time next() const { return heap_.empty() ? Time::max() : heap_.front().when; }
  std::size_t size() const { return heap_.size(); }

  // Once the heap has doubled: drops every timer that is not wanted.
  template <class Wanted>
  void drop_surplus(Wanted wanted) {
    if (heap_.size() <= bound_) return;
    std::erase_if(heap_, [&](const Timer& timer) { return !wanted(timer); });
    std::make_heap(heap_.begin(), heap_.end(), std::greater<>());
    bound_ = std::max(kLeastBound, 2 * heap_.size());
  }

  static constexpr std::size_t kLeastBound = 1024;

 private:
  std::vector<Timer> heap_;
  std::size_t bound_ = kLeastBound;
};

}  // namespace mp::server
