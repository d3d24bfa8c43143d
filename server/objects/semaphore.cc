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

void Semaphore::keep_for_undo(Call& call) {
  if (!call.undoable()) return;
  call.on_undo([this, old = State{value_, signal_, died_, granted_}] {
    value_ = old.value;
    signal_ = old.signal;
    died_ = old.died;
    granted_ = old.granted;
  });
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
  keep_for_undo(call);
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
  if (grant.lease_ends) grant.lease_alarm = step.alarm(*grant.lease_ends);
  reply.set_token(grant.token);
  granted_.push_back(grant);
}

absl::Status Semaphore::release(const v1::SemaphoreReleaseRequest& request,
                                v1::SemaphoreReleaseReply&, Call& call) {
  const std::uint64_t count = request.count() == 0 ? 1 : request.count();
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (count > (bounded_ ? at_first_ : kMost) - value_) {
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
  keep_for_undo(call);
  if (!signal_ && !end_grants(call.caller(), count, token)) {
    signal_ = true;
    granted_.clear();
  }
  value_ += count;
  return absl::OkStatus();
}

bool Semaphore::end_grants(Owner owner, std::uint64_t count, std::uint64_t token) {
  const std::size_t before = granted_.size();
  for (; count != 0; --count) {
    const auto at = std::find_if(granted_.rbegin(), granted_.rend(), [&](const Grant& grant) {
      return token != 0 ? grant.token == token : grant.owner == owner;
    });
    if (at == granted_.rend()) break;
    granted_.erase(std::next(at).base());
  }
  return granted_.size() != before;
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

void Semaphore::come_back_by_death(std::size_t grants) {
  value_ += grants;
  died_ += grants;
}

void Semaphore::expire(Ticket ticket, Step& step) {
  if (waiters_.remove(ticket)) {
    step.answer(ticket).outcome().mutable_semaphore_acquire()->set_acquired(false);
  } else if (ticket != 0) {
    come_back_by_death(
        std::erase_if(granted_, [&](const Grant& grant) { return grant.lease_alarm == ticket; }));
  }
}

bool Semaphore::awaits_alarm(Ticket ticket) const {
  return ticket != 0 && std::ranges::find(granted_, ticket, &Grant::lease_alarm) != granted_.end();
}

void Semaphore::abandon(Ticket ticket) { waiters_.remove(ticket); }

void Semaphore::owner_gone(SessionId session, Step&) {
  waiters_.remove_session(session);
  come_back_by_death(
      std::erase_if(granted_, [&](const Grant& grant) { return grant.owner.session == session; }));
}

void Semaphore::take_back(const v1::Outcome& outcome, Owner) {
  const v1::SemaphoreAcquireReply& reply = outcome.semaphore_acquire();
  if (!reply.acquired()) return;
  const auto at = std::ranges::find(granted_, reply.token(), &Grant::token);
  if (at != granted_.end()) {
    granted_.erase(at);
  } else if (reply.token() != 0 || !signal_) {
    return;  // it came back another way
  }
  if (bounded_ && value_ == at_first_) return;
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
