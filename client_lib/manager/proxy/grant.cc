#include "client_lib/manager/proxy/grant.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "mp/errors.h"
#include "mp/internal/fork_hooks.h"

namespace mp::internal {
namespace {

using Remote = std::shared_ptr<const RemoteObject>;

thread_local std::vector<Grant> grants;  // the last one last
thread_local std::vector<std::weak_ptr<Acquisition>> acquisitions;

bool same_session(const std::weak_ptr<const void>& left, const std::weak_ptr<const void>& right) {
  return !left.owner_before(right) && !right.owner_before(left);
}

void add(const RemoteObject& object, const Reply& reply, bool died,
         Ownership of = Ownership::kExclusive) {
  const std::uint64_t generation = fork_generation();
  std::erase_if(grants, [&](const Grant& grant) {
    return grant.generation != generation || grant.session.expired() || grant.is_spent();
  });
  grants.push_back({object.session_mark(), object.incarnation(), generation, object.id(),
                    reply.uint(2), died, of});
}

void forget_one_of(const RemoteObject& lock, std::uint64_t token, Ownership of) {
  const auto at = std::find_if(grants.begin(), grants.end(), [&](const Grant& grant) {
    return grant.is_of(lock, of) && grant.token == token;
  });
  if (at != grants.end()) grants.erase(at);
}

}  // namespace

bool Grant::is_of(const RemoteObject& remote, Ownership of) const {
  return object == remote.id() && ownership == of && generation == fork_generation() &&
         same_session(session, remote.session_mark());
}

const Grant* last_grant(const RemoteObject& object, Ownership of) {
  const auto last = std::find_if(grants.rbegin(), grants.rend(), [&](const Grant& grant) {
    return grant.is_of(object, of) && !grant.is_spent();
  });
  return last == grants.rend() ? nullptr : &*last;
}

std::size_t count_grants(const RemoteObject& object) {
  return static_cast<std::size_t>(std::count_if(
      grants.begin(), grants.end(), [&](const Grant& grant) { return grant.is_of(object); }));
}

void permit_granted(const RemoteObject& semaphore, const Reply& reply) {
  add(semaphore, reply, reply.boolean(3));
}

void lock_granted(const RemoteObject& lock, const Reply& reply, Ownership of) {
  const Grant* before = last_grant(lock, of);
  const bool again = before != nullptr && before->token == reply.uint(2);
  const bool died = reply.boolean(3) || (again && before->previous_owner_died);
  if (!again) forget_all_grants(lock, of);  // what was held under another token was lost
  add(lock, reply, died, of);
}

void lock_held_again(const RemoteObject& lock, const Reply& reply) {
  const std::size_t count = std::max<std::size_t>(count_grants(lock), 1);
  forget_all_grants(lock);
  for (std::size_t i = 0; i < count; ++i) add(lock, reply, reply.boolean(3));
}

void forget_grants(const RemoteObject& object, std::size_t count, Ownership of) {
  for (; count > 0; --count) {
    const Grant* last = last_grant(object, of);
    if (last == nullptr) return;
    grants.erase(grants.begin() + (last - grants.data()));
  }
}

void forget_all_grants(const RemoteObject& object, Ownership of) {
  std::erase_if(grants, [&](const Grant& grant) { return grant.is_of(object, of); });
}

std::shared_ptr<Acquisition> Acquisition::begin(Remote lock, Ownership of) {
  auto acquisition = std::make_shared<Acquisition>(std::move(lock), of);
  std::erase_if(acquisitions, [](const auto& weak) { return weak.expired(); });
  acquisitions.push_back(acquisition);
  return acquisition;
}

bool Acquisition::end(const Reply& reply) {
  ended_ = true;
  if (!reply.boolean(1)) return false;
  if (!released_) lock_granted(*lock_, reply, ownership_);
  return true;
}

std::function<void()> begin_release(Remote lock, Ownership of) {
  if (const Grant* held = last_grant(*lock, of)) {
    return [lock = std::move(lock), token = held->token, of] { forget_one_of(*lock, token, of); };
  }
  for (const std::weak_ptr<Acquisition>& weak : acquisitions) {
    const std::shared_ptr<Acquisition> first = weak.lock();
    if (first == nullptr || first->ended_ || first->released_ || first->ownership_ != of ||
        first->lock_->id() != lock->id() ||
        !same_session(first->lock_->session_mark(), lock->session_mark())) {
      continue;
    }
    return [lock = std::move(lock), first, of] {
      if (first->ended_) return forget_grants(*lock, 1, of);
      first->released_ = true;
    };
  }
  return [] {};
}

PermitRelease::PermitRelease(const RemoteObject& semaphore, std::int64_t permits) {
  std::int64_t left = permits;
  for (auto grant = grants.rbegin(); grant != grants.rend() && left > 0; ++grant) {
    if (!grant->is_of(semaphore) || grant->is_spent() || grant->is_being_released()) continue;
    grant->release = fate_;
    --left;
    if (permits == 1) token_ = grant->token;
  }
}

PermitRelease::~PermitRelease() {
  Grant::Release under_way = Grant::Release::kUnderWay;
  fate_->compare_exchange_strong(under_way, Grant::Release::kUndone);
}

namespace {

class Droppable final : public PendingReply::State {
 public:
  Droppable(PendingReply call, std::function<void()> then)
      : call_(std::move(call)), then_(std::move(then)) {}
  ~Droppable() override {
    if (call_.valid()) call_.when_sure(then_);
  }
  Droppable(const Droppable&) = delete;
  Droppable& operator=(const Droppable&) = delete;

  Reply get() override { return call_.get(); }
  bool wait_for(std::chrono::nanoseconds timeout) override { return call_.wait_for(timeout); }

 private:
  PendingReply call_;
  std::function<void()> then_;
};

}  // namespace

PendingReply if_dropped(PendingReply call, std::function<void()> then) {
  return PendingReply(std::make_shared<Droppable>(std::move(call), std::move(then)));
}

void encode_acquire(wire::Message& request, const AcquireOptions& options) {
  if (const Timeout timeout = options.timeout.nanoseconds()) request.duration(3, *timeout);
  if (const Timeout lease = options.lease.nanoseconds()) {
    if (*lease <= std::chrono::nanoseconds::zero())
      throw ValueError("a lease must be longer than zero");
    request.duration(4, *lease);
  }
}

CallOptions waiting(CallOptions options, const TimeLimit& timeout) {
  options.may_wait = true;
  options.wait = timeout.nanoseconds();
  return options;
}

CallOptions blocking(CallOptions options, const TimeLimit& timeout) {
  options = waiting(options, timeout);
  options.caller_blocks = !options.wait;
  return options;
}

}  // namespace mp::internal
