#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include "client_lib/manager/session.h"
#include "client_lib/manager/session_object.h"
#include "client_lib/manager/watch_mark.h"
#include "client_lib/manager/wire/piece.h"
#include "mp/current_process.h"
#include "mp/errors.h"
#include "mp/wire/fields.h"
#include "mp/wire/message.h"

// How a session begins, goes on over another connection, and passes to a child.

namespace mp::internal {
namespace {

constexpr std::uint64_t kProtocolVersion = 1;
constexpr std::size_t kFrameHeader = 4;
constexpr std::uint32_t kWelcomeField = 1;  // of mp.v1.ServerFrame
constexpr std::uint32_t kRefusalField = 2;

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

// Sends a frame and receives one. False: the connection broke, or the deadline passed.
bool exchange_frames(LaneConnection& lane, std::string_view out, std::string& in,
                     const Deadline& deadline) {
  std::string bytes(kFrameHeader, '\0');
  const auto size = static_cast<std::uint32_t>(out.size());
  std::memcpy(bytes.data(), &size, kFrameHeader);
  bytes.append(out);
  for (std::size_t sent = 0; sent < bytes.size();) {
    const auto result = lane.send_some(bytes.data() + sent, bytes.size() - sent, sent);
    if (result != LaneConnection::Result::kDone)
      return false;  // a first frame fits into any socket's buffer
  }
  std::array<char, 4096> block{};
  in.clear();
  for (std::size_t wanted = kFrameHeader; in.size() < wanted;) {
    std::size_t received = 0;
    if (lane.receive(block.data(), std::min(block.size(), wanted - in.size()), deadline,
                     received) != LaneConnection::Result::kDone) {
      return false;
    }
    in.append(block.data(), received);
    if (in.size() == kFrameHeader) {
      std::uint32_t length = 0;
      std::memcpy(&length, in.data(), kFrameHeader);
      wanted = kFrameHeader + length;
    }
  }
  in.erase(0, kFrameHeader);
  return true;
}

}  // namespace

std::string Session::encode_hello(const Credentials& credentials) const {
  wire::Message client;
  client.str(1, host_name());
  client.uint(2, static_cast<std::uint64_t>(getpid()));
  client.str(3, mp::current_process().name());
  wire::Message hello;
  hello.uint(1, kProtocolVersion);
  if (credentials.id != 0) {
    hello.uint(2, credentials.id);
    hello.bytes(3, credentials.secret);
  }
  hello.message(4, client);
  if (!endpoint_->manager.empty()) hello.str(5, endpoint_->manager);
  if (!endpoint_->token.empty()) hello.str(6, endpoint_->token);
  wire::Message frame;
  frame.message(1, hello);
  return std::string(frame.bytes());
}

// One hello and its answer.
Session::Joined Session::greet(const Credentials& credentials, const Deadline& deadline) {
  Joined joined;
  auto lane = endpoint_->connect(joined.failure);
  if (lane == nullptr) return joined;
  joined.failure.clear();  // of what was tried first
  std::string answer;
  if (!exchange_frames(*lane, encode_hello(credentials), answer, deadline)) {
    joined.failure = lane->failure();
    if (joined.failure.empty()) joined.failure = "the connection closed before it was answered";
    return joined;
  }
  Welcomed welcomed;
  for (wire::Fields frame(answer); frame.next();) {
    for (wire::Fields part = frame.message(); part.next();) {
      if (frame.field() == kRefusalField) {  // an mp.v1.Error
        if (part.field() == 1) joined.refusal_code = static_cast<ErrorCode>(part.uint());
        if (part.field() == 2) joined.refusal = std::string(part.bytes());
      } else if (frame.field() == kWelcomeField) {
        read_welcome(part, welcomed);
      }
    }
  }
  if (joined.refusal_code == ErrorCode::kManagerUnavailable) {  // a relay's word: for now
    joined.failure = std::exchange(joined.refusal, {});
    joined.refusal_code = ErrorCode::kUnspecified;
  }
  if (!joined.refusal.empty() || !joined.failure.empty()) return joined;
  joined.lane = std::move(lane);
  welcomed.hello = encode_hello({.id = welcomed.session, .secret = welcomed.secret});
  endpoint_->on_joined(welcomed);
  const std::lock_guard lock(mutex_);
  credentials_ = {.id = welcomed.session, .secret = std::move(welcomed.secret)};
  return joined;
}

void Session::read_welcome(wire::Fields& part, Welcomed& welcomed) {
  switch (part.field()) {
    case 2:
      welcomed.session = part.uint();
      break;
    case 3:
      welcomed.secret = std::string(part.bytes());
      break;
    case 5:
      max_message_bytes_.store(part.uint(), std::memory_order_relaxed);
      break;
    case 9:
      welcomed.time_to_live = part.duration();
      break;
    default:
      break;
  }
}

void Session::begin_incarnation() {
  const std::uint64_t now = incarnation_.fetch_add(1, std::memory_order_acq_rel) + 1;
  watch_mark_.store(internal::watch_mark(now, 0), std::memory_order_release);
}

std::uint64_t Session::note_watch_events(std::uint64_t incarnation, std::uint64_t events) {
  const std::uint64_t mark = internal::watch_mark(incarnation, events);
  std::uint64_t largest = watch_mark_.load(std::memory_order_relaxed);
  while (same_incarnation(mark, largest) && mark > largest &&
         !watch_mark_.compare_exchange_weak(largest, mark, std::memory_order_acq_rel)) {
  }
  return mark;
}

Session::Joined Session::join(const Deadline& deadline) {
  const std::lock_guard joining(join_mutex_);
  Credentials credentials;
  {
    const std::lock_guard lock(mutex_);
    credentials = credentials_;
    if (spare_) {
      Joined joined;
      joined.lane = std::exchange(spare_, nullptr);
      joined.incarnation = incarnation();
      return joined;
    }
  }
  Joined joined = greet(credentials, deadline);
  if (joined.refusal_code == ErrorCode::kSessionExpired && credentials.id != 0) {
    // What it held is gone, and so are the references of what the manager knew.
    begin_incarnation();
    references_->set_counts(0);
    joined = greet({}, deadline);
  } else if (credentials.id == 0 && joined.ok()) {
    begin_incarnation();
  }
  joined.incarnation = incarnation();
  return joined;
}

Session::Credentials Session::open_child(const wire::Message& request) {
  const Reply reply = call(wire::Operation::kSessionOpenChild, 0, "session", request.bytes(), {});
  Credentials child;
  for (wire::Fields fields = reply.fields(); fields.next();) {
    if (fields.field() == 1) child.id = fields.uint();
    if (fields.field() == 2) child.secret = std::string(fields.bytes());
  }
  return child;
}

Reply Session::take(const Credentials& sent) {
  wire::Message request;
  request.uint(1, sent.id);
  request.bytes(2, sent.secret);
  return call(wire::Operation::kSessionTake, 0, "session", request.bytes(), {});
}

void Session::open_for_child() {
  if (!endpoint_->works_after_fork()) return;
  std::optional<Credentials> child;
  try {
    child = open_child({});
  } catch (const Error&) {
    // Without a manager there is nothing to pass on: the child opens a session of its own when it
    // needs one.
  }
  const std::lock_guard lock(mutex_);
  child_ = std::move(child);
}

// What may not even be destroyed here stays for ever.
void Session::leak_in_child() {
  forked_ = true;
  static auto* const kept = new std::vector<std::shared_ptr<void>>;
  for (const std::weak_ptr<Channel>& channel : channels_) kept->push_back(channel.lock());
  kept->push_back(std::exchange(spare_, nullptr));
  kept->push_back(endpoint_);
  channels_.clear();
}

void Session::forget_child() {
  const std::lock_guard lock(mutex_);
  child_.reset();
}

void Session::become_child() {
  unlock_after_fork();  // the other threads are not here
  if (!endpoint_->works_after_fork()) leak_in_child();
  new (&join_mutex_) std::mutex;  // whoever held it is not here
  for (const std::weak_ptr<Channel>& weak : channels_) {
    if (const auto channel = weak.lock()) channel->close_in_child();
  }
  channels_.clear();
  spare_.reset();
  unanswered_.abandon_all();
  inherited_.clear();
  const bool adopted = child_.has_value();
  credentials_ = child_.value_or(Credentials{});
  child_.reset();
  references_->set_counts(adopted ? 1 : 0);
  if (!adopted) inherited_ = references_->ids();
  listeners_.forget_in_child();
  begin_incarnation();  // what the parent holds is not the child's
}

}  // namespace mp::internal
