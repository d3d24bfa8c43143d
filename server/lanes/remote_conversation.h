#pragma once

#include "server/lanes/conversation.h"
#include "server/lanes/credentials.h"
#include "server/lanes/unary_call.h"

namespace mp::server {

// TIMEOUT: the client has not said hello in time.
absl::Status hello_too_late();

// The conversation with a client whose process is not seen from here: it shows the token, and its
// session lives by frames. Every one, be it empty, lets the time to live begin anew.
//
// Of the thread that reads the connection.
class RemoteConversation : private Conversation::Host {
 public:
  // A frame is to be taken. False: the connection is to end, and its client has been sent the
  // reason.
  bool take(std::string_view frame);
  // May a frame have so many bytes? If not, the client has been sent the reason.
  bool require_size(std::uint64_t bytes);
  bool refuse(const absl::Status& why) { return conversation_.refuse(why); }

  // Null before the hello.
  const std::shared_ptr<Session>& session() const { return conversation_.session(); }

 protected:
  // Without `authenticated` the hello must show the token.
  RemoteConversation(const UnaryTarget& target, const AccessToken& token, bool authenticated,
                     std::string_view lane)
      : engine_(target.engine),
        token_(token),
        authenticated_(authenticated),
        conversation_(*this, target.engine, target.dispatcher, lane) {}

  Engine& engine() const { return engine_; }

 private:
  absl::Status admit(const v1::Hello& hello) final;
  void on_joined(const v1::Hello& hello) final;
  void renew();

  Engine& engine_;
  const AccessToken& token_;
  const bool authenticated_;
  Conversation conversation_;
  Time renewed_{};
};

}  // namespace mp::server
