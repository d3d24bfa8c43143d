#include "absl/strings/str_cat.h"
#include "server/engine/command_run.h"
#include "server/engine/dispatcher.h"
#include "server/engine/lookup.h"
#include "server/engine/secret.h"
#include "server/objects/error.h"

// The commands that every manager knows, whatever kinds of object it hosts.

namespace mp::server {

void CommandRun::run_built_in() {
  switch (command_.operation_case()) {
    case v1::Command::kObjectFind:
      return run_find();
    case v1::Command::kObjectDelete:
      return run_delete();
    case v1::Command::kObjectRetain:
      return run_retain();
    case v1::Command::kObjectRelease:
      return run_release();
    case v1::Command::kObjectRename:
      return run_rename();
    case v1::Command::kObjectSetLife:
      return run_set_life();
    case v1::Command::kObjectGetLife:
      return run_get_life();
    case v1::Command::kObjectGetVersion:
      return run_get_version();
    case v1::Command::kObjectCount:
      return run_count();
    case v1::Command::kObjectDescribe:
      return run_describe();
    default:
      break;
  }
  if (command_.has_require_token()) {
    return refuse(error(v1::BAD_COMMAND, "only a command on objects can demand a token"));
  }
  if (!require_session("this concerns a session, and the call has none")) return;
  switch (command_.operation_case()) {
    case v1::Command::kCancel:
      return run_cancel();
    case v1::Command::kSessionOpenChild:
      return run_open_child();
    case v1::Command::kSessionTake:
      return run_take();
    case v1::Command::kSessionClose:
      return run_close();
    default:
      return refuse(error(v1::INTERNAL, absl::StrCat("nothing runs ", entry_.request->name())));
  }
}

void CommandRun::run_find() {
  const Target target{.name = request_as<v1::ObjectFindRequest>().name(), .id = 0};
  FencedSection section(engine_, engine_.shard_of(target), token(), deliveries_);
  if (!admit(section)) return;
  const absl::StatusOr<HostedObject*> hosted = require_object(*section, target);
  if (!hosted.ok()) return fail(*section, hosted.status());
  if (origin_.session) {
    if (absl::Status status = origin_.session->require_reference_room(); !status.ok())
      return fail(*section, status);
  }
  section->use(**hosted);
  v1::Ref* ref = reply_as<v1::ObjectFindReply>().mutable_ref();
  ref->set_id((*hosted)->id);
  ref->set_kind(std::string(name_of((*hosted)->object->kind())));
  outcome_.add_retained((*hosted)->id);
  finish(*section);
}

void CommandRun::run_delete() {
  const auto& request = request_as<v1::ObjectDeleteRequest>();
  const Target target{.name = request.name(), .id = request.id()};
  FencedSection section(engine_, engine_.shard_of(target), token(), deliveries_);
  if (!admit(section)) return;
  const absl::StatusOr<HostedObject*> hosted = require_object(*section, target);
  if (!hosted.ok()) return fail(*section, hosted.status());
  const std::string name = title(name_of((*hosted)->object->kind()), target);
  section->remove((*hosted)->id, error(v1::NO_SUCH_OBJECT, absl::StrCat(name, " was deleted")));
  reply();
  finish(*section);
}

void CommandRun::run_retain() {
  if (!require_session("references are a session's, and the call has none")) return;
  const Target target{.name = {}, .id = request_as<v1::ObjectRetainRequest>().id()};
  FencedSection section(engine_, engine_.shard_of(target), token(), deliveries_);
  if (!admit(section)) return;
  const absl::StatusOr<HostedObject*> hosted = require_object(*section, target);
  if (!hosted.ok()) return fail(*section, hosted.status());
  if (absl::Status status = origin_.session->require_reference_room(); !status.ok())
    return fail(*section, status);
  reply();
  outcome_.add_retained(target.id);
  finish(*section);
}

void CommandRun::run_release() {
  if (!require_session("references are a session's, and the call has none")) return;
  const auto& request = request_as<v1::ObjectReleaseRequest>();
  FencedSection section(engine_, engine_.shard_of({.name = {}, .id = request.id()}), token(),
                        deliveries_);
  if (!admit(section)) return;
  origin_.session->release(request.id(), request.count());
  reply();
  finish(*section);
}

void CommandRun::run_cancel() {
  Session& session = *origin_.session;
  const std::uint64_t seq = request_as<v1::CancelRequest>().seq();
  // Not in a section yet: which one is known only once nothing can begin any more under `seq`.
  if (!admit(0)) return;
  const bool unbegun = session.forget_unbegun(seq);
  Section section(*engine_.shards()[session.shard_of(seq).value_or(0)], deliveries_);
  section.count_command();
  if (session.ended()) {
    session.forget(origin_.seq);  // it was admitted in vain
    return refuse(error(v1::SESSION_EXPIRED, "the session has ended"));
  }
  auto& cancel = reply_as<v1::CancelReply>();
  cancel.set_cancelled(unbegun || give_up(section, seq, cancel));
  finish(section);
}

// Inside the section the command runs no more: it waits, or is done, or was acknowledged.
bool CommandRun::give_up(Section& section, std::uint64_t seq, v1::CancelReply& cancel) {
  Session& session = *origin_.session;
  if (const Ticket ticket = session.ticket_of(seq)) {
    const std::optional<Parked> parked = section.abandon(ticket);
    if (!parked) return false;
    const bool waited = parked->operation->reply() == v1::ConditionWaitReply::descriptor();
    cancel.set_lock_let_go(waited);
  } else if (const auto given = session.gift_of(seq)) {
    v1::Outcome outcome;
    outcome.ParseFromString(given->outcome);
    section.take_back(given->gifts.front(), outcome);
    cancel.set_lock_let_go(outcome.has_condition_wait());
  } else {
    return false;
  }
  session.forget(seq);
  return true;
}

void CommandRun::run_open_child() {
  Section section(*engine_.shards().front(), deliveries_);
  section.count_command();
  if (!admit(section.shard_index())) return;
  Session& parent = *origin_.session;
  const auto& request = request_as<v1::SessionOpenChildRequest>();
  if (absl::Status status = require_references(request.objects_size()); !status.ok())
    return fail(section, status);
  const auto child =
      engine_.open_session(parent.client(), parent.lane(), engine_.limits().child_adoption);
  if (!child.ok()) return fail(section, child.status());
  if (request.objects().empty()) {
    (*child)->inherit_references(parent);
  } else {
    (*child)->refer_to(
        {request.objects().data(), static_cast<std::size_t>(request.objects_size())});
  }
  if (request.waits_with_caller()) engine_.sessions().wait_with((*child)->id(), parent.id());
  auto& opened = reply_as<v1::SessionOpenChildReply>();
  opened.set_session((*child)->id());
  opened.set_secret((*child)->secret());
  finish(section);
}

absl::Status CommandRun::require_references(int more) const {
  const std::uint64_t limit = engine_.limits().max_references;
  if (static_cast<std::uint64_t>(more) <= limit) return absl::OkStatus();
  return error(v1::LIMIT_EXCEEDED,
               absl::StrCat("a session may refer to ", limit, " objects, not to ", more,
                            " (limit --max-references)"));
}

// The caller's references are counted before that session's go, so that nothing is garbage between.
void CommandRun::run_take() {
  const auto& request = request_as<v1::SessionTakeRequest>();
  std::shared_ptr<Session> taken;
  {
    Section section(*engine_.shards().front(), deliveries_);
    section.count_command();
    if (!admit(section.shard_index())) return;
    taken = engine_.sessions().find(request.session());
    if (taken == nullptr || taken->ended() || taken == origin_.session ||
        !same_secret(request.secret(), taken->secret())) {
      return fail(section, error(v1::NO_SESSION, "there is no such session to be taken"));
    }
    if (absl::Status status = origin_.session->require_reference_room(); !status.ok())
      return fail(section, status);
    taken->visit_references([this](ObjectId id, std::uint32_t count) {
      for (; count != 0; --count) outcome_.add_retained(id);
    });
    reply();
    finish(section);
  }
  engine_.end_session(taken, Ending::kClosed);
}

// Answered past the session, which is no more: who has the answer finds everything released.
void CommandRun::run_close() {
  const auto answer = [this](Deliveries& deliveries) {
    reply();
    origin_.port->append(outcome_);
    deliveries.add(origin_.port);
  };
  const bool died = request_as<v1::SessionCloseRequest>().died();
  if (!engine_.end_session(origin_.session, died ? Ending::kDied : Ending::kClosed, answer))
    refuse(error(v1::SESSION_EXPIRED, "the session has ended"));
}

}  // namespace mp::server
