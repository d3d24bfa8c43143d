#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "mp/v1/session.pb.h"
#include "server/engine/kept_outcomes.h"
#include "server/engine/limits.h"
#include "server/engine/mutex.h"

namespace mp::server {

// LIMIT_EXCEEDED: a session keeps as many outcomes as it may.
absl::Status kept_too_much();

// How a session ends: by its own wish, or because its process did or its time was over.
enum class Ending { kClosed, kDied };

// What one client process owns in this manager: the commands that it has not acknowledged, and
// counted references to objects. What it holds and waits for stands in the objects, under its id.
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
      : id_(identity.id),
        secret_(std::move(identity.secret)),
        opened_(opened),
        limits_(limits),
        client_(std::move(identity.client)),
        lane_(std::move(identity.lane)) {}

  SessionId id() const { return id_; }
  const std::string& secret() const { return secret_; }
  Time opened() const { return opened_; }
  v1::ClientInfo client() const;
  std::string lane() const;
  // The process that takes up a child session says who it is.
  void adopt(const v1::ClientInfo& client, std::string lane);

  // Set once, before the sweep; commands look at it inside their section, so that nothing is owned
  // after the sweep.
  bool ended() const { return ended_.load(std::memory_order_acquire); }
  // True for the one caller that ended it.
  bool end() { return !ended_.exchange(true, std::memory_order_acq_rel); }

  // --- Exactly-once. Called inside the section of the command's shard. ---

  // What runs again if it is sent again, and what does not.
  enum class Kind { kRead, kMutation };
  enum class Admission { kRun, kDuplicate, kKeptTooMuch };
  // Shall this command run? A duplicate is dealt with here: what is done is answered again; what
  // waits goes on waiting, for this port now. But not if this one joined before the port for which
  // it waits: it was held up on a connection that its client has left.
  Admission admit(std::uint64_t seq, Kind kind, std::uint32_t shard,
                  const std::shared_ptr<Port>& port, Deliveries& deliveries);
  // Has this command begun, or is it over?
  bool knows(std::uint64_t seq) const;
  // An admitted command waits under this ticket of its shard.
  void waits(std::uint64_t seq, Ticket ticket);
  // Sends an outcome to the command's port, and keeps it if the command was admitted. References
  // that it grants are counted; a read that grants some is kept too, so that sent again it does not
  // grant them twice.
  void deliver(v1::Outcome& outcome, const std::shared_ptr<Port>& port, std::uint32_t shard,
               std::vector<Gift> gifts, Deliveries& deliveries);
  // The same for the bytes of an outcome that grants and gives nothing.
  void deliver_bytes(std::uint64_t seq, std::string outcome, const std::shared_ptr<Port>& port,
                     Deliveries& deliveries);
  void acknowledge(std::uint64_t lowest, std::span<const std::uint64_t> unanswered);

  // --- Giving up. ---

  // The command shall find that it is over when it arrives. False if it has begun, or is over.
  bool forget_unbegun(std::uint64_t seq);
  // Where a command that has begun and is not acknowledged runs or ran.
  std::optional<std::uint32_t> shard_of(std::uint64_t seq) const;
  // Of such a command, inside the section of its shard: the ticket under which it waits, or 0.
  Ticket ticket_of(std::uint64_t seq) const;
  void forget(std::uint64_t seq);

  // What an outcome that is not acknowledged has given.
  struct Given {
    std::vector<Gift> gifts;
    std::string outcome;  // bytes
  };
  // What can be taken back of one command: its gift, unless that is part of a batch.
  std::optional<Given> gift_of(std::uint64_t seq) const;
  // All that came from these objects, newest first.
  std::vector<Given> unacknowledged(const absl::flat_hash_set<ObjectId>& objects) const;

  // --- Watches. ---

  // Events that this session's watches have counted, in all shards.
  std::uint64_t watch_events() const { return watch_events_->load(std::memory_order_acquire); }
  const std::shared_ptr<std::atomic<std::uint64_t>>& watch_counter() const { return watch_events_; }

  // --- References. ---

  // LIMIT_EXCEEDED if the session holds, or has not acknowledged, as much as it may.
  absl::Status require_reference_room() const;
  void release(ObjectId id, std::uint32_t count = 1);
  void inherit_references(const Session& parent);
  // Once to each, in a session that nobody uses yet.
  void refer_to(std::span<const ObjectId> objects);
  void visit_references(const std::function<void(ObjectId, std::uint32_t count)>& visit) const;
  std::uint32_t references_to(ObjectId id) const;

  struct Numbers {
    std::size_t references;
    std::size_t kept;
    std::uint64_t kept_bytes;
    std::size_t intervals;
    std::size_t connections;
  };
  Numbers numbers() const;

  // --- Connections. ---

  // Tells the connection at once if the session is over already.
  void attach(const std::shared_ptr<Port>& connection);
  // True if this was the last one.
  bool detach(const Port* connection);
  // After the end: tells every connection, and drops what is kept. (It may keep a connection, and
  // that the session.)
  void close();

 private:
  // Sends the first outcome of a command that was admitted, and keeps it.
  void keep(Pending& pending, std::string outcome, std::vector<Gift> gifts, Deliveries& deliveries)
      MP_REQUIRES(mutex_);
  // Among the connections; -1 if it is none of them.
  std::ptrdiff_t place_of(const std::shared_ptr<Port>& connection) const MP_REQUIRES(mutex_);

  const SessionId id_;
  const std::string secret_;
  const Time opened_;
  const Limits& limits_;
  std::atomic<bool> ended_{false};
  const std::shared_ptr<std::atomic<std::uint64_t>> watch_events_ =
      std::make_shared<std::atomic<std::uint64_t>>(0);

  mutable Mutex mutex_;
  v1::ClientInfo client_ MP_GUARDED_BY(mutex_);
  std::string lane_ MP_GUARDED_BY(mutex_);
  KeptOutcomes outcomes_ MP_GUARDED_BY(mutex_);
  absl::flat_hash_map<ObjectId, std::uint32_t> references_ MP_GUARDED_BY(mutex_);
  std::vector<std::weak_ptr<Port>> connections_ MP_GUARDED_BY(mutex_);  // as they joined
  bool closed_ MP_GUARDED_BY(mutex_) = false;
};

}  // namespace mp::server
