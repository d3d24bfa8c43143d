#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "server/engine/clock.h"
#include "server/engine/limits.h"
#include "server/engine/mutex.h"
#include "server/engine/session.h"
#include "server/objects/object.h"
#include "server/objects/operations.h"

namespace mp::server {

// Who sent a command, and where its outcome goes.
struct Origin {
  std::shared_ptr<Session> session;  // null: a unary call without a session
  std::shared_ptr<Port> port;
  std::uint64_t seq = 0;             // 0: not exactly-once
  std::uint64_t owner = 0;

  Owner party() const { return {session ? session->id() : 0, owner}; }
};

// Sends an outcome to where its command came from: through the session, or straight to the port.
void deliver(v1::Outcome& outcome, const Origin& origin, std::vector<Gift> gifts, Deliveries& deliveries);

// An object in its shard.
struct HostedObject {
  ObjectId id = 0;
  std::string name;  // empty: without a name
  std::unique_ptr<Object> object;
  std::uint32_t waiters = 0;
};

// A command that waits for an object.
struct Parked {
  ObjectId object;
  Origin origin;
  std::string_view service;
  const Operation* operation;
  Time since;
  std::optional<Time> deadline;
};

// One mutex, and the objects that hash to it with their names, waiters and timers. Everything that happens to them is
// one sequence of events.
//
// A shard is used through a Section only.
class Shard {
 public:
  // Ids and tokens count up from the epoch, so that they grow over restarts too.
  Shard(std::uint32_t index, std::uint64_t epoch, const Clock& clock, const Limits& limits,
        std::function<void(Time)> on_earlier_deadline);

  // Read without the section, by the ticker: when the shard must be entered next, though nobody sends a command.
  Time next_deadline() const { return Time(Duration(next_deadline_.load(std::memory_order_acquire))); }
  std::uint32_t index() const { return index_; }

  static constexpr std::uint32_t kIndexBits = 6;
  static std::uint32_t index_of(ObjectId id) { return id & ((1U << kIndexBits) - 1); }

 private:
  friend class Section;
  friend class ShardEvent;

  struct Timer {
    Time when;
    Ticket ticket;
    ObjectId object;
    friend bool operator>(const Timer& a, const Timer& b) {
      return a.when != b.when ? a.when > b.when : a.ticket > b.ticket;
    }
  };
  // The objects in which a session holds or waits for something, or once did.
  struct Involvement {
    std::shared_ptr<Session> session;
    absl::flat_hash_set<ObjectId> objects;
  };

  const std::uint32_t index_;
  const Clock& clock_;
  const Limits& limits_;
  const std::function<void(Time)> on_earlier_deadline_;
  std::atomic<Duration::rep> next_deadline_{Time::max().time_since_epoch().count()};

  Mutex mutex_;
  // Guarded by mutex_:
  Time now_{};
  std::uint64_t last_id_;
  std::uint64_t last_token_;
  Ticket last_ticket_ = 0;
  absl::flat_hash_map<ObjectId, HostedObject> objects_;
  absl::flat_hash_map<std::string, ObjectId> names_;
  absl::flat_hash_map<Ticket, Parked> parked_;
  absl::flat_hash_map<SessionId, Involvement> involved_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::size_t timers_bound_ = 1024;  // past it, timers that nobody waits for are dropped
  std::uint64_t commands_ = 0;
};

// Being inside a shard: holds its mutex, has read the clock, and has expired all that was due. What is done here is
// appended to the ports of those it concerns, in order; `deliveries` writes it when the section is left.
class Section {
 public:
  Section(Shard& shard, Deliveries& deliveries);
  ~Section();
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;

  Time now() const { return shard_.now_; }
  Deliveries& deliveries() { return deliveries_; }
  std::uint32_t shard_index() const { return shard_.index_; }

  // --- Objects and names. ---
  HostedObject* find(const Target& target);
  HostedObject* find(ObjectId id);
  HostedObject& add(std::string_view name, std::unique_ptr<Object> object);
  // Waiters are answered with `why`.
  void remove(ObjectId id, const absl::Status& why);

  // --- Commands. ---
  // Runs an operation and delivers its outcome, or parks it. `outcome` has its seq.
  void run(HostedObject& object, std::string_view service, const Operation& operation,
           const google::protobuf::Message& request, google::protobuf::Message& reply,
           v1::Outcome& outcome, const Origin& origin);
  // Runs one operation of a batch: its effects are in `undo`, its waiters are not served yet.
  absl::Status run_in_batch(HostedObject& object, const Operation& operation,
                            const google::protobuf::Message& request, google::protobuf::Message& reply,
                            v1::Outcome& outcome, Owner owner, UndoLog& undo);
  // Serves the waiters of an object after a batch or another event.
  void settle(ObjectId id);
  void involve(const std::shared_ptr<Session>& session, ObjectId object);

  // --- Giving up and ending. ---
  // True if that command waited here, and now does not.
  bool abandon(Ticket ticket);
  void take_back(const Gift& gift, const v1::Outcome& outcome);
  void end_session(SessionId session);
  // Answers everybody who waits.
  void dissolve_waiters(const absl::Status& why);

  // --- For the collector and administration. ---
  const absl::flat_hash_map<ObjectId, HostedObject>& objects() const { return shard_.objects_; }
  const absl::flat_hash_map<Ticket, Parked>& parked() const { return shard_.parked_; }
  std::uint64_t commands() const { return shard_.commands_; }
  void count_command() { ++shard_.commands_; }

 private:
  friend class ShardEvent;

  void expire_due();
  void arm(Time when, Ticket ticket, ObjectId object);
  void drop_surplus_timers();
  void answer_ended(HostedObject& hosted, SessionId session);
  // Delivers what an event made ready.
  void complete(class ShardEvent& event);
  void publish_deadline();

  Shard& shard_;
  Deliveries& deliveries_;
};

}  // namespace mp::server
