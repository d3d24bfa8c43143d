#include "server/engine/section.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/engine/absl_view.h"
#include "server/engine/shard_step.h"
#include "server/objects/error.h"

namespace mp::server {

Section::Section(Shard& shard, Deliveries& deliveries) : shard_(shard), deliveries_(deliveries) {
  shard_.mutex_.lock();
  shard_.now_ = std::max(shard_.now_, shard_.clock_.now());  // never back
  expire_due();
  // Here, where no operation is under way: an alarm that a batch may yet undo must not be dropped,
  // nor one whose object does not know its ticket yet.
  shard_.timers_.drop_surplus([this](const Timers::Timer& timer) { return wanted(timer); });
}

Section::~Section() {
  publish_deadline();
  shard_.mutex_.unlock();
}

HostedObject* Section::find(ObjectId id) {
  const auto at = shard_.objects_.find(id);
  return at == shard_.objects_.end() ? nullptr : &at->second;
}

HostedObject* Section::find(const Target& target) {
  if (target.id != 0) return find(target.id);
  const auto at = shard_.names_.find(absl_view(target.name));
  return at == shard_.names_.end() ? nullptr : find(at->second);
}

HostedObject& Section::add(std::string_view name, std::unique_ptr<Object> object) {
  const ObjectId id = (++shard_.last_id_ << Shard::kIndexBits) | shard_.index_;
  HostedObject& hosted = shard_.objects_[id];
  hosted.id = id;
  hosted.name = std::string(name);
  hosted.object = std::move(object);
  hosted.object->be_hosted_as(id);
  shard_.directory_.count_object();
  if (!name.empty()) shard_.names_[hosted.name] = id;
  return hosted;
}

void Section::run(HostedObject& hosted, const Invocation& invocation, const Origin& origin) {
  use(hosted);
  ShardStep step(*this, hosted);
  Call call(step, origin.party(), ++shard_.last_ticket_, invocation.outcome, nullptr,
            hosted.object->log().get());
  call.be_inside(invocation.inside_call);
  Object& object = *hosted.object->facet(invocation.kind.kind);
  const absl::Status status =
      invocation.operation.run(object, invocation.request, invocation.reply, call);
  if (call.concerns_session() && origin.session) involve(origin.session, hosted.id);
  if (status.ok() && call.parked()) {
    park(step, hosted, invocation, origin, call);
  } else {
    if (!status.ok()) call.answer().fail(status);
    note(hosted, invocation.kind, invocation.operation, call.altered(), invocation.outcome);
    answer(hosted, invocation.operation, invocation.outcome, origin);
  }
  hosted.object->settle(step);
  complete(step);
  tell_watches(*hosted.object);
}

void Section::park(ShardStep& step, HostedObject& hosted, const Invocation& invocation,
                   const Origin& origin, const Call& call) {
  const Ticket ticket = call.ticket();
  shard_.parked_.emplace(ticket, Parked{.object = hosted.id,
                                        .origin = origin,
                                        .kind = &invocation.kind,
                                        .operation = &invocation.operation,
                                        .since = now(),
                                        .deadline = call.deadline()});
  ++hosted.waiters;
  if (origin.session) {
    involve(origin.session, hosted.id).waiting.insert(ticket);
    if (origin.seq != 0) origin.session->waits(origin.seq, ticket);
  }
  begin_to_block(hosted, ticket, invocation.inside_call);
  origin.port->parked(shard_.index_, ticket);
  // Parked first, timed second: a timer that fired before its waiter was known would leave it
  // waiting for ever.
  const std::optional<Time> deadline = call.deadline();
  if (!deadline) return;
  if (*deadline <= now()) {
    hosted.object->expire(ticket, step);
  } else {
    shard_.timers_.add({*deadline, ticket, hosted.id});
  }
}

std::optional<Parked> Section::unpark(Ticket ticket) {
  const auto at = shard_.parked_.find(ticket);
  if (at == shard_.parked_.end()) return std::nullopt;
  Parked parked = std::move(at->second);
  shard_.parked_.erase(at);
  --find(parked.object)->waiters;
  if (parked.blocks_its_owner()) shard_.waits_.remove(parked.origin.party(), shard_.index_, ticket);
  if (const auto by = shard_.involved_.find(parked.origin.party().session);
      by != shard_.involved_.end()) {
    by->second.waiting.erase(ticket);
  }
  return parked;
}

void Section::reject(Ticket ticket, const absl::Status& why) {
  const std::optional<Parked> parked = unpark(ticket);
  if (!parked) return;
  v1::Outcome outcome;
  outcome.set_seq(parked->origin.seq);
  Answer(outcome).fail(why);
  deliver(outcome, parked->origin, {});
}

void Section::complete(ShardStep& step) {
  while (!step.ready().empty()) {
    Step::Ready ready = std::move(step.ready().front());
    step.ready().pop_front();
    const std::optional<Parked> parked = unpark(ready.ticket);
    if (!parked) continue;
    ready.outcome.set_seq(parked->origin.seq);
    HostedObject& hosted = *find(parked->object);
    note(hosted, *parked->kind, *parked->operation, ready.altered, ready.outcome);
    // What came back may be another waiter's.
    if (answer(hosted, *parked->operation, ready.outcome, parked->origin) == Fate::kCameBack)
      hosted.object->settle(step);
    tell_watches(*hosted.object);
  }
}

Section::Fate Section::answer(HostedObject& hosted, const Operation& operation,
                              v1::Outcome& outcome, const Origin& origin) {
  std::vector<Gift> gifts;
  Fate fate = Fate::kArrives;
  if (!outcome.has_error()) {
    const bool gives = operation.effect == Effect::kGives;
    if (absl::Status status = require_deliverable(operation, outcome, origin); !status.ok()) {
      if (gives) {
        hosted.object->take_back(outcome, origin.party());
        fate = Fate::kCameBack;
      }
      Answer(outcome).fail(status);
    } else if (gives) {
      if (origin.session) involve(origin.session, hosted.id);
      gifts.push_back({hosted.id, origin.party(), {}});
      shard_.waits_.granted(origin.party());
    }
  }
  deliver(outcome, origin, std::move(gifts));
  return fate;
}

absl::Status Section::require_deliverable(const Operation& operation, const v1::Outcome& outcome,
                                          const Origin& origin) const {
  absl::Status status = require_fit(operation, outcome.ByteSizeLong());
  const bool refers = outcome.retained_size() != 0 && operation.effect == Effect::kReads;
  if (!status.ok() || !refers || !origin.session) return status;
  return origin.session->require_reference_room();
}

absl::Status Section::require_fit(const Operation& operation, std::size_t outcome_bytes) const {
  const std::uint64_t limit = shard_.limits_.max_message_bytes;
  if (outcome_bytes <= limit) return absl::OkStatus();
  return error(
      v1::LIMIT_EXCEEDED,
      absl::StrCat("the outcome has ", outcome_bytes, " bytes and a message may have ", limit,
                   " (limit --max-message-bytes); ",
                   operation.effect == Effect::kMutates ? "the operation was done"
                   : operation.effect == Effect::kReads ? "ask for a slice, or for single items"
                                                        : "what it gave went back"));
}

void Section::deliver(v1::Outcome& outcome, const Origin& origin, std::vector<Gift> gifts) {
  if (origin.session) {
    return origin.session->deliver(outcome, origin.port, shard_.index_, std::move(gifts),
                                   deliveries_);
  }
  outcome.clear_retained();
  origin.port->append(outcome);
  for (const Gift& gift : gifts) origin.port->gave(gift, outcome);
  deliveries_.add(origin.port);
}

absl::Status Section::run_in_batch(HostedObject& hosted, const Invocation& invocation, Owner owner,
                                   UndoLog& undo) {
  use(hosted);
  ShardStep step(*this, hosted);
  const std::shared_ptr<ChangeLog>& log = hosted.object->log();
  Call call(step, owner, ++shard_.last_ticket_, invocation.outcome, &undo, log.get());
  Object& object = *hosted.object->facet(invocation.kind.kind);
  const absl::Status status =
      invocation.operation.run(object, invocation.request, invocation.reply, call);
  const bool alters = invocation.operation.effect != Effect::kReads;
  if (status.ok() && alters && call.altered() == Altered::kYes) {
    undo.push([whole = hosted.object.get(), before = hosted.object->version()] {
      whole->restore_version(before);
    });
    hosted.object->raise_version();
    invocation.outcome.set_version(hosted.object->version());
  } else if (log != nullptr || (status.ok() && alters)) {
    if (!status.ok()) log->forget_step();
    invocation.outcome.set_version(hosted.object->version());
  }
  return status;
}

void Section::settle(ObjectId id) {
  HostedObject* hosted = find(id);
  if (hosted == nullptr) return;
  ShardStep step(*this, *hosted);
  hosted->object->settle(step);
  complete(step);
  tell_watches(*hosted->object);
  hosted->object->tidy();
}

Involvement& Section::involve(const std::shared_ptr<Session>& session, ObjectId object) {
  Involvement& involvement = shard_.involved_[session->id()];
  if (involvement.session == nullptr) involvement.session = session;
  absl::flat_hash_set<ObjectId>& objects = involvement.objects;
  objects.insert(object);
  if (objects.size() > involvement.objects_bound) {
    absl::erase_if(objects, [this](ObjectId id) { return !shard_.objects_.contains(id); });
    involvement.objects_bound = std::max<std::size_t>(64, 2 * objects.size());
  }
  return involvement;
}

std::optional<Parked> Section::abandon(Ticket ticket) {
  std::optional<Parked> parked = unpark(ticket);
  if (parked) {
    find(parked->object)->object->abandon(ticket);
    settle(parked->object);
  }
  return parked;
}

std::uint32_t Section::waiting_of(SessionId session) const {
  const auto at = shard_.involved_.find(session);
  return at == shard_.involved_.end() ? 0 : static_cast<std::uint32_t>(at->second.waiting.size());
}

void Section::expire_due() {
  for (;;) {
    const std::optional<Timers::Timer> due = shard_.timers_.pop_due(shard_.now_);
    if (!due) return;
    const Timers::Timer timer = *due;
    if (!wanted(timer)) continue;
    HostedObject* hosted = find(timer.object);
    if (hosted->life != nullptr && hosted->life->alarm == timer.ticket) {
      review_life(*hosted);
      continue;
    }
    if (hosted->log_alarm == timer.ticket) {
      hosted->log_alarm = 0;
      if (!hosted->object->log()->has_readers()) hosted->object->drop_log();
      continue;
    }
    use(*hosted);
    ShardStep step(*this, *hosted);
    hosted->object->expire(timer.ticket, step);
    hosted->object->settle(step);
    if (hosted->object->kind() == Kind::kRWLock) {
      // Whose lease to write has ended may read still, and be in the way by that.
      for (const Holding& holding : hosted->object->holders()) shard_.waits_.granted(holding.owner);
    }
    complete(step);
    tell_watches(*hosted->object);
  }
}

// Asked first, since an object would search all of its waiters for one that was served long ago.
bool Section::wanted(const Timers::Timer& timer) {
  const HostedObject* hosted = find(timer.object);
  return hosted != nullptr &&
         (shard_.parked_.contains(timer.ticket) || hosted->object->awaits_alarm(timer.ticket) ||
          hosted->log_alarm == timer.ticket ||
          (hosted->life != nullptr && hosted->life->alarm == timer.ticket));
}

void Section::publish_deadline() {
  const Duration::rep next =
      std::chrono::duration_cast<Duration>(shard_.timers_.next().time_since_epoch()).count();
  const Duration::rep before = shard_.next_deadline_.load(std::memory_order_relaxed);
  if (next == before) return;
  shard_.next_deadline_.store(next, std::memory_order_release);
  if (next < before) shard_.on_earlier_deadline_(shard_.timers_.next());
}

}  // namespace mp::server
