#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>

#include "server/lanes/frames.h"

namespace mp::server {

// Frames that wait to leave on a lane that delimits messages itself. Those that follow one another
// gather to one message, unless it would become long.
class FrameQueue {
 public:
  void append(const v1::Outcome& outcome);
  void append_bytes(std::string_view outcome);
  // A frame, which may be empty.
  void append_frame(std::string_view frame);

  bool empty() const { return sealed_.empty() && !open_; }
  std::size_t bytes() const { return sealed_bytes_ + gathering_.size(); }
  // Takes the next message. There is one.
  std::string pop();

 private:
  void seal();

  std::list<std::string> sealed_;  // messages that leave before what gathers
  std::size_t sealed_bytes_ = 0;
  FrameWriter gathering_{FrameWriter::Delimiting::kByLane};
  bool open_ = false;  // there is a frame in it, be it empty
};

}  // namespace mp::server
