#pragma once

#include <memory>
#include <string_view>

#include "server/lanes/frame_queue.h"
#include "server/lanes/remote_conversation.h"
#include "server/lanes/trunk_flow.h"
#include "server/lanes/trunk_frames.h"

namespace mp::server {

class TrunkStream;

// A client's connection, on its relay's trunk.
//
//   running ──its answers are not read──► holding ──they are──► running
//
// While it holds, what it receives is kept, and the relay is not told to send more. Of the thread
// of the trunk's call, the port excepted.
class TrunkConnection final : public Port,
                              public RemoteConversation,
                              public std::enable_shared_from_this<TrunkConnection> {
 public:
  TrunkConnection(std::shared_ptr<TrunkStream> trunk, TrunkFlow::Number number,
                  const UnaryTarget& target, const AccessToken& token, bool authenticated);

  // These give false if the connection is to end; if it refused the client, that has been queued.
  bool on_part(const ConnectionPart& part);
  bool on_caught_up();
  // It has ended.
  void leave();

  void append(const v1::Outcome& outcome) override;
  void append_bytes(std::string_view outcome) override;
  void flush() override;
  void session_over() override;

 private:
  std::shared_ptr<Port> port() override { return shared_from_this(); }
  void send(const v1::ServerFrame& frame) override;

  bool on_piece(std::string_view piece, bool more);
  bool run(std::string_view frame);

  const std::shared_ptr<TrunkStream> trunk_;
  const TrunkFlow::Number number_;
  FramePieces pieces_;
  FrameQueue held_;
  bool holding_ = false;
};

}  // namespace mp::server
