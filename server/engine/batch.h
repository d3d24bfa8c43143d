#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "server/engine/catalog.h"
#include "server/engine/engine.h"

namespace mp::server {

// One atomic batch on its way: If(conditions) Then(operations), inside all shards that it concerns.
class Batch {
 public:
  Batch(Engine& engine, Owner owner) : engine_(engine), owner_(owner) {}

  // Finds the operations and the shards. BAD_COMMAND if one of them can't be part of a batch.
  absl::Status prepare(const v1::BatchRequest& request, const v1::RequiredToken* token);

  // Enters the shards, in order.
  void enter(Deliveries& deliveries);
  Section& any_section() { return sections_.front(); }

  // Checks the required token and the conditions, then runs the operations. On failure nothing is
  // changed.
  absl::Status run(v1::BatchReply& reply);
  // The operation that failed, in prepare() or run(); -1 if it was none.
  int failed_operation() const { return failed_operation_; }

  // After success: what was given, and that the session's end concerns it.
  const std::vector<Gift>& gifts() const { return gifts_; }
  void involve(const std::shared_ptr<Session>& session);
  // What it has changed becomes an event of each object; before its outcome leaves.
  void note();
  // Serves the waiters of everything that the batch has touched, once.
  void settle();

 private:
  // Where a name leads may change until the shards are entered: it is looked up once.
  struct Demand {
    const v1::RequiredToken* token = nullptr;  // null: none
    std::uint32_t shard = 0;                   // of its lock
  };
  struct Step {
    const Catalog::Entry* entry;
    const google::protobuf::Message* request;
    Target target;
    std::uint32_t shard;
    Demand token;
  };

  absl::StatusOr<Step> step(const v1::Command& command);
  std::uint32_t concern(const Target& target);
  Demand demanded(const v1::RequiredToken* token);
  std::uint32_t shard_of(ObjectId id) const;
  Section& section_of(std::uint32_t shard);
  absl::Status require_token(const Demand& demand);
  absl::StatusOr<ObjectId> run_step(const Step& step, v1::Outcome& outcome, UndoLog& undo);
  absl::Status check(const Step& step, const v1::Outcome& expected);
  absl::Status run_operations(v1::BatchReply& reply, UndoLog& undo);

  Engine& engine_;
  const Owner owner_;
  Demand token_;
  std::vector<std::pair<Step, const v1::Outcome*>> conditions_;
  std::vector<Step> operations_;
  std::vector<std::uint32_t> shards_;  // ascending
  std::deque<Section> sections_;       // of these
  std::vector<ObjectId> touched_;
  std::vector<Gift> gifts_;
  int failed_operation_ = -1;
};

}  // namespace mp::server
