#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

#include "server/engine/dispatcher.h"
#include "server/lanes/frames.h"
#include "server/lanes/peer.h"

namespace mp::server {

class LocalLane;

// One client thread's connection on the local lane.
//
//   greeting ──hello, welcome──► open ──end of file, broken frame, end of session──► closed
//
// Read by its lane thread alone; appended to and flushed by any thread.
class LocalConnection final : public Port, public std::enable_shared_from_this<LocalConnection> {
 public:
  LocalConnection(LocalLane& lane, int fd, int epoll);
  ~LocalConnection() override;

  // Lets the lane's thread hear of this connection. Not the constructor's work: that thread may
  // take it up at once.
  void start();

  int fd() const { return fd_; }
  const std::shared_ptr<Session>& session() const { return session_; }

  // Reads what is there and runs the commands in it. False: the connection is over.
  bool on_readable();
  // Writes what could not be written before. False: the connection is over.
  bool on_writable();

  void append(const v1::Outcome& outcome) override;
  void append_bytes(std::string_view outcome) override;
  void flush() override;
  void session_over() override;

 private:
  bool read_once(std::size_t& received);
  bool on_frame(std::string_view frame);
  bool greet(const v1::Hello& hello);
  absl::StatusOr<std::shared_ptr<Session>> session_for(const v1::Hello& hello, const Peer& peer);
  bool refuse(const absl::Status& why);
  void run_commands(Deliveries& deliveries);
  void write_some() MP_REQUIRES(out_mutex_);
  void want_events() MP_REQUIRES(out_mutex_);

  LocalLane& lane_;
  const int fd_;
  const int epoll_;

  // Of the lane thread:
  FrameSplitter in_;
  ClientFrameView frame_;
  std::shared_ptr<Session> session_;

  Mutex out_mutex_;
  FrameWriter out_ MP_GUARDED_BY(out_mutex_);
  std::string unsent_ MP_GUARDED_BY(out_mutex_);    // frames that the socket did not take
  std::size_t sent_ MP_GUARDED_BY(out_mutex_) = 0;  // of unsent_
  bool broken_ MP_GUARDED_BY(out_mutex_) = false;
  std::uint32_t events_ MP_GUARDED_BY(out_mutex_) = 0;
};

}  // namespace mp::server
