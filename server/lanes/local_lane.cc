#include "server/lanes/local_lane.h"

#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "client_lib/local/lane/lane_wait.h"
#include "client_lib/local/shared/patience.h"
#include "client_lib/local/shared/spin.h"
#include "mp/current_process.h"
#include "server/lanes/hot_rings.h"

namespace mp::server {

// Serves its share of the connections, and the first one the listener and the pidfds, too.
//
// What is in the epoll set besides connections carries its descriptor, tagged as one by an odd
// number.
class LocalLane::Thread {
 public:
  explicit Thread(LocalLane& lane)
      : lane_(lane),
        spin_(mp::internal::spin_of(lane.options_.rings.spin)),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        hot_(lane.busy_rings_) {
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
    stopping_.store(true);
    wake();
    thread_.join();
  }
  // Has this thread do something between events.
  void post(std::function<void()> task) {
    {
      const MutexLock lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    wake();
  }
  // Reads what the session's connections hold.
  void drain(SessionId session) {
    std::vector<std::shared_ptr<LocalConnection>> found;
    {
      const MutexLock lock(mutex_);
      for (const auto& [key, connection] : connections_) {
        if (connection->handler().session() == session) found.push_back(connection);
      }
    }
    for (const auto& connection : found) {
      if (!connection->drain()) remove(connection.get());
    }
  }
  static std::uint64_t tagged(int fd) { return static_cast<std::uint64_t>(fd) << 1U | 1U; }
  void add_descriptor(int fd) const {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = tagged(fd)}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
  void add_connection(int fd, const Peer& peer) {
    const MutexLock lock(mutex_);
    auto connection = std::make_shared<LocalConnection>(lane_, fd, epoll_, peer);
    connections_.emplace(connection.get(), connection);
    connection->start(lane_.service_.serve(*connection));
  }

 private:
  void run() {
    while (!stopping_.load()) {
      if (!hot_.empty() && !serve_rings()) continue;
      handle_some(-1);
      gather([this] { handle_some(0); });
      lane_.service_.on_rest();
    }
    const MutexLock lock(mutex_);
    for (const auto& [key, connection] : connections_) connection->leave_rings();
    connections_.clear();
  }

  // Until nothing has come for a while, though this thread has waited for it awake if that was
  // worth it lately. True: all rings are asleep.
  bool serve_rings() {
    constexpr unsigned kRoundsBetweenEvents = 128;  // where little comes; and in bytes:
    constexpr std::size_t kBytesBetweenEvents = std::size_t{64} << 10U;
    std::optional<mp::internal::Waiting> waiting;
    for (unsigned round = 1; !stopping_.load(std::memory_order_relaxed); ++round) {
      if (round % kRoundsBetweenEvents == 0 || bytes_since_events_ >= kBytesBetweenEvents) {
        bytes_since_events_ = 0;
        if (handle_some(0)) lane_.service_.on_rest();
      }
      if (serve_hot()) {
        if (waiting) worth_.learn(true);
        waiting.reset();
        continue;
      }
      if (!waiting && !worth_.is_worth_it()) break;
      if (!waiting) waiting.emplace(spin_);
      if (waiting->pass([this] { return hot_.around(); })) continue;
      worth_.learn(false);
      break;
    }
    return hot_.lie_down();
  }

  bool serve_hot() {
    const auto on_over = [this](LocalConnection& connection) { remove(&connection); };
    if (!hot_.serve(on_over, bytes_since_events_)) return false;
    gather([&] { hot_.serve(on_over, bytes_since_events_); });
    lane_.service_.on_rest();
    return true;
  }

  // Offers clients this processor to say what they were about to say, and looks for it.
  template <class Look>
  void gather(const Look& look) {
    if (!lane_.service_.gathers()) return;
    auto now = std::chrono::steady_clock::now();
    if (mp::internal::yield_processor(now)) look();
  }

  // Were there any?
  bool handle_some(int timeout_ms) {
    std::array<epoll_event, 64> events{};
    const int count =
        epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
    bool has_tasks = false;
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.u64 == tagged(wake_)) {
        has_tasks = true;
      } else {
        handle(event);
      }
    }
    if (has_tasks) run_tasks();  // they may remove connections that had an event, too
    return count > 0;
  }

