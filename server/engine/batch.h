#pragma once

#include <deque>
#include <vector>

#include "server/engine/engine.h"

namespace mp::server {

// One atomic batch on its way: If(conditions) Then(operations), inside all shards that it concerns.
class Batch {
 public:
  // Finds the operations and the shards. Fails if an operation can't be part of a batch.
  static absl::StatusOr<Batch> prepare(Engine& engine, const v1::BatchRequest& request,
                                       const v1::RequiredToken* token);

  // Enters the shards, in order.
  void enter(Deliveries& deliveries);
  Section& any_section() { return sections_.front(); }

  // Checks the required token and the conditions, then runs the operations. On failure nothing is changed, and
  // failed_operation() tells which it was, if it was one.
  absl::Status run(Owner owner, v1::BatchReply& reply);
  int failed_operation() const { return failed_operation_; }
  const std::vector<Gift>& gifts() const { return given_; }

  // Serves the waiters of everything that the batch has touched, once.
  void settle(const std::shared_ptr<Session>& session);

 private:
  struct Step {
    const v1::Command* command;
    const Catalog::Entry* entry;
    const google::protobuf::Message* request;
    Target target;
  };

  explicit Batch(Engine& engine) : engine_(engine) {}
  absl::StatusOr<Step> step(const v1::Command& command);
  Section& section_of(const Target& target);
  absl::StatusOr<HostedObject*> object_of(const Step& step);
  absl::Status run_step(const Step& step, Owner owner, v1::Outcome& outcome, UndoLog& undo);
  absl::Status check(const Step& step, const v1::Outcome& expected, Owner owner);

  Engine& engine_;
  const v1::RequiredToken* token_ = nullptr;
  std::vector<std::pair<Step, const v1::Outcome*>> conditions_;
  std::vector<Step> operations_;
  std::vector<std::uint32_t> shards_;  // ascending
  std::deque<Section> sections_;
  std::vector<ObjectId> touched_;
  std::vector<Gift> given_;
  int failed_operation_ = -1;
};

// STALE_TOKEN unless the very grant that `token` names is held now. Inside the lock's section.
absl::Status check_token(Section& section, const v1::RequiredToken& token);

// How an object is named in messages: dict 'scores', or dict 4711.
std::string title(std::string_view kind, const Target& target);

// The object an operation asks for: NO_SUCH_OBJECT or WRONG_KIND if there is none such.
absl::StatusOr<HostedObject*> require_object(Section& section, const KindTable& kind, const Target& target,
                                             std::uint64_t epoch);

}  // namespace mp::server
