#include "mp/proxy/barrier.h"

#include "client_lib/manager/proxy/grant.h"
#include "mp/errors.h"

namespace mp {

namespace {

using wire::Operation;

// Fields of BarrierWaitRequest.
constexpr std::uint32_t kTimeout = 3;
constexpr std::uint32_t kForever = 4;
constexpr std::uint32_t kHasAction = 5;

// Fields of BarrierWaitReply.
constexpr std::uint32_t kIndex = 1;
constexpr std::uint32_t kGeneration = 2;
constexpr std::uint32_t kRunAction = 3;

// Fields of BarrierFinishRequest.
constexpr std::uint32_t kFinished = 3;
constexpr std::uint32_t kFailed = 4;

void encode_timeout(wire::Message& request, const TimeLimit& timeout) {
  if (const internal::Timeout limit = timeout.nanoseconds()) {
    request.duration(kTimeout, *limit);
  } else {
    request.boolean(kForever, true);
  }
}

}  // namespace

std::size_t BarrierProxy::wait() const {
  wire::Scratch request;
  return wait(*request, None);
}

namespace {

// How long the call may take. Who comes last passes whatever its time is, once an action is done.
TimeLimit patience(const TimeLimit& timeout) {
  const internal::Timeout limit = timeout.nanoseconds();
  return limit && *limit > std::chrono::nanoseconds::zero() ? timeout : None;
}

}  // namespace

std::size_t BarrierProxy::wait(TimeLimit timeout) const {
  wire::Scratch request;
  encode_timeout(*request, timeout);
  return wait(*request, timeout);
}

std::size_t BarrierProxy::wait(wire::Message& request, TimeLimit timeout) const {
  if (action_) request.boolean(kHasAction, true);
  const internal::Reply reply = remote()->call(Operation::kBarrierWait, request,
                                               internal::waiting(options(), patience(timeout)));
  if (reply.boolean(kRunAction)) run_action(reply.uint(kGeneration));
  return reply.uint(kIndex);
}

void BarrierProxy::run_action(std::uint64_t generation) const {
  try {
    action_();
  } catch (...) {
    try {
      finish(generation, Outcome::kFailed);
    } catch (const Error&) {
      // The session is over or out of reach; the barrier breaks with it. The action's own failure
      // is what the caller has to know.
    }
    throw;
  }
  if (finish(generation, Outcome::kDone)) return;
  throw BrokenBarrierError("barrier '" + name() +
                           "' wait: it broke or was reset while its action ran");
}

bool BarrierProxy::finish(std::uint64_t generation, Outcome outcome) const {
  wire::Scratch request;
  request->uint(kFinished, generation);
  if (outcome == Outcome::kFailed) request->boolean(kFailed, true);
  // The manager knows of no such generation if it is over for another reason.
  // Without a fence: the others wait for it, whatever has become of that.
  internal::CallOptions unfenced;
  unfenced.tolerated = ErrorCode::kBrokenBarrier;
  return remote()->call(Operation::kBarrierFinish, *request, unfenced).ok();
}

Future<std::size_t> AsyncBarrier::wait() const {
  wire::Scratch request;
  return {remote()->start(Operation::kBarrierWait, *request, internal::waiting(options(), None)),
          internal::decode_count};
}

Future<std::size_t> AsyncBarrier::wait(TimeLimit timeout) const {
  wire::Scratch request;
  encode_timeout(*request, timeout);
  return {remote()->start(Operation::kBarrierWait, *request,
                          internal::waiting(options(), patience(timeout))),
          internal::decode_count};
}

}  // namespace mp
