#include "server/engine/batch.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/engine/absl_view.h"
#include "server/engine/lookup.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {

constexpr std::uint64_t kMostUndoMessages = 4;

// As a condition compares them: the reply, or the code of the error.
bool as_expected(v1::Outcome& actual, const v1::Outcome& expected) {
  if (actual.has_error() || expected.has_error()) {
    return actual.has_error() && expected.has_error() &&
           actual.error().code() == expected.error().code();
  }
  actual.clear_retained();
  actual.clear_version();
  actual.set_seq(expected.seq());
  return google::protobuf::util::MessageDifferencer::Equals(actual, expected);
}

absl::Status within(std::string_view what, int index, const absl::Status& status) {
  return error(code_of(status),
               absl::StrCat(absl_view(what), " ", index, " of the batch: ", status.message()));
}

}  // namespace

absl::StatusOr<Batch::Step> Batch::step(const v1::Command& command) {
  const Catalog::Entry* entry = Catalog::get().find(command);
  if (entry == nullptr || entry->operation == nullptr) {
    return error(v1::BAD_COMMAND, "only operations on existing objects can be part of a batch");
  }
  const google::protobuf::Message& request = entry->request_in(command);
  if (absl::Status status = entry->require_durations(request); !status.ok()) return status;
  const Target target = entry->operation->target(request);
  return Step{.entry = entry,
              .request = &request,
              .target = target,
              .shard = concern(target),
              .token = demanded(command.has_require_token() ? &command.require_token() : nullptr)};
}

absl::Status Batch::prepare(const v1::BatchRequest& request, const v1::RequiredToken* token) {
  token_ = demanded(token);
  for (int i = 0; i < request.conditions_size(); ++i) {
    const v1::BatchCondition& condition = request.conditions(i);
    const absl::StatusOr<Step> read = step(condition.read());
    if (!read.ok()) return within("condition", i, read.status());
    if (read->entry->operation->effect != Effect::kReads) {
      return within("condition", i,
                    error(v1::BAD_COMMAND, absl::StrCat("it may only read, and ",
                                                        read->entry->method, " does not")));
    }
    conditions_.emplace_back(*read, &condition.expect());
  }
  for (int i = 0; i < request.operations_size(); ++i) {
    const absl::StatusOr<Step> operation = step(request.operations(i));
    if (!operation.ok()) {
      failed_operation_ = i;
      return within("operation", i, operation.status());
    }
    operations_.push_back(*operation);
  }
  return absl::OkStatus();
}

void Batch::enter(Deliveries& deliveries) {
  if (shards_.empty()) shards_.push_back(0);
  std::sort(shards_.begin(), shards_.end());
  shards_.erase(std::unique(shards_.begin(), shards_.end()), shards_.end());
  for (const std::uint32_t index : shards_)
    sections_.emplace_back(*engine_.shards()[index], deliveries);
}

std::uint32_t Batch::concern(const Target& target) {
  shards_.push_back(engine_.shard_of(target).index());
  return shards_.back();
}

Batch::Demand Batch::demanded(const v1::RequiredToken* token) {
  if (token == nullptr) return {};
  return {.token = token, .shard = concern(target_of(*token))};
}

std::uint32_t Batch::shard_of(ObjectId id) const {
  return engine_.shard_of({.name = {}, .id = id}).index();
}

Section& Batch::section_of(std::uint32_t index) {
  const auto at = std::lower_bound(shards_.begin(), shards_.end(), index);
  return sections_[static_cast<std::size_t>(at - shards_.begin())];
}

absl::Status Batch::require_token(const Demand& demand) {
  if (demand.token == nullptr) return absl::OkStatus();
  return check_token(section_of(demand.shard), *demand.token);
}

absl::StatusOr<ObjectId> Batch::run_step(const Step& step, v1::Outcome& outcome, UndoLog& undo) {
  const Operation& operation = *step.entry->operation;
  Section& section = section_of(step.shard);
  if (absl::Status status = require_token(step.token); !status.ok()) return status;
  const absl::StatusOr<HostedObject*> hosted =
      require_object(section, *step.entry->kind, step.target, engine_.epoch());
  if (!hosted.ok()) return hosted.status();
  if (absl::Status status = engine_.require_memory_for(operation, *step.request); !status.ok())
    return status;
  const Invocation invocation{.kind = *step.entry->kind,
                              .operation = operation,
                              .request = *step.request,
                              .reply = step.entry->reply_in(outcome),
                              .outcome = outcome};
  if (absl::Status status = section.run_in_batch(**hosted, invocation, owner_, undo); !status.ok())
    return status;
  return (*hosted)->id;
}

absl::Status Batch::check(const Step& step, const v1::Outcome& expected) {
  v1::Outcome actual;
  UndoLog nothing;
  const absl::StatusOr<ObjectId> read = run_step(step, actual, nothing);
  if (!read.ok()) Answer(actual).fail(read.status());
  if (as_expected(actual, expected)) return absl::OkStatus();
  return error(
      v1::CONDITION_FAILED,
      absl::StrCat("the condition on ", title(name_of(step.entry->kind->kind), step.target),
                   " does not hold; nothing was changed"));
}

absl::Status Batch::run(v1::BatchReply& reply) {
  if (absl::Status status = require_token(token_); !status.ok()) return status;
  for (const auto& [step, expected] : conditions_) {
    if (absl::Status status = check(step, *expected); !status.ok()) return status;
  }
  UndoLog undo;
  absl::Status status = run_operations(reply, undo);
  if (status.ok()) return status;
  undo.run();
  gifts_.clear();
  touched_.clear();
  return status;
}

absl::Status Batch::run_operations(v1::BatchReply& reply, UndoLog& undo) {
  const std::uint64_t limit = engine_.limits().max_message_bytes;
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    const int index = static_cast<int>(i);
    v1::Outcome& outcome = *reply.add_outcomes();
    absl::StatusOr<ObjectId> object = run_step(operations_[i], outcome, undo);
    size += outcome.ByteSizeLong();
    if (object.ok() && undo.bytes() > kMostUndoMessages * limit) {
      object =
          error(v1::LIMIT_EXCEEDED,
                absl::StrCat("to take the batch back, ", undo.bytes(), " bytes would be kept, and ",
                             kMostUndoMessages * limit, " may be (", kMostUndoMessages,
                             " times the limit --max-message-bytes)"));
    }
    if (object.ok() && size > limit) {
      object = error(v1::LIMIT_EXCEEDED, absl::StrCat("the outcomes so far have ", size,
                                                      " bytes and a message may have ", limit,
                                                      " (limit --max-message-bytes)"));
    }
    if (!object.ok()) {
      failed_operation_ = index;
      return within("operation", index, object.status());
    }
    const Effect effect = operations_[i].entry->operation->effect;
    if (effect == Effect::kGives) gifts_.push_back({*object, owner_, index});
    if (effect != Effect::kReads) touched_.push_back(*object);
  }
  return absl::OkStatus();
}

void Batch::involve(const std::shared_ptr<Session>& session) {
  for (const ObjectId id : touched_) section_of(shard_of(id)).involve(session, id);
}

void Batch::note() {
  std::sort(touched_.begin(), touched_.end());
  touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
  for (const ObjectId id : touched_) section_of(shard_of(id)).note_batch(id);
}

void Batch::settle() {
  for (const ObjectId id : touched_) section_of(shard_of(id)).settle(id);
}

}  // namespace mp::server
