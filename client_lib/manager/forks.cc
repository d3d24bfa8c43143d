#include "client_lib/manager/forks.h"

#include <pthread.h>

#include <memory>
#include <mutex>
#include <vector>

#include "client_lib/manager/origin.h"
#include "client_lib/manager/sent_reference.h"
#include "client_lib/manager/session.h"
#include "mp/internal/fork_hooks.h"

namespace mp::internal {
namespace {

// The sessions of this process. Never destroyed: forks happen until the very end.
struct Registry {
  std::mutex mutex;
  std::vector<std::weak_ptr<Session>> sessions;
  std::vector<std::shared_ptr<Session>> forking;  // from prepare() to the end of the fork
  std::vector<std::shared_ptr<Session>> visited;  // by way of references from other processes

  // Those visited that nobody uses any more; they close when they go, which is to be without the
  // mutex.
  std::vector<std::shared_ptr<Session>> take_idle() {
    std::vector<std::shared_ptr<Session>> idle;
    std::erase_if(visited, [&](std::shared_ptr<Session>& session) {
      if (session.use_count() > 1) return false;
      idle.push_back(std::move(session));
      return true;
    });
    return idle;
  }

  std::vector<std::shared_ptr<Session>> live() {
    std::vector<std::shared_ptr<Session>> found;
    std::erase_if(sessions, [&](const std::weak_ptr<Session>& weak) {
      auto session = weak.lock();
      if (session) found.push_back(session);
      return session == nullptr;
    });
    return found;
  }
};

Registry& registry() {
  static auto* const instance = new Registry;
  return *instance;
}

std::vector<std::shared_ptr<Session>> live_sessions() {
  const std::lock_guard lock(registry().mutex);
  return registry().live();
}

// A child has no use for what nobody uses here, whose manager may be gone.
void leave_idle_sessions() {
  std::vector<std::shared_ptr<Session>> left;
  const std::lock_guard lock(registry().mutex);
  left = registry().take_idle();
}

// Around every fork, so that the child finds the sessions in one piece.
void prepare() {
  registry().mutex.lock();
  registry().forking = registry().live();
  for (const auto& session : registry().forking) session->lock_for_fork();
}

void in_parent() {
  for (const auto& session : registry().forking) session->unlock_after_fork();
  auto done = std::exchange(registry().forking, {});
  registry().mutex.unlock();
}

void in_child() {
  for (const auto& session : registry().forking) session->become_child();
  auto done = std::exchange(registry().forking, {});
  registry().mutex.unlock();
}

void install_handlers() {
  static std::once_flag once;
  std::call_once(once, [] {
    pthread_atfork(&prepare, &in_parent, &in_child);
    register_fork_hooks({
        .before =
            [] {
              leave_idle_sessions();
              for (const auto& session : live_sessions()) session->open_for_child();
            },
        .in_parent =
            [] {
              for (const auto& session : live_sessions()) session->forget_child();
            },
        .in_child = [] {},
        // What was acknowledged is said, and what is held goes on to others at once.
        .at_end_of_child =
            [] {
              for (const auto& session : live_sessions()) session->close();
            },
    });
  });
}

}  // namespace

void register_session(const std::shared_ptr<Session>& session) {
  install_handlers();
  const std::lock_guard lock(registry().mutex);
  registry().sessions.push_back(session);
}

std::shared_ptr<Session> session_at(const std::string& origin) {
  install_handlers();
  std::vector<std::shared_ptr<Session>> left;  // goes after the lock
  const std::lock_guard lock(registry().mutex);
  for (const auto& session : registry().live()) {
    if (session->origin() == origin) return session;
  }
  left = registry().take_idle();
  auto session = std::make_shared<Session>(endpoint_at(origin));
  registry().sessions.push_back(session);
  registry().visited.push_back(session);
  return session;
}

// Here, as all that has a session needs this file.
[[maybe_unused]] const bool kProxiesTravel = [] {
  set_reference_travel(&kTravelOfProxies);
  return true;
}();

}  // namespace mp::internal
