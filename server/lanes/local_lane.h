#pragma once

#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "server/engine/dispatcher.h"
#include "server/lanes/local_connection.h"
#include "server/lanes/unix_listener.h"

namespace mp::server {

struct LocalLaneOptions {
  unsigned threads = 0;  // 0: one for each processor
  std::string token;     // demanded of other users' processes, who are refused if it is empty
};

// The lane between processes of one host: a Unix socket, a connection for each client thread. A
// client process's end is seen through its pidfd; where there is none (another PID namespace), its
// session has a time to live once its last connection has closed.
class LocalLane {
 public:
  LocalLane(Engine& engine, Dispatcher& dispatcher, UnixListener listener,
            LocalLaneOptions options);
  ~LocalLane();

  void start();
  // Accepts and reads no more; connections are closed.
  void stop();

  // --- For connections. ---
  Engine& engine() { return engine_; }
  Dispatcher& dispatcher() { return dispatcher_; }
  absl::Status authenticate(const v1::Hello& hello, const Peer& peer) const;
  // A connection of this session was made.
  void attach(const std::shared_ptr<Session>& session, int socket, const Peer& peer,
              pid_t hello_pid);

 private:
  class Thread;
  struct Watch {
    int pidfd;
    std::shared_ptr<Session> session;
  };

  void accept_all();
  void detach(const LocalConnection& connection);
  void on_process_end(int pidfd);

  Engine& engine_;
  Dispatcher& dispatcher_;
  const UnixListener listener_;
  const LocalLaneOptions options_;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::size_t next_thread_ = 0;

  Mutex watches_mutex_;
  std::unordered_map<SessionId, Watch> watches_ MP_GUARDED_BY(watches_mutex_);
};

}  // namespace mp::server
