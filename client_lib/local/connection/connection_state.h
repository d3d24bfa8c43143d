#pragma once

#include <atomic>
#include <memory>

#include "client_lib/local/connection/leased_descriptor.h"
#include "client_lib/local/connection/transport.h"
#include "mp/local/connection.h"

namespace mp::internal {

// What stands behind a Connection and its copies in this process.
class ConnectionState {
 public:
  ConnectionState(Descriptor socket, std::unique_ptr<Transport> transport, ConnectionUse use)
      : socket_(std::move(socket)),
        transport_(std::move(transport)),
        sends_(use != ConnectionUse::kReceiving),
        receives_(use != ConnectionUse::kSending) {}

  // Errors: ConnectionError, named by what was attempted, if it is closed, or not for that.
  LeasedDescriptor::Lease to_send(const char* attempt);
  LeasedDescriptor::Lease to_receive(const char* attempt);
  LeasedDescriptor::Lease to_do(const char* attempt);

  Transport& transport() { return *transport_; }

  void close() noexcept { socket_.close(); }
  bool is_closed() const noexcept { return socket_.is_closed(); }
  bool sends() const { return sends_; }
  bool receives() const { return receives_.load(std::memory_order_relaxed); }
  // As Python does once it has lost its place in what comes.
  void end_receiving();
  ConnectionUse use() const;

  void set_other_end(const std::shared_ptr<ConnectionState>& other) { other_end_ = other; }
  std::shared_ptr<ConnectionState> other_end() const { return other_end_.lock(); }

 private:
  LeasedDescriptor socket_;
  const std::unique_ptr<Transport> transport_;
  const bool sends_;
  std::atomic<bool> receives_;
  // Constant after Pipe().
  std::weak_ptr<ConnectionState> other_end_;
};

// Waits for a message, or the end of file; false at the deadline.
// Errors: EOFError, ConnectionError.
bool await_message(ConnectionState& state, IncomingMessage& message, const ReceiveLimits& limits);

}  // namespace mp::internal
