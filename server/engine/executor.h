#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "server/objects/workshop.h"

namespace mp::server {

// Threads that run the users' methods: so many and, beyond them, one more wherever the bound could
// keep waiting for ever those who have a thread already:
//
//   for a call inside another one, which waits for it: one at a time inside each;
//   for a call of an object that a call inside another one waits for: one at a time of each.
//
// All others take their turn, those inside others first. A thread is started when it is needed, and
// stays for the next task unless there are more than the bound.
//
// Thread-safe; only stop() blocks.
class Executor {
 public:
  struct Task {
    CallId call = 0;
    CallId parent = 0;         // 0: it is inside no other call
    std::uint64_t object = 0;  // 0: none's
    bool hurried = false;      // a call inside another one waits for the object
    std::string what;          // for the log
    std::function<void()> run;
  };

  explicit Executor(std::size_t threads);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // LIMIT_EXCEEDED if the system has no thread, MANAGER_SHUT_DOWN after stop(): then the task will
  // not run.
  absl::Status submit(Task task);
  // A call inside another one has begun to wait for the object.
  void hurry(std::uint64_t object);

  // Nothing more begins. Waits for what runs, at most so long; what runs still, as text. Then the
  // executor, and what its tasks use, must not go.
  std::vector<std::string> stop(std::chrono::nanoseconds patience);

 private:
  struct State;
  std::shared_ptr<State> state_;  // threads that outlive stop() share it
};

}  // namespace mp::server
