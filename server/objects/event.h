#pragma once

#include <memory>
#include <span>

#include "mp/v1/event.pb.h"
#include "server/objects/operations.h"
#include "server/objects/waiters.h"

namespace mp::server {

// A flag that many can wait for.
//
//              set: settle() answers all who wait
//         ────────────────────────────────────────►
//   clear                                           set
//         ◄────────────────────────────────────────
//                          clear
//
// Waiters are answered once after each command: a set() followed by a clear() wakes everybody who
// waited at the set(). Inside one batch the two are one step, which leaves the flag clear and wakes
// nobody.
//
// Invariant, after settle(): nobody waits while the flag is set.
class Event final : public Object {
 public:
  static absl::StatusOr<std::unique_ptr<Event>> create(const v1::EventCreateRequest&,
                                                       const ObjectLimits&);
  static std::span<const Operation> operations();

  explicit Event(bool set) : Object(Kind::kEvent), set_(set) {}

  absl::Status set(const v1::EventSetRequest&, v1::EventSetReply&, Call&);
  absl::Status clear(const v1::EventClearRequest&, v1::EventClearReply&, Call&);
  absl::Status is_set(const v1::EventIsSetRequest&, v1::EventIsSetReply&, Call&) const;
  absl::Status wait(const v1::EventWaitRequest&, v1::EventWaitReply&, Call&);
  absl::Status is_set_plain(std::span<Value>, PlainReply&, Call&) const;  // of plain requests

  void settle(Step&) override;
  void expire(Ticket, Step&) override;
  void abandon(Ticket) override;
  void owner_gone(SessionId, Step&) override;
  void dissolve(const absl::Status& why, Step&) override;

  std::uint64_t length() const override { return set_ ? 1 : 0; }
  std::size_t heap_bytes() const override;
  void visit_refs(const std::function<void(std::uint64_t)>&) const override {}

 private:
  struct NoDetail {};

  absl::Status turn(bool set, Call& call);

  bool set_;
  Waiters<NoDetail> waiters_;
};

}  // namespace mp::server
