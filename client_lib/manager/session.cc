#include "client_lib/manager/session.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "client_lib/manager/custom_call.h"
#include "client_lib/manager/forks.h"
#include "client_lib/manager/operation_table.h"
#include "client_lib/manager/origin.h"
#include "client_lib/manager/remote_failure.h"
#include "client_lib/manager/session_object.h"
#include "client_lib/manager/wire/piece.h"
#include "mp/errors.h"
#include "mp/internal/fork_hooks.h"
#include "mp/wire/fields.h"

namespace mp::internal {
namespace {

// The channels of this thread, one for each session that it has used.
struct ThreadChannel {
  std::uint64_t session;     // its serial number: another one may come to lie at its address
  std::uint64_t generation;  // of the process, by forks
  std::shared_ptr<Channel> channel;
};
thread_local std::vector<ThreadChannel> thread_channels;

std::string duration_text(std::chrono::nanoseconds duration) {
  using namespace std::chrono_literals;
  if (duration >= 1s) return std::to_string(duration / 1s) + "s";
  return std::to_string(duration / 1ms) + "ms";
}

}  // namespace

std::shared_ptr<Session> Session::open(std::shared_ptr<Endpoint> endpoint,
                                       Timeout connect_timeout) {
  auto session = std::make_shared<Session>(std::move(endpoint));
  register_session(session);
  const Clock::time_point start = Clock::now();
  for (Clock::duration pause = std::chrono::milliseconds(5);;
       pause = std::min<Clock::duration>(pause * 2, std::chrono::seconds(1))) {
    Joined joined = session->join(Clock::now() + std::chrono::seconds(5));
    if (joined.ok()) {
      const std::lock_guard lock(session->mutex_);
      session->spare_ = std::move(joined.lane);
      return session;
    }
    const std::string where = " (" + session->endpoint_->title + ")";
    if (!joined.refusal.empty())
      throw_error(joined.refusal_code, "connect: " + joined.refusal + where);
    if (!session->endpoint_->may_come_back) {
      throw ProcessError("start an embedded manager: it has ended at once: " + joined.failure +
                         where);
    }
    if (connect_timeout && Clock::now() + pause - start > *connect_timeout) {
      throw ManagerUnavailable("connect: " + joined.failure + ", for " +
                               duration_text(*connect_timeout) + "; is it running?" + where);
    }
    usleep(static_cast<useconds_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(pause).count()));
  }
}

namespace {

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace

Session::Session(std::shared_ptr<Endpoint> endpoint)
    : serial_(next_serial()), endpoint_(std::move(endpoint)), origin_(packed_origin(*endpoint_)) {}

Session::~Session() {
  close();
  std::erase_if(thread_channels,
                [this](const ThreadChannel& entry) { return entry.session == serial_; });
}

void Session::close() {
  if (forked_) return;
  std::vector<std::shared_ptr<Channel>> channels;
  {
    const std::lock_guard lock(mutex_);
    for (const std::weak_ptr<Channel>& weak : channels_) {
      if (auto channel = weak.lock()) channels.push_back(std::move(channel));
    }
  }
  // Said on any connection, without waiting for an answer; where nobody hears it, the session ends
  // with the process.
  const auto say = [](const std::shared_ptr<Channel>& channel) {
    return channel->send_last(wire::Operation::kSessionClose);
  };
  if (std::ranges::none_of(channels, say) && take_spare(channels)) say(channels.back());
  for (const std::shared_ptr<Channel>& channel : channels) channel->close();
  endpoint_->on_left();
}

// Gives the connection that nobody has used yet to a channel of this thread.
bool Session::take_spare(std::vector<std::shared_ptr<Channel>>& channels) {
  std::shared_ptr<LaneConnection> spare;
  {
    const std::lock_guard lock(mutex_);
    spare.swap(spare_);
  }
  if (spare == nullptr) return false;
  channels.push_back(channel_of_this_thread());
  channels.back()->adopt(std::move(spare), incarnation());
  return true;
}

std::uint64_t Session::id() const {
  const std::lock_guard lock(mutex_);
  return credentials_.id;
}

std::shared_ptr<Channel> Session::channel_of_this_thread() {
  const std::uint64_t generation = fork_generation();
  for (const ThreadChannel& entry : thread_channels) {
    if (entry.session == serial_ && entry.generation == generation) return entry.channel;
  }
  std::erase_if(thread_channels,
                [&](const ThreadChannel& entry) { return entry.generation != generation; });
  const std::lock_guard lock(mutex_);
  auto channel = std::make_shared<Channel>(*this, ++last_owner_);
  std::erase_if(channels_, [](const std::weak_ptr<Channel>& weak) { return weak.expired(); });
  channels_.push_back(channel);
  thread_channels.push_back({serial_, generation, channel});
  return channel;
}

Channel& Session::channel() {
  for (const ThreadChannel& entry : thread_channels) {
    if (entry.session == serial_ && entry.generation == fork_generation()) return *entry.channel;
  }
  return *channel_of_this_thread();
}

std::uint64_t Session::begin_call() {
  const std::lock_guard lock(mutex_);
  return unanswered_.begin();
}

void Session::end_calls(std::span<const std::uint64_t> seqs) {
  const std::lock_guard lock(mutex_);
  for (const std::uint64_t seq : seqs) unanswered_.answered(seq);
}

void Session::append_acknowledgement(std::string& frame) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t lowest = unanswered_.lowest();
  wire::Piece head;
  head.tag(2, wire::WireType::varint).varint(lowest);
  head.append_to(frame);
  const auto& intervals = unanswered_.intervals();
  if (intervals.size() < 2) return;  // all above the lowest are unanswered too
  std::string packed;
  for (const auto& [first, last] : intervals) {
    wire::Piece pair;
    pair.varint(first).varint(last - first + 1);
    pair.append_to(packed);
  }
  wire::Piece field;
  field.tag(3, wire::WireType::length_delimited).varint(packed.size());
  field.append_to(frame);
  frame += packed;
}

