#pragma once

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client_lib/local/lane/byte_ring.h"
#include "client_lib/local/lane/lane_frames.h"
#include "client_lib/local/lane/lane_memory.h"
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
// It begins on the socket, and may go on through rings in shared memory; lane_frames.h says how. On
// the socket there are bells then, and its end. The client may write what it likes into that memory
// at any time: what is read from there is copied before anybody looks at it, and its counters are
// checked against our own.
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

  // --- Of the lane's thread, once it reads a ring. ---
  bool has_ring() const { return ring_in_.has_value(); }
  // The client is given memory for rings, as if it had asked.
  bool offer_rings();
  // The connection is over: its memory goes now, though a waiter's port may live on.
  void leave_rings();
  // Hands on what there is, of much a part, and adds to `received` how much. False: the connection
  // is over.
  bool read_ring(std::size_t& received);
  // Nobody looks at the ring any more before the client rings. False: there is something in it.
  bool lie_down();
  void wake() {
    if (ring_in_) ring_in_->wake();
  }
  mp::internal::LaneControl& control() { return memory_->control(); }
  unsigned rounds_in_vain = 0;  // that have found nothing in the ring

  // The client is gone: hands on all that it has written, and keeps no answers.
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
  bool take_from_ring(std::size_t& received);
  bool hand_on_frames();
  bool on_bell();
  void forget_answers();

  bool on_lane_frame(mp::internal::LaneFrame frame);
  bool change_to_rings();
  void send_lane_frame(mp::internal::LaneFrame frame);

  void write_some() MP_REQUIRES(out_mutex_);
  void write_to_socket() MP_REQUIRES(out_mutex_);
  void write_to_ring(mp::internal::RingWriter& to) MP_REQUIRES(out_mutex_);
  void forget_sent() MP_REQUIRES(out_mutex_);
  // Writes what it can to the ring, unless the client has broken it.
  void put_into(mp::internal::RingWriter& to, std::string_view bytes, std::size_t& put)
      MP_REQUIRES(out_mutex_);
  void ring() const;
  std::size_t unsent() const MP_REQUIRES(out_mutex_) { return unsent_.size() - sent_; }
  void want_events() MP_REQUIRES(out_mutex_);
  // True once after each congestion.
  bool take_drained() MP_REQUIRES(out_mutex_);

  LocalLane& lane_;
  const int fd_;
  const int epoll_;
  const Peer peer_;
  std::shared_ptr<FrameHandler> handler_;

  // Of the lane thread:
  FrameSplitter in_;
  std::unique_ptr<mp::internal::LaneMemory> memory_;  // offered, or in use
  bool was_offered_ = false;                          // unasked
  std::optional<mp::internal::RingReader> ring_in_;

  std::atomic<bool> may_read_{true};   // neither paused nor congested
  std::atomic<bool> may_ring_{false};  // the client expects nothing but bells on the socket

  Mutex out_mutex_;
  FrameWriter out_ MP_GUARDED_BY(out_mutex_);
  std::string unsent_ MP_GUARDED_BY(out_mutex_);    // frames that the socket did not take
  std::size_t sent_ MP_GUARDED_BY(out_mutex_) = 0;  // of unsent_
  bool broken_ MP_GUARDED_BY(out_mutex_) = false;
  bool paused_ MP_GUARDED_BY(out_mutex_) = false;
  bool was_congested_ MP_GUARDED_BY(out_mutex_) = false;
  std::uint32_t events_ MP_GUARDED_BY(out_mutex_) = 0;
  // What is in unsent_ is the last for the socket: ring_out_ follows.
  bool changing_ MP_GUARDED_BY(out_mutex_) = false;
  std::optional<mp::internal::RingWriter> ring_out_ MP_GUARDED_BY(out_mutex_);
  bool waits_for_room_ MP_GUARDED_BY(out_mutex_) = false;  // in it
  // Tells the lane's thread that it may read again.
  bool kick_ MP_GUARDED_BY(out_mutex_) = false;
};

}  // namespace mp::server
