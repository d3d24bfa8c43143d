#pragma once

#include <optional>
#include <string>
#include <utility>

#include "mp/errors.h"

// What becomes of a task that does not return.

namespace mp {

// What a task has thrown comes back as what it was: the very type if that is one of std or mp, and
// else the nearest base among them. Beside that it is one of these, which says where it came from.
//
// The code of a std::system_error keeps its category if that is one of std. A category of the
// program's own comes as one that has its name, and is equal to none but itself: only the name and
// the number of such a code mean something here, and what() says the rest.
//
// Python: the `__cause__` of such an exception, a RemoteTraceback.
//
//   try {
//     pool.apply(parse, text);
//   } catch (const std::invalid_argument& error) {
//     const auto* remote = dynamic_cast<const mp::RaisedInWorker*>(&error);
//     std::cerr << remote->type_name() << " in " << remote->process_name() << '\n';
//   }
class RaisedInWorker {
 public:
  struct Origin {
    std::string type_name;
    std::string process_name;
    int pid = 0;
    std::string stack_trace;
  };

  explicit RaisedInWorker(Origin origin) : origin_(std::move(origin)) {}
  virtual ~RaisedInWorker() = default;
  RaisedInWorker(const RaisedInWorker&) = default;
  RaisedInWorker& operator=(const RaisedInWorker&) = default;

  // As in the program: `geometry::NoSuchShape`.
  const std::string& type_name() const { return origin_.type_name; }
  const std::string& process_name() const { return origin_.process_name; }
  int pid() const { return origin_.pid; }

  // The stack at the throw, innermost first, a line for each frame: functions by their names where
  // the program is linked with -rdynamic, and by their places in the file, for addr2line. Empty
  // where it could not be had.
  const std::string& stack_trace() const { return origin_.stack_trace; }

 private:
  Origin origin_;
};

// A task has thrown what is no std::exception. what() has the name of its type.
class TaskError : public Error {
 public:
  using Error::Error;
};

// A task has given a result that can't be written, or not be read here.
// Python: multiprocessing.pool.MaybeEncodingError.
class MaybeEncodingError : public Error {
 public:
  using Error::Error;
};

// The process, or thread, that ran a task ended before the task did: by a signal (also for want of
// memory), or by exit. How much of the task was done, nobody knows.
class WorkerLost : public ProcessError {
 public:
  // How it ended, as Process::exitcode() says it: a signal is negative.
  WorkerLost(const std::string& what, int pid, int exitcode)
      : ProcessError(what), pid_(pid), exitcode_(exitcode) {}

  int pid() const { return pid_; }
  int exitcode() const { return exitcode_; }
  std::optional<int> signal() const {
    return exitcode_ < 0 ? std::optional(-exitcode_) : std::nullopt;
  }

 private:
  int pid_;
  int exitcode_;
};

// The task ran for longer than it may, and its worker was killed for it; or it has looked at its
// soft limit (mp/task.h). Python: billiard's TimeLimitExceeded and SoftTimeLimitExceeded.
class TimeLimitExceeded : public TimeoutError {
 public:
  using TimeoutError::TimeoutError;
};
class SoftTimeLimitExceeded : public TimeLimitExceeded {
 public:
  using TimeLimitExceeded::TimeLimitExceeded;
};

// The pool was terminated before the task had ended.
class PoolTerminated : public ProcessError {
 public:
  using ProcessError::ProcessError;
};

// The pool is of no more use: its helper died, its initializer failed, or its workers die faster
// than they can do anything. Python: concurrent.futures.process.BrokenProcessPool.
class PoolBroken : public ProcessError {
 public:
  using ProcessError::ProcessError;
};

}  // namespace mp
