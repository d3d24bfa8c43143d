#include "client_lib/manager/channel.h"

#include <algorithm>
#include <cstring>
#include <ranges>
#include <utility>

#include "client_lib/manager/operation_table.h"
#include "client_lib/manager/session.h"
#include "client_lib/manager/wire/piece.h"
#include "mp/wire/fields.h"

namespace mp::internal {
namespace {

constexpr std::size_t kFrameHeader = 4;
constexpr std::size_t kReceiveSize = 64 << 10U;
// So many commands, or so many bytes of them, leave without being asked to: enough to be worth a
// system call, and few enough for the manager to be at work while others are still gathered.
constexpr std::size_t kBatchCommands = 100;
constexpr std::size_t kBatchBytes = 32 << 10U;
// The memory of a command with such a request is kept for the next one: to get as much from the
// system again takes longer than to fill it.
constexpr std::size_t kLargeRequest = 64 << 10U;
constexpr std::uint32_t kCommandsField = 4;  // of mp.v1.ClientFrame
constexpr std::uint32_t kOutcomesField = 4;  // of mp.v1.ServerFrame
constexpr std::uint32_t kRefusalField = 2;

std::uint32_t frame_length(const char* header) {
  std::uint32_t length = 0;
  std::memcpy(&length, header, sizeof length);
  return length;
}

}  // namespace

Channel::Channel(Session& session, std::uint64_t owner) : session_(session), owner_(owner) {}

Channel::~Channel() = default;

std::shared_ptr<Call> Channel::start(wire::Operation operation, std::uint64_t object,
                                     std::string_view request, const CallOptions& options) {
  std::shared_ptr<Call> call = make_call(operation);
  call->gives = options.may_wait;
  Lock lock(mutex_);
  add_call(call, object, request, options);
  if (commands_count_ >= kBatchCommands || commands_.size() >= kBatchBytes) send_all(lock);
  return call;
}

void Channel::add_call(const std::shared_ptr<Call>& call, std::uint64_t object,
                       std::string_view request, const CallOptions& options) {
  call->seq = session_.begin_call();
  if (request.size() >= kLargeRequest) call->bytes = std::exchange(spare_, {});
  encode_command(call->bytes, call->seq, owner_, call->operation, object, request, options);
  pending_.push_back({call->seq, call});
  append_command(*call);
}

void Channel::flush() {
  Lock lock(mutex_);
  send_all(lock);
}

void Channel::append_command(const Call& call) {
  if (commands_.empty()) commands_.resize(kFrameHeader);  // which is written last
  wire::Piece piece;
  piece.tag(kCommandsField, wire::WireType::length_delimited).varint(call.bytes.size());
  piece.append_to(commands_);
  commands_.append(call.bytes);
  ++commands_count_;
}

// The gathered commands and then, since they may be the last to use it, what is to be given back,
// under one acknowledgement.
void Channel::seal_frame() {
  for (const References::Release& release : session_.take_releases()) {
    const std::shared_ptr<Call> call = make_call(wire::Operation::kObjectRelease);
    std::string request;
    wire::Piece().tag(3, wire::WireType::varint).varint(release.count).append_to(request);
    add_call(call, release.id, request, {});
  }
  if (commands_count_ == 0) return;
  session_.append_acknowledgement(commands_);
  const auto length = static_cast<std::uint32_t>(commands_.size() - kFrameHeader);
  std::memcpy(commands_.data(), &length, kFrameHeader);
  if (out_.empty()) {
    out_.swap(commands_);
  } else {
    out_ += commands_;
  }
  commands_.clear();
  commands_count_ = 0;
  sealed_ = pending_.back().seq;
}

// From now on the manager may have run what was sealed: if the session is lost, nobody can tell.
void Channel::mark_sealed_as_sent() {
  for (const Pending& pending : std::views::reverse(pending_)) {
    if (pending.call == nullptr || pending.seq > sealed_) continue;
    if (pending.call->sent) break;
    pending.call->sent = true;
  }
}

void Channel::send_all(Lock& lock) {
  if (lane_ == nullptr) {
    if (!reading_) reconnect(lock);  // sends what is pending
    return;
  }
  if (out_.empty()) lane_->on_frame_sent();
  seal_frame();
  while (out_sent_ < out_.size()) {
    switch (lane_->send_some(out_.data() + out_sent_, out_.size() - out_sent_, out_sent_)) {
      case LaneConnection::Result::kDone:
        mark_sealed_as_sent();
        break;
      case LaneConnection::Result::kWouldBlock:
        // Both buffers may be full: the manager reads on only when its answers are read.
        if (reading_) {
          read_.wait_for(lock, std::chrono::milliseconds(1));
        } else {
          // A lane may learn of its end from what it receives alone.
          if (receive_available() == LaneConnection::Result::kClosed) return reconnect(lock);
          lane_->wait_either(Clock::now() + std::chrono::seconds(1));
        }
        break;
      default:
        if (reading_) return;  // the reader sees the end too, and sends all anew
        return reconnect(lock);
    }
  }
  out_.clear();
  out_sent_ = 0;
}

LaneConnection::Result Channel::receive_available() {
  std::size_t received = 0;
  if (in_.size() - in_size_ < kReceiveSize) in_.resize(in_size_ + kReceiveSize);
  const Deadline now = Clock::now();
  const auto result = lane_->receive(in_.data() + in_size_, in_.size() - in_size_, now, received);
  if (result != LaneConnection::Result::kDone) return result;
  in_size_ += received;
  deliver_frames();
  return result;
}

bool Channel::await(Call& call, const Deadline& deadline, Clock::duration outage) {
  Lock lock(mutex_);
  outage_allowed_ = outage;
  if (!call.done) send_all(lock);
  while (!call.done) {
    if (!reading_) {
      if (!read_for(lock, deadline)) return call.done;
    } else if (!deadline) {
      read_.wait(lock);
    } else if (read_.wait_until(lock, *deadline) == std::cv_status::timeout) {
      return call.done;
    }
  }
  return true;
}

bool Channel::read_for(Lock& lock, const Deadline& deadline) {
  if (lane_ == nullptr) {
    reconnect(lock);
    return true;
  }
  reading_ = true;
  if (in_.size() - in_size_ < kReceiveSize) in_.resize(in_size_ + kReceiveSize);
  std::size_t received = 0;
  const std::shared_ptr<LaneConnection> lane = lane_;
  lock.unlock();
  const LaneConnection::Result result =
      lane->receive(in_.data() + in_size_, in_.size() - in_size_, deadline, received);
  lock.lock();
  reading_ = false;
  if (result == LaneConnection::Result::kDone) {
    in_size_ += received;
    deliver_frames();
  } else if (result == LaneConnection::Result::kClosed) {
    reconnect(lock);
  }
  read_.notify_all();
  return result != LaneConnection::Result::kTimedOut;
}

void Channel::deliver_frames() {
  std::size_t at = 0;
  while (in_size_ - at >= kFrameHeader) {
    const std::size_t length = frame_length(in_.data() + at);
    if (in_size_ - at - kFrameHeader < length) {
      if (in_.size() < kFrameHeader + length) in_.resize(kFrameHeader + length + kReceiveSize);
      break;
    }
    const std::string_view frame(in_.data() + at + kFrameHeader, length);
    if (lane_ != nullptr && lane_->take(frame) == LaneConnection::Frame::kMyLast) {
      at = in_size_;
      break;
    }
    for (wire::Fields fields(frame); fields.next();) {
      if (fields.field() == kOutcomesField) {
        deliver(fields.bytes());
      } else if (fields.field() == kRefusalField) {
        drop_connection();
        std::string reason = "the manager closed the connection";
        for (wire::Fields error = fields.message(); error.next();) {
          if (error.field() == 2) reason = std::string(error.bytes());
        }
        return fail_all(LocalFailure::kUnavailable, reason);
      }
    }
    at += kFrameHeader + length;
  }
  end_calls();
  std::memmove(in_.data(), in_.data() + at, in_size_ - at);
  in_size_ -= at;
}

void Channel::deliver(std::string_view bytes) {
  const OutcomeView outcome = OutcomeView::parse(bytes);
  // Taken even if nobody waits any more: what is granted must be given back.
  auto resolver = session_.resolver_for(outcome.retained);
  const std::uint64_t mark = session_.note_watch_events(incarnation_, outcome.watch_events);
  const std::shared_ptr<Call> call = remove_pending(outcome.seq);
  if (call == nullptr) return;
  call->code = outcome.code;
  call->version = outcome.version;
  call->watch_mark = mark;
  if (call->bytes.capacity() >= kLargeRequest) {
    spare_.swap(call->bytes);
    spare_.clear();
  }
  call->bytes = outcome.code == ErrorCode::kUnspecified ? outcome.reply : outcome.error;
  call->resolver = std::move(resolver);
  complete(call);
}

std::shared_ptr<Call> Channel::remove_pending(std::uint64_t seq) {
  const bool first = !pending_.empty() && pending_.front().seq == seq;  // as mostly
  const auto at =
      first ? pending_.begin() : std::ranges::lower_bound(pending_, seq, {}, &Pending::seq);
  if (at == pending_.end() || at->seq != seq) return nullptr;
  std::shared_ptr<Call> call = std::exchange(at->call, nullptr);
  while (!pending_.empty() && pending_.front().call == nullptr) pending_.pop_front();
  return call;
}

void Channel::complete(const std::shared_ptr<Call>& call) {
  const bool may_be_given_back = call->gives && call->failure == LocalFailure::kNone;
  if (!may_be_given_back) ended_.push_back(call->seq);
  if (call->cancels != 0) {
    // Whatever the answer, the cancelled call has none to come that anybody would want.
    remove_pending(call->cancels);
    ended_.push_back(call->cancels);
  }
  call->done.store(true, std::memory_order_release);
}

// Said to the session once for all that came together.
void Channel::end_calls() {
  session_.end_calls(ended_);
  ended_.clear();
}

void Channel::taken(const Call& call) {
  if (call.gives && call.failure == LocalFailure::kNone) session_.end_calls({&call.seq, 1});
}

void Channel::give_up(const Call& call) {
  const std::shared_ptr<Call> cancel = make_call(wire::Operation::kCancel);
  cancel->cancels = call.seq;
  std::string request;
  wire::Piece().tag(1, wire::WireType::varint).varint(call.seq).append_to(request);
  Lock lock(mutex_);
  add_call(cancel, 0, request, {});
  if (lane_ == nullptr) return;
  // Without waiting: what the socket does not take now leaves with the next call.
  seal_frame();
  if (lane_->send_some(out_.data() + out_sent_, out_.size() - out_sent_, out_sent_) ==
      LaneConnection::Result::kDone) {
    mark_sealed_as_sent();
  }
}

}  // namespace mp::internal
