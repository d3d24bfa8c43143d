#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "mp/v1/rwlock.pb.h"
#include "server/objects/operations.h"
#include "server/objects/waiters.h"

namespace mp::server {

// A lock that many hold for reading, or one for writing.
//
//              acquire_read / settle()                acquire_write / settle()
//   readers ◄────────────────────────── free ──────────────────────────► writer ⟲ acquire_read
//       │      the last release, end     ▲ ▲    release, end, and it does     │
//       └────────────────────────────────┘ └────not read───────────────────────┤
//       ▲                                                                      │
//       └───────────────────────── release, end, and it reads ─────────────────┘
//
// Everybody stands in one line, in order of arrival: a reader behind a writer waits, so that
// writers do not starve. Who holds the lock already does not stand in it: that would wait for
// itself.
//
// That a writer's session or lease ended is told to every reader, and to the next writer, who can
// mend what it left: then it is forgotten.
//
// Invariant: while somebody writes, nobody else reads or writes.
// Invariant: tokens only grow; a token is held while, and only while, its grant is.
// Invariant, after settle(): nobody waits who holds it; nobody waits while it is free; the first in
// line does not want to read while nobody writes.
class RWLock final : public Object {
 public:
  static absl::StatusOr<std::unique_ptr<RWLock>> create(const v1::RWLockCreateRequest&,
                                                        const ObjectLimits&);
  static std::span<const Operation> operations();

  RWLock() : Object(Kind::kRWLock) {}

  absl::Status acquire_read(const v1::RWLockAcquireReadRequest&, v1::RWLockAcquireReadReply&,
                            Call&);
  absl::Status release_read(const v1::RWLockReleaseReadRequest&, v1::RWLockReleaseReadReply&,
                            Call&);
  absl::Status read_locked(const v1::RWLockReadLockedRequest&, v1::RWLockReadLockedReply&,
                           Call&) const;
  absl::Status acquire_write(const v1::RWLockAcquireWriteRequest&, v1::RWLockAcquireWriteReply&,
                             Call&);
  absl::Status release_write(const v1::RWLockReleaseWriteRequest&, v1::RWLockReleaseWriteReply&,
                             Call&);
  absl::Status write_locked(const v1::RWLockWriteLockedRequest&, v1::RWLockWriteLockedReply&,
                            Call&) const;

  void settle(Step&) override;
  void expire(Ticket, Step&) override;
  bool awaits_alarm(Ticket ticket) const override;
  void abandon(Ticket) override;
  void owner_gone(SessionId, Step&) override;
  void take_back(const v1::Outcome&, Owner) override;
  void dissolve(const absl::Status& why, Step&) override;
  bool holds_token(std::uint64_t token) const override;

  // How many hold it.
  std::uint64_t length() const override { return readers_.size() + (writer_ ? 1 : 0); }
  std::size_t heap_bytes() const override;
  std::vector<Holding> holders() const override;
  // Who wants to read while others do waits behind those who want to write.
  WaitsFor waits_for(Ticket) const override;
  void visit_refs(const std::function<void(std::uint64_t)>&) const override {}

 private:
  enum class Access : std::uint8_t { kRead, kWrite };
  struct Grant {
    std::uint64_t token;
    Time since;
    std::uint64_t count;  // how often its owner has it
    std::optional<Time> lease_ends;
    Ticket lease_alarm = 0;
  };
  struct ByOwner {
    bool operator()(const Owner& left, const Owner& right) const {
      return std::pair(left.session, left.handle) < std::pair(right.session, right.handle);
    }
  };
  using Readers = std::map<Owner, Grant, ByOwner>;
  struct Writer {
    Owner owner;
    Grant grant;
  };
  struct Wanted {
    Access access;
    std::optional<Duration> lease;
    Time since;
  };

  bool is_writer(Owner owner) const { return writer_ && writer_->owner == owner; }
  // The grant that the owner has; null if none.
  Grant* grant_of(Owner owner, Access access);
  void end_grant(Owner owner, Access access);
  void restore(Owner owner, Access access, const Grant& grant);

  // Could it be granted to who comes first?
  bool is_free_for(Access access) const {
    return !writer_ && (access == Access::kRead || readers_.empty());
  }
  template <class Request, class Reply>
  absl::Status acquire(Access access, const Request& request, Reply& reply, Call& call);
  absl::Status release(Access access, Call& call);
  Grant& grant(Owner owner, const Wanted& wanted, Step& step);
  // The owner has it once more, or for the first time.
  template <class Reply>
  void enter(Owner owner, const Wanted& wanted, Step& step, Reply& reply);
  void leave(Owner owner, Access access);
  void serve(Ticket ticket, Owner owner, const Wanted& wanted, Step& step);
  // Who waits in several calls, and holds the lock by one of them, does not wait for itself in the
  // others.
  void serve_others_of(Owner owner, Step& step);

  Readers readers_;
  std::optional<Writer> writer_;
  bool writer_died_ = false;
  std::map<Ticket, Owner> read_leases_;  // their alarms
  Waiters<Wanted> waiters_;
};

}  // namespace mp::server
