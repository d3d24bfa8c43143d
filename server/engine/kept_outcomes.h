#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "server/engine/port.h"
#include "server/engine/seq_set.h"
#include "server/objects/step.h"

namespace mp::server {

using ObjectId = std::uint64_t;

// What an outcome gave its caller, and may have to be taken back: the object, and in a batch the
// operation.
struct Gift {
  ObjectId object;
  Owner owner;
  std::optional<int> operation;
};

// A command of a session that has begun and is not acknowledged yet.
struct Pending {
  std::uint32_t shard = 0;     // where it runs
  std::shared_ptr<Port> port;  // until it is done: the connection that sent it last
  Ticket ticket = 0;           // while it waits
  std::string outcome;         // once it is done: bytes, never none
  std::vector<Gift> gifts;

  bool done() const { return !outcome.empty(); }
};

// Makes commands exactly-once: knows which commands of a session have begun, keeps their outcomes
// until the client has acknowledged them, and recognises those that come again. Not thread-safe; no
// clock.
//
//   new ──begin()──► running or waiting ──finish()──► kept ──acknowledge(), forget()──► forgotten
class KeptOutcomes {
 public:
  enum class Admission { kNew, kPending, kForgotten };

  // Has `seq` been seen?
  Admission admit(std::uint64_t seq) const;
  Pending& begin(std::uint64_t seq) { return pending_[seq]; }
  Pending* find(std::uint64_t seq);
  const Pending* find(std::uint64_t seq) const;
  // The first outcome of a command that has begun.
  void finish(Pending& pending, std::string outcome, std::vector<Gift> gifts);
  // The command leaves no trace but that it has been seen.
  void forget(std::uint64_t seq);
  // The client has the outcomes of all below `lowest`, and of all up to the last unanswered one
  // that is not among `unanswered` (pairs of first seq and count, ascending).
  void acknowledge(std::uint64_t lowest, std::span<const std::uint64_t> unanswered);

  // What all this takes, about: small outcomes cost their bookkeeping more than their bytes.
  std::uint64_t bytes() const;
  std::size_t intervals() const { return forgotten_.intervals(); }

  // Everything pending, oldest first.
  const absl::btree_map<std::uint64_t, Pending>& pending() const { return pending_; }

 private:
  void drop_pending(std::uint64_t first, std::uint64_t last);
  void forget_range(std::uint64_t first, std::uint64_t last);

  absl::btree_map<std::uint64_t, Pending> pending_;
  SeqSet forgotten_;          // at or above lowest_
  std::uint64_t lowest_ = 1;  // all below are forgotten
  std::uint64_t outcome_bytes_ = 0;
};

}  // namespace mp::server
