#include <algorithm>
#include <utility>

#include "client_lib/manager/channel.h"
#include "client_lib/manager/operation_table.h"
#include "client_lib/manager/session.h"

// How a channel comes by a connection, goes on over another one, and takes its leave.

namespace mp::internal {

bool Channel::send_last(wire::Operation operation) {
  const std::shared_ptr<Call> call = make_call(operation);
  Lock lock(mutex_);
  if (lane_ == nullptr) return false;
  leaving_ = true;
  add_call(call, 0, {}, {});
  send_all(lock);
  leaving_ = false;
  return true;
}

void Channel::adopt(std::shared_ptr<LaneConnection> lane, std::uint64_t incarnation) {
  const Lock lock(mutex_);
  if (lane_ != nullptr) return;
  lane_ = std::move(lane);
  incarnation_ = incarnation;
}

void Channel::drop_connection() {
  lane_.reset();
  out_.clear();
  out_sent_ = 0;
  in_size_ = 0;
}

void Channel::reconnect(Lock& lock) {
  drop_connection();
  if (leaving_) return fail_all(LocalFailure::kUnavailable, "the connection broke at the end");
  const Clock::time_point start = Clock::now();
  Clock::duration pause = std::chrono::milliseconds(5);
  for (;;) {
    reading_ = true;  // keeps the other threads away while the mutex is not held
    lock.unlock();
    Session::Joined joined = session_.join(Clock::now() + std::chrono::seconds(5));
    lock.lock();
    reading_ = false;
    if (joined.ok()) {
      lane_ = std::move(joined.lane);
      if (incarnation_ != 0 && incarnation_ != joined.incarnation) {
        lose_sent("the session ended while the command was on its way");
      }
      incarnation_ = joined.incarnation;
      return resend(lock);
    }
    const bool may_come_back = session_.endpoint().may_come_back && joined.refusal.empty();
    if (!may_come_back || Clock::now() - start + pause > outage_allowed_) {
      const std::string reason =
          joined.refusal.empty() ? "cannot connect: " + joined.failure : joined.refusal;
      return fail_all(LocalFailure::kUnavailable, reason);
    }
    reading_ = true;
    read_.wait_for(lock, pause);
    reading_ = false;
    pause = std::min<Clock::duration>(pause * 2, std::chrono::seconds(1));
  }
}

// All unanswered calls once more, in their order. The manager recognises those that it has run.
void Channel::resend(Lock& lock) {
  for (const std::uint64_t id : session_.take_inherited()) {
    const std::shared_ptr<Call> call = make_call(wire::Operation::kObjectRetain);
    add_call(call, id, {}, {});
  }
  commands_.clear();
  commands_count_ = 0;
  for (const Pending& pending : pending_) {
    if (pending.call != nullptr) append_command(*pending.call);
  }
  send_all(lock);
}

void Channel::lose_sent(const std::string& reason) {
  std::vector<std::shared_ptr<Call>> lost;
  for (Pending& pending : pending_) {
    if (pending.call == nullptr || !pending.call->sent || info_of(pending.call->operation).reads)
      continue;
    lost.push_back(std::exchange(pending.call, nullptr));
  }
  for (const std::shared_ptr<Call>& call : lost) {
    call->failure = LocalFailure::kOutcomeUnknown;
    call->bytes = reason;
    complete(call);
  }
  end_calls();
}

void Channel::fail_all(LocalFailure failure, const std::string& reason) {
  commands_.clear();
  commands_count_ = 0;
  for (const auto& [seq, call] : std::exchange(pending_, {})) {
    if (call == nullptr) continue;
    const bool may_have_run = call->sent && !info_of(call->operation).reads;
    call->failure = may_have_run ? LocalFailure::kOutcomeUnknown : failure;
    call->bytes = reason;
    complete(call);
  }
  end_calls();
}

void Channel::close() {
  const Lock lock(mutex_);
  if (lane_ != nullptr) lane_->shut();  // another thread may be reading
  drop_connection();
}

void Channel::close_in_child() { lane_.reset(); }

}  // namespace mp::internal
