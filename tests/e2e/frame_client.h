#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mp/v1/command.pb.h"
#include "mp/v1/session.pb.h"

namespace mp::e2e {

// A connection that carries frames, for clients that do not keep to the protocol: what it sends is
// whatever bytes a test likes.
class FrameClient {
 public:
  virtual ~FrameClient() = default;
  // Sends bytes as one frame. They may be lost on a connection that has ended.
  virtual void send(std::string_view frame) = 0;
  // The next frame, or nothing: the connection has ended.
  virtual std::optional<v1::ServerFrame> receive() = 0;

  // Joins a new session, or that of this welcome. The answer.
  v1::ServerFrame greet(const v1::Welcome& of = {});
  // Sends a command, as bytes, and gives its outcome.
  v1::Outcome ask(std::string_view command);
  v1::Outcome ask(const v1::Command& command) { return ask(command.SerializeAsString()); }
};

// The Unix socket at `path`.
class SocketClient final : public FrameClient {
 public:
  explicit SocketClient(const std::string& path);
  ~SocketClient() override;
  void send(std::string_view frame) override;
  // The same without the frame's length before them.
  void send_raw(std::string_view bytes) const;
  std::optional<v1::ServerFrame> receive() override;
  int fd() const { return fd_; }

 private:
  bool receive_exactly(char* data, std::size_t size) const;
  int fd_;
};

// mp.v1.Sessions/Stream at HOST:PORT.
std::unique_ptr<FrameClient> stream_client(const std::string& address);

}  // namespace mp::e2e
