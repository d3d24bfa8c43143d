#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "client_lib/local/lane/lane_memory.h"
#include "client_lib/local/os/descriptor.h"
#include "server/lanes/local_connection.h"
#include "server/lanes/process_watches.h"
#include "server/lanes/ring_options.h"
#include "server/lanes/unix_listener.h"

namespace mp::server {

struct LocalLaneOptions {
  unsigned threads = 0;  // 0: one for two processors, of which the other is left to their clients
  std::uint64_t max_message_bytes = 64ULL << 20U;
  RingOptions rings;
};

// The lane between processes of one host: a Unix socket, a connection for each client thread, which
// goes on through shared memory where it is used often.
class LocalLane {
 public:
  LocalLane(LocalService& service, UnixListener listener, const LocalLaneOptions& options);
  ~LocalLane();

  void start();
  // Accepts and reads no more; connections are closed.
  void stop();

  // --- For connections and their handlers. ---
  ProcessWatches& watches() { return watches_; }
  // A little more than a message may have, so that it is mostly the client that refuses.
  std::uint64_t max_frame_bytes() const { return options_.max_message_bytes + (64U << 10U); }
  const RingOptions& rings() const { return options_.rings; }
  // Memory for rings, or null: there is none, or as many have some as may.
  std::unique_ptr<mp::internal::LaneMemory> make_rings(mp::internal::Descriptor& to_pass);
  void rings_are_gone() { rings_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  class Thread;

  void accept_all();
  void on_process_end(int pidfd);

  LocalService& service_;
  const UnixListener listener_;
  const LocalLaneOptions options_;
  std::atomic<std::uint64_t> rings_{0};  // connections that have some
  std::atomic<std::uint32_t> busy_rings_{0};
  std::atomic<bool> has_said_why_{false};         // there are no rings
  std::vector<std::unique_ptr<Thread>> threads_;  // use what is above
  std::size_t next_thread_ = 0;
  ProcessWatches watches_;
};

}  // namespace mp::server
