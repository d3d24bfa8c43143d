#pragma once

#include <deque>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "mp/v1/queue.pb.h"
#include "server/objects/object.h"
#include "server/objects/operations.h"
#include "server/objects/unconfirmed.h"
#include "server/objects/waiters.h"

namespace mp::server {

// A first-in first-out queue, bounded or not, that serves getters and putters in order of arrival.
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
// ended.
//
// Invariant: items_ is ordered by the items' numbers, which count the puts from 1.
// Invariant: dropped has no items.
// Invariant, after settle(): the first putter waits only while open and without room for it,
// getters only while empty and either open, or draining and somebody else has an item that may come
// back; joiners only while a task is unfinished.
class Queue final : public Object {
 public:
  static absl::StatusOr<std::unique_ptr<Queue>> create(const v1::QueueCreateRequest&,
                                                       const ObjectLimits&);
  static std::span<const Operation> operations();

  explicit Queue(const v1::QueueCreateRequest& request);

  absl::Status require_match(const v1::QueueCreateRequest&) const;

  // Items (queue.cc).
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
  void abandon(Ticket) override;
  void owner_gone(SessionId, Step&) override;
  void take_back(const v1::Outcome&, Owner) override;
  void dissolve(const absl::Status& why, Step&) override;

  std::uint64_t length() const override { return items_.size(); }
  std::size_t heap_bytes() const override;
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
  };
  struct Wanted {
    Form form;
    std::uint64_t max;
  };

  absl::Status put_all(std::vector<Value> values, Form form, std::optional<Duration> timeout,
                       Call&);
  absl::Status get_some(Wanted wanted, std::optional<Duration> timeout, Call&);
  bool has_room(std::size_t more) const {
    return maxsize_ == 0 || items_.size() + more <= maxsize_;  // more than full: items came back
  }
  void append(Value value);
  // Will there never be an item again that this session could get, once the queue is empty?
  bool is_over_for(SessionId session) const {
    return state_ == State::kDropped ||
           (state_ == State::kDraining && !delivered_.may_return_to(session));
  }
  // Gives the getter what it wants, and there is.
  void give(Owner getter, const Wanted& wanted, std::uint64_t most_bytes, Answer& answer);
  Item take_first(Owner getter);
  // An item that was taken; where it is delivered until confirmed, only if it still is.
  void take_back(std::uint64_t number, std::uint64_t deliveries, const v1::Value& value);
  void put_back(Item item);
  void forget_dropped(std::uint64_t items);

  absl::StatusOr<std::uint64_t> item_done(std::uint64_t number, Owner caller) const;
  void forget_delivered(std::uint64_t number, Call& call);
  void add_producer(Call& call);
  void remove_producer(SessionId session);

  const std::uint64_t maxsize_;  // 0: not bounded
  const v1::Delivery delivery_;
  const bool close_when_producers_gone_;
  State state_ = State::kOpen;
  std::uint64_t last_number_ = 0;
  std::uint64_t unfinished_ = 0;
  std::deque<Item> items_;
  Unconfirmed delivered_;
  std::set<SessionId> producers_;  // of a queue that closes when they are gone
  Waiters<Offered> putters_;
  Waiters<Wanted> getters_;
  Waiters<NoDetail> joiners_;
};

}  // namespace mp::server
