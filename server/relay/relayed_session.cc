#include "server/relay/relayed_session.h"

#include <utility>

#include "mp/v1/command.pb.h"

namespace mp::server {
namespace {

// Outside of the client's numbering, since the client is no more.
std::string close_frame() {
  v1::Command command;
  command.mutable_session_close()->set_died(true);
  v1::ClientFrame frame;
  frame.add_commands(command.SerializeAsString());
  return frame.SerializeAsString();
}

}  // namespace

RelayedSession::RelayedSession(Upstream& upstream, const v1::Hello& hello,
                               const v1::Welcome& welcome)
    : upstream_(upstream), time_to_live_(duration_of(welcome.time_to_live())) {
  *hello_.mutable_hello() = hello;
  hello_.mutable_hello()->set_session(welcome.session());
  hello_.mutable_hello()->set_secret(welcome.secret());
}

void RelayedSession::connect() {
  connection_ = upstream_.connect(Upstream::Use::kLife, shared_from_this());
  if (connection_ == nullptr) return;
  send(hello_.SerializeAsString());
  if (ending_) send(close_frame());
}

void RelayedSession::send(std::string_view frame) {
  connection_->send(frame);
  connection_->flush();
}

void RelayedSession::hang_up() {
  if (connection_ == nullptr) return;
  connection_->hang_up();
  connection_->flush();
}

bool RelayedSession::beat(Time now) {
  const MutexLock lock(mutex_);
  if (over_ || now > give_up_) {
    hang_up();
    return false;
  }
  may_reconnect_ = true;
  if (connection_ == nullptr) {
    connect();
  } else {
    send(v1::ClientFrame().SerializeAsString());
  }
  return true;
}

void RelayedSession::end(Time now) {
  const MutexLock lock(mutex_);
  if (over_ || ending_) return;
  ending_ = true;
  give_up_ = now + 2 * time_to_live_;
  if (connection_ == nullptr) {
    connect();
  } else {
    send(close_frame());
  }
}

void RelayedSession::leave() {
  const MutexLock lock(mutex_);
  if (ending_) return;
  over_ = true;
  hang_up();
}

bool RelayedSession::over() {
  const MutexLock lock(mutex_);
  return over_;
}

bool RelayedSession::on_message(std::string_view) { return true; }

void RelayedSession::on_end(const grpc::Status& status) {
  const MutexLock lock(mutex_);
  connection_ = nullptr;
  over_ = over_ || status.ok();
  // Else the way to the manager broke. Looking for the next one at once, this finds it for its
  // clients too: their connections, refused meanwhile, do not. Once, and then with the next beat.
  if (!over_ && std::exchange(may_reconnect_, false)) connect();
}

}  // namespace mp::server
