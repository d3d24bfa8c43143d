#include "server/objects/watch.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {

// Events go into one reply until it has so many bytes.
constexpr std::size_t kReplyBytes = 1U << 20U;

}  // namespace

std::span<const Operation> Watch::operations() {
  using In = v1::Command;
  using Out = v1::Outcome;
  static constexpr std::array kRows = {
      operation<&Watch::next, &In::watch_next, &Out::mutable_watch_next>("Next", Effect::kGives),
  };
  return kRows;
}

Target Watch::related(const v1::WatchCreateRequest& request) {
  return {.name = request.watched_name(), .id = request.watched_id()};
}

absl::StatusOr<std::unique_ptr<Watch>> Watch::create(const v1::WatchCreateRequest& request,
                                                     const ObjectLimits& limits,
                                                     const Related& watched) {
  if (watched.object == nullptr) {
    return error(v1::BAD_COMMAND,
                 "which object is to be watched? Set either `watched_name` or `watched_id`");
  }
  if (watched.object->kind() == Kind::kWatch)
    return error(v1::WRONG_KIND, "a watch cannot be watched");
  Filter filter{.keys = {}, .old_values = request.old_values(), .new_values = request.new_values()};
  for (const v1::Value& wire : request.keys()) {
    absl::StatusOr<Value> key = Value::key_from_wire(wire, limits);
    if (!key.ok()) return key.status();
    filter.keys.push_back(*std::move(key));
  }
  auto watch =
      std::make_unique<Watch>(watched.object->keep_log(limits), watched.id, std::move(filter));
  if (request.has_resume()) watch->resume(request.resume());
  return watch;
}

Watch::Watch(std::shared_ptr<ChangeLog> log, std::uint64_t watched_id, Filter filter)
    : Object(Kind::kWatch),
      log_(std::move(log)),
      watched_id_(watched_id),
      filter_(std::move(filter)),
      next_(log_->end()) {
  log_->attach(*this);
}

absl::Status Watch::require_match(const v1::WatchCreateRequest&, const Related& watched) const {
  if (watched.id == 0 || watched.id == watched_id_) return absl::OkStatus();
  return error(v1::WRONG_KIND, absl::StrCat("it watches another object, of id ", watched_id_));
}

void Watch::resume(const v1::WatchPosition& position) {
  lost_ = position.object() != watched_id_ || !log_->reaches_back_to(position.version());
  go_to(lost_ ? log_->end() : log_->after(position.version()));
}

void Watch::count_for(std::shared_ptr<std::atomic<std::uint64_t>> counter) {
  if (counter == counter_) return;
  counter_ = std::move(counter);
  counted_ = 0;
}

bool Watch::Filter::passes(const ChangeLog::Change& change) const {
  return keys.empty() ||
         std::ranges::any_of(keys, [&](const Value& key) { return same_key(key, change.key); });
}

bool Watch::Filter::passes(const ChangeLog::Event& event) const {
  return keys.empty() || event.everything || event.deleted ||
         std::ranges::any_of(event.changes, [this](const auto& change) { return passes(change); });
}

bool Watch::logged(const ChangeLog::Event& event) {
  if (log_->first() > next_) lost_ = true;
  if (filter_.passes(event)) {
    ++unread_;
    ++counted_;
    if (counter_ != nullptr) counter_->fetch_add(1, std::memory_order_acq_rel);
  } else if (!has_news()) {
    next_ = log_->end();
  }
  return has_news() && !waiters_.empty();
}

void Watch::go_to(std::uint64_t number) {
  next_ = number;
  unread_ = 0;
  for (std::uint64_t at = next_; at != log_->end(); ++at) {
    if (filter_.passes(log_->at(at))) ++unread_;
  }
  if (unread_ == 0) next_ = log_->end();
}

void Watch::restore(const Place& place) {
  next_ = place.next;
  unread_ = place.unread;
  lost_ = place.lost;
  over_ = place.over;
}

absl::Status Watch::require_watched() const {
  if (!over_) return absl::OkStatus();
  return error(v1::NO_SUCH_OBJECT,
               absl::StrCat("object ", watched_id_, ", which it watches, is gone"));
}

