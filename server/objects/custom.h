#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mp/v1/custom.pb.h"
#include "server/objects/operations.h"
#include "server/objects/waiters.h"
#include "server/objects/workshop.h"

namespace mp::server {

// An object of a user's own type: an instance that lives outside, and the line of those who call
// its methods.
//
//              await_construction()          ended()                begin            ended()
//   new ─────────────────► constructing ──────────────► free ◄──────────────► readers, or one alone
//                               │ ended(), it threw
//                               └────────► failed: its shard removes it
//
// Methods never run in a section: a call that may begin is handed to the workshop, which calls
// ended() in a step of its own. Calls begin in order of arrival; those of read-only methods run
// beside one another. Only one that runs inside a call that has the object shared already, and
// wants no more, passes by those who wait: they wait for it.
//
// A caller who has given up is not answered: what has not begun never does, and what runs is told.
//
// Invariant: while a call has the object alone, no other runs.
// Invariant: whatever waits or runs has arrived at the workshop, and leaves it once.
// Invariant, after settle(): the first in line could not begin.
class Custom final : public Object {
 public:
  // Without a type: for tables of kinds only.
  static absl::StatusOr<std::unique_ptr<Custom>> create(const v1::CustomCreateRequest&,
                                                        const ObjectLimits&);
  static std::span<const Operation> operations();
  // The row of Create, which waits for the constructor.
  static const Operation& construction();

  // An object that is still to be constructed; or one of an instance that a method has returned.
  Custom(const CustomType* type, Workshop* workshop, std::shared_ptr<void> instance = nullptr);

  absl::Status require_match(const v1::CustomCreateRequest&) const;
  absl::Status await_construction(const v1::CustomCreateRequest&, v1::ObjectCreated&, Call&);
  absl::Status call(const v1::CustomCallRequest&, v1::CustomCallReply&, Call&);

  // A call that began is over.
  void ended(CallId call, const CallResult& result, Step&);
  // Does anybody wait for the result of this call?
  bool awaits_result(CallId call) const;
  // Not OK once the constructor has failed.
  const absl::Status& failure() const { return failure_; }
  // Nobody has begun to construct it.
  bool is_new() const { return state_ == State::kNew; }
  Workshop* workshop() const { return workshop_; }
  const CustomType* type() const { return type_; }

  void be_hosted_as(std::uint64_t id) override { id_ = id; }
  void settle(Step&) override;
  void expire(Ticket, Step&) override;
  void abandon(Ticket) override;
  void owner_gone(SessionId, Step&) override;
  // At a shutdown what runs may go on, until this is called once more.
  void dissolve(const absl::Status& why, Step&) override;

  // How many calls run.
  std::uint64_t length() const override { return running_.size(); }
  std::size_t heap_bytes() const override;
  std::string note() const override;
  std::vector<Holding> holders() const override;
  // A call that runs is waited for until it has; one in line, for those that have the object.
  WaitsFor waits_for(Ticket) const override;
  void visit_refs(const std::function<void(std::uint64_t)>& visit) const override;

 private:
  enum class State : std::uint8_t { kNew, kConstructing, kReady };
  struct Wanted {
    CallId call = 0;
    std::size_t method = 0;
    CustomType::Arguments arguments;
    std::vector<std::uint64_t> refs;  // in the arguments
    std::optional<Time> deadline;
    Time since{};
  };
  struct Running {
    Ticket ticket;  // 0: nobody waits for it any more
    Owner owner;
    Time since;
    Access access;
    std::vector<std::uint64_t> refs;
    std::shared_ptr<std::atomic<bool>> cancelled;
  };
  struct Creator {
    CallId call;
    bool existed;
  };

  Access access_of(std::size_t method) const;
  absl::StatusOr<std::size_t> find_method(const std::string& name) const;
  using Values = google::protobuf::RepeatedPtrField<v1::Value>;
  static absl::Status read_arguments(const Values& values, const Call& call, Wanted& wanted);
  bool is_free_for(Access access) const;
  bool runs_shared() const {
    return !running_.empty() && running_.begin()->second.access == Access::kShared;
  }
  absl::Status begin(Ticket ticket, Owner owner, Wanted wanted, Time now);
  void forsake(Running& running);
  // Where all have given up who wait for the constructor.
  void forsake_constructor();
  void answer_creators(const CallResult& result, Step& step);

  const CustomType* const type_;
  Workshop* const workshop_;
  std::uint64_t id_ = 0;
  State state_ = State::kNew;
  absl::Status failure_;
  std::shared_ptr<void> instance_;
  Waiters<Creator> creators_;
  Waiters<Wanted> waiters_;
  std::map<CallId, Running> running_;
  bool draining_ = false;
};

}  // namespace mp::server
