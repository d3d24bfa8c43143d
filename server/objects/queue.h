#pragma once

#include <deque>
#include <memory>
#include <span>

#include "mp/v1/queue.pb.h"
#include "server/objects/object.h"
#include "server/objects/operations.h"
#include "server/objects/waiters.h"

namespace mp::server {

// A first-in first-out queue, bounded or not, that serves getters and putters in order of arrival.
//
//           shutdown                 shutdown(immediate)
//   open ──────────────► draining ───────────────────────► dropped
//     │    puts fail       gets fail once it is empty         ▲   gets fail
//     └───────────────────────────────────────────────────────┘
//                         shutdown(immediate)
//
// An item that was given, but never reached its getter, comes back to its old place.
//
// Invariant: items_ is ordered by the items' numbers, which count the puts from 1.
// Invariant: dropped has no items.
// Invariant, after settle(): putters wait only while open and full, getters only while empty and
// not shut down.
class Queue final : public Object {
 public:
  static absl::StatusOr<std::unique_ptr<Queue>> create(const v1::QueueCreateRequest&,
                                                       const ObjectLimits&);
  static std::span<const Operation> operations();

  explicit Queue(std::uint64_t maxsize) : Object(Kind::kQueue), maxsize_(maxsize) {}

  absl::Status put(const v1::QueuePutRequest&, v1::QueuePutReply&, Call&);
  absl::Status get(const v1::QueueGetRequest&, v1::QueueGetReply&, Call&);
  absl::Status size(const v1::QueueSizeRequest&, v1::QueueSizeReply&, Call&) const;
  absl::Status shutdown(const v1::QueueShutdownRequest&, v1::QueueShutdownReply&, Call&);

  void settle(Event&) override;
  void expire(Ticket, Event&) override;
  void abandon(Ticket) override;
  void owner_gone(SessionId, Event&) override;
  void take_back(const v1::Outcome&, Owner) override;
  void dissolve(const absl::Status& why, Event&) override;

  std::uint64_t length() const override { return items_.size(); }
  std::size_t heap_bytes() const override;
  void visit_refs(const std::function<void(std::uint64_t)>& visit) const override;

 private:
  enum class State : std::uint8_t { kOpen, kDraining, kDropped };
  struct Item {
    std::uint64_t number;
    Value value;
  };
  struct NoDetail {};

  // More than full is a queue to which items came back.
  bool full() const { return maxsize_ != 0 && items_.size() >= maxsize_; }
  void append(Value value);
  Item take_first();
  void put_back(Item item);
  static void give(const Item& item, Answer& answer, v1::QueueGetReply& reply);

  const std::uint64_t maxsize_;  // 0: not bounded
  State state_ = State::kOpen;
  std::uint64_t last_number_ = 0;
  std::deque<Item> items_;
  Waiters<Value> putters_;
  Waiters<NoDetail> getters_;
};

}  // namespace mp::server
