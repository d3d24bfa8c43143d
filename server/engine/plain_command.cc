#include "server/engine/command_run.h"
#include "server/engine/dispatcher.h"
#include "server/engine/lookup.h"
#include "server/engine/shard_step.h"
#include "server/objects/plain.h"
#include "server/objects/wire_reader.h"

// The commonest commands, from bytes to bytes: an operation on an object of known id, whose request
// and reply are plain. They run as all others do, but for the messages in between.

namespace mp::server {
namespace {

struct PlainCommand {
  std::uint64_t seq = 0;
  std::uint64_t owner = 0;
  const Catalog::Entry* entry = nullptr;
  PlainRequest request;

  // False: it is not of this form, and is to be parsed.
  bool read(std::string_view bytes, const Catalog& catalog, const ObjectLimits& limits) {
    constexpr unsigned char kSeqTag = v1::Command::kSeqFieldNumber << 3U;
    constexpr unsigned char kOwnerTag = v1::Command::kOwnerFieldNumber << 3U;
    constexpr std::uint64_t kDelimited = 2;
    WireReader in(bytes);
    std::uint64_t tag = 0;
    std::string_view body;
    if (!in.tag(kSeqTag) || !in.varint(seq) || !in.tag(kOwnerTag) || !in.varint(owner) ||
        !in.varint(tag) || (tag & 7U) != kDelimited || !in.delimited(body) || !in.done()) {
      return false;
    }
    entry = catalog.find(tag >> 3U);
    if (entry == nullptr || entry->operation == nullptr || entry->operation->run_plain == nullptr)
      return false;
    return request.read(body, entry->operation->plain_form, limits);
  }
};

}  // namespace

bool Dispatcher::dispatch_plain(std::string_view bytes, Origin& origin, Deliveries& deliveries) {
  PlainCommand command;
  if (!command.read(bytes, catalog_, engine_.limits().objects)) return false;
  origin.seq = command.seq;
  origin.owner = command.owner;
  v1::Outcome outcome;
  outcome.set_seq(origin.seq);
  return CommandRun(engine_, v1::Command::default_instance(), *command.entry, origin, outcome,
                    deliveries)
      .run_plain(command.request);
}

bool CommandRun::run_plain(PlainRequest& request) {
  const Target target{.name = {}, .id = request.id};
  Section section(engine_.shard_of(target), deliveries_);
  const bool done = !admit(section.shard_index()) || run_plain(section, target, request);
  if (done) section.count_command();
  return done;
}

bool CommandRun::run_plain(Section& section, const Target& target, PlainRequest& request) {
  const Operation& operation = *entry_.operation;
  const absl::StatusOr<HostedObject*> hosted =
      require_object(section, *entry_.kind, target, engine_.epoch());
  absl::Status status = hosted.status();
  if (status.ok() && operation.growth == Growth::kGrows) status = engine_.require_memory();
  if (!status.ok()) {
    fail(section, status);
    return true;
  }
  return section.run_plain(**hosted, *entry_.kind, operation,
                           static_cast<std::uint32_t>(entry_.request->number()), request, outcome_,
                           origin_);
}

bool Section::run_plain(HostedObject& hosted, const KindTable& kind, const Operation& operation,
                        std::uint32_t reply_field, PlainRequest& request, v1::Outcome& outcome,
                        const Origin& origin) {
  use(hosted);
  Object& object = *hosted.object;
  ShardStep step(*this, hosted);
  Call call(step, origin.party(), ++shard_.last_ticket_, outcome, nullptr, object.log().get());
  const bool changes = operation.effect != Effect::kReads;
  PlainReply reply;
  std::string bytes;
  absl::Status status = operation.run_plain(object, request.values, reply, call);
  if (status.ok()) {
    // Who only reads has changed nothing, and may begin anew; no mutation finds such a value.
    if (!changes && !reply.is_plain()) return false;
    if (changes && call.altered() == Altered::kYes)
      object.note_change({.service = kind.service, .rpc = operation.rpc});
    bytes = plain_outcome({.seq = origin.seq,
                           .version = changes || call.watched() ? object.version() : 0,
                           .watch_events = origin.session->watch_events()},
                          reply_field, reply);
    status = require_fit(operation, bytes.size());
  }
  if (status.ok() && operation.effect == Effect::kReads) {
    origin.port->append_bytes(bytes);  // it is kept nowhere, since it may run again
    deliveries_.add(origin.port);
  } else if (status.ok()) {
    origin.session->deliver_bytes(origin.seq, std::move(bytes), origin.port, deliveries_);
  } else {
    call.answer().fail(status);
    const bool was_done = !bytes.empty();
    if (call.watched() || (was_done && changes)) outcome.set_version(object.version());
    deliver(outcome, origin, {});
  }
  object.settle(step);
  complete(step);
  tell_watches_of(object.log());
  return true;
}

}  // namespace mp::server
