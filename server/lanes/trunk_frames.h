#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mp::server {

// An mp.v1.ConnectionPart; its frame is a view.
struct ConnectionPart {
  std::uint64_t connection = 0;
  std::optional<std::string_view> frame;
  bool more = false;
  std::uint64_t taken = 0;
  bool end = false;
};

// Appends the part to the bytes of an mp.v1.TrunkFrame.
void append_part(std::string& message, const ConnectionPart& part);

// The parts of an mp.v1.TrunkFrame, as views into it. False if the bytes are none, or a part names
// no connection. Unknown fields are passed over. Reuses the vector.
bool parse_trunk_frame(std::string_view message, std::vector<ConnectionPart>& parts);

// A frame out of its pieces.
class FramePieces {
 public:
  // The frame that is whole now, valid until drop(); or nothing, if more is to come.
  std::optional<std::string_view> add(std::string_view piece, bool more);
  // To be called after a frame: it may be large.
  void drop() { buffer_ = {}; }
  // How long the frame is that has begun.
  std::size_t size() const { return buffer_.size(); }

 private:
  std::string buffer_;
};

}  // namespace mp::server
