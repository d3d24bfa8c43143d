#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/engine/dispatcher.h"
#include "server/engine/engine.h"
#include "server/lanes/frames.h"

namespace mp::server {

// What the frames of one connection mean to the engine, whichever lane they came by.
//
//   greeting ──hello, welcome──► open ──broken frame──► over
//
// Of the thread that reads the connection.
class Conversation {
 public:
  // The lane's part in it.
  class Host {
   public:
    virtual ~Host() = default;
    // May this client come in?
    virtual absl::Status admit(const v1::Hello& hello) = 0;
    // It has joined its session; the lane watches over that from now on.
    virtual void on_joined(const v1::Hello& hello) = 0;
    virtual std::shared_ptr<Port> port() = 0;
    // Queues a frame and writes what is queued.
    virtual void send(const v1::ServerFrame& frame) = 0;
  };
  // `lane` is the name of the lane that administration shows.
  Conversation(Host& host, Engine& engine, Dispatcher& dispatcher, std::string_view lane)
      : host_(host), engine_(engine), dispatcher_(dispatcher), lane_(lane) {}

  // Methods of the users' types send these commands: they are believed when they say in which call.
  // Of all others that is not heard, since it makes a call wait for the sender.
  void be_of_methods() { of_methods_ = true; }

  // Joins the session, or runs the commands. False: the connection is to end, and its client has
  // been sent the reason.
  bool on_frame(std::string_view bytes);
  // Sends the reason why the connection is to end. False, always.
  bool refuse(const absl::Status& why);

  // Null before the hello.
  const std::shared_ptr<Session>& session() const { return session_; }

 private:
  bool greet(const v1::Hello& hello);
  absl::StatusOr<std::shared_ptr<Session>> session_for(const v1::Hello& hello);
  v1::ServerFrame welcome() const;
  void run_commands();

  Host& host_;
  Engine& engine_;
  Dispatcher& dispatcher_;
  const std::string_view lane_;
  bool of_methods_ = false;
  ClientFrameView frame_;
  std::shared_ptr<Session> session_;
};

}  // namespace mp::server