std::vector<std::uint64_t> Session::take_inherited() {
  const std::lock_guard lock(mutex_);
  return std::exchange(inherited_, {});
}

void Session::check_usable(std::string_view title) const {
  if (!forked_) return;
  throw ForkedClientError(std::string(title) +
                          ": a forked process cannot use the lane kInProcess of its parent, nor "
                          "gRPC at all; connect with the default lane, which works in children (" +
                          endpoint_->title + ")");
}

void Session::check_size(std::size_t request, std::string_view title) const {
  constexpr std::size_t kEnvelope = 4096;  // more than what stands around a request
  if (request + kEnvelope <= max_message_bytes()) return;
  throw LimitExceeded(std::string(title) + ": the request takes " + std::to_string(request) +
                      " bytes, and the manager accepts " + std::to_string(max_message_bytes()) +
                      " (limit --max-message-bytes); send it in slices; nothing was changed (" +
                      endpoint_->title + ")");
}

// An operation that may wait is ended by the manager; this side only guards against a manager that
// does not.
Deadline Session::deadline_for(const CallOptions& options) const {
  if (!options.may_wait) return Clock::now() + default_deadline();
  if (!options.wait || *options.wait > std::chrono::hours(24 * 365)) return std::nullopt;
  return Clock::now() + *options.wait + default_deadline();
}

Reply Session::call(wire::Operation operation, std::uint64_t object, std::string_view title,
                    std::string_view request, const CallOptions& options) {
  check_usable(title);
  check_size(request.size(), title);
  Channel& channel = this->channel();
  CallOptions said = options;
  // Whoever waits for a method of a user's type on this thread waits for this, too.
  if (options.caller_blocks) said.inside_call = call_around(this);
  const std::shared_ptr<Call> call = channel.start(operation, object, request, said);
  await(channel, *call, title, options);
  tell_of_watches();
  return outcome_of(*call, title, options);
}

void Session::await(Channel& channel, Call& call, std::string_view title,
                    const CallOptions& options) {
  if (call.done.load(std::memory_order_acquire)) return channel.taken(call);
  if (channel.await(call, deadline_for(options), default_deadline())) return channel.taken(call);
  channel.give_up(call);
  fail_unanswered(call, title);
}

void Session::fail_unanswered(const Call& call, std::string_view title) const {
  const OperationInfo& info = info_of(call.operation);
  const std::string text = std::string(title) + " " + std::string(info.name) +
                           ": no answer within " + duration_text(default_deadline()) + " (" +
                           endpoint_->title + ")";
  if (info.reads) throw TimeoutError(text);
  throw OutcomeUnknown(text + "; it may still run");
}

Reply Session::outcome_of(Call& call, std::string_view title, const CallOptions& options) const {
  const auto story = [&](std::string_view reason) {
    return std::string(title) + " " + std::string(info_of(call.operation).name) + ": " +
           std::string(reason) + " (" + endpoint_->title + ")";
  };
  switch (call.failure) {
    case LocalFailure::kNone:
      break;
    case LocalFailure::kUnavailable:
      throw ManagerUnavailable(story(call.bytes));
    case LocalFailure::kOutcomeUnknown:
      throw OutcomeUnknown(story(call.bytes + "; the command ran once or not at all"));
    case LocalFailure::kForked:
      throw ForkedClientError(story("the call was started by the parent process"));
  }
  if (call.code == ErrorCode::kUnspecified)
    return Reply(std::move(call.bytes), std::move(call.resolver))
        .saying(call.version, call.watch_mark);
  if (call.code == options.tolerated) return Reply(call.code).saying(call.version, call.watch_mark);
  RemoteFailure failure = RemoteFailure::parse(call.bytes);
  throw_error(call.code, story(failure.message), std::move(failure.details));
}

void Session::flush() {
  check_usable("session");
  channel().flush();
}

std::shared_ptr<const RemoteObject> Session::created(const Reply& reply, std::string_view kind,
                                                     std::string name) {
  for (wire::Fields fields = reply.fields(); fields.next();) {
    if (fields.field() != 1) continue;
    for (wire::Fields ref = fields.message(); ref.next();) {
      if (ref.field() == 1) return object(ref.fixed64(), kind, std::move(name));
    }
  }
  throw RemoteError("the manager's answer names no object");
}

std::shared_ptr<const RemoteObject> Session::object(std::uint64_t id, std::string_view kind,
                                                    std::string name) {
  auto reference = references_->find(id);
  if (!reference) reference = references_->unowned(id);
  return std::make_shared<SessionObject>(shared_from_this(), std::move(reference),
                                         std::string(kind), std::move(name));
}

}  // namespace mp::internal
