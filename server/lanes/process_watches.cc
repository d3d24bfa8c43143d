#include "server/lanes/process_watches.h"

#include <poll.h>
#include <unistd.h>

#include <utility>

#include "server/lanes/local_connection.h"

namespace mp::server {

ProcessWatches::~ProcessWatches() {
  const MutexLock lock(mutex_);
  for (const auto& [session, watch] : watches_) close(watch.pidfd);
}

bool ProcessWatches::add(SessionId session, const LocalConnection& connection, pid_t hello_pid,
                         std::function<void()> on_end) {
  const MutexLock lock(mutex_);
  if (watches_.contains(session)) return true;
  const int pidfd = watch_peer(connection.fd(), connection.peer(), hello_pid);
  if (pidfd < 0) return false;
  watches_[session] = {.pidfd = pidfd, .on_end = std::move(on_end)};
  listen_(pidfd);
  return true;
}

bool ProcessWatches::contains(SessionId session) {
  const MutexLock lock(mutex_);
  return watches_.contains(session);
}

void ProcessWatches::remove(SessionId session) {
  const MutexLock lock(mutex_);
  const auto at = watches_.find(session);
  if (at == watches_.end()) return;
  close(at->second.pidfd);
  watches_.erase(at);
}

std::optional<ProcessWatches::Ended> ProcessWatches::take(int fd) {
  // A descriptor that was closed a moment ago may have become another watch's, which is not over.
  pollfd ended{.fd = fd, .events = POLLIN, .revents = 0};
  if (poll(&ended, 1, 0) != 1 || (ended.revents & POLLIN) == 0) return std::nullopt;
  const MutexLock lock(mutex_);
  for (auto at = watches_.begin(); at != watches_.end(); ++at) {
    if (at->second.pidfd != fd) continue;
    Ended found{.session = at->first, .on_end = std::move(at->second.on_end)};
    close(fd);
    watches_.erase(at);
    return found;
  }
  return std::nullopt;
}

}  // namespace mp::server
