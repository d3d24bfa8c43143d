#include "server/engine/dispatcher.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/engine/batch.h"
#include "server/objects/error.h"

namespace mp::server {

struct Dispatcher::Running {
  const v1::Command& command;
  const Catalog::Entry& entry;
  const google::protobuf::Message& request;
  const Origin& origin;
  v1::Outcome& outcome;
  Deliveries& deliveries;

  template <class Request>
  const Request& request_as() const {
    return static_cast<const Request&>(request);
  }
  google::protobuf::Message& reply() {
    return *outcome.GetReflection()->MutableMessage(&outcome, entry.reply);
  }
};

void Dispatcher::dispatch(const v1::Command& command, const Origin& origin, v1::Outcome& outcome,
                          Deliveries& deliveries) {
  const Catalog::Entry* entry = catalog_.find(command);
  if (entry == nullptr) {
    const bool newer = command.GetReflection()->GetUnknownFields(command).field_count() != 0;
    return refuse(newer ? error(v1::UNKNOWN_OPERATION, "this manager does not know the operation; it may be older than "
                                                       "the client")
                        : error(v1::BAD_COMMAND, "the command holds no operation"),
                  origin, deliveries);
  }
  outcome.set_seq(origin.seq);
  Running running{.command = command,
                  .entry = *entry,
                  .request = command.GetReflection()->GetMessage(command, entry->request),
                  .origin = origin,
                  .outcome = outcome,
                  .deliveries = deliveries};
  if (engine_.is_shut_down()) return fail(running, error(v1::MANAGER_SHUT_DOWN, "the manager is shutting down"));
  if (entry->operation != nullptr) {
    return command.has_require_token() ? run_fenced(running) : run_operation(running);
  }
  if (entry->kind != nullptr) return run_create(running);
  switch (command.operation_case()) {
    case v1::Command::kBatch:
      return run_batch(running);
    case v1::Command::kCancel:
      return run_cancel(running);
    case v1::Command::kSessionOpenChild:
    case v1::Command::kSessionClose:
      return run_session_operation(running);
    default:
      return run_object_operation(running);
  }
}

void Dispatcher::refuse(const absl::Status& why, const Origin& origin, Deliveries& deliveries) {
  v1::Outcome outcome;
  outcome.set_seq(origin.seq);
  *outcome.mutable_error() = to_wire(why);
  origin.port->append(outcome);
  deliveries.add(origin.port);
}

bool Dispatcher::admit(Running& running, std::uint32_t shard) {
  const Origin& origin = running.origin;
  if (!origin.session) return true;
  if (origin.session->ended()) {
    fail(running, error(v1::SESSION_EXPIRED, "the session has ended; nothing was changed"));
    return false;
  }
  if (origin.seq == 0) return true;
  const bool reads = running.entry.operation != nullptr && running.entry.operation->effect == Effect::kReads;
  if (reads && !origin.session->knows(origin.seq)) return true;
  switch (origin.session->admit(origin.seq, shard, origin.port, running.deliveries)) {
    case Session::Admission::kRun:
      return true;
    case Session::Admission::kDuplicate:
      return false;
    case Session::Admission::kKeptTooMuch:
      fail(running, error(v1::LIMIT_EXCEEDED,
                          "the session has not acknowledged too many outcomes (limit --max-kept-bytes); nothing was "
                          "changed"));
      return false;
  }
  return false;
}

void Dispatcher::fail(Running& running, const absl::Status& status) {
  Answer(running.outcome).fail(status);
  reply(running);
}

void Dispatcher::reply(Running& running, std::vector<Gift> gifts) {
  deliver(running.outcome, running.origin, std::move(gifts), running.deliveries);
}

void Dispatcher::run_operation(Running& running) {
  const Operation& operation = *running.entry.operation;
  const Target target = operation.target(running.request);
  Section section(engine_.shard_of(target), running.deliveries);
  section.count_command();
  if (!admit(running, section.shard_index())) return;
  const absl::StatusOr<HostedObject*> hosted =
      require_object(section, *running.entry.kind, target, engine_.epoch());
  if (!hosted.ok()) return fail(running, hosted.status());
  if (operation.growth == Growth::kGrows) {
    if (absl::Status status = engine_.require_memory(); !status.ok()) return fail(running, status);
  }
  section.run(**hosted, running.entry.kind->service, operation, running.request, running.reply(), running.outcome,
              running.origin);
}

// As run_operation(), with the lock's shard entered too: the verdict on the token and the operation are one event.
void Dispatcher::run_fenced(Running& running) {
  const Operation& operation = *running.entry.operation;
  const v1::RequiredToken& token = running.command.require_token();
  const Target target = operation.target(running.request);
  Shard& home = engine_.shard_of(target);
  Shard& lock_home = engine_.shard_of({.name = token.name(), .id = token.id()});
  std::optional<Section> first;
  std::optional<Section> second;
  first.emplace(home.index() <= lock_home.index() ? home : lock_home, running.deliveries);
  if (&home != &lock_home) second.emplace(home.index() < lock_home.index() ? lock_home : home, running.deliveries);
  Section& section = first->shard_index() == home.index() ? *first : *second;
  Section& lock_section = first->shard_index() == lock_home.index() ? *first : *second;
  section.count_command();
  if (!admit(running, section.shard_index())) return;
  if (absl::Status status = check_token(lock_section, token); !status.ok()) return fail(running, status);
  const absl::StatusOr<HostedObject*> hosted =
      require_object(section, *running.entry.kind, target, engine_.epoch());
  if (!hosted.ok()) return fail(running, hosted.status());
  section.run(**hosted, running.entry.kind->service, operation, running.request, running.reply(), running.outcome,
              running.origin);
}

void Dispatcher::run_create(Running& running) {
  const KindTable& kind = *running.entry.kind;
  const std::string_view name = kind.name(running.request);
  if (name.empty() && !running.origin.session) {
    return fail(running, error(v1::NO_SESSION, "an object without a name belongs to a session; give it a name, or open a "
                                               "session with mp.v1.Sessions/Open"));
  }
  Shard& shard = name.empty() ? engine_.next_shard() : engine_.shard_of({.name = name, .id = 0});
  Section section(shard, running.deliveries);
  section.count_command();
  if (!admit(running, section.shard_index())) return;
  auto& reply = static_cast<v1::ObjectCreated&>(running.reply());
  HostedObject* hosted = name.empty() ? nullptr : section.find(Target{.name = name, .id = 0});
  if (hosted != nullptr) {
    if (kind.mode(running.request) == v1::MUST_NOT_EXIST) {
      return fail(running, error(v1::ALREADY_EXISTS, absl::StrCat(title(name_of(hosted->object->kind()), {.name = name, .id = 0}),
                                                                  " exists already")));
    }
    if (hosted->object->kind() != kind.kind) {
      return fail(running, error(v1::WRONG_KIND, absl::StrCat("create ", title(name_of(kind.kind), {.name = name, .id = 0}),
                                                              ": the name belongs to a ",
                                                              std::string(name_of(hosted->object->kind())))));
    }
    reply.set_existed(true);
  } else {
    absl::Status room = engine_.require_object_room();
    if (room.ok()) room = engine_.require_memory();
    if (!room.ok()) return fail(running, room);
    auto object = kind.create(running.request, engine_.limits().objects);
    if (!object.ok()) return fail(running, object.status());
    hosted = &section.add(name, *std::move(object));
    engine_.count_object();
  }
  reply.mutable_ref()->set_id(hosted->id);
  reply.mutable_ref()->set_kind(std::string(name_of(kind.kind)));
  running.outcome.add_retained(hosted->id);
  this->reply(running);
}

void Dispatcher::run_batch(Running& running) {
  const v1::RequiredToken* token =
      running.command.has_require_token() ? &running.command.require_token() : nullptr;
  absl::StatusOr<Batch> batch =
      Batch::prepare(engine_, running.request_as<v1::BatchRequest>(), token);
  if (!batch.ok()) return fail(running, batch.status());
  batch->enter(running.deliveries);
  batch->any_section().count_command();
  if (!admit(running, batch->any_section().shard_index())) return;
  auto& reply = static_cast<v1::BatchReply&>(running.reply());
  if (absl::Status status = batch->run(running.origin.party(), reply); !status.ok()) {
    Answer(running.outcome).fail(status);
    running.outcome.mutable_error()->set_operation_index(batch->failed_operation());
    return this->reply(running);
  }
  for (const v1::Outcome& outcome : reply.outcomes()) {
    for (const ObjectId id : outcome.retained()) running.outcome.add_retained(id);
  }
  this->reply(running, batch->gifts());
  batch->settle(running.origin.session);
}

void Dispatcher::run_cancel(Running& running) {
  const std::uint64_t seq = running.request_as<v1::CancelRequest>().seq();
  const std::shared_ptr<Session>& session = running.origin.session;
  if (!session) return fail(running, error(v1::NO_SESSION, "there is nothing to cancel without a session"));
  auto& reply = static_cast<v1::CancelReply&>(running.reply());
  const std::optional<Pending> pending = session->pending(seq);
  if (!pending) {
    // Not begun, or acknowledged. If it is still on its way, it shall find that it is over.
    session->forget(seq);
    reply.set_cancelled(true);
    return this->reply(running);
  }
  if (!pending->outcome.empty() && pending->gifts.empty()) {
    return this->reply(running);  // done, and nothing to give back: its outcome stands
  }
  Section section(*engine_.shards()[pending->shard], running.deliveries);
  const std::optional<Pending> now = session->pending(seq);  // inside the section it runs no more
  if (now && now->outcome.empty()) {
    reply.set_cancelled(section.abandon(now->ticket));
    if (reply.cancelled()) session->forget(seq);
  } else if (now && now->gifts.size() == 1 && !now->gifts.front().operation) {
    v1::Outcome given;
    if (given.ParseFromString(now->outcome)) section.take_back(now->gifts.front(), given);
    session->forget(seq);
    reply.set_cancelled(true);
  }
  this->reply(running);
}

void Dispatcher::run_session_operation(Running& running) {
  const std::shared_ptr<Session>& session = running.origin.session;
  if (!session) return fail(running, error(v1::NO_SESSION, "the call has no session"));
  if (running.command.operation_case() == v1::Command::kSessionClose) {
    running.reply();
    this->reply(running);
    return engine_.end_session(session);
  }
  if (!admit(running, 0)) return;
  auto child = engine_.open_session(session->client(), session->lane(), engine_.limits().child_adoption);
  if (!child.ok()) return fail(running, child.status());
  (*child)->inherit_references(*session);
  auto& reply = static_cast<v1::SessionOpenChildReply&>(running.reply());
  reply.set_session((*child)->id());
  reply.set_secret((*child)->secret());
  this->reply(running);
}

void Dispatcher::run_object_operation(Running& running) {
  const std::shared_ptr<Session>& session = running.origin.session;
  switch (running.command.operation_case()) {
    case v1::Command::kObjectRelease: {
      if (!admit(running, 0)) return;
      const auto& request = running.request_as<v1::ObjectReleaseRequest>();
      if (session) session->release(request.id(), request.count());
      running.reply();
      return this->reply(running);
    }
    case v1::Command::kObjectRetain: {
      const ObjectId id = running.request_as<v1::ObjectRetainRequest>().id();
      Section section(engine_.shard_of({.name = {}, .id = id}), running.deliveries);
      if (!admit(running, section.shard_index())) return;
      if (section.find(id) == nullptr) {
        return fail(running, error(v1::NO_SUCH_OBJECT, absl::StrCat("retain object ", id, ": there is no such object")));
      }
      running.reply();
      running.outcome.add_retained(id);
      return this->reply(running);
    }
    case v1::Command::kObjectFind: {
      const Target target{.name = running.request_as<v1::ObjectFindRequest>().name(), .id = 0};
      Section section(engine_.shard_of(target), running.deliveries);
      if (!admit(running, section.shard_index())) return;
      const HostedObject* hosted = section.find(target);
      if (hosted == nullptr) {
        return fail(running, error(v1::NO_SUCH_OBJECT, absl::StrCat("there is no object '", std::string(target.name), "'")));
      }
      v1::Ref* ref = static_cast<v1::ObjectFindReply&>(running.reply()).mutable_ref();
      ref->set_id(hosted->id);
      ref->set_kind(std::string(name_of(hosted->object->kind())));
      running.outcome.add_retained(hosted->id);
      return this->reply(running);
    }
    default: {
      const auto& request = running.request_as<v1::ObjectDeleteRequest>();
      const Target target{.name = request.name(), .id = request.id()};
      Section section(engine_.shard_of(target), running.deliveries);
      if (!admit(running, section.shard_index())) return;
      const HostedObject* hosted = section.find(target);
      if (hosted == nullptr) {
        return fail(running, error(v1::NO_SUCH_OBJECT, absl::StrCat("delete ", title("object", target),
                                                                    ": there is no such object")));
      }
      section.remove(hosted->id, error(v1::NO_SUCH_OBJECT, absl::StrCat(title("object", target), " was deleted")));
      engine_.uncount_object();
      running.reply();
      return this->reply(running);
    }
  }
}

}  // namespace mp::server
