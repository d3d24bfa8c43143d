#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "server/engine/shard.h"
#include "server/objects/custom_type.h"
#include "server/objects/plain.h"

namespace mp::server {

// An operation on its way: its row of its kind's table, what is asked, and where its outcome is
// written.
struct Invocation {
  const KindTable& kind;
  const Operation& operation;
  const google::protobuf::Message& request;
  google::protobuf::Message& reply;  // inside `outcome`
  v1::Outcome& outcome;              // has its seq
  CallId inside_call = 0;            // the call of mp.v1.Custom whose method sends the command
};

// Being inside a shard: holds its mutex, has read the clock, and has expired all that was due. What
// is done here is appended to the ports of those it concerns, in order; `deliveries` writes it when
// the section is left.
class Section {
 public:
  Section(Shard& shard, Deliveries& deliveries);
  ~Section();
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;

  Time now() const { return shard_.now_; }
  std::uint32_t shard_index() const { return shard_.index_; }

  // --- Objects and names. ---

  HostedObject* find(const Target& target);
  HostedObject* find(ObjectId id);
  HostedObject& add(std::string_view name, std::unique_ptr<Object> object);
  // The name is free, and goes with the object from now on.
  void rename(HostedObject& hosted, std::string_view name);
  // Without any time in it: the object lives until it is deleted.
  void set_life(HostedObject& hosted, const v1::ObjectLife& life);
  void get_life(const HostedObject& hosted, v1::ObjectLife& life) const;
  // Used just now: its idle time begins anew.
  void use(HostedObject& hosted) const {
    if (hosted.life != nullptr) hosted.life->last_use = now();
  }
  // Waiters are answered with `why`.
  void remove(ObjectId id, const absl::Status& why);

  // --- Commands. ---

  // Runs an operation and delivers its outcome, or parks it.
  void run(HostedObject& hosted, const Invocation& invocation, const Origin& origin);
  // The same for a plain request of a session. False: it has found what only a message can hold,
  // and nothing has happened.
  bool run_plain(HostedObject& hosted, const KindTable& kind, const Operation& operation,
                 std::uint32_t reply_field, PlainRequest& request, v1::Outcome& outcome,
                 const Origin& origin);
  // Runs one operation of a batch: its effects are in `undo`, its waiters are not served yet.
  absl::Status run_in_batch(HostedObject& hosted, const Invocation& invocation, Owner owner,
                            UndoLog& undo);
  // A batch has succeeded, and this is one of those that it has changed.
  void note_batch(ObjectId id);
  // Serves the waiters of an object after a batch.
  void settle(ObjectId id);
  // Sends an outcome to where its command came from: through the session, or straight to the port.
  void deliver(v1::Outcome& outcome, const Origin& origin, std::vector<Gift> gifts);
  // The session's end concerns this object from now on.
  Involvement& involve(const std::shared_ptr<Session>& session, ObjectId object);

  // --- Giving up and ending. ---

  // Takes a command out of the wait, if it waits here, and gives it.
  std::optional<Parked> abandon(Ticket ticket);
  // A command that waits here is answered with this, and has changed nothing.
  void refuse(Ticket ticket, v1::Error why);
  // What `outcome` gave never reached its caller: it comes back, and the references that it granted
  // too.
  void take_back(const Gift& gift, const v1::Outcome& outcome);
  // Leaves nothing of a session that was marked as ended: what it waits for is answered, what it
  // holds and what it was given and has not acknowledged comes back.
  void end_session(const Session& session, Ending ending);
  // Answers everybody who waits.
  void dissolve_waiters(const absl::Status& why);

  // A call of a user's method has run. What it returned and shall stay here becomes an object, if
  // there is `room`: then true.
  bool end_call(ObjectId id, CallId call, CallResult& result, const absl::Status& room);

  // --- For the collector and administration. ---

  const absl::flat_hash_map<ObjectId, HostedObject>& objects() const { return shard_.objects_; }
  const absl::flat_hash_map<Ticket, Parked>& parked() const { return shard_.parked_; }
  std::uint32_t waiting_of(SessionId session) const;
  std::size_t timers() const { return shard_.timers_.size(); }
  std::uint64_t commands() const { return shard_.commands_; }
  void count_command() { ++shard_.commands_; }

 private:
  friend class ShardStep;

  void park(class ShardStep& step, HostedObject& hosted, const Invocation& invocation,
            const Origin& origin, const Call& call);
  void begin_to_block(const HostedObject& hosted, Ticket ticket, CallId inside);
  // Takes a command out of the wait; nothing if it is not parked.
  std::optional<Parked> unpark(Ticket ticket);
  // Takes a command out of the wait, though its object may know of it still, and answers it.
  void reject(Ticket ticket, const absl::Status& why);
  // Delivers what a step made ready.
  void complete(class ShardStep& step);
  // Delivers what an operation has answered, if it can be; else what it gave comes back.
  enum class Fate { kArrives, kCameBack };
  Fate answer(HostedObject& hosted, const Operation& operation, v1::Outcome& outcome,
              const Origin& origin);
  absl::Status require_fit(const Operation& operation, std::size_t outcome_bytes) const;
  absl::Status require_deliverable(const Operation& operation, const v1::Outcome& outcome,
                                   const Origin& origin) const;

  // What an outcome means for the version of its object, and says of it.
  void note(HostedObject& hosted, const KindTable& kind, const Operation& operation,
            Altered altered, v1::Outcome& outcome);
  // Serves the watches that wait for what was noted.
  void tell_watches(Object& object);
  void tell_watches_of(const std::shared_ptr<ChangeLog>& log);
  // The object's last watch may have gone.
  void review_log(ObjectId watched);

  void watch_life(HostedObject& hosted);
  void review_life(HostedObject& hosted);

  void expire_due();
  bool wanted(const Timers::Timer& timer);
  void publish_deadline();

  Shard& shard_;
  Deliveries& deliveries_;
};

}  // namespace mp::server
