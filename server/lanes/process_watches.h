#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <unordered_map>

#include "server/engine/mutex.h"
#include "server/objects/step.h"

namespace mp::server {

class LocalConnection;

// The client processes whose end the kernel tells of: a pidfd for each session. Thread-safe.
class ProcessWatches {
 public:
  // `listen` puts a descriptor among those whose readability on_readable() is told of.
  explicit ProcessWatches(std::function<void(int fd)> listen) : listen_(std::move(listen)) {}
  ~ProcessWatches();
  ProcessWatches(const ProcessWatches&) = delete;
  ProcessWatches& operator=(const ProcessWatches&) = delete;

  // `on_end` is for when the process at the other end of the connection has ended, unless it
  // lives in another PID namespace, where it can't be watched: its pid is another number than
  // `hello_pid`, which it gives as its own; then false. Idempotent.
  bool add(SessionId session, const LocalConnection& connection, pid_t hello_pid,
           std::function<void()> on_end);
  bool contains(SessionId session);
  void remove(SessionId session);

  // The watch of a descriptor that is readable, which there is no more: its process has ended.
  struct Ended {
    SessionId session;
    std::function<void()> on_end;
  };
  std::optional<Ended> take(int fd);

 private:
  struct Watch {
    int pidfd;
    std::function<void()> on_end;
  };

  const std::function<void(int)> listen_;
  Mutex mutex_;
  std::unordered_map<SessionId, Watch> watches_ MP_GUARDED_BY(mutex_);
};

}  // namespace mp::server
