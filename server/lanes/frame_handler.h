#pragma once

#include <memory>
#include <string_view>

#include "server/objects/step.h"

namespace mp::server {

class LocalConnection;

// Takes the frames of one connection of the local lane, on the thread that reads it.
class FrameHandler {
 public:
  virtual ~FrameHandler() = default;
  // False: the connection is to end, and what there is to say about it has been queued.
  virtual bool on_frame(std::string_view frame) = 0;
  // Whose connection it is; 0 before the hello was answered.
  virtual SessionId session() const = 0;
  // A frame is larger than any may be: the last event but on_close().
  virtual void on_too_large() = 0;
  // The client has read on: what it had not taken is written. From any thread.
  virtual void on_drained() {}
  // The connection has closed.
  virtual void on_close() = 0;
};

// Who answers on a local lane: the engine of this process, or a relay.
class LocalService {
 public:
  virtual ~LocalService() = default;
  // A client has connected. The connection keeps the handler.
  virtual std::shared_ptr<FrameHandler> serve(LocalConnection& connection) = 0;
  // A thread of the lane has handed on all that it found to read.
  virtual void on_rest() {}
  // Is it worth to look, before that, for what others may just be about to send?
  virtual bool gathers() const { return false; }
};

}  // namespace mp::server
