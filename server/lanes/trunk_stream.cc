#include "server/lanes/trunk_stream.h"

#include <string>

#include "server/lanes/grpc_message.h"
#include "server/objects/error.h"

namespace mp::server {

void TrunkStream::start() {
  call().set_alarm(time_for_hello());
  call().read();
}

void TrunkStream::on_alarm() {
  alarmed_ = false;
  if (last_ == 0) return end(to_grpc(hello_too_late()));
  const Time now = target_.engine.now();
  while (!greeting_.empty() && greeting_.front().first <= now) {
    const auto at = connections_.find(greeting_.front().second);
    greeting_.pop_front();
    if (at == connections_.end() || at->second->session() != nullptr) continue;
    at->second->refuse(hello_too_late());
    remove(at->first, TrunkFlow::Waiting::kLeaves);
  }
  flush();
  if (greeting_.empty()) return;
  alarmed_ = call().set_alarm(greeting_.front().first - now);
}

void TrunkStream::await_hello(Number number) {
  greeting_.emplace_back(target_.engine.now() + time_for_hello(), number);
  if (!std::exchange(alarmed_, true)) call().set_alarm(time_for_hello());
}

void TrunkStream::on_read(const grpc::ByteBuffer* message) {
  if (message == nullptr) return end(grpc::Status::OK);  // the relay has hung up
  const auto bytes = in_one_piece(*message);
  if (!bytes || !parse_trunk_frame(view_of(*bytes), parts_)) {
    return end(to_grpc(error(v1::BAD_COMMAND,
                             "the bytes on this trunk are not an mp.v1.TrunkFrame, or a part of it "
                             "does not say whose it is")));
  }
  {
    const MutexLock lock(mutex_);
    running_ = true;
  }
  for (const ConnectionPart& part : parts_) on_part(part);
  write_what_is_done();
  call().read();
}

void TrunkStream::on_part(const ConnectionPart& part) {
  auto at = connections_.find(part.connection);
  const bool begins = at == connections_.end();
  if (begins && part.connection <= last_) return;  // it has ended
  if (begins) at = begin(part.connection);
  if (!at->second->on_part(part)) {
    using Waiting = TrunkFlow::Waiting;
    remove(part.connection, part.end ? Waiting::kIsDropped : Waiting::kLeaves);
  } else if (begins && at->second->session() == nullptr) {
    await_hello(part.connection);
  }
}

TrunkStream::Connections::iterator TrunkStream::begin(Number number) {
  last_ = number;
  out([&](TrunkFlow& flow) { flow.begin(number); });
  auto self = std::static_pointer_cast<TrunkStream>(shared_from_this());
  return connections_
      .emplace(number, std::make_shared<TrunkConnection>(std::move(self), number, target_, token_,
                                                         authenticated_))
      .first;
}

void TrunkStream::remove(Number number, TrunkFlow::Waiting waiting) {
  out([&](TrunkFlow& flow) { flow.end(number, waiting); });
  const auto at = connections_.find(number);
  if (at == connections_.end()) return;
  at->second->leave();
  connections_.erase(at);
}

void TrunkStream::flush() {
  const MutexLock lock(mutex_);
  if (!running_) write_some();
}

void TrunkStream::write_what_is_done() {
  const MutexLock lock(mutex_);
  running_ = false;
  write_some();
}

void TrunkStream::write_some() {
  if (writing_) return;
  const std::string message = flow_.next();
  if (!message.empty()) {
    writing_ = call().write(message_of(message));
  } else if (ending_) {
    call().finish(status_);
  }
}

void TrunkStream::on_written() {
  std::vector<Number> ended;
  std::vector<Number> caught_up;
  {
    const MutexLock lock(mutex_);
    writing_ = false;
    write_some();
    ended = flow_.ended();
    caught_up = flow_.caught_up();
  }
  for (const Number number : ended) remove(number, TrunkFlow::Waiting::kLeaves);
  for (const Number number : caught_up) {
    const auto at = connections_.find(number);
    if (at != connections_.end() && !at->second->on_caught_up())
      remove(number, TrunkFlow::Waiting::kLeaves);
  }
  if (!caught_up.empty()) flush();
}

void TrunkStream::end(grpc::Status status) {
  const MutexLock lock(mutex_);
  if (ending_) return;
  ending_ = true;
  status_ = std::move(status);
  write_some();
}

void TrunkStream::on_shutdown() {
  end(to_grpc(error(v1::MANAGER_SHUT_DOWN, "the manager is shutting down")));
}

void TrunkStream::on_done(bool) {
  for (const auto& [number, connection] : connections_) connection->leave();
  connections_.clear();
  out([](TrunkFlow& flow) { flow = {}; });  // of what is done from now on nobody hears
}

}  // namespace mp::server
