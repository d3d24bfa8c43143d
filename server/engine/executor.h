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
// stays for the next task unless there are more than the bound. Where the system has none, who can
// wait for one of those that there are does.
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
    bool must_run = false;     // is not dropped by stop()
    std::function<void()> run;
  };

  // Has a thread of its own run this. Throws std::system_error if the system has none.
  using StartThread = std::function<void(std::function<void()>)>;

  // Without `start`: std::thread.
  explicit Executor(std::size_t threads, StartThread start = {});
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // MANAGER_SHUT_DOWN after stop(). LIMIT_EXCEEDED if the system has no thread and there is none
  // here; nor may a call wait for one of those here if it is inside another one, or hurried: they
  // may wait for it. Then the task will not run.
  absl::Status submit(Task task);
  // What must not be done by who calls this, whether there is a thread or not: it is done on the
  // next one that is free, or by the destructor if stop() came before.
  void entrust(std::string what, std::function<void()> run);
  // A call inside another one has begun to wait for the object. LIMIT_EXCEEDED if what it waits for
  // waits for a thread, and the system has none.
  absl::Status hurry(std::uint64_t object);

  // Nothing more gets a thread, but what has one already may begin. Waits for what runs, at most so
  // long; what runs still, as text. Then the executor, and what its tasks use, must not go.
  std::vector<std::string> stop(std::chrono::nanoseconds patience);

 private:
  struct State;
  std::shared_ptr<State> state_;  // threads that outlive stop() share it
};

}  // namespace mp::server
