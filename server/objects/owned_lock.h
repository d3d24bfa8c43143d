#pragma once

#include <optional>

#include "server/objects/object.h"
#include "server/objects/waiters.h"

namespace mp::server {

// What Lock and RLock are made of: a lock with an owner, granted in order of arrival.
//
//            acquire / settle()                        release, owner_gone, lease over
//   free ────────────────────────► held(owner, token, lease, count) ────────────────────► free
//
// A grant that ends with its owner's session or its lease is told to the next owner.
// Invariant: tokens only grow; a token is held while, and only while, its grant is.
// Invariant: previous_owner_died_ only while free; whoever is granted the lock learns it, and
// nobody else.
class OwnedLock : public Object {
 public:
  // What whoever was granted the lock is told.
  struct Granted {
    std::uint64_t token;
    bool previous_owner_died;
    std::uint64_t count;  // how often the owner holds it
  };
  // Writes that into the outcome of the waiting command; null: it was not granted in time.
  using Tell = void (*)(const Granted*, v1::Outcome&);

  // An object whose waiters let the lock go and want it again: a condition over it.
  class User {
   public:
    virtual ~User() = default;
    // One of its waiters has ended in the lock's line, without the lock.
    virtual void lost_in_line(Tell tell, Step& step) = 0;
    // The lock goes away.
    virtual void lock_gone(const absl::Status& why, Step& step) = 0;
    // Does anybody wait there, who will want the lock?
    virtual bool is_waited_for() const = 0;
  };

  // What somebody who waits wants.
  struct Wanted {
    std::optional<Duration> lease;
    std::uint64_t count = 1;
    Tell tell = nullptr;
    User* user = nullptr;  // for whose waiter the lock is wanted again
  };

  void be_hosted_as(std::uint64_t id) override { id_ = id; }
  void settle(Step&) override;
  void expire(Ticket, Step&) override;
  bool awaits_alarm(Ticket ticket) const override {
    return grant_ && grant_->lease_alarm == ticket;
  }
  void abandon(Ticket ticket) override { leave_line(ticket); }
  void owner_gone(SessionId, Step&) override;
  void dissolve(const absl::Status& why, Step&) override;
  bool holds_token(std::uint64_t token) const override { return grant_ && grant_->token == token; }

  std::uint64_t length() const override { return grant_ ? 1 : 0; }
  std::size_t heap_bytes() const override { return 0; }
  std::vector<Holding> holders() const override;
  WaitsFor waits_for(Ticket) const override;
  bool in_use() const override;
  void visit_refs(const std::function<void(std::uint64_t)>&) const override {}

  // --- For a condition over this lock. ---

  void add_user(User& user) { users_.push_back(&user); }
  void remove_user(User& user) { std::erase(users_, &user); }

  bool held_by(Owner owner) const { return grant_ && grant_->owner == owner; }
  // NOT_OWNER unless the caller holds it.
  absl::Status require_owner(const Call& call) const;
  // Frees the lock, however often its owner holds it; gives what will make the hold again.
  Wanted let_go();
  // Puts a command that waits for a condition into the line.
  void want_again(Ticket ticket, Owner owner, Wanted wanted);
  // Takes a command out of the line, and gives what it wanted; none if it is not there.
  std::optional<Wanted> leave_line(Ticket ticket);
  void forget_waiters_of(const User& user, const absl::Status& why, Step& step);
  // The grant with this token never reached its owner: all of it, or one entry.
  enum class Part { kWhole, kEntry };
  void take_back_grant(std::uint64_t token, bool previous_owner_died, Part part);

 protected:
  enum class Reentry { kWaits, kCounts };
  OwnedLock(Kind kind, Reentry reentry) : Object(kind), reentry_(reentry) {}

  // Gives the lock at once, or parks the call and gives nothing.
  template <class Request>
  absl::StatusOr<std::optional<Granted>> acquire(const Request& request, Tell tell, Call& call) {
    std::optional<Duration> lease;
    if (request.has_lease()) lease = duration_of(request.lease());
    return acquire(timeout_of(request), lease, tell, call);
  }
  absl::Status release(Call& call);
  std::uint64_t token() const { return grant_ ? grant_->token : 0; }
  std::uint64_t count() const { return grant_ ? grant_->count : 0; }

 private:
  struct Grant {
    Owner owner;
    std::uint64_t token;
    Time since;
    std::uint64_t count;
    std::optional<Duration> lease;
    std::optional<Time> lease_ends;
    Ticket lease_alarm = 0;
  };

  absl::StatusOr<std::optional<Granted>> acquire(std::optional<Duration> timeout,
                                                 std::optional<Duration> lease, Tell tell,
                                                 Call& call);
  Granted grant(Owner owner, const Wanted& wanted, Step& step);
  absl::Status why_not_owner(Owner caller) const;
  void free_by_death();
  static void lose(const Wanted& wanted, Step& step) {
    if (wanted.user != nullptr) wanted.user->lost_in_line(wanted.tell, step);
  }

  const Reentry reentry_;
  std::uint64_t id_ = 0;  // of the object that it is, or that has it
  std::optional<Grant> grant_;
  bool previous_owner_died_ = false;
  std::optional<Owner> expired_owner_;  // whose lease ran out, until the next grant
  Waiters<Wanted> waiters_;
  std::vector<User*> users_;
};

}  // namespace mp::server
