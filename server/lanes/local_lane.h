#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "server/lanes/local_connection.h"
#include "server/lanes/process_watches.h"
#include "server/lanes/unix_listener.h"

namespace mp::server {

struct LocalLaneOptions {
  unsigned threads = 0;  // 0: one for each processor
  std::uint64_t max_message_bytes = 64ULL << 20U;
};

// The lane between processes of one host: a Unix socket, a connection for each client thread.
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

 private:
  class Thread;

  void accept_all();
  void on_process_end(int pidfd);

  LocalService& service_;
  const UnixListener listener_;
  const LocalLaneOptions options_;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::size_t next_thread_ = 0;
  ProcessWatches watches_;
};

}  // namespace mp::server