absl::Status Watch::next(const v1::WatchNextRequest& request, v1::WatchNextReply& reply,
                         Call& call) {
  if (absl::Status status = require_watched(); !status.ok()) return status;
  const std::optional<Duration> timeout = timeout_of(request);
  if (!has_news() && timeout != Duration::zero()) {
    if (absl::Status status = call.park(timeout); !status.ok()) return status;
    waiters_.push(call, request.limit());
    return absl::OkStatus();
  }
  if (call.undoable()) call.on_undo([this, before = place()] { restore(before); });
  read(request.limit(), reply, call.answer());
  return absl::OkStatus();
}

void Watch::settle(Step& step) {
  while (has_news() && waiters_.front(step) != nullptr) {
    const auto waiter = waiters_.pop();
    Answer answer = step.answer(waiter.ticket);
    read(waiter.detail, *answer.outcome().mutable_watch_next(), answer);
  }
  if (over_) waiters_.dissolve(require_watched(), step);
}

void Watch::expire(Ticket ticket, Step& step) {
  if (waiters_.remove(ticket)) describe(*step.answer(ticket).outcome().mutable_watch_next());
}

// What comes after a loss is read from the object itself, and so are the events that are left.
void Watch::resynchronize(v1::WatchNextReply& reply) {
  lost_ = false;
  next_ = log_->is_over() ? log_->end() - 1 : log_->end();
  unread_ = log_->end() - next_;
  v1::WatchEvent& event = *reply.add_events();
  event.set_object(watched_id_);
  event.set_version(log_->version() - unread_);
  event.set_resync(true);
}

void Watch::read(std::uint32_t limit, v1::WatchNextReply& reply, Answer answer) {
  const auto most = limit == 0 ? std::numeric_limits<int>::max()
                               : static_cast<int>(std::min<std::uint32_t>(limit, 1U << 30U));
  if (lost_) resynchronize(reply);
  std::size_t bytes = 0;
  while (unread_ != 0 && reply.events_size() < most && bytes < kReplyBytes) {
    const ChangeLog::Event& event = log_->at(next_++);
    if (!filter_.passes(event)) continue;
    v1::WatchEvent& wire = *reply.add_events();
    write(event, wire, answer);
    bytes += wire.ByteSizeLong();
    over_ = event.deleted;
    --unread_;
  }
  if (unread_ == 0) next_ = log_->end();
  describe(reply);
}

void Watch::describe(v1::WatchNextReply& reply) const {
  reply.set_version(next_ == log_->end() ? log_->version() : log_->at(next_).version - 1);
  reply.set_seen(counted_ - std::min(unread_, counted_));
}

void Watch::write(const ChangeLog::Event& event, v1::WatchEvent& wire, Answer& answer) const {
  wire.set_object(watched_id_);
  wire.set_version(event.version);
  if (!event.by.rpc.empty()) {
    wire.mutable_operation()->append(event.by.service).append("/").append(event.by.rpc);
  }
  wire.set_everything(event.everything);
  wire.set_deleted(event.deleted);
  for (const ChangeLog::Change& change : event.changes) {
    if (!filter_.passes(change)) continue;
    v1::Change& each = *wire.add_changes();
    if (change.key.present()) answer.write(change.key, each.mutable_key());
    if (filter_.old_values && change.old.present()) answer.write(change.old, each.mutable_old());
    if (filter_.new_values && change.now.present()) answer.write(change.now, each.mutable_new_());
  }
}

// Read by nobody: the next reader begins there again, also if others have read on meanwhile.
void Watch::take_back(const v1::Outcome& outcome, Owner) {
  const v1::WatchNextReply& reply = outcome.watch_next();
  if (reply.events().empty()) return;
  const v1::WatchEvent& first = reply.events(0);
  if (first.resync()) {
    lost_ = true;
  } else {
    const std::uint64_t number = log_->after(first.version() - 1);
    if (number > next_) return;
    if (!log_->reaches_back_to(first.version() - 1)) lost_ = true;
    go_to(number);
  }
  over_ = false;
}

std::size_t Watch::heap_bytes() const {
  std::size_t total = filter_.keys.capacity() * sizeof(Value);
  for (const Value& key : filter_.keys) total += key.heap_bytes();
  return total;
}

std::string Watch::note() const {
  return absl::StrCat("watches object ", watched_id_, lost_ ? ", has lost events" : "");
}

void Watch::visit_refs(const std::function<void(std::uint64_t)>& visit) const {
  for (const Value& key : filter_.keys) key.visit_refs(visit);
  // Otherwise the watched object is asked for its log.
  if (log_->is_over()) log_->visit_refs(visit);
}

}  // namespace mp::server
