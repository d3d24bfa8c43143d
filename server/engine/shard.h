#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "server/engine/clock.h"
#include "server/engine/directory.h"
#include "server/engine/limits.h"
#include "server/engine/mutex.h"
#include "server/engine/session.h"
#include "server/engine/timers.h"
#include "server/engine/wait_for_graph.h"
#include "server/objects/object.h"
#include "server/objects/operations.h"

namespace mp::server {

// Who sent a command, and where its outcome goes.
struct Origin {
  std::shared_ptr<Session> session;  // null: a unary call without a session
  std::shared_ptr<Port> port;
  std::uint64_t seq = 0;  // 0: not exactly-once
  std::uint64_t owner = 0;
  bool caller_blocks = false;  // the owner does nothing else until the outcome is there

  Owner party() const { return {session ? session->id() : 0, owner}; }
};

// How long an object lives, if not until it is deleted.
struct Life {
  std::optional<Time> ends;
  std::optional<Duration> idle_time;
  Time last_use;
  Ticket alarm = 0;
};

// An object in its shard.
struct HostedObject {
  ObjectId id = 0;
  std::string name;                // empty: without a name
  std::shared_ptr<Object> object;  // shared with a Condition over it
  std::uint32_t waiters = 0;
  std::unique_ptr<Life> life;  // null: it has no end
  Ticket log_alarm = 0;        // while it keeps a log without a watch
};

// A command that waits for an object.
struct Parked {
  ObjectId object;
  Origin origin;
  const KindTable* kind;
  const Operation* operation;
  Time since;
  std::optional<Time> deadline;

  bool blocks_its_owner() const { return origin.caller_blocks && origin.session != nullptr; }
};

// What a session has to do with a shard.
struct Involvement {
  std::shared_ptr<Session> session;
  absl::flat_hash_set<Ticket> waiting;
  // In which it holds or waits for something, or once did. Those that are gone are dropped when the
  // set has doubled.
  absl::flat_hash_set<ObjectId> objects;
  std::size_t objects_bound = 64;
};

// One mutex, and the objects that hash to it with their names, waiters and timers. Everything that
// happens to them is one sequence of steps.
//
// A shard is used through a Section (section.h) only.
//
// Invariant: what is parked waits for an object that exists, which counts it.
class Shard {
 public:
  // Ids and tokens count up from the epoch, so that they grow over restarts too.
  Shard(std::uint32_t index, std::uint64_t epoch, const Clock& clock, const Limits& limits,
        Directory& directory, WaitForGraph& waits, std::function<void(Time)> on_earlier_deadline)
      : index_(index),
        clock_(clock),
        limits_(limits),
        directory_(directory),
        waits_(waits),
        on_earlier_deadline_(std::move(on_earlier_deadline)),
        last_id_(epoch << kIdsPerMillisecondBits),
        last_token_(epoch << kTokensPerMillisecondBits) {}

  // Read without the section, by the ticker: when the shard must be entered next, though nobody
  // sends a command.
  Time next_deadline() const {
    return Time(Duration(next_deadline_.load(std::memory_order_acquire)));
  }
  std::uint32_t index() const { return index_; }

  // An id is a number that counts up from the epoch, and below it the index of the shard.
  static constexpr std::uint32_t kIndexBits = 6;
  static constexpr std::uint32_t kIdsPerMillisecondBits = 16;
  static constexpr std::uint32_t kTokensPerMillisecondBits = 20;
  static std::uint32_t index_of(ObjectId id) { return id & ((1U << kIndexBits) - 1); }
  static std::uint64_t epoch_of(ObjectId id) { return id >> kIndexBits >> kIdsPerMillisecondBits; }

 private:
  friend class Section;
  friend class ShardStep;

  const std::uint32_t index_;
  const Clock& clock_;
  const Limits& limits_;
  Directory& directory_;
  WaitForGraph& waits_;
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
  Timers timers_;
  std::uint64_t commands_ = 0;
};

}  // namespace mp::server
