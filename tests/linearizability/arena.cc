#include "tests/linearizability/arena.h"

#include <sys/prctl.h>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <limits>
#include <optional>
#include <ostream>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

#include "mp/mp.h"
#include "tests/e2e/manager_process.h"
#include "tests/faults/eventually.h"
#include "tests/faults/fault_proxy.h"
#include "tests/linearizability/cut_sockets.h"
#include "tests/linearizability/logbook.h"

namespace mp::linearizability {
namespace {

using e2e::ManagerProcess;
using namespace std::chrono_literals;
using test::eventually;

// Exit codes of a client.
constexpr int kSessionLost = 3;
constexpr int kSessionLostUnseen = 4;

// The programs and the network between clients and manager.
class Setting {
 public:
  explicit Setting(Road road) : road_(road), server_(flags(road)) {
    if (crosses_network(road)) network_.emplace(server_.address());
    if (road == Road::kRelay)
      relay_.emplace(std::vector<std::string>{"--relay", network_->address()});
  }

  Manager connect() const {
    if (road_ == Road::kInProcess)
      return Manager::connect(network_->address(), {.lane = Lane::kInProcess});
    return Manager::connect("unix:" + socket(), {.lane = lane()});
  }
  Manager connect_directly() const { return Manager::connect("unix:" + server_.socket()); }
  // Of the local lane.
  const std::string& socket() const { return relay_ ? relay_->socket() : server_.socket(); }
  bool has_network() const { return network_.has_value(); }
  bool has_socket() const { return road_ != Road::kInProcess; }
  int cut_network() { return network_->cut(); }

 private:
  // What a dead client of a session stream holds comes back after the time to live.
  static std::vector<std::string> flags(Road road) {
    if (road != Road::kInProcess) return {};
    return {"--session-time-to-live", "1s"};
  }

  static bool crosses_network(Road road) {
    return road == Road::kRelay || road == Road::kInProcess;
  }
  Lane lane() const {
    if (road_ == Road::kSocket) return Lane::kSocket;
    return road_ == Road::kShared ? Lane::kShared : Lane::kLocal;
  }

  const Road road_;
  ManagerProcess server_;
  std::optional<test::FaultProxy> network_;
  std::optional<ManagerProcess> relay_;
};

// In the client's process.
void run_client(const Setting& setting, const Plan& plan, int number, unsigned seed,
                Logbook& logbook) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (setting.has_socket()) cut_sockets_on_signal(setting.socket());
  int code = 0;
  {
    const Manager manager = setting.connect();
    Client client(manager, logbook, number, 100 * seed + static_cast<unsigned>(number));
    const Plan::Step step = plan.work(client);
    const LockProxy life = manager.lock("of client " + std::to_string(number));
    life.acquire();
    ++logbook.ready();
    try {
      for (int i = 0; i < plan.steps; ++i) {
        while (logbook.done() >= logbook.allowed()) std::this_thread::yield();
        step();
      }
      if (life.lost()) throw SessionLostUnseen();
    } catch (const SessionLost&) {
      code = kSessionLost;
    } catch (const SessionLostUnseen&) {
      code = kSessionLostUnseen;
    }
    ++logbook.finished();
  }
  if (code != 0) mp::exit(code);
}

// One history, as the process sees it that has started the clients.
class Game {
 public:
  Game(Road road, const Plan& plan, unsigned seed)
      : plan_(plan), seed_(seed), random_(seed), setting_(road) {}

  Happened play() {
    start();
    disturb();
    join();
    finish();
    return std::move(happened_);
  }

 private:
  void start() {
    clients_.reserve(static_cast<std::size_t>(plan_.clients));
    for (int number = 0; number < plan_.clients; ++number) {
      clients_.emplace_back(ProcessOptions{.daemon = true}, [this, number] {
        run_client(setting_, plan_, number, seed_, logbook_);
      });
      clients_.back().start();
    }
    if (!eventually([&] { return logbook_.ready() == plan_.clients; }))
      throw std::runtime_error("a client does not come");
  }

