#pragma once

#include <chrono>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

#include "mp/bytes.h"
#include "mp/internal/timeout.h"

// What a program can ask of the process it runs in, be it the first one or a child of mp::Process.
//
// Thread-safety: any thread.

namespace mp {

namespace internal {
class Descriptor;
}

// This process, as far as it is one of ours: in the first process `MainProcess`.
class CurrentProcess {
 public:
  std::string name() const;
  void set_name(std::string name) const;
  int pid() const;
  int ident() const { return pid(); }
  bool daemon() const;

  // The key for what this process and its children let one another connect to: 32 random bytes,
  // which children inherit, however they are started. Python: Process.authkey.
  Bytes authkey() const;
  // For this process, and the children that it starts from now on.
  void set_authkey(Bytes authkey) const;

  friend std::ostream& operator<<(std::ostream& out, const CurrentProcess& process);
};

// The process that started this one.
class ParentProcess {
 public:
  ParentProcess(std::string name, int pid, std::shared_ptr<const internal::Descriptor> sentinel);

  // As they were at the start of this process.
  const std::string& name() const { return name_; }
  int pid() const { return pid_; }
  int ident() const { return pid_; }

  // Right also where its process id is in use again.
  bool is_alive() const;

  // Waits until it has ended.
  //
  // Blocks: for ever if it does not.
  void join() const { static_cast<void>(wait(std::nullopt)); }

  // Waits at most so long, and tells whether it has ended. Negative: does not wait.
  template <class Rep, class Period>
  bool join(std::chrono::duration<Rep, Period> timeout) const {
    return wait(internal::to_timeout(timeout));
  }

 private:
  bool wait(internal::Timeout timeout) const;

  std::string name_;
  int pid_;
  std::shared_ptr<const internal::Descriptor> sentinel_;
};

// Python: multiprocessing.current_process().
CurrentProcess current_process();

// Python: multiprocessing.parent_process(). nullopt in a process that was not started by Process.
std::optional<ParentProcess> parent_process();

// How many processors this process may use, at least 1: those its affinity allows, or fewer if its
// control group (v1 or v2, any ancestor in sight) has a quota, which is rounded up.
//
// Python: multiprocessing.cpu_count() counts the machine's; as os.process_cpu_count(), plus the
// quota.
int cpu_count();

// Runs `handler` when this process ends by return or exit, not by a signal; last registered first.
// A child runs those that were registered in it, not its parent's. An exception from one is
// reported on standard error, and the others run; mp::exit() in one ends that one.
//
// Errors: ValueError if the handler is empty.
// Python: atexit.register().
void at_exit(std::function<void()> handler);

// Ends this process with `code` mod 256.
//
// In the callable of a child it unwinds, so that destructors run: it throws what is no
// std::exception, and a `catch (...)` must rethrow. Elsewhere it does not unwind: in a child's
// other threads it ends the child in its usual way; in the first process it is std::exit().
//
// Python: sys.exit().
[[noreturn]] void exit(int code = 0);

}  // namespace mp
