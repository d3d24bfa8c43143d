#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "mp/v1/command.pb.h"
#include "mp/v1/session.pb.h"

namespace mp::server {

// Frames on a byte stream: a length of 4 bytes, little-endian, then an mp.v1.ClientFrame or
// ServerFrame.
inline constexpr std::size_t kFrameHeader = 4;

// Cuts a byte stream into frames. Bytes come in as they arrive; frames go out as views, valid until
// the next call.
class FrameSplitter {
 public:
  explicit FrameSplitter(std::uint64_t max_frame_bytes) : max_frame_bytes_(max_frame_bytes) {}

  // Room for at least `wanted` bytes to be received into; commit() says how many were.
  char* prepare(std::size_t wanted);
  void commit(std::size_t received) { end_ += received; }

  // The next whole frame, or nothing yet. After too_large() there is none.
  std::optional<std::string_view> next();
  bool too_large() const { return too_large_; }
  // Forgets what is left: it belongs to no frame.
  void drop() { begin_ = end_; }
  // How much is known to be missing of the frame that has begun.
  std::size_t missing() const;

 private:
  std::optional<std::uint64_t> frame_size() const;

  const std::uint64_t max_frame_bytes_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool too_large_ = false;
};

// What a client's frame holds besides hello, without copying the commands out of it.
struct ClientFrameView {
  std::optional<v1::Hello> hello;
  std::uint64_t lowest_unanswered = 0;
  std::vector<std::uint64_t> unanswered;
  std::vector<std::string_view> commands;

  // False if the bytes are no ClientFrame. Unknown fields are passed over. Reuses the vectors.
  bool parse(std::string_view frame);
};

// Commands out of their bytes: OK, or why not, with the seq if that could be read.
struct CommandError {
  std::uint64_t seq = 0;
  absl::Status status;
};
std::optional<CommandError> parse_command(std::string_view bytes, std::uint32_t max_depth,
                                          v1::Command& command);

// Server frames as they are queued: outcomes are appended to an open frame, which seal() gives its
// length. On a lane that delimits messages itself the frames need no lengths, and become one.
class FrameWriter {
 public:
  enum class Delimiting { kByLength, kByLane };
  explicit FrameWriter(Delimiting delimiting = Delimiting::kByLength)
      : header_(delimiting == Delimiting::kByLength ? kFrameHeader : 0) {}

  void append(const v1::Outcome& outcome);
  void append_bytes(std::string_view outcome);
  void append_frame(std::string_view frame);
  // Gives everything that was appended, as whole frames, and begins anew.
  std::string take();
  // The same without taking it: until the next call, and clear() begins anew.
  std::string_view whole_frames() {
    seal();
    return buffer_;
  }
  void clear() { buffer_.clear(); }
  std::size_t size() const { return buffer_.size(); }

 private:
  char* open_field(std::size_t size);
  void seal();

  std::size_t header_;
  std::string buffer_;
  std::size_t open_ = std::string::npos;  // where the open frame's header stands
};

}  // namespace mp::server
