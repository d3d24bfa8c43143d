#include "server/lanes/session_stream.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/lanes/grpc_message.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {
// A client that does not read its answers is not read from either, once so much waits for it.
constexpr std::size_t kMaxUnsent = 8 << 20U;
// Outcomes that wait for one another's write gather up to this.
constexpr std::size_t kMessageSoftLimit = 256 << 10U;
// Nobody who has not said who he is has more to say.
constexpr std::uint64_t kMaxGreeting = 128U << 10U;
}  // namespace

SessionStream::SessionStream(std::shared_ptr<GrpcCall> call, const UnaryTarget& target,
                             const AccessToken& token, bool authenticated)
    : CallHandler(std::move(call)),
      engine_(target.engine),
      token_(token),
      authenticated_(authenticated),
      conversation_(*this, target.engine, target.dispatcher, "stream") {}

absl::Status SessionStream::admit(const v1::Hello& hello) {
  if (authenticated_ || token_.is(hello.token())) return absl::OkStatus();
  return error(v1::UNAUTHENTICATED_CLIENT,
               "this manager demands a token, and the client shows none, or another");
}

void SessionStream::on_joined(const v1::Hello&) {
  // From now on its own time to live, be it of a child that had longer to come.
  engine_.unwatch(conversation_.session()->id(), std::nullopt);
  renewed_ = engine_.now();
}

std::shared_ptr<Port> SessionStream::port() {
  return std::static_pointer_cast<SessionStream>(shared_from_this());
}

void SessionStream::start() {
  call().set_alarm(engine_.limits().hello_timeout);
  call().read();
}

void SessionStream::on_alarm() {
  if (!mute_) return;  // it has come since
  conversation_.refuse(
      error(v1::TIMEOUT, "the client has not said hello in time (limit --hello-timeout)"));
  end(grpc::Status::OK);
}

void SessionStream::on_read(const grpc::ByteBuffer* message) {
  if (std::exchange(mute_, false)) call().drop_alarm();
  if (message == nullptr) return end(grpc::Status::OK);  // the client has hung up
  if (!on_message(*message)) return end(grpc::Status::OK);
  {
    const MutexLock lock(mutex_);
    read_later_ = unsent() > kMaxUnsent;
    if (read_later_) return;
  }
  call().read();
}

bool SessionStream::on_message(const grpc::ByteBuffer& message) {
  const bool greeting = conversation_.session() == nullptr;
  const std::uint64_t limit = greeting ? kMaxGreeting : engine_.limits().max_message_bytes;
  if (message.Length() > limit + (64U << 10U)) {
    return conversation_.refuse(error(
        v1::LIMIT_EXCEEDED,
        absl::StrCat("a frame is larger than ", limit, " bytes (limit --max-message-bytes)")));
  }
  grpc::Slice slice;
  if (!message.TrySingleSlice(&slice).ok() && !message.DumpToSingleSlice(&slice).ok()) {
    return conversation_.refuse(error(v1::INTERNAL, "a frame could not be read"));
  }
  if (!conversation_.on_frame({reinterpret_cast<const char*>(slice.begin()), slice.size()}))
    return false;
  renew();
  return true;
}

// Not for every frame: whoever sends many is renewed now and then.
void SessionStream::renew() {
  const Time now = engine_.now();
  if (now - renewed_ < engine_.limits().session_time_to_live / 8) return;
  renewed_ = now;
  engine_.sessions().renew(conversation_.session()->id(), now);
}

void SessionStream::append(const v1::Outcome& outcome) {
  const MutexLock lock(mutex_);
  out_.append(outcome);
  seal_if_long();
}

void SessionStream::append_bytes(std::string_view outcome) {
  const MutexLock lock(mutex_);
  out_.append_bytes(outcome);
  seal_if_long();
}

void SessionStream::send(const v1::ServerFrame& frame) {
  const MutexLock lock(mutex_);
  out_.append_frame(frame.SerializeAsString());
  write_some();
}

void SessionStream::flush() {
  const MutexLock lock(mutex_);
  write_some();
}

void SessionStream::seal_if_long() {
  if (out_.size() < kMessageSoftLimit) return;
  sealed_bytes_ += out_.size();
  sealed_.push_back(out_.take());
}

void SessionStream::write_some() {
  if (writing_) return;
  if (unsent() != 0) {
    std::string message;
    if (sealed_.empty()) {
      message = out_.take();
    } else {
      message = std::move(sealed_.front());
      sealed_.pop_front();
      sealed_bytes_ -= message.size();
    }
    const grpc::Slice slice(message);
    writing_ = call().write(grpc::ByteBuffer(&slice, 1));
  } else if (ending_) {
    call().finish(status_);
  }
}

void SessionStream::on_written() {
  bool read = false;
  {
    const MutexLock lock(mutex_);
    writing_ = false;
    write_some();
    if (read_later_ && unsent() <= kMaxUnsent) {
      read_later_ = false;
      read = true;
    }
  }
  if (read) call().read();
}

void SessionStream::end(grpc::Status status) {
  const MutexLock lock(mutex_);
  if (ending_) return;
  ending_ = true;
  status_ = std::move(status);
  write_some();
}

void SessionStream::session_over() { end(grpc::Status::OK); }

void SessionStream::on_shutdown() {
  end(to_grpc(error(v1::MANAGER_SHUT_DOWN, "the manager is shutting down")));
}

void SessionStream::on_done(bool) {
  if (conversation_.session() != nullptr) conversation_.session()->detach(this);
}

}  // namespace mp::server
