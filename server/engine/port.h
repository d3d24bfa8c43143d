#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "mp/v1/command.pb.h"

namespace mp::server {

struct Gift;

// Where outcomes leave the engine: a connection of a lane, or one unary call.
//
// Thread-safe: any thread that completes a waiter appends to the waiter's port.
class Port {
 public:
  virtual ~Port() = default;
  // Queues an outcome. Called inside a shard's section, so that the order of outcomes is the order
  // of steps; it neither blocks nor writes.
  virtual void append(const v1::Outcome& outcome) = 0;
  // The same, for an outcome that was kept as bytes.
  virtual void append_bytes(std::string_view outcome) = 0;
  // Writes what is queued. Called outside of all sections.
  virtual void flush() = 0;

  // The session that the port belongs to is over. Called once, outside of all sections.
  virtual void session_over() {}

  // --- For a port that must give up or give back by itself, because its commands have no seq.
  // Inside the section. ---

  // The command waits now, under this ticket of this shard, until its outcome is appended.
  virtual void parked(std::uint32_t /*shard*/, std::uint64_t /*ticket*/) {}
  // `outcome`, appended just now and kept nowhere, gave the caller something: if it can't be
  // delivered, that must be taken back (Section::take_back).
  virtual void gave(const Gift&, const v1::Outcome& /*outcome*/) {}
};

// The ports that have something to write, flushed when the sections are left.
class Deliveries {
 public:
  Deliveries() = default;
  ~Deliveries() { flush(); }
  Deliveries(const Deliveries&) = delete;
  Deliveries& operator=(const Deliveries&) = delete;

  void add(const std::shared_ptr<Port>& port) {
    if (ports_.empty() || ports_.back() != port) ports_.push_back(port);
  }
  void flush() {
    for (const std::shared_ptr<Port>& port : ports_) port->flush();
    ports_.clear();
  }

 private:
  std::vector<std::shared_ptr<Port>> ports_;
};

}  // namespace mp::server
