#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mp::internal {

using Clock = std::chrono::steady_clock;
using Deadline = std::optional<Clock::time_point>;  // absent: never

// Where a manager's local lane is, and what it is asked for there.
struct Endpoint {
  sockaddr_un socket{};
  socklen_t socket_size = 0;
  std::string manager;  // the address that hello must name; empty: any
  std::string title;    // for messages: "manager unix:/run/user/1000/mp/50051.sock"
  std::string token;
  bool may_come_back = true;  // false: an embedded manager, which is never started again

  static Endpoint at_path(const std::string& path);
  static Endpoint at_abstract(std::string_view name);
};

// A connected socket of the local lane. Moves bytes, knows deadlines, and nothing of what the bytes
// mean.
class LaneSocket {
 public:
  enum class Result { kDone, kWouldBlock, kTimedOut, kClosed };

  LaneSocket() = default;
  ~LaneSocket();
  LaneSocket(LaneSocket&& other) noexcept;
  LaneSocket& operator=(LaneSocket&& other) noexcept;

  bool open() const { return fd_ >= 0; }
  void close();
  // An errno, or 0. A Unix socket connects at once or not at all.
  int connect(const Endpoint& endpoint);

  // Sends what the socket takes now, and adds to `sent` how much that was.
  Result send_some(const char* data, std::size_t size, std::size_t& sent);
  // Receives what is there, waiting until the deadline if nothing is.
  Result receive(char* data, std::size_t size, const Deadline& deadline, std::size_t& received);
  // Waits until the socket takes or has bytes.
  Result wait_either(const Deadline& deadline);

 private:
  Result poll_for(short events, const Deadline& deadline) const;

  int fd_ = -1;
};

}  // namespace mp::internal
