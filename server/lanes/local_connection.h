#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

#include "server/engine/mutex.h"
#include "server/engine/port.h"
#include "server/lanes/frame_handler.h"
#include "server/lanes/frames.h"
#include "server/lanes/peer.h"

namespace mp::server {

class LocalLane;

// One client thread's connection on the local lane: cuts what it reads into frames for its handler,
// and writes the frames that it is given.
//
// Read by its lane thread alone; appended to and flushed by any thread.
class LocalConnection final : public Port, public std::enable_shared_from_this<LocalConnection> {
 public:
  LocalConnection(LocalLane& lane, int fd, int epoll, const Peer& peer);
  ~LocalConnection() override;

  // Lets the lane's thread hear of this connection, on behalf of `handler`. Not the constructor's
  // work: that thread may take it up at once.
  void start(std::shared_ptr<FrameHandler> handler);

  LocalLane& lane() { return lane_; }
  int fd() const { return fd_; }
  const Peer& peer() const { return peer_; }
  FrameHandler& handler() { return *handler_; }

  // Reads what is there and hands on the frames in it. False: the connection is over.
  bool on_readable();
  // The same, until nothing is there any more.
  bool drain();
  // Writes what could not be written before. False: the connection is over.
  bool on_writable();

  void append(const v1::Outcome& outcome) override;
  void append_bytes(std::string_view outcome) override;
  void flush() override;
  void session_over() override { close(); }

  // Queues a frame and writes what is queued.
  void send(const v1::ServerFrame& frame);
  // The same, for a frame as bytes.
  void send_bytes(std::string_view frame);
  // The client does not read its answers: handler().on_drained() tells when it has.
  bool congested();
  // Reads no more until it is told to.
  void pause_reading(bool paused);
  // What is queued has been flushed. The lane thread reads the end of file, and ends the
  // connection.
  void close();

 private:
  bool read_once(std::size_t& received);
  bool hand_on_frames();
  void write_some() MP_REQUIRES(out_mutex_);
  std::size_t unsent() const MP_REQUIRES(out_mutex_) { return unsent_.size() - sent_; }
  void want_events() MP_REQUIRES(out_mutex_);
  // True once after each congestion.
  bool take_drained() MP_REQUIRES(out_mutex_);

  LocalLane& lane_;
  const int fd_;
  const int epoll_;
  const Peer peer_;
  std::shared_ptr<FrameHandler> handler_;

  FrameSplitter in_;  // of the lane thread

  Mutex out_mutex_;
  FrameWriter out_ MP_GUARDED_BY(out_mutex_);
  std::string unsent_ MP_GUARDED_BY(out_mutex_);    // frames that the socket did not take
  std::size_t sent_ MP_GUARDED_BY(out_mutex_) = 0;  // of unsent_
  bool broken_ MP_GUARDED_BY(out_mutex_) = false;
  bool paused_ MP_GUARDED_BY(out_mutex_) = false;
  bool was_congested_ MP_GUARDED_BY(out_mutex_) = false;
  std::uint32_t events_ MP_GUARDED_BY(out_mutex_) = 0;
};

}  // namespace mp::server
