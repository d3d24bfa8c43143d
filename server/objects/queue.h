#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mp/v1/queue.pb.h"
#include "server/objects/object.h"
#include "server/objects/operations.h"
#include "server/objects/queued_items.h"
#include "server/objects/unconfirmed.h"
#include "server/objects/waiters.h"

namespace mp::server {

// A queue, bounded or not, that serves getters and putters in order of arrival, and gives its items
// in one of several orders.
//
//           shutdown, or the               shutdown(immediate)
//           last producer gone
//   open ───────────────────────► draining ────────────────────► dropped
//     │    puts fail                gets fail once it is empty      ▲   gets fail
//     │                             and nothing may come back       │
//     └─────────────────────────────────────────────────────────────┘
//                         shutdown(immediate)
//
// An item that was given, but never reached its getter, comes back to its old place; where the
// queue delivers until confirmed, so does one that was not confirmed when its getter's session
// ended. After its last delivery it does not, but goes to the queue for dead letters, which is in
// the same shard; without one, or if that takes no more, it is dropped, and counted.
//
// An item that was put with a delay enters the queue when that is over.
//
// Invariant: the numbers of the items count from 1 in the order in which they entered the queue.
// Invariant: alarm_ rings when the first of delayed_ is due, or before.
// Invariant: dropped has no items.
// Invariant, after settle(): the first putter waits only while open and without room for it,
// getters only while empty and either open, or draining and an item is yet to enter, or somebody
// else has one that may come back; joiners only while a task is unfinished.
class Queue final : public Object {
 public:
  static absl::StatusOr<std::unique_ptr<Queue>> create(const v1::QueueCreateRequest&,
                                                       const ObjectLimits&,
                                                       const Related& dead_letters);
  static Target related(const v1::QueueCreateRequest&);
  static std::span<const Operation> operations();

  Queue(const v1::QueueCreateRequest& request, std::shared_ptr<Queue> dead_letters,
        std::uint64_t dead_letters_id);

  absl::Status require_match(const v1::QueueCreateRequest&, const Related& dead_letters) const;

  // Items (queue.cc; how it is made: queue_options.cc).
  absl::Status put(const v1::QueuePutRequest&, v1::QueuePutReply&, Call&);
  absl::Status put_many(const v1::QueuePutManyRequest&, v1::QueuePutManyReply&, Call&);
  absl::Status get(const v1::QueueGetRequest&, v1::QueueGetReply&, Call&);
  absl::Status get_many(const v1::QueueGetManyRequest&, v1::QueueGetManyReply&, Call&);
  absl::Status size(const v1::QueueSizeRequest&, v1::QueueSizeReply&, Call&) const;
  absl::Status shutdown(const v1::QueueShutdownRequest&, v1::QueueShutdownReply&, Call&);

  // Tasks, deliveries and producers (queue_tasks.cc).
  absl::Status task_done(const v1::QueueTaskDoneRequest&, v1::QueueTaskDoneReply&, Call&);
  absl::Status join(const v1::QueueJoinRequest&, v1::QueueJoinReply&, Call&);
  absl::Status confirm(const v1::QueueConfirmRequest&, v1::QueueConfirmReply&, Call&);
  absl::Status enlist(const v1::QueueEnlistRequest&, v1::QueueEnlistReply&, Call&);
  absl::Status leave(const v1::QueueLeaveRequest&, v1::QueueLeaveReply&, Call&);

  void settle(Step&) override;
  void expire(Ticket, Step&) override;
  bool awaits_alarm(Ticket ticket) const override { return alarm_ != 0 && alarm_ == ticket; }
  void abandon(Ticket) override;
  void owner_gone(SessionId, Step&) override;
  void take_back(const v1::Outcome&, Owner) override;
  void dissolve(const absl::Status& why, Step&) override;
  Object* companion() override { return dead_letters_.get(); }

