#include "client_lib/local/pool/zygote_main.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <utility>
#include <vector>

#include "client_lib/local/os/descriptor.h"
#include "client_lib/local/os/pidfd.h"
#include "client_lib/local/os/standard_streams.h"
#include "client_lib/local/pool/frames.h"
#include "client_lib/local/pool/worker_main.h"
#include "client_lib/local/process/children.h"
#include "client_lib/local/process/exit.h"
#include "client_lib/local/process/fork_guard.h"
#include "client_lib/local/process/this_process.h"
#include "mp/errors.h"

namespace mp::internal {
namespace {

struct LiveWorker {
  std::uint32_t number;
  pid_t pid;
  Descriptor pidfd;
};

std::shared_ptr<Descriptor> owner_of_pool() {
  const LockedProcess self;
  return self->parent ? self->parent->sentinel : nullptr;
}

// What the program does about signals is not for its workers, which inherit from here.
void settle_in() {
  ::prctl(PR_SET_NAME, "mp-pool-zygote");
  // Ctrl-C goes to all processes of a terminal: it is the pool's process that decides.
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGCHLD, SIG_DFL);  // ignored, it would lose the exit codes
  ::signal(SIGTERM, SIG_DFL);
  // It interrupts calls of the system, and does nothing else.
  struct sigaction noticed {};
  noticed.sa_handler = [](int) {};
  ::sigaction(SIGUSR1, &noticed, nullptr);
  sigset_t ours;
  ::sigemptyset(&ours);
  for (const int signal : {SIGTERM, SIGUSR1}) ::sigaddset(&ours, signal);
  ::sigprocmask(SIG_UNBLOCK, &ours, nullptr);
}

// From here on this is a worker: its parent, as far as it can tell, is the pool's process.
void become_worker(const WorkerPlace& place, std::uint32_t number) {
  ::prctl(PR_SET_NAME, program_invocation_short_name);
  const LockedProcess self;
  self->name = place.name.to_string();
  self->identity.push_back(static_cast<int>(number) + 1);
  self->children_made = 0;
  self->own_state = nullptr;
}

class ZygoteLoop {
 public:
  ZygoteLoop(const Connection& orders, const QueueCore& events, const WorkerRules& rules,
             Call* initializer)
      : orders_(orders),
        events_(events),
        rules_(rules),
        initializer_(initializer),
        owner_(owner_of_pool()) {}

  // Until the pool, or its process, is gone.
  void serve() {
    while (await_something() && take_orders()) continue;
    end_workers();
  }

 private:
  // False when the pool's process has ended. Ends of workers are dealt with here.
  bool await_something() {
    std::vector<pollfd> entries = {
        {.fd = orders_.fileno(), .events = POLLIN, .revents = 0},
        {.fd = owner_ ? owner_->get() : -1, .events = POLLIN, .revents = 0}};
    for (const LiveWorker& worker : workers_)
      entries.push_back({.fd = worker.pidfd.get(), .events = POLLIN, .revents = 0});
    if (::poll(entries.data(), entries.size(), -1) < 0) return true;
    for (std::size_t i = entries.size(); i-- > 2;) {
      if (entries[i].revents != 0) note_end(i - 2);
    }
    return entries[1].revents == 0;
  }

  void note_end(std::size_t index) {
    const LiveWorker worker = std::move(workers_[index]);
    workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(index));
    tell(Event::kEnded, worker.number, reap_child(worker.pidfd).value_or(kUnknownExitcode));
  }

  void tell(Event event, std::uint32_t worker, std::int64_t value) const {
    const EventHeader header{.event = event, .worker = worker, .value = value};
    events_.put(bytes_of_header(header), std::nullopt);
  }

  // False when the pool is gone.
  bool take_orders() {
    try {
      while (auto order = orders_.try_recv<ZygoteOrder>()) obey(std::move(*order));
      return true;
    } catch (const EOFError&) {
      return false;
    }
  }

  void obey(ZygoteOrder order) {
    if (order.command == ZygoteCommand::kStart && order.place) {
      start(order.worker, *order.place);
      return;
    }
    for (const LiveWorker& worker : workers_) {
      if (worker.number == order.worker) send_signal(worker.pidfd, order.signal);
    }
  }

  void start(std::uint32_t number, const WorkerPlace& place) {
    const pid_t zygote = ::getpid();
    ForkGuard guard;
    try {
      guard.run_before_hooks();
    } catch (const Error&) {
      tell(Event::kNotStarted, number, EAGAIN);
      return;
    }
    const pid_t pid = ::fork();
    if (pid == 0) be_worker(number, place, zygote);
    const int error = errno;
    Descriptor pidfd = pid > 0 ? open_pidfd(pid) : Descriptor();
    if (!pidfd.is_open()) {
      if (pid > 0) ::kill(pid, SIGKILL);
      while (pid > 0 && ::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) continue;
      tell(Event::kNotStarted, number, error != 0 ? error : EMFILE);
      return;
    }
    workers_.push_back({number, pid, std::move(pidfd)});
    tell(Event::kStarted, number, pid);
  }

  [[noreturn]] void be_worker(std::uint32_t number, const WorkerPlace& place, pid_t zygote) {
    // The zygote has one thread, so that this is about the process.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != zygote) ::_exit(1);
    workers_.clear();
    orders_.close();
    become_worker(place, number);
    leave(run_to_exitcode([&] {
      ForkGuard::run_in_child_hooks();
      worker_main(place, number, events_, rules_, initializer_);
    }));
  }

  void end_workers() {
    for (const LiveWorker& worker : workers_) send_signal(worker.pidfd, SIGTERM);
    const Deadline deadline = deadline_after(kWorkerGrace);
    for (const LiveWorker& worker : workers_) {
      if (!wait_ended(worker.pidfd, deadline)) send_signal(worker.pidfd, SIGKILL);
    }
    for (const LiveWorker& worker : workers_) {
      wait_ended(worker.pidfd, std::nullopt);
      reap_child(worker.pidfd);
    }
  }

  const Connection& orders_;
  const QueueCore& events_;
  const WorkerRules& rules_;
  Call* const initializer_;
  const std::shared_ptr<Descriptor> owner_;
  std::vector<LiveWorker> workers_;
};

}  // namespace

void zygote_main(const Connection& orders, const QueueCore& events, const WorkerRules& rules,
                 Call* initializer) {
  settle_in();
  ZygoteLoop(orders, events, rules, initializer).serve();
}

}  // namespace mp::internal
