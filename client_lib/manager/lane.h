#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mp/lane.h"

namespace mp::internal {

using Clock = std::chrono::steady_clock;
using Deadline = std::optional<Clock::time_point>;  // absent: never

// A connection to a manager, whatever lane it is on. Moves bytes, which are whole frames with their
// lengths, knows deadlines, and nothing of what the bytes mean.
//
// One thread sends at a time, and one receives; both may be at work at once.
class LaneConnection {
 public:
  enum class Result { kDone, kWouldBlock, kTimedOut, kClosed };

  LaneConnection() = default;
  virtual ~LaneConnection() = default;
  LaneConnection(const LaneConnection&) = delete;
  LaneConnection& operator=(const LaneConnection&) = delete;

  // Sends what the lane takes now, and adds to `sent` how much that was.
  virtual Result send_some(const char* data, std::size_t size, std::size_t& sent) = 0;
  // Receives what is there, waiting until the deadline if nothing is.
  virtual Result receive(char* data, std::size_t size, const Deadline& deadline,
                         std::size_t& received) = 0;
  // Waits until the lane takes or has bytes.
  virtual Result wait_either(const Deadline& deadline) = 0;
  // Who sends: whole frames have been sent so far, and the next one begins.
  virtual void on_frame_sent() {}
  // Who receives: a frame, without its length. The lane may send some of its own, which nobody else
  // is to read.
  enum class Frame {
    kNotMine,
    kMine,
    kMyLast,  // what was received behind it does not count
  };
  virtual Frame take(std::string_view) { return Frame::kNotMine; }
  // Ends it: who receives hears kClosed. From any thread.
  virtual void shut() = 0;
  // Why it has closed, where more is known than that.
  virtual std::string failure() { return {}; }
};

// Errors: ValueError unless its budget is from 0 to 10 ms.
void require_valid(const LaneSpin& spin);

// What a manager said when a session was joined.
struct Welcomed {
  std::uint64_t session = 0;
  std::string secret;
  std::chrono::nanoseconds time_to_live{};
  std::string hello;  // the frame with which another connection joins the same session
};

struct Origin;

// Where a manager is, which lane leads there, and what it is asked for. Thread-safe.
class Endpoint {
 public:
  Endpoint() = default;
  virtual ~Endpoint() = default;
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  // A new connection. Null if there is none to be had now: `why` is the reason.
  virtual std::shared_ptr<LaneConnection> connect(std::string& why) = 0;
  // A session was joined over a connection of this.
  virtual void on_joined(const Welcomed&) {}
  // The session has ended.
  virtual void on_left() {}
  // Which way that is (origin.h), but for the fields below.
  virtual Origin road() const = 0;
  // False: a forked child can't use it.
  virtual bool works_after_fork() const { return true; }

  std::string manager;  // the address that hello must name; empty: any
  std::string title;    // for messages: "manager unix:/run/user/1000/mp/50051.sock"
  std::string token;
  bool may_come_back = true;  // false: an embedded manager, which is never started again
  Lane lane = Lane::kLocal;   // on a socket: whether its connections go on through shared memory,
  LaneSpin spin;              // and how their threads wait
};

}  // namespace mp::internal
