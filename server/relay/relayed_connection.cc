#include "server/relay/relayed_connection.h"

#include <unistd.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/objects/error.h"
#include "server/relay/relay.h"

namespace mp::server {

bool RelayedConnection::on_frame(std::string_view frame) {
  if (upstream_ == nullptr) return greet(frame);
  upstream_->send(frame);
  if (upstream_->congested()) {
    const auto connection = connection_.lock();
    connection->pause_reading(true);
    if (!upstream_->congested()) connection->pause_reading(false);  // it has just caught up
  }
  return true;
}

bool RelayedConnection::greet(std::string_view bytes) {
  v1::ClientFrame frame;
  if (!frame.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return refuse(
        error(v1::BAD_COMMAND, "the bytes on this connection are not an mp.v1.ClientFrame"));
  }
  if (!frame.has_hello()) {
    return refuse(error(v1::BAD_COMMAND, "the first frame of a connection must hold hello"));
  }
  if (absl::Status status = admit(frame.hello()); !status.ok()) return refuse(status);
  frame.mutable_hello()->clear_manager();  // which may know itself by another address
  hello_ = frame.hello();
  upstream_ = relay_.upstream().connect(Upstream::Use::kClient, shared_from_this());
  if (upstream_ == nullptr)
    return refuse(error(v1::MANAGER_UNAVAILABLE, "the relay is shutting down"));
  upstream_->send(frame.SerializeAsString());
  return true;
}

absl::Status RelayedConnection::admit(const v1::Hello& hello) const {
  const uid_t user = connection_.lock()->peer().uid;
  if (user != geteuid() && user != 0) {
    return error(v1::UNAUTHENTICATED_CLIENT,
                 absl::StrCat("this relay runs for user ", geteuid(), " and the client for user ",
                              user, "; each user has relays of his own"));
  }
  if (!hello.manager().empty() && hello.manager() != relay_.address()) {
    return error(v1::NO_SUCH_OBJECT, absl::StrCat("this is a relay to ", relay_.address(),
                                                  ", and the client asks for ", hello.manager()));
  }
  return absl::OkStatus();
}

// What a connection that ended before the manager had answered means to the client: that it may try
// again, unless that would come to the same.
absl::Status RelayedConnection::why_unanswered(const grpc::Status& status) const {
  if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
    return error(v1::BAD_COMMAND,
                 absl::StrCat("what serves at ", relay_.address(),
                              " is no mp-manager, or an older one: ", status.error_message()));
  }
  return error(v1::MANAGER_UNAVAILABLE,
               absl::StrCat("the relay cannot reach ", relay_.address(), ": ",
                            status.ok() ? "it hung up" : status.error_message()));
}

bool RelayedConnection::refuse(const absl::Status& why) {
  v1::ServerFrame frame;
  *frame.mutable_refusal() = to_wire(why);
  if (const auto connection = connection_.lock()) connection->send(frame);
  return false;
}

SessionId RelayedConnection::session() const {
  const MutexLock lock(mutex_);
  return session_;
}

void RelayedConnection::on_too_large() {
  const auto connection = connection_.lock();
  refuse(error(v1::LIMIT_EXCEEDED,
               absl::StrCat("a frame is larger than ", connection->lane().max_frame_bytes(),
                            " bytes (limit --max-message-bytes of the relay)")));
}

void RelayedConnection::on_close() {
  SessionId session = 0;
  {
    const MutexLock lock(mutex_);
    closed_ = true;
    session = session_;
    // Nobody will read on: what still comes is let go of, so that what was sent can leave.
    if (std::exchange(stalled_, false)) upstream_->resume();
  }
  if (upstream_ != nullptr) upstream_->hang_up();
  if (session != 0) relay_.part(session);
}

bool RelayedConnection::on_message(std::string_view frame) {
  const auto connection = connection_.lock();
  if (connection == nullptr) return true;
  if (!std::exchange(answered_, true)) on_answer(*connection, frame);
  connection->send_bytes(frame);
  const MutexLock lock(mutex_);
  stalled_ = !closed_ && connection->congested();
  return !stalled_;
}

void RelayedConnection::on_answer(LocalConnection& connection, std::string_view bytes) {
  v1::ServerFrame frame;
  if (!frame.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !frame.has_welcome())
    return;
  relay_.join(connection, hello_, frame.welcome());
  {
    const MutexLock lock(mutex_);
    session_ = frame.welcome().session();
    if (!closed_) return;
  }
  relay_.part(frame.welcome().session());
}

void RelayedConnection::on_drained() {
  const MutexLock lock(mutex_);
  if (std::exchange(stalled_, false)) upstream_->resume();
}

void RelayedConnection::on_caught_up() {
  if (const auto connection = connection_.lock()) connection->pause_reading(false);
}

void RelayedConnection::on_end(const grpc::Status& status) {
  if (const SessionId joined = session()) relay_.upstream_over(joined);
  const auto connection = connection_.lock();
  if (connection == nullptr) return;
  if (!answered_) {
    refuse(why_unanswered(status));
  }
  connection->close();
}

}  // namespace mp::server
