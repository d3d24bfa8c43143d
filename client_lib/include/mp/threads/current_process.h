#pragma once

#include <chrono>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "mp/internal/timeout.h"

// What a program can ask of the thread it runs in, as mp/current_process.h of a process.
//
// Thread-safety: any thread.

namespace mp {
namespace internal {
class ThreadRecord;
}

namespace threads {

class CurrentProcess;
class ParentProcess;

// Python: multiprocessing.dummy.current_process(), which is threading.current_thread().
CurrentProcess current_process();

// nullopt in a thread that no threads::Process started, the first one too.
std::optional<ParentProcess> parent_process();

// This thread. The first one is `MainThread`, and one that the program has started otherwise
// `Dummy-7`, as Python calls them.
class CurrentProcess {
 public:
  std::string name() const;
  void set_name(std::string name) const;
  // The kernel's id of the thread. Python: native_id.
  int ident() const;
  bool daemon() const;

  friend std::ostream& operator<<(std::ostream& out, const CurrentProcess& process);

 private:
  friend CurrentProcess current_process();

  explicit CurrentProcess(std::shared_ptr<internal::ThreadRecord> record)
      : record_(std::move(record)) {}

  std::shared_ptr<internal::ThreadRecord> record_;
};

// The thread that made and started this one.
class ParentProcess {
 public:
  std::string name() const;
  // The kernel's id of the thread.
  int ident() const;
  bool is_alive() const;

  // Waits until it has ended. That of the first thread is the end of the program.
  //
  // Blocks: for ever if it does not.
  void join() const { static_cast<void>(wait(std::nullopt)); }

  // Waits at most so long, and tells whether it has ended. Negative: does not wait.
  template <class Rep, class Period>
  bool join(std::chrono::duration<Rep, Period> timeout) const {
    return wait(internal::to_timeout(timeout));
  }

 private:
  friend std::optional<ParentProcess> parent_process();

  explicit ParentProcess(std::shared_ptr<internal::ThreadRecord> record)
      : record_(std::move(record)) {}

  bool wait(internal::Timeout timeout) const;

  std::shared_ptr<internal::ThreadRecord> record_;
};

}  // namespace threads
}  // namespace mp
