#include "server/lanes/session_stream.h"

#include <utility>

#include "server/lanes/grpc_message.h"
#include "server/objects/error.h"

namespace mp::server {
namespace {
// A client that does not read its answers is not read from either, once so much waits for it.
constexpr std::size_t kMaxUnsent = 8 << 20U;
}  // namespace

std::shared_ptr<Port> SessionStream::port() {
  return std::static_pointer_cast<SessionStream>(shared_from_this());
}

void SessionStream::start() {
  call().set_alarm(engine().limits().hello_timeout);
  call().read();
}

void SessionStream::on_alarm() {
  if (!mute_) return;  // it has come since
  refuse(hello_too_late());
  end(grpc::Status::OK);
}

void SessionStream::on_read(const grpc::ByteBuffer* message) {
  if (std::exchange(mute_, false)) call().drop_alarm();
  if (message == nullptr) return end(grpc::Status::OK);  // the client has hung up
  if (!on_message(*message)) return end(grpc::Status::OK);
  {
    const MutexLock lock(mutex_);
    read_later_ = out_.bytes() > kMaxUnsent;
    if (read_later_) return;
  }
  call().read();
}

bool SessionStream::on_message(const grpc::ByteBuffer& message) {
  if (!require_size(message.Length())) return false;
  const auto bytes = in_one_piece(message);
  if (!bytes) return refuse(error(v1::INTERNAL, "a frame could not be read"));
  return take(view_of(*bytes));
}

void SessionStream::append(const v1::Outcome& outcome) {
  const MutexLock lock(mutex_);
  out_.append(outcome);
}

void SessionStream::append_bytes(std::string_view outcome) {
  const MutexLock lock(mutex_);
  out_.append_bytes(outcome);
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

void SessionStream::write_some() {
  if (writing_) return;
  if (!out_.empty()) {
    writing_ = call().write(message_of(out_.pop()));
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
    if (read_later_ && out_.bytes() <= kMaxUnsent) {
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
  if (session() != nullptr) session()->detach(this);
}

}  // namespace mp::server
