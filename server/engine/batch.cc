#include "server/engine/batch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {

Target target_of(const v1::RequiredToken& token) { return {.name = token.name(), .id = token.id()}; }

// As a condition compares them: the reply, or the code of the error.
bool as_expected(v1::Outcome& actual, const v1::Outcome& expected) {
  if (actual.has_error() || expected.has_error()) {
    return actual.has_error() && expected.has_error() && actual.error().code() == expected.error().code();
  }
  actual.clear_retained();
  actual.set_seq(expected.seq());
  return google::protobuf::util::MessageDifferencer::Equals(actual, expected);
}

absl::Status with_prefix(std::string_view prefix, const absl::Status& status) {
  return error(code_of(status), absl::StrCat(std::string(prefix), std::string(status.message())));
}

}  // namespace

std::string title(std::string_view kind, const Target& target) {
  const std::string subject = target.id != 0 ? absl::StrCat(target.id) : absl::StrCat("'", std::string(target.name), "'");
  return absl::StrCat(std::string(kind), " ", subject);
}

absl::StatusOr<HostedObject*> require_object(Section& section, const KindTable& kind, const Target& target,
                                             std::uint64_t epoch) {
  HostedObject* hosted = section.find(target);
  if (hosted == nullptr) {
    std::string why = "there is no such object";
    if (target.id != 0 && (target.id >> Shard::kIndexBits >> 16U) < epoch) {
      why = "the reference is from an earlier run of the manager, which has been restarted since; make the object anew";
    } else if (target.id == 0) {
      why = absl::StrCat("nobody has made an object of this name; make it with ", std::string(kind.service), "/Create");
    }
    return error(v1::NO_SUCH_OBJECT, absl::StrCat(title(name_of(kind.kind), target), ": ", why));
  }
  if (hosted->object->kind() != kind.kind) {
    return error(v1::WRONG_KIND, absl::StrCat(title(name_of(kind.kind), target), ": the object is a ",
                                              std::string(name_of(hosted->object->kind()))));
  }
  return hosted;
}

absl::Status check_token(Section& section, const v1::RequiredToken& token) {
  const Target target = target_of(token);
  const HostedObject* hosted = section.find(target);
  if (hosted != nullptr && hosted->object->holds_token(token.token())) return absl::OkStatus();
  return error(v1::STALE_TOKEN, absl::StrCat("the grant with token ", token.token(), " of ", title("lock", target),
                                             " is no longer held; nothing was changed"));
}

absl::StatusOr<Batch::Step> Batch::step(const v1::Command& command) {
  const Catalog::Entry* entry = Catalog::get().find(command);
  if (entry == nullptr || entry->operation == nullptr) {
    return error(v1::BAD_COMMAND, "only operations on existing objects can be part of a batch");
  }
  const auto* request = &command.GetReflection()->GetMessage(command, entry->request);
  const Target target = entry->operation->target(*request);
  shards_.push_back(engine_.shard_of(target).index());
  return Step{&command, entry, request, target};
}

absl::StatusOr<Batch> Batch::prepare(Engine& engine, const v1::BatchRequest& request,
                                     const v1::RequiredToken* token) {
  Batch batch(engine);
  batch.token_ = token;
  for (const v1::Condition& condition : request.conditions()) {
    auto step = batch.step(condition.read());
    if (!step.ok()) return step.status();
    if (step->entry->operation->effect != Effect::kReads) {
      return error(v1::BAD_COMMAND, absl::StrCat("a condition may only read, and ", step->entry->method, " does not"));
    }
    batch.conditions_.emplace_back(*step, &condition.expect());
  }
  for (const v1::Command& command : request.operations()) {
    auto step = batch.step(command);
    if (!step.ok()) return step.status();
    batch.operations_.push_back(*step);
  }
  if (token != nullptr) batch.shards_.push_back(engine.shard_of(target_of(*token)).index());
  if (batch.shards_.empty()) batch.shards_.push_back(0);
  std::sort(batch.shards_.begin(), batch.shards_.end());
  batch.shards_.erase(std::unique(batch.shards_.begin(), batch.shards_.end()), batch.shards_.end());
  return batch;
}

void Batch::enter(Deliveries& deliveries) {
  for (const std::uint32_t index : shards_) sections_.emplace_back(*engine_.shards()[index], deliveries);
}

Section& Batch::section_of(const Target& target) {
  const std::uint32_t index = engine_.shard_of(target).index();
  const auto at = std::lower_bound(shards_.begin(), shards_.end(), index);
  return sections_[static_cast<std::size_t>(at - shards_.begin())];
}

absl::StatusOr<HostedObject*> Batch::object_of(const Step& step) {
  return require_object(section_of(step.target), *step.entry->kind, step.target, engine_.epoch());
}

absl::Status Batch::run_step(const Step& step, Owner owner, v1::Outcome& outcome, UndoLog& undo) {
  const absl::StatusOr<HostedObject*> object = object_of(step);
  if (!object.ok()) return object.status();
  if (step.entry->operation->growth == Growth::kGrows) {
    if (absl::Status status = engine_.require_memory(); !status.ok()) return status;
  }
  auto* reply = outcome.GetReflection()->MutableMessage(&outcome, step.entry->reply);
  const ObjectId id = (*object)->id;
  if (std::find(touched_.begin(), touched_.end(), id) == touched_.end()) touched_.push_back(id);
  return section_of(step.target)
      .run_in_batch(**object, *step.entry->operation, *step.request, *reply, outcome, owner, undo);
}

absl::Status Batch::check(const Step& step, const v1::Outcome& expected, Owner owner) {
  v1::Outcome actual;
  UndoLog undo;
  const absl::Status status = run_step(step, owner, actual, undo);
  if (!status.ok()) {
    actual.clear_reply();
    *actual.mutable_error() = to_wire(status);
  }
  if (as_expected(actual, expected)) return absl::OkStatus();
  return error(v1::CONDITION_FAILED, absl::StrCat("the condition on ", title(name_of(step.entry->kind->kind), step.target),
                                                  " does not hold; nothing was changed"));
}

absl::Status Batch::run(Owner owner, v1::BatchReply& reply) {
  if (token_ != nullptr) {
    if (absl::Status status = check_token(section_of(target_of(*token_)), *token_); !status.ok()) return status;
  }
  for (const auto& [step, expected] : conditions_) {
    if (absl::Status status = check(step, *expected, owner); !status.ok()) return status;
  }
  UndoLog undo;
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    const absl::Status status = run_step(operations_[i], owner, *reply.add_outcomes(), undo);
    if (status.ok()) {
      if (operations_[i].entry->operation->effect == Effect::kGives) {
        given_.push_back({(*object_of(operations_[i]))->id, owner, static_cast<int>(i)});
      }
      continue;
    }
    undo.run();
    given_.clear();
    reply.Clear();
    failed_operation_ = static_cast<int>(i);
    return with_prefix(absl::StrCat("operation ", i, " of the batch: "), status);
  }
  return absl::OkStatus();
}

void Batch::settle(const std::shared_ptr<Session>& session) {
  for (const Gift& gift : given_) {
    if (session) section_of({.name = {}, .id = gift.object}).involve(session, gift.object);
  }
  for (const ObjectId id : touched_) section_of({.name = {}, .id = id}).settle(id);
}

}  // namespace mp::server
