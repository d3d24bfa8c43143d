#include "mp/threads/wait.h"

#include "client_lib/local/threads/thread_inbox.h"
#include "client_lib/local/threads/thread_process.h"
#include "client_lib/local/threads/thread_record.h"
#include "client_lib/local/threads/watched.h"
#include "mp/errors.h"

namespace mp::threads {
namespace {

using internal::Watched;
using internal::Watcher;

// While it is in scope, the watcher is told of all of them.
class Watching {
 public:
  Watching(Watcher& watcher, const std::vector<Watched*>& watched)
      : watcher_(watcher), watched_(watched) {
    for (Watched* const one : watched_) one->add(watcher_);
  }
  ~Watching() {
    for (Watched* const one : watched_) one->remove(watcher_);
  }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;

 private:
  Watcher& watcher_;
  const std::vector<Watched*>& watched_;
};

std::vector<std::size_t> places_of_ready(const std::vector<Watched*>& watched) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < watched.size(); ++i)
    if (watched[i]->is_ready()) places.push_back(i);
  return places;
}

}  // namespace

Waitable::Waitable(const Connection& connection) : what_(connection.open_end("wait for").in()) {
  if (!what_) throw ConnectionError("cannot wait for: the connection is write-only");
}

Waitable::Waitable(const Process& process) : what_(process.state("wait for").record()) {
  if (!process.ident())
    throw ValueError("cannot wait for '" + process.name() + "': it was not started");
}

std::vector<std::size_t> wait_for_any(std::span<const Waitable> waitables,
                                      internal::Timeout timeout) {
  const auto deadline = internal::deadline_after(timeout);
  std::vector<Watched*> watched;
  for (const Waitable& waitable : waitables) watched.push_back(waitable.what_.get());
  Watcher watcher;
  const Watching watching(watcher, watched);
  auto ready = places_of_ready(watched);
  while (ready.empty() && watcher.wait(deadline)) ready = places_of_ready(watched);
  return ready;
}

}  // namespace mp::threads
