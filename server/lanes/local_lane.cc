#include "server/lanes/local_lane.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/engine/secret.h"
#include "server/objects/error.h"

namespace mp::server {

// Serves its share of the connections, and the first one the listener and the pidfds, too.
//
// What is in the epoll set besides connections carries its descriptor, tagged as one by an odd
// number.
class LocalLane::Thread {
 public:
  explicit Thread(LocalLane& lane)
      : lane_(lane),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    add_descriptor(wake_);
  }
  ~Thread() {
    stop();
    close(wake_);
    close(epoll_);
  }

  void start() {
    thread_ = std::thread([this] { run(); });
  }
  void stop() {
    if (!thread_.joinable()) return;
    const std::uint64_t one = 1;
    stopping_.store(true);
    if (write(wake_, &one, sizeof one) != sizeof one) return;
    thread_.join();
  }
  void add_descriptor(int fd) {
    epoll_event event{.events = EPOLLIN,
                      .data = {.u64 = static_cast<std::uint64_t>(fd) << 1U | 1U}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
  void add_connection(int fd) {
    const MutexLock lock(mutex_);
    auto connection = std::make_shared<LocalConnection>(lane_, fd, epoll_);
    connections_.emplace(connection.get(), connection);
    connection->start();
  }

 private:
  void run() {
    std::array<epoll_event, 64> events{};
    while (!stopping_.load()) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)]);
    }
    const MutexLock lock(mutex_);
    connections_.clear();
  }

  void handle(const epoll_event& event) {
    if ((event.data.u64 & 1U) != 0) {
      const int fd = static_cast<int>(event.data.u64 >> 1U);
      if (fd == lane_.listener_.fd()) return lane_.accept_all();
      if (fd != wake_) return lane_.on_process_end(fd);
      return;
    }
    auto* connection = static_cast<LocalConnection*>(event.data.ptr);
    bool open = true;
    if ((event.events & EPOLLOUT) != 0) open = connection->on_writable();
    if (open && (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
      open = connection->on_readable();
    if (!open) remove(connection);
  }

  void remove(LocalConnection* connection) {
    std::shared_ptr<LocalConnection> last;
    {
      const MutexLock lock(mutex_);
      const auto at = connections_.find(connection);
      if (at == connections_.end()) return;
      last = std::move(at->second);
      connections_.erase(at);
    }
    epoll_ctl(epoll_, EPOLL_CTL_DEL, last->fd(), nullptr);
    shutdown(last->fd(), SHUT_RDWR);  // the client shall see it, though a waiter's port may live on
    if (last->session()) lane_.detach(*last);
  }

  LocalLane& lane_;
  const int epoll_;
  const int wake_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
  Mutex mutex_;
  std::unordered_map<LocalConnection*, std::shared_ptr<LocalConnection>> connections_
      MP_GUARDED_BY(mutex_);
};

LocalLane::LocalLane(Engine& engine, Dispatcher& dispatcher, UnixListener listener,
                     LocalLaneOptions options)
    : engine_(engine),
      dispatcher_(dispatcher),
      listener_(std::move(listener)),
      options_(std::move(options)) {
  const unsigned threads =
      options_.threads != 0 ? options_.threads : std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < threads; ++i) threads_.push_back(std::make_unique<Thread>(*this));
  threads_.front()->add_descriptor(listener_.fd());
}

LocalLane::~LocalLane() {
  stop();
  const MutexLock lock(watches_mutex_);
  for (const auto& [id, watch] : watches_) close(watch.pidfd);
}

void LocalLane::start() {
  for (const auto& thread : threads_) thread->start();
}

void LocalLane::stop() {
  for (const auto& thread : threads_) thread->stop();
}

void LocalLane::accept_all() {
  for (;;) {
    const int fd = accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    threads_[next_thread_++ % threads_.size()]->add_connection(fd);
  }
}

absl::Status LocalLane::authenticate(const v1::Hello& hello, const Peer& peer) const {
  if (peer.uid == geteuid() || peer.uid == 0) return absl::OkStatus();
  if (!options_.token.empty() && same_secret(hello.token(), options_.token))
    return absl::OkStatus();
  return error(v1::UNAUTHENTICATED_CLIENT,
               absl::StrCat("the manager runs for user ", geteuid(), " and the client for user ",
                            peer.uid, "; give the manager a token and the client the same"));
}

void LocalLane::attach(const std::shared_ptr<Session>& session, int socket, const Peer& peer,
                       pid_t hello_pid) {
  engine_.watch(session->id());
  const MutexLock lock(watches_mutex_);
  if (watches_.contains(session->id())) return;
  const int pidfd = watch_peer(socket, peer, hello_pid);
  if (pidfd < 0) return;
  watches_[session->id()] = {.pidfd = pidfd, .session = session};
  threads_.front()->add_descriptor(pidfd);
}

void LocalLane::detach(const LocalConnection& connection) {
  const std::shared_ptr<Session>& session = connection.session();
  if (!session->detach(&connection)) return;
  const MutexLock lock(watches_mutex_);
  const auto at = watches_.find(session->id());
  if (at == watches_.end()) return engine_.unwatch(session->id(), std::nullopt);
  if (!session->ended()) return;
  close(at->second.pidfd);
  watches_.erase(at);
}

void LocalLane::on_process_end(int pidfd) {
  std::vector<std::shared_ptr<Session>> over;
  {
    const MutexLock lock(watches_mutex_);
    for (auto at = watches_.begin(); at != watches_.end();) {
      if (at->second.pidfd != pidfd) {
        ++at;
        continue;
      }
      over.push_back(at->second.session);
      close(pidfd);
      at = watches_.erase(at);
    }
  }
  for (const auto& session : over) engine_.end_session(session);
}

}  // namespace mp::server
