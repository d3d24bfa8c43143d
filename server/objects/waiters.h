#pragma once

#include <algorithm>
#include <deque>
#include <utility>

#include "server/objects/step.h"

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
    push(call.ticket(), call.caller(), std::move(detail));
  }
  void push(Ticket ticket, Owner owner, Detail detail) {
    queue_.push_back({ticket, owner, std::move(detail)});
  }

  // The first waiter that may still be granted something; those whose session has ended are dropped
  // on the way.
  Waiter* front(const Step& step) {
    return front(step, [](const Detail&) {});
  }
  // The same, calling `dropped` with the detail of each that is, which may add waiters.
  template <class Dropped>
  Waiter* front(const Step& step, Dropped dropped) {
    while (!queue_.empty() && !step.alive(queue_.front().owner.session)) dropped(pop().detail);
    return queue_.empty() ? nullptr : &queue_.front();
  }
  Waiter pop() {
    Waiter waiter = std::move(queue_.front());
    queue_.pop_front();
    return waiter;
  }

  // Null if there is none.
  const Waiter* find(Ticket ticket) const {
    const auto at = std::ranges::find(queue_, ticket, &Waiter::ticket);
    return at == queue_.end() ? nullptr : &*at;
  }
  // The same, where it is mostly one that came late.
  const Waiter* find_from_end(Ticket ticket) const {
    const auto at = std::find_if(queue_.rbegin(), queue_.rend(),
                                 [&](const Waiter& waiter) { return waiter.ticket == ticket; });
    return at == queue_.rend() ? nullptr : &*at;
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
    remove_session(session, [](const Detail&) {});
  }
  // The same, calling `removed` with the detail of each.
  template <class Removed>
  void remove_session(SessionId session, Removed removed) {
    std::erase_if(queue_, [&](const Waiter& waiter) {
      if (waiter.owner.session != session) return false;
      removed(waiter.detail);
      return true;
    });
  }
  // Takes everybody out, answering each with `why`.
  void dissolve(const absl::Status& why, Step& step) {
    for (; !queue_.empty(); queue_.pop_front()) step.answer(queue_.front().ticket).fail(why);
  }

  // The same with those that meet the condition.
  template <class Condition>
  void dissolve_if(const absl::Status& why, Step& step, Condition condition) {
    std::erase_if(queue_, [&](const Waiter& waiter) {
      const bool meets = condition(waiter);
      if (meets) step.answer(waiter.ticket).fail(why);
      return meets;
    });
  }

  bool empty() const { return queue_.empty(); }
  std::size_t size() const { return queue_.size(); }
  auto begin() const { return queue_.begin(); }
  auto end() const { return queue_.end(); }

 private:
  std::deque<Waiter> queue_;
};

}  // namespace mp::server
