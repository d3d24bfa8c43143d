#include "server/objects/semaphore.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"

namespace mp::server {

std::span<const Operation> Semaphore::operations() {
  using In = v1::Command;
  using Out = v1::Outcome;
  using enum Effect;
  static constexpr std::array kRows = {
      operation<&Semaphore::acquire, &In::semaphore_acquire, &Out::mutable_semaphore_acquire>(
          "Acquire", kGives),
      operation<&Semaphore::release, &In::semaphore_release, &Out::mutable_semaphore_release>(
          "Release", kMutates),
      operation<&Semaphore::get_value, &In::semaphore_get_value, &Out::mutable_semaphore_get_value>(
          "GetValue", kReads),
  };
  return kRows;
}

namespace {

std::uint64_t first_value(const v1::SemaphoreCreateRequest& request) {
  return request.has_value() ? request.value() : 1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Semaphore>> Semaphore::create(
    const v1::SemaphoreCreateRequest& request, const ObjectLimits&) {
  if (first_value(request) > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return error(v1::VALUE_ERROR, "a semaphore has at most 2^63 - 1 permits");
  return std::make_unique<Semaphore>(request);
}

Semaphore::Semaphore(const v1::SemaphoreCreateRequest& request)
    : Object(Kind::kSemaphore),
      at_first_(first_value(request)),
      bounded_(request.bounded()),
      made_as_signal_(request.signal()),
      signal_(request.signal()),
      value_(at_first_) {}

absl::Status Semaphore::require_match(const v1::SemaphoreCreateRequest& request) const {
  if (request.bounded() != bounded_) {
    return error(v1::WRONG_KIND, bounded_ ? "the semaphore is a bounded one"
                                          : "the semaphore is not a bounded one");
  }
  if (request.signal() && !made_as_signal_)
    return error(v1::WRONG_KIND, "the semaphore was not made as a signal");
  return absl::OkStatus();
}

// Above what a bounded one had at first, or a number can hold, no permit comes back.
std::uint64_t Semaphore::most() const {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  return bounded_ ? at_first_ : kMost;
}

absl::Status Semaphore::acquire(const v1::SemaphoreAcquireRequest& request,
                                v1::SemaphoreAcquireReply& reply, Call& call) {
  if (!signal_) {
    if (absl::Status status = call.require_session(); !status.ok()) return status;
  }
  Wanted wanted;
  if (request.has_lease()) {
    wanted.lease = duration_of(request.lease());
    if (*wanted.lease <= Duration::zero())
      return error(v1::VALUE_ERROR, "a lease must be longer than 0");
  }
  if (value_ == 0) {
    if (absl::Status status = call.park(timeout_of(request)); !status.ok()) return status;
    waiters_.push(call, wanted);
    return absl::OkStatus();
  }
  if (call.undoable()) {
    call.on_undo([this, died = died_] {
      if (!signal_) end_grant(granted_.size() - 1);
      ++value_;
      died_ = died;
    });
  }
  grant(call.caller(), wanted, call.step(), reply);
  return absl::OkStatus();
}

void Semaphore::grant(Owner owner, const Wanted& wanted, Step& step,
                      v1::SemaphoreAcquireReply& reply) {
  --value_;
  reply.set_acquired(true);
  if (died_ != 0) {
    --died_;
    reply.set_previous_owner_died(true);
  }
  if (signal_) return;
  Grant grant{.owner = owner, .token = step.next_token(), .since = step.now(), .lease_ends = {}};
  if (wanted.lease) grant.lease_ends = step.time_after(*wanted.lease);
  if (grant.lease_ends) leases_.insert(grant.lease_alarm = step.alarm(*grant.lease_ends));
  reply.set_token(grant.token);
  granted_.push_back(grant);
}

absl::Status Semaphore::release(const v1::SemaphoreReleaseRequest& request,
                                v1::SemaphoreReleaseReply&, Call& call) {
  const std::uint64_t count = request.count() == 0 ? 1 : request.count();
  if (count > most() - value_) {
    return error(
        v1::VALUE_ERROR,
        bounded_ ? absl::StrCat("the semaphore was released too many times: it has ", value_,
                                " of ", at_first_, " permits, and ", count, " more were released")
                 : "a semaphore has at most 2^63 - 1 permits");
  }
  const std::uint64_t token = signal_ ? 0 : request.token();  // a signal's permits are nobody's
  if (token != 0 && (count != 1 || !holds_token(token))) {
    return error(v1::NOT_OWNER, absl::StrCat("the permit with token ", token,
                                             " is not held any more: its owner's session or its "
                                             "lease ended, or it was released"));
  }
  std::vector<Ended> ended;
  const bool was_signal = signal_;
  if (!signal_) ended = end_grants(call.caller(), count, token);
  if (!signal_ && ended.empty()) {
    signal_ = true;
    while (!granted_.empty())
      ended.push_back({granted_.size() - 1, end_grant(granted_.size() - 1)});
  }
  value_ += count;
  if (call.undoable()) {
    call.on_undo([this, was_signal, count, ended = std::move(ended)] {
      value_ -= count;
      signal_ = was_signal;
      restore_grants(ended);
    });
  }
  return absl::OkStatus();
}

Semaphore::Grant Semaphore::end_grant(std::size_t at) {
  const Grant grant = granted_[at];
  granted_.erase(granted_.begin() + static_cast<std::ptrdiff_t>(at));
  leases_.erase(grant.lease_alarm);
  return grant;
}

std::vector<Semaphore::Ended> Semaphore::end_grants(Owner owner, std::uint64_t count,
                                                    std::uint64_t token) {
  std::vector<Ended> ended;
  for (std::size_t at = granted_.size(); at-- > 0 && ended.size() < count;) {
    const Grant& grant = granted_[at];
    if (token != 0 ? grant.token == token : grant.owner == owner)
      ended.push_back({at, end_grant(at)});
  }
  return ended;
}

// Last ended, first restored.
void Semaphore::restore_grants(std::vector<Ended> ended) {
  for (; !ended.empty(); ended.pop_back()) {
    const auto& [at, grant] = ended.back();
    granted_.insert(granted_.begin() + static_cast<std::ptrdiff_t>(at), grant);
    if (grant.lease_alarm != 0) leases_.insert(grant.lease_alarm);
  }
}

absl::Status Semaphore::get_value(const v1::SemaphoreGetValueRequest&,
                                  v1::SemaphoreGetValueReply& reply, Call&) const {
  reply.set_value(value_);
  reply.set_bounded(bounded_);
  reply.set_signal(signal_);
  return absl::OkStatus();
}

void Semaphore::settle(Step& step) {
  while (value_ != 0 && waiters_.front(step) != nullptr) {
    const auto waiter = waiters_.pop();
    grant(waiter.owner, waiter.detail, step,
          *step.answer(waiter.ticket).outcome().mutable_semaphore_acquire());
  }
}

template <class Condition>
void Semaphore::end_by_death(Condition condition) {
  std::uint64_t ended = std::erase_if(granted_, [&](const Grant& grant) {
    if (!condition(grant)) return false;
    leases_.erase(grant.lease_alarm);
    return true;
  });
  if (ended != 0) note_change();
  ended = std::min(ended, most() - value_);
  value_ += ended;
  died_ += ended;
}

void Semaphore::expire(Ticket ticket, Step& step) {
  if (waiters_.remove(ticket)) {
    Answer answer = step.answer(ticket, Altered::kNo);
    answer.outcome().mutable_semaphore_acquire()->set_acquired(false);
  } else if (awaits_alarm(ticket)) {
    end_by_death([&](const Grant& grant) { return grant.lease_alarm == ticket; });
  }
}

void Semaphore::abandon(Ticket ticket) { waiters_.remove(ticket); }

void Semaphore::owner_gone(SessionId session, Step&) {
  waiters_.remove_session(session);
  end_by_death([&](const Grant& grant) { return grant.owner.session == session; });
}

void Semaphore::take_back(const v1::Outcome& outcome, Owner) {
  const v1::SemaphoreAcquireReply& reply = outcome.semaphore_acquire();
  if (!reply.acquired()) return;
  const auto at = std::ranges::find(granted_, reply.token(), &Grant::token);
  if (at == granted_.end() && !signal_) return;  // it came back another way
  note_change();
  if (at != granted_.end()) end_grant(static_cast<std::size_t>(at - granted_.begin()));
  if (value_ == most()) return;
  ++value_;
  if (reply.previous_owner_died()) ++died_;  // nobody has seen it yet
}

void Semaphore::dissolve(const absl::Status& why, Step& step) { waiters_.dissolve(why, step); }

bool Semaphore::holds_token(std::uint64_t token) const {
  return token != 0 && std::ranges::find(granted_, token, &Grant::token) != granted_.end();
}

std::vector<Holding> Semaphore::holders() const {
  std::vector<Holding> holders;
  for (const Grant& grant : granted_)
    holders.push_back({grant.owner, grant.since, grant.token, grant.lease_ends});
  return holders;
}

}  // namespace mp::server
