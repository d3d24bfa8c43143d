#pragma once

#include <algorithm>
#include <deque>
#include <utility>

#include "server/objects/event.h"

namespace mp::server {

// The commands that wait at one object, in order of arrival. `Detail` is what the object must know
// to serve one.
template <class Detail>
class Waiters {
 public:
  struct Waiter {
    Ticket ticket;
    Owner owner;
    Detail detail;
  };

  void push(const Call& call, Detail detail) {
    queue_.push_back({call.ticket(), call.caller(), std::move(detail)});
  }

  // The first waiter that may still be granted something; those whose session has ended are dropped
  // on the way.
  Waiter* front(const Event& event) {
    while (!queue_.empty() && !event.alive(queue_.front().owner.session)) queue_.pop_front();
    return queue_.empty() ? nullptr : &queue_.front();
  }
  Waiter pop() {
    Waiter waiter = std::move(queue_.front());
    queue_.pop_front();
    return waiter;
  }

  // Takes the waiter of this ticket out; false if there is none.
  bool remove(Ticket ticket) {
    // Waits of one length end in the order in which they began: the first is mostly the one.
    const auto at = std::ranges::find(queue_, ticket, &Waiter::ticket);
    if (at == queue_.end()) return false;
    queue_.erase(at);
    return true;
  }
  void remove_session(SessionId session) {
    std::erase_if(queue_, [&](const Waiter& w) { return w.owner.session == session; });
  }
  // Takes everybody out, answering each with `why`.
  void dissolve(const absl::Status& why, Event& event) {
    for (; !queue_.empty(); queue_.pop_front()) event.answer(queue_.front().ticket).fail(why);
  }

  bool empty() const { return queue_.empty(); }
  auto begin() const { return queue_.begin(); }
  auto end() const { return queue_.end(); }

 private:
  std::deque<Waiter> queue_;
};

}  // namespace mp::server
