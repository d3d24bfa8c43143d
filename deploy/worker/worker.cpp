// A worker of the example cluster: takes jobs from a queue, one at a time, and writes results to a
// dict, under a lock. It outlives its manager: after a restart it makes its objects anew.
//
// `cluster-worker HOST:PORT` ends when the queue is shut down. The token stands in the file that
// MP_TOKEN_FILE names.

#include <cxxabi.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <typeinfo>
#include <utility>

#include "cluster.h"

namespace {

using cluster::Job;
using cluster::Objects;

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

void say(const std::string& line) { std::cout << line << std::endl; }

// "mp::ManagerUnavailable: queue 'cluster/jobs' get: …"
std::string story_of(const mp::Error& error) {
  const std::unique_ptr<char, decltype(&std::free)> type(
      abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, nullptr), &std::free);
  return std::string(type ? type.get() : typeid(error).name()) + ": " + error.what();
}

class Worker {
 public:
  Worker(std::string name, const mp::Manager& manager)
      : name_(std::move(name)), objects_(manager) {}

  void report(const char* event, const std::string& detail = {}, bool took_over = false) const {
    objects_.reports.put({name_, event, detail, took_over});
  }

  // Until the queue is shut down.
  void work() const {
    try {
      for (;;) run(objects_.jobs.get());
    } catch (const mp::ShutDown&) {
      say("no more jobs");
    }
  }

 private:
  void run(const Job& job) const {
    if (job.task == cluster::kHold) {
      hold();
    } else {
      add(job.number);
    }
  }

  // Reads and writes in separate steps, which only the lock makes one. A worker that was stopped
  // for so long that the lock passed on writes nothing: its token is stale.
  void add(std::int64_t number) const {
    bool took_over = false;
    {
      const std::scoped_lock guard(objects_.turn);
      took_over = objects_.turn.previous_owner_died();
      const auto totals = objects_.totals.fenced_by(objects_.turn, objects_.turn.token());
      for (const auto& [key, more] : {std::pair(std::string(cluster::kSum), number), {name_, 1}})
        totals.set(key, totals.get(key, 0) + more);
    }
    if (took_over) say("took the lock over from an owner that died");
    report(cluster::kDone, std::to_string(number), took_over);
  }

  void hold() const {
    const std::scoped_lock guard(objects_.turn);
    say("holds the lock");
    report(cluster::kHolds);
    objects_.let_go.get();
    say("lets the lock go");
  }

  std::string name_;
  Objects objects_;
};

// Connects, and again whenever the manager, or the session with it, was lost: the objects of a
// manager that was restarted are new ones.
void serve(const std::string& address, const std::string& token) {
  constexpr std::chrono::milliseconds kFirstPause(100);
  constexpr std::chrono::milliseconds kLongestPause(2000);
  std::string lost;  // why the connection before ended
  for (auto pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    try {
      const auto manager = mp::Manager::connect(address, {.token = token});
      const Worker worker(host_name(), manager);
      worker.report(cluster::kReady, lost);
      say(lost.empty() ? "ready" : "ready again, with new objects");
      pause = kFirstPause;
      return worker.work();
    } catch (const mp::ManagerError& error) {
      lost = story_of(error);
    } catch (const mp::NoSuchObject& error) {
      lost = story_of(error);
    } catch (const mp::StaleTokenError& error) {
      lost = story_of(error);
    }
    say("no manager: " + lost);
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: cluster-worker HOST:PORT\n";
    return 2;
  }
  try {
    serve(argv[1], cluster::read_token(std::getenv("MP_TOKEN_FILE")));
  } catch (const mp::Error& error) {
    std::cerr << "cluster-worker: " << story_of(error) << '\n';
    return 1;
  } catch (const std::exception& error) {
    std::cerr << "cluster-worker: " << error.what() << '\n';
    return 1;
  }
}