  // Cuts, and the kill, at so many operations that those who are left come to all of them. However
  // little time the scheduler has for this process, the clients do not run away from it.
  void disturb() {
    const int interval = plan_.clients * plan_.steps * 6 / 10 / plan_.cuts;
    const int kill_at = plan_.cuts / 4 + any(plan_.cuts / 2 + 1);
    for (int cut = 0; cut < plan_.cuts; ++cut) {
      logbook_.allowed() = (cut + 2) * interval;
      wait_for((cut + 1) * interval);
      if (cut == kill_at) kill_one();
      cut_one();
    }
    logbook_.allowed() = std::numeric_limits<int>::max();
  }

  void wait_for(int operations) {
    const int left = plan_.clients - static_cast<int>(happened_.lost.size());
    if (!eventually([&] { return logbook_.done() >= operations || logbook_.finished() >= left; }))
      throw std::runtime_error("the clients do not go on");
  }

  void kill_one() {
    std::vector<int> busy;
    for (int client = 0; client < plan_.clients; ++client)
      if (logbook_.count(client) < static_cast<std::size_t>(plan_.steps)) busy.push_back(client);
    if (busy.empty()) return;
    const int victim = busy[static_cast<std::size_t>(any(static_cast<int>(busy.size())))];
    happened_.lost.push_back({.client = victim, .since = monotonic_now()});
    clients_[static_cast<std::size_t>(victim)].kill();
  }

  void cut_one() {
    if (setting_.has_network() && (!setting_.has_socket() || any(2) == 0)) {
      int cut = 0;  // until there is a connection again
      static_cast<void>(eventually([&] { return (cut = setting_.cut_network()) > 0; }));
      happened_.cuts += cut;
      return;
    }
    int client = any(plan_.clients);
    if (is_victim(client)) client = (client + 1) % plan_.clients;
    ::kill(*clients_[static_cast<std::size_t>(client)].pid(), SIGUSR1);  // not reaped before join()
    ++happened_.cuts;
  }

  void join() {
    for (std::size_t client = 0; client < clients_.size(); ++client) {
      if (!clients_[client].join(30s)) clients_[client].kill();
      clients_[client].join();
      const int number = static_cast<int>(client);
      const bool killed = is_victim(number);
      const int code = *clients_[client].exitcode();
      std::ranges::copy(logbook_.operations_of(number), std::back_inserter(happened_.history));
      if (code == kSessionLost) {
        happened_.lost.push_back({.client = number, .since = last_answered(number)});
      } else if (code == kSessionLostUnseen) {
        ++happened_.unseen;
      } else if (code == 0 && !killed) {
        happened_.closed.push_back({.client = number, .since = last_answered(number)});
      } else if (code != -SIGKILL || !killed) {
        ++happened_.failed;
      }
    }
  }

  bool is_victim(int client) const {
    return !happened_.lost.empty() && happened_.lost.front().client == client;
  }

  // A session may have ended since the last call began that was answered in it.
  std::int64_t last_answered(int client) const {
    std::int64_t time = 0;
    for (const Operation& operation : happened_.of(client))
      if (!operation.pending()) time = operation.invoked;
    return time;
  }

  void finish() {
    const Manager manager = setting_.connect_directly();
    Client client(manager, logbook_, plan_.clients, 100 * seed_ + 99);
    plan_.finish(client, happened_);
    std::ranges::copy(logbook_.operations_of(plan_.clients), std::back_inserter(happened_.history));
  }

  int any(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }

  const Plan& plan_;
  const unsigned seed_;
  std::mt19937 random_;
  Setting setting_;
  Logbook logbook_;
  std::vector<Process> clients_;
  Happened happened_;
};

}  // namespace

void PrintTo(Road road, std::ostream* out) {
  constexpr const char* kNames[] = {"Socket", "Shared", "Relay", "InProcess"};
  *out << kNames[static_cast<int>(road)];
}

History Happened::of(int client) const {
  History operations;
  std::ranges::copy_if(history, std::back_inserter(operations),
                       [&](const Operation& operation) { return operation.client == client; });
  return operations;
}

Happened play(Road road, const Plan& plan, unsigned seed) { return Game(road, plan, seed).play(); }

}  // namespace mp::linearizability