  std::uint64_t length() const override { return items_.size(); }
  std::size_t heap_bytes() const override;
  std::string note() const override;
  void visit_refs(const std::function<void(std::uint64_t)>& visit) const override;

 private:
  enum class State : std::uint8_t { kOpen, kDraining, kDropped };
  using Item = QueuedItem;
  struct NoDetail {};
  // How the waiting command asked, and so is answered.
  enum class Form : std::uint8_t { kOne, kMany };
  struct Offered {
    Form form;
    std::vector<Value> values;
    std::optional<Time> due;  // when they are to enter the queue; none: at once
  };
  struct Wanted {
    Form form;
    std::uint64_t max;
  };

  absl::Status put_all(Offered offered, std::optional<Duration> timeout, Call&);
  absl::Status get_some(Wanted wanted, std::optional<Duration> timeout, Call&);
  bool has_room(std::size_t more) const {
    // More than full: items came back.
    return maxsize_ == 0 || items_.size() + delayed_.size() + more <= maxsize_;
  }
  // Whether there is no order among the items for one of the values: TYPE_ERROR, and nothing has
  // changed.
  absl::Status accept(const Offered& offered, Step&);
  absl::Status append(std::span<const Value> values);
  // Takes back the last append().
  void remove_last(std::span<const Value> values);

  // Items that are to come (queue_delays.cc).
  absl::Status delay(std::span<const Value> values, Time due, Step&);
  // Takes back the last delay(), which was of so many.
  void remove_last_delayed(std::size_t count, Time due);
  void let_in_due(Step&);
  void watch_delayed(Step&);
  // Will there never be an item again that this session could get, once the queue is empty?
  bool is_over_for(SessionId session) const {
    return state_ == State::kDropped ||
           (state_ == State::kDraining && delayed_.empty() && !delivered_.may_return_to(session));
  }
  // Gives the getter what it wants, and there is.
  void give(Owner getter, const Wanted& wanted, std::uint64_t most_bytes, Answer& answer);
  Item take_first(Owner getter);

  // What comes back (queue_returns.cc). An item that was taken; where it is delivered until
  // confirmed, only if it still is.
  void take_back(std::uint64_t number, std::uint64_t deliveries, const v1::Value& value);
  void put_back(Item item);
  // What came back from its last delivery.
  void bury(const Value& letter);
  // A dead letter of another queue, however full this one is; false if it takes no more.
  bool take_in(const Value& letter);
  void forget_dropped(std::uint64_t items);

  absl::StatusOr<std::uint64_t> item_done(std::uint64_t number, Owner caller) const;
  void forget_delivered(std::uint64_t number, Call& call);
  void add_producer(Call& call);
  void remove_producer(SessionId session);

  const std::uint64_t maxsize_;  // 0: not bounded
  const v1::Delivery delivery_;
  const bool close_when_producers_gone_;
  const std::uint64_t max_deliveries_;         // 0: no maximum
  const std::shared_ptr<Queue> dead_letters_;  // null: none
  const std::uint64_t dead_letters_id_;
  State state_ = State::kOpen;
  bool deleted_ = false;  // and kept only by those whose dead letters it took
  std::uint64_t last_number_ = 0;
  std::uint64_t unfinished_ = 0;
  std::uint64_t dead_lettered_ = 0;
  std::uint64_t dropped_ = 0;  // for want of a queue that takes dead letters
  bool has_buried_ = false;    // since the last settle()
  QueuedItems items_;
  // By when they are due, and in order of the puts.
  std::map<std::pair<Time, std::uint64_t>, Value> delayed_;
  std::uint64_t last_delayed_ = 0;
  Ticket alarm_ = 0;  // 0: none
  Time alarm_rings_;
  Unconfirmed delivered_;
  std::set<SessionId> producers_;  // of a queue that closes when they are gone
  Waiters<Offered> putters_;
  Waiters<Wanted> getters_;
  Waiters<NoDetail> joiners_;
};

}  // namespace mp::server