  void wake() const {
    const std::uint64_t one = 1;
    // The counter is far from being full, so this can't fail.
    [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
  }

  void run_tasks() {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t taken = read(wake_, &count, sizeof count);
    std::vector<std::function<void()>> tasks;
    {
      const MutexLock lock(mutex_);
      tasks.swap(tasks_);
    }
    for (const auto& task : tasks) task();
  }

  void handle(const epoll_event& event) {
    if ((event.data.u64 & 1U) != 0) {
      const int fd = static_cast<int>(event.data.u64 >> 1U);
      if (fd == lane_.listener_.fd()) return lane_.accept_all();
      return lane_.on_process_end(fd);
    }
    auto* connection = static_cast<LocalConnection*>(event.data.ptr);
    bool open = true;
    if ((event.events & EPOLLOUT) != 0) open = connection->on_writable();
    if (open && (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
      open = connection->on_readable();
    if (!open) {
      remove(connection);
    } else if (connection->has_ring()) {
      hot_.add(*connection);
    }
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
    hot_.remove(*connection);
    last->leave_rings();
    epoll_ctl(epoll_, EPOLL_CTL_DEL, last->fd(), nullptr);
    shutdown(last->fd(), SHUT_RDWR);  // the client shall see it, though a waiter's port may live on
    last->handler().on_close();
  }

  LocalLane& lane_;
  const mp::internal::Spin spin_;
  const int epoll_;
  const int wake_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
  Mutex mutex_;
  std::unordered_map<LocalConnection*, std::shared_ptr<LocalConnection>> connections_
      MP_GUARDED_BY(mutex_);
  std::vector<std::function<void()>> tasks_ MP_GUARDED_BY(mutex_);
  HotRings hot_;                        // of the thread
  std::size_t bytes_since_events_ = 0;  // that came through them
  mp::internal::Worth worth_;           // to wait awake for more
};

LocalLane::LocalLane(LocalService& service, UnixListener listener, const LocalLaneOptions& options)
    : service_(service),
      listener_(std::move(listener)),
      options_(options),
      watches_([this](int fd) { threads_.front()->add_descriptor(fd); }) {
  const auto processors = static_cast<unsigned>(std::max(1, mp::cpu_count()));  // by quota, too
  const unsigned threads = options_.threads != 0 ? options_.threads : (processors + 1) / 2;
  for (unsigned i = 0; i < threads; ++i) threads_.push_back(std::make_unique<Thread>(*this));
  threads_.front()->add_descriptor(listener_.fd());
}

std::unique_ptr<mp::internal::LaneMemory> LocalLane::make_rings(mp::internal::Descriptor& to_pass) {
  std::string why = "as many connections have some as may";
  std::unique_ptr<mp::internal::LaneMemory> memory;
  if (rings_.fetch_add(1, std::memory_order_relaxed) < options_.rings.most)
    memory = mp::internal::LaneMemory::make(to_pass, why);
  if (memory != nullptr) return memory;
  rings_are_gone();
  const bool again = has_said_why_.exchange(true, std::memory_order_relaxed);
  spdlog::log(again ? spdlog::level::debug : spdlog::level::warn,
              "a connection stays on its socket, without shared memory: {}", why);
  return nullptr;
}

LocalLane::~LocalLane() { stop(); }

void LocalLane::start() {
  for (const auto& thread : threads_) thread->start();
}

void LocalLane::stop() {
  for (const auto& thread : threads_) thread->stop();
}

// What the process said before it ended counts: that it has what it was given, for one. When every
// thread has read that, the last one to let go of `last` says that the process has ended.
void LocalLane::on_process_end(int pidfd) {
  std::optional<ProcessWatches::Ended> ended = watches_.take(pidfd);
  if (!ended) return;
  const std::shared_ptr<void> last(nullptr,
                                   [on_end = std::move(ended->on_end)](void*) { on_end(); });
  for (const auto& thread : threads_) {
    thread->post([last, &reader = *thread, session = ended->session] { reader.drain(session); });
  }
}

void LocalLane::accept_all() {
  for (;;) {
    const int fd = accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    const std::optional<Peer> peer = peer_of(fd);
    if (!peer) {
      close(fd);
      continue;
    }
    threads_[next_thread_++ % threads_.size()]->add_connection(fd, *peer);
  }
}

}  // namespace mp::server
