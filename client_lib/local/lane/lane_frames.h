#pragma once

#include <array>
#include <optional>
#include <string_view>

// How the two ends of a connection come from the socket to rings. Beside the frames of the protocol
// there are four more of two bytes, which nobody but the lane sees. To whoever does not know them
// they are frames with an unknown field in them, which is passed over: the connection stays on the
// socket.
//
//   client                 server
//     ──── ask ────────────►            it sends much; a server that is told to gives unasked
//     ◄─── offer, memory ───            or decline: there is none to be had now
//     ──── change ─────────►            or decline: it can't be mapped here
//     ◄─── change ──────────
//
// Behind `change` its sender writes to its ring; on the socket its other end gets bells only: bytes
// that say nothing, but wake who sleeps. The two directions change one after the other, between two
// frames, so the order of frames is that in which they were sent.

namespace mp::internal {

enum class LaneFrame : char { kAsk = 1, kOffer = 2, kDecline = 3, kChange = 4 };

constexpr char kLaneField = 0x78;  // field 15, a varint

// The frame with its length, as it goes over the socket.
using LaneFrameBytes = std::array<char, 6>;
constexpr LaneFrameBytes lane_frame_bytes(LaneFrame frame) {
  return {2, 0, 0, 0, kLaneField, static_cast<char>(frame)};
}

// Which one these bytes are, without their length.
constexpr std::optional<LaneFrame> as_lane_frame(std::string_view frame) {
  if (frame.size() != 2 || frame[0] != kLaneField || frame[1] < 1 || frame[1] > 4)
    return std::nullopt;
  return static_cast<LaneFrame>(frame[1]);
}

}  // namespace mp::internal
