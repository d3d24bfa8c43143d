#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "mp/v1/session.pb.h"
#include "server/engine/kept_outcomes.h"
#include "server/engine/limits.h"
#include "server/engine/mutex.h"

namespace mp::server {

// What one client process owns in this manager: the commands that it has not acknowledged, and counted references to
// objects. What it holds and waits for stands in the objects, under its id.
//
// Thread-safe. Taken inside shards' sections; it never enters a shard itself.
class Session {
 public:
  struct Identity {
    SessionId id = 0;
    std::string secret;  // 16 bytes
    v1::ClientInfo client;
    std::string lane;
  };

  Session(Identity identity, Time opened, const Limits& limits)
      : identity_(std::move(identity)), opened_(opened), limits_(limits) {}

  SessionId id() const { return identity_.id; }
  const std::string& secret() const { return identity_.secret; }
  Time opened() const { return opened_; }
  v1::ClientInfo client() const;
  std::string lane() const;
  // The process that takes up a child session says who it is.
  void adopt(const v1::ClientInfo& client, std::string lane);

  // Set once, before the sweep; commands look at it inside their section, so that nothing is owned after the sweep.
  bool ended() const { return ended_.load(std::memory_order_acquire); }
  // True for the one caller that ended it.
  bool end() { return !ended_.exchange(true, std::memory_order_acq_rel); }

  // --- Exactly-once. Called inside the section of the command's shard. ---

  // Commands that change something are admitted before they run; those that only read may run again.
  enum class Admission { kRun, kDuplicate, kKeptTooMuch };
  // Shall this command run? A duplicate is dealt with here: what waits goes on waiting, for this port now; what is done
  // is answered again.
  Admission admit(std::uint64_t seq, std::uint32_t shard, const std::shared_ptr<Port>& port,
                  Deliveries& deliveries);
  // Was this command admitted, and is it not acknowledged yet?
  bool knows(std::uint64_t seq) const;
  void waits(std::uint64_t seq, std::uint32_t shard, const std::shared_ptr<Port>& port, ObjectId object,
             Ticket ticket);
  // Sends an outcome to the command's port, and keeps it if the command was admitted or waited. References that it
  // grants are counted first.
  void deliver(v1::Outcome& outcome, const std::shared_ptr<Port>& port, std::vector<Gift> gifts,
               Deliveries& deliveries);

  void acknowledge(std::uint64_t lowest, std::span<const std::uint64_t> unanswered);
  // A copy of what is known of a command, or nothing.
  std::optional<Pending> pending(std::uint64_t seq) const;
  void forget(std::uint64_t seq);
  // The gifts that were given by outcomes that are not acknowledged, newest first, and what they gave.
  std::vector<std::pair<Gift, std::string>> unacknowledged_gifts() const;

  // --- References. ---

  bool retain(ObjectId id, std::uint32_t count = 1);
  void release(ObjectId id, std::uint32_t count);
  void inherit_references(const Session& parent);
  void visit_references(const std::function<void(ObjectId)>& visit) const;

  struct Numbers {
    std::size_t references;
    std::size_t waiting;
    std::size_t kept;
    std::uint64_t kept_bytes;
    std::size_t intervals;
    std::size_t connections;
  };
  Numbers numbers() const;

  // --- Connections. ---

  void attach(const std::shared_ptr<Port>& connection);
  // True if this was the last one.
  bool detach(const Port* connection);
  // Tells every connection that the session is over.
  void close_connections();

 private:
  Identity identity_ MP_GUARDED_BY(mutex_);
  const Time opened_;
  const Limits& limits_;
  std::atomic<bool> ended_{false};

  mutable Mutex mutex_;
  KeptOutcomes outcomes_ MP_GUARDED_BY(mutex_);
  absl::flat_hash_map<ObjectId, std::uint32_t> references_ MP_GUARDED_BY(mutex_);
  std::vector<std::weak_ptr<Port>> connections_ MP_GUARDED_BY(mutex_);
};

}  // namespace mp::server
