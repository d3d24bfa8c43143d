#pragma once

// What the programs of the example cluster agree on: the names of the shared objects and what is in
// them.

#include <mp/mp.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace cluster {

struct Job {
  std::string task;         // kAdd or kHold
  std::int64_t number = 0;  // of kAdd
};
MP_RECORD(Job, task, number)

inline constexpr const char* kAdd = "add";    // add `number` to the sum
inline constexpr const char* kHold = "hold";  // take the lock and keep it until told

struct Report {
  std::string worker;
  std::string event;  // kReady, kDone or kHolds
  std::string detail;
  bool took_over = false;  // of kDone: the lock came from an owner that died
};
MP_RECORD(Report, worker, event, detail, took_over)

inline constexpr const char* kReady = "ready";  // detail: the error before, if there was one
inline constexpr const char* kDone = "done";
inline constexpr const char* kHolds = "holds";

// What the shared objects hold at one moment, or nearly: each is asked by itself.
struct State {
  std::size_t jobs = 0;  // that nobody has taken
  bool locked = false;
  mp::Dict<std::string, std::int64_t> totals;
};
MP_RECORD(State, jobs, locked, totals)

// Counts in `totals` under the workers' names, and under this.
inline constexpr const char* kSum = "sum";

// The objects, made or found.
struct Objects {
  explicit Objects(const mp::Manager& manager)
      : jobs(manager.queue<Job>("cluster/jobs")),
        reports(manager.queue<Report>("cluster/reports")),
        let_go(manager.queue<std::string>("cluster/let-go")),
        totals(manager.dict<std::string, std::int64_t>("cluster/totals")),
        turn(manager.lock("cluster/turn")) {}

  mp::QueueProxy<Job> jobs;
  mp::QueueProxy<Report> reports;
  mp::QueueProxy<std::string> let_go;
  mp::DictProxy<std::string, std::int64_t> totals;
  mp::LockProxy turn;
};

// The token in a file, without the white space at its end; none without a file.
inline std::string read_token(const char* path) {
  if (path == nullptr) return {};
  std::ifstream file(path);
  if (!file) throw std::runtime_error(std::string("cannot read the token from ") + path);
  std::string token{std::istreambuf_iterator<char>(file), {}};
  token.erase(token.find_last_not_of(" \t\r\n") + 1);
  return token;
}

}  // namespace cluster
