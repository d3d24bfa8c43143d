#include "server/engine/command_run.h"

#include "absl/strings/str_cat.h"
#include "server/engine/absl_view.h"
#include "server/engine/batch.h"
#include "server/engine/dispatcher.h"
#include "server/engine/lookup.h"
#include "server/objects/error.h"

namespace mp::server {

CommandRun::CommandRun(Engine& engine, const v1::Command& command, const Catalog::Entry& entry,
                       const Origin& origin, v1::Outcome& outcome, Deliveries& deliveries)
    : engine_(engine),
      command_(command),
      entry_(entry),
      request_(entry.request_in(command)),
      origin_(origin),
      outcome_(outcome),
      deliveries_(deliveries) {}

void CommandRun::run() {
  if (absl::Status status = entry_.require_durations(request_); !status.ok()) return refuse(status);
  if (entry_.operation != nullptr) return run_operation();
  if (entry_.kind != nullptr) return run_create();
  if (command_.has_batch()) return run_batch();
  run_built_in();
}

bool CommandRun::admit(FencedSection& section) {
  section->count_command();
  if (!admit(section->shard_index())) return false;
  const absl::Status status = section.check();
  if (!status.ok()) fail(*section, status);
  return status.ok();
}

bool CommandRun::admit(std::uint32_t shard) {
  const std::shared_ptr<Session>& session = origin_.session;
  const bool exactly_once = session && origin_.seq != 0;
  if (session && session->ended()) {
    refuse(error(v1::SESSION_EXPIRED, "the session has ended"));
    return false;
  }
  // What has begun before is answered all the same.
  if (engine_.is_shut_down() && !(exactly_once && session->knows(origin_.seq))) {
    refuse(error(v1::MANAGER_SHUT_DOWN, "the manager is shutting down"));
    return false;
  }
  if (!exactly_once) return true;
  const bool reads = entry_.operation != nullptr && entry_.operation->effect == Effect::kReads;
  const auto kind = reads ? Session::Kind::kRead : Session::Kind::kMutation;
  const auto admission = session->admit(origin_.seq, kind, shard, origin_.port, deliveries_);
  if (admission == Session::Admission::kKeptTooMuch) refuse(kept_too_much());
  return admission == Session::Admission::kRun;
}

bool CommandRun::require_session(std::string_view why) {
  if (origin_.session) return true;
  refuse(error(v1::NO_SESSION, why));
  return false;
}

void CommandRun::refuse(const absl::Status& why) { Dispatcher::refuse(why, origin_, deliveries_); }

void CommandRun::fail(Section& section, const absl::Status& why) {
  Answer(outcome_).fail(why);
  finish(section);
}

void CommandRun::run_operation() {
  const Operation& operation = *entry_.operation;
  const Target target = operation.target(request_);
  FencedSection section(engine_, engine_.shard_of(target), token(), deliveries_);
  if (!admit(section)) return;
  const absl::StatusOr<HostedObject*> hosted =
      require_object(*section, *entry_.kind, target, engine_.epoch());
  if (!hosted.ok()) return fail(*section, hosted.status());
  if (absl::Status status = engine_.require_memory_for(operation, request_); !status.ok())
    return fail(*section, status);
  section->run(**hosted,
               {.kind = *entry_.kind,
                .operation = operation,
                .request = request_,
                .reply = reply(),
                .outcome = outcome_,
                .inside_call = command_.inside_call()},
               origin_);
}

void CommandRun::run_batch() {
  Batch batch(engine_, origin_.party());
  const absl::Status prepared = batch.prepare(request_as<v1::BatchRequest>(), token());
  batch.enter(deliveries_);
  Section& section = batch.any_section();
  section.count_command();
  if (!admit(section.shard_index())) return;
  auto& reply = reply_as<v1::BatchReply>();
  const absl::Status status = prepared.ok() ? batch.run(reply) : prepared;
  if (!status.ok()) {
    Answer(outcome_).fail(status);
    outcome_.mutable_error()->set_operation_index(batch.failed_operation());
    return finish(section);
  }
  for (v1::Outcome& each : *reply.mutable_outcomes()) {
    outcome_.mutable_retained()->MergeFrom(each.retained());
    each.clear_retained();
  }
  if (origin_.session) batch.involve(origin_.session);
  batch.note();
  section.deliver(outcome_, origin_, batch.gifts());
  batch.settle();
}

}  // namespace mp::server
