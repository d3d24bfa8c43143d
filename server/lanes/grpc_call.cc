#include "server/lanes/grpc_call.h"

#include <utility>

namespace mp::server {

void OneRequestHandler::start() { call().read(); }

void OneRequestHandler::on_read(const grpc::ByteBuffer* message) {
  if (message != nullptr) return on_request(*message);
  call().finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "the call carries no request"));
}

GrpcCall::GrpcCall(CallHost& host, grpc::AsyncGenericService& service,
                   grpc::ServerCompletionQueue& queue)
    : host_(host), service_(service), queue_(queue) {}

void GrpcCall::arm() {
  // The tag of this comes only if a client does, so it must not be the one that keeps the call.
  context_.AsyncNotifyWhenDone(&done_tag_);
  service_.RequestCall(&context_, &stream_, &queue_, &queue_, accept_tag_.begin());
}

std::string_view GrpcCall::method() const {
  std::string_view path = context_.method();
  if (path.starts_with('/')) path.remove_prefix(1);
  return path;
}

const grpc::string_ref* GrpcCall::metadata(const char* key) const {
  const auto at = context_.client_metadata().find(key);
  return at == context_.client_metadata().end() ? nullptr : &at->second;
}

void GrpcCall::on_accepted(bool ok) {
  if (!ok) return host_.on_call_end(*this);
  done_tag_.begin();
  {
    const MutexLock lock(mutex_);
    open_ = true;
  }
  std::shared_ptr<CallHandler> handler = host_.accept(shared_from_this());
  {
    const MutexLock lock(mutex_);
    handler_ = handler;
  }
  handler->start();
}

bool GrpcCall::read() {
  const MutexLock lock(mutex_);
  if (!open_) return false;
  stream_.Read(&incoming_, read_tag_.begin());
  return true;
}

bool GrpcCall::write(const grpc::ByteBuffer& message) {
  const MutexLock lock(mutex_);
  if (!open_ || finished_) return false;
  stream_.Write(message, write_tag_.begin());
  return true;
}

bool GrpcCall::finish(const grpc::Status& status) {
  const MutexLock lock(mutex_);
  if (!open_ || finished_) return false;
  finished_ = true;
  stream_.Finish(status, finish_tag_.begin());
  return true;
}

bool GrpcCall::finish(const grpc::ByteBuffer& reply) {
  const MutexLock lock(mutex_);
  if (!open_ || finished_) return false;
  finished_ = true;
  stream_.WriteAndFinish(reply, grpc::WriteOptions(), grpc::Status::OK, finish_tag_.begin());
  return true;
}

bool GrpcCall::set_alarm(Duration after) {
  const MutexLock lock(mutex_);
  if (!open_) return false;
  alarm_.emplace();
  alarm_->Set(&queue_, std::chrono::system_clock::now() + after, alarm_tag_.begin());
  return true;
}

void GrpcCall::drop_alarm() {
  const MutexLock lock(mutex_);
  if (alarm_) alarm_->Cancel();
}

void GrpcCall::cancel() {
  const MutexLock lock(mutex_);
  if (open_) context_.TryCancel();
}

std::shared_ptr<CallHandler> GrpcCall::handler() {
  const MutexLock lock(mutex_);
  return handler_;
}

void GrpcCall::on_read(bool ok) {
  const std::shared_ptr<CallHandler> handler = this->handler();
  if (!handler) return;
  const grpc::ByteBuffer message = std::exchange(incoming_, {});
  handler->on_read(ok ? &message : nullptr);
}

void GrpcCall::on_written(bool ok) {
  const std::shared_ptr<CallHandler> handler = this->handler();
  if (handler && ok) handler->on_written();  // if not, `done` comes
}

void GrpcCall::on_alarm(bool ok) {
  const std::shared_ptr<CallHandler> handler = this->handler();
  if (handler && ok) handler->on_alarm();
}

void GrpcCall::on_done(bool) {
  drop_alarm();  // under way, it would keep the call
  std::shared_ptr<CallHandler> handler;
  {
    const MutexLock lock(mutex_);
    open_ = false;
    handler = std::exchange(handler_, nullptr);
  }
  if (handler) handler->on_done(!context_.IsCancelled());
  host_.on_call_end(*this);
}

}  // namespace mp::server
