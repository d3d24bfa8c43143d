#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mp/v1/count_down_latch.pb.h"
#include "server/objects/operations.h"
#include "server/objects/waiters.h"

namespace mp::server {

// A count that goes down to 0, and those who wait for that.
//
//               count_down to 0: settle() answers all who wait
//             ┌─────────────────────────────────────────────────────┐
//             │                                                     ▼
//          counting ◄───────────── try_set_count ───────────────  reached
//             │  ▲                                                  ▲
//             │  └──────── try_set_count ──────────┐                │
//             │                                    │                │
//             └──────────────────────────────►  broken  ────────────┘
//               a session ends that owes           count_down to 0
//
// A session owes what it has promised and not counted yet. Others may count in its place: a promise
// is void once the count is 0.
//
// Each try_set_count() starts a new generation. Who waits is answered for the generation that it
// came in, so that a batch which reaches 0 and sets a new count lets everybody go on.
//
// Invariant: nobody owes anything where the count is 0, nor is it broken.
// Invariant, after settle(): who waits came in this generation, the count is not 0, and it is not
// broken.
class CountDownLatch final : public Object {
 public:
  static absl::StatusOr<std::unique_ptr<CountDownLatch>> create(
      const v1::CountDownLatchCreateRequest&, const ObjectLimits&);
  static std::span<const Operation> operations();

  explicit CountDownLatch(std::uint64_t count) : Object(Kind::kLatch), state_{.count = count} {}

  absl::Status count_down(const v1::CountDownLatchCountDownRequest&,
                          v1::CountDownLatchCountDownReply&, Call&);
  absl::Status wait(const v1::CountDownLatchWaitRequest&, v1::CountDownLatchWaitReply&, Call&);
  absl::Status get_count(const v1::CountDownLatchGetCountRequest&, v1::CountDownLatchGetCountReply&,
                         Call&) const;
  absl::Status try_set_count(const v1::CountDownLatchTrySetCountRequest&,
                             v1::CountDownLatchTrySetCountReply&, Call&);
  absl::Status enlist(const v1::CountDownLatchEnlistRequest&, v1::CountDownLatchEnlistReply&,
                      Call&);

  void settle(Step&) override;
  void expire(Ticket, Step&) override;
  void abandon(Ticket) override;
  // A promise is broken by a session that is closed, too: nobody else will keep it.
  void owner_gone(SessionId, Step&) override;
  void dissolve(const absl::Status& why, Step&) override;

  std::uint64_t length() const override { return state_.count; }
  std::size_t heap_bytes() const override;
  // Who owes.
  std::vector<Holding> holders() const override;
  void visit_refs(const std::function<void(std::uint64_t)>&) const override {}

 private:
  struct Promise {
    std::uint64_t owed;
    Time since;
  };
  using Promises = std::map<SessionId, Promise>;
  struct Waiting {
    std::uint64_t generation;
  };
  // All that operations change, but for who waits.
  struct State {
    std::uint64_t count;
    std::uint64_t generation = 1;
    SessionId dead = 0;      // whose end broke it
    std::uint64_t lost = 0;  // what that owed; 0: it is not broken
    Promises promises{};
  };

  bool is_broken() const { return state_.lost != 0; }
  absl::Status why_broken() const;
  std::uint64_t promised() const;
  void register_undo(Call& call);

  State state_;
  Waiters<Waiting> waiters_;
};

}  // namespace mp::server
