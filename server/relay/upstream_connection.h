#pragma once

#include <grpcpp/support/status.h>

#include <memory>
#include <string_view>
#include <utility>

#include "server/lanes/trunk_flow.h"
#include "server/lanes/trunk_frames.h"

namespace mp::server {

class UpstreamTrunk;

// A connection to the manager on a trunk.
//
//   open ──hang_up(), the manager ends it, or the trunk breaks──► over
//
// Thread-safe.
class UpstreamConnection {
 public:
  // Told on the thread of the trunk's queue, one event after another.
  class Receiver {
   public:
    virtual ~Receiver() = default;
    // A frame has come. False: no more for now; resume() goes on.
    virtual bool on_message(std::string_view frame) = 0;
    // What was sent has left, after there was too much.
    virtual void on_caught_up() {}
    // OK: the manager has ended the connection by itself, or agreed to hang_up().
    virtual void on_end(const grpc::Status& status) = 0;
  };

  UpstreamConnection(std::shared_ptr<UpstreamTrunk> trunk, TrunkFlow::Number number,
                     std::shared_ptr<Receiver> receiver)
      : trunk_(std::move(trunk)), number_(number), receiver_(std::move(receiver)) {}

  // Sends a frame with the next flush. Unsaid after the connection is over.
  void send(std::string_view frame);
  // Writes what was sent on the trunk.
  void flush();
  // More waits to be sent than should: Receiver::on_caught_up() tells when it has left.
  bool congested();
  // Receives on, after on_message() said false.
  void resume();
  // Ends it once what was sent has left, with the next flush.
  void hang_up();

  // --- For its trunk, on the thread of its queue. ---
  void on_piece(std::string_view piece, bool more);
  void on_caught_up() { receiver_->on_caught_up(); }
  void on_end(const grpc::Status& status) { std::exchange(receiver_, nullptr)->on_end(status); }

 private:
  const std::shared_ptr<UpstreamTrunk> trunk_;
  const TrunkFlow::Number number_;
  // Of the queue's thread:
  std::shared_ptr<Receiver> receiver_;
  FramePieces pieces_;
};

}  // namespace mp::server
