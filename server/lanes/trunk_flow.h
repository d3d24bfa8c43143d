#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/lanes/frame_queue.h"
#include "server/lanes/trunk_frames.h"

namespace mp::server {

// What leaves on one end of a trunk, and how much may come: the relay has one, and the manager.
//
// Connections have their turns one after another, with a piece of their frames each, so that no
// value and no crowd of commands is in the others' way. Each has a window, as a stream of HTTP/2
// has: what its receiver has not taken yet, and no more, is on its way.
//
// Invariant: a connection is among those whose turn comes if, and only if, it has something that
// may leave.
//
// Not thread-safe: its trunk has a lock. Calls for connections that are none (any more) are no-ops.
class TrunkFlow {
 public:
  using Number = std::uint64_t;
  static constexpr std::uint64_t kWindow = 4U << 20U;
  // Who has so much waiting to leave shall not be given more: caught_up() tells when it has left.
  static constexpr std::size_t kMaxUnsent = 8 << 20U;

  void begin(Number number);

  void append(Number number, const v1::Outcome& outcome);
  void append_bytes(Number number, std::string_view outcome);
  void append_frame(Number number, std::string_view frame);
  // Ends it once what waits has left, or instead of that.
  enum class Waiting { kLeaves, kIsDropped };
  void end(Number number, Waiting waiting);

  // The other end has taken so much.
  void widen(Number number, std::uint64_t taken);
  // So much has come. False: more than might.
  bool receive(Number number, std::size_t bytes);
  // What has come is not taken, until it is.
  void hold(Number number, bool held);

  // True: caught_up() will name it.
  bool congested(Number number);
  // Those that were congested and are no more.
  std::vector<Number> caught_up();

  // The next message to send; empty if nothing may leave now.
  std::string next();
  // Those whose end has left since.
  std::vector<Number> ended() { return std::exchange(ended_, {}); }

 private:
  struct Connection {
    FrameQueue frames;
    std::string leaving;   // the message of which pieces have left
    std::size_t left = 0;  // so much of it
    std::uint64_t window = kWindow;
    std::uint64_t received = 0;  // and not yet told as taken
    bool split = false;          // `leaving` has begun to leave
    bool held = false;
    bool ending = false;
    bool congested = false;
    bool in_turn = false;

    std::size_t unsent() const { return frames.bytes() + leaving.size() - left; }
    bool has_frame() const { return split || !frames.empty(); }
    bool may_send_frame() const;
    bool shall_tell_taken() const { return !held && received >= kWindow / 4; }
    bool has_turn() const { return may_send_frame() || shall_tell_taken() || may_end(); }
    bool may_end() const { return ending && !has_frame(); }
  };

  Connection* find(Number number);
  template <typename Append>
  void append_by(Number number, Append append);
  void give_turn(Number number, Connection& connection);
  bool take_turn(Number number, Connection& connection, std::string& message);
  void send_piece(Connection& connection, ConnectionPart& part);

  std::unordered_map<Number, Connection> connections_;
  std::deque<Number> turns_;
  std::vector<Number> congested_;
  std::vector<Number> ended_;
};

}  // namespace mp::server
