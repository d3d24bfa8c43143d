#include "server/lanes/engine_service.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/engine/secret.h"
#include "server/lanes/conversation.h"
#include "server/lanes/local_lane.h"
#include "server/objects/error.h"

namespace mp::server {

class EngineService::Handler final : public FrameHandler, private Conversation::Host {
 public:
  Handler(EngineService& service, LocalConnection& connection)
      : service_(service),
        connection_(connection),
        conversation_(*this, service.engine_, service.dispatcher_, "local") {
    // Any process of this user may find their socket.
    if (service.clients_ == Clients::kMethods && connection.peer().pid == getpid())
      conversation_.be_of_methods();
  }

  bool on_frame(std::string_view frame) override { return conversation_.on_frame(frame); }

  SessionId session() const override {
    return conversation_.session() == nullptr ? 0 : conversation_.session()->id();
  }

  void on_too_large() override {
    conversation_.refuse(
        error(v1::LIMIT_EXCEEDED,
              absl::StrCat("a frame is larger than ", service_.engine_.limits().max_message_bytes,
                           " bytes (limit --max-message-bytes)")));
  }

  void on_close() override {
    const std::shared_ptr<Session>& session = conversation_.session();
    if (session == nullptr || !session->detach(&connection_)) return;
    if (session->ended()) return connection_.lane().watches().remove(session->id());
    if (!connection_.lane().watches().contains(session->id()))
      service_.engine_.unwatch(session->id(), std::nullopt);
  }

 private:
  absl::Status admit(const v1::Hello& hello) override {
    const uid_t user = connection_.peer().uid;
    const bool shown = !service_.token_.empty() && !hello.token().empty();
    if (shown && same_secret(hello.token(), service_.token_)) return absl::OkStatus();
    if (shown) return error(v1::UNAUTHENTICATED_CLIENT, "the token is not the manager's");
    if (user == geteuid() || user == 0) return absl::OkStatus();
    return error(v1::UNAUTHENTICATED_CLIENT,
                 absl::StrCat("the manager runs for user ", geteuid(), " and the client for user ",
                              user, "; give the manager a token and the client the same"));
  }

  void on_joined(const v1::Hello& hello) override {
    const std::shared_ptr<Session>& session = conversation_.session();
    service_.engine_.watch(session->id());
    connection_.lane().watches().add(
        session->id(), connection_, hello.client().pid(),
        [&engine = service_.engine_, session] { engine.end_session(session); });
  }

  std::shared_ptr<Port> port() override { return connection_.shared_from_this(); }
  void send(const v1::ServerFrame& frame) override { connection_.send(frame); }

  EngineService& service_;
  LocalConnection& connection_;
  Conversation conversation_;
};

std::shared_ptr<FrameHandler> EngineService::serve(LocalConnection& connection) {
  return std::make_shared<Handler>(*this, connection);
}

}  // namespace mp::server
