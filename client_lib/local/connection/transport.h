#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client_lib/local/os/descriptor.h"
#include "client_lib/local/os/pidfd.h"
#include "mp/bytes.h"

// How whole messages go over a socket: over one that keeps packets apart (packet_transport.h), or a
// stream of bytes (stream_transport.h). Connection knows only this.

namespace mp::internal {

// A message that came.
class IncomingMessage {
 public:
  // Room for what comes in one piece; lent from this thread's store. What it held before is gone.
  std::span<char> room(std::size_t size);
  void set_size(std::size_t size) { size_ = size; }

  void set_bytes(std::string bytes) {
    large_ = std::move(bytes);
    is_large_ = true;
  }

  std::string_view bytes() const {
    return is_large_ ? std::string_view(large_) : std::string_view(room_.get(), size_);
  }
  Bytes take_bytes() { return is_large_ ? Bytes(std::move(large_)) : Bytes(bytes()); }

  std::vector<Descriptor> descriptors = {};

  IncomingMessage() = default;
  ~IncomingMessage();
  IncomingMessage(const IncomingMessage&) = delete;
  IncomingMessage& operator=(const IncomingMessage&) = delete;

 private:
  std::unique_ptr<char[]> room_;
  std::size_t size_ = 0;
  std::string large_;
  bool is_large_ = false;
};

enum class Received { kMessage, kTimedOut, kEndOfFile, kTooLong };

struct ReceiveLimits {
  Deadline deadline = std::nullopt;
  std::size_t max_length = std::numeric_limits<std::size_t>::max();
};

// One end of a connection. `fd` is its socket.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  // Errors: ConnectionError; ValueError for more descriptors than can go along.
  virtual void send(int fd, std::string_view bytes, std::span<const int> descriptors) = 0;

  // A message of more than max_length is not read: after kTooLong the way is not in order any more.
  // Errors: ConnectionError, also for a message whose sender died in the middle.
  virtual Received receive(int fd, IncomingMessage& message, const ReceiveLimits& limits) = 0;

  // What is readable when a receive() would get on: the socket, but for messages that have begun.
  virtual int to_poll(int fd) const = 0;
};

[[noreturn]] void throw_end_within_message(std::size_t got, std::size_t size);
[[noreturn]] void throw_too_many_descriptors(std::size_t count, std::size_t most);

}  // namespace mp::internal
