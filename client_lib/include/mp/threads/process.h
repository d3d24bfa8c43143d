#pragma once

#include <chrono>
#include <concepts>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "mp/internal/target.h"
#include "mp/internal/timeout.h"
#include "mp/threads/current_process.h"

namespace mp {

namespace threads {
class Process;
class Waitable;
struct ProcessOptions;
}  // namespace threads

namespace internal {
class ThreadProcess;
class ThreadRecord;

template <class T>
concept StartableInThread = !std::same_as<std::remove_cvref_t<T>, threads::Process> &&
                            !std::same_as<std::remove_cvref_t<T>, threads::ProcessOptions>;
}  // namespace internal

namespace threads {

struct ProcessOptions {
  // Empty: `Thread-1`, `Thread-2` and so on.
  std::string name = {};
  // A daemon is not awaited when the program ends. Without a value: as the thread is that makes the
  // object.
  std::optional<bool> daemon = {};
};

// A call that runs in a thread of this process: mp::Process without a process.
//
// Python: multiprocessing.dummy.Process, a threading.Thread. Any callable will do, also one that
// captures by reference, with any arguments that can be moved: nothing is sent, and all memory is
// shared. What a closure refers to must live until join().
//
// A thread cannot be killed, so there is no terminate(), kill() or interrupt(); it has no pid, nor
// a descriptor to poll: see threads::wait().
//
// Destroying the object does not wait, as of mp::Process. A thread that runs then is joined when
// this program ends by return from main or by std::exit(); a daemon is not awaited, and runs on
// until the program is gone. Who calls std::exit() on such a thread is not awaited either.
//
// It cannot be derived from: a subclass would be destroyed in part before its thread could be
// joined.
//
// Errors: ProcessError for a step out of turn, ValueError after close(); the object is then as it
// was. Thread-safety: any thread, also at once, but for close(), moving and destroying.
// After fork: no thread of this sort is in a child (ProcessError).
//
//   std::string word;
//   mp::threads::Process p([&word] { word = "hello"; });
//   p.start();
//   p.join();
class Process final {
 public:
  // Does nothing.
  Process() : Process([] {}) {}

  // Keeps decayed copies of the callable and its arguments, as std::thread does; the thread calls
  // it once, with rvalues, and destroys them at its end. std::ref(x) is a reference to x itself.
  // What the callable returns is ignored.
  template <internal::StartableInThread Callable, class... Args>
  explicit Process(Callable&& callable, Args&&... args)
      : Process(
            internal::make_target(std::forward<Callable>(callable), std::forward<Args>(args)...),
            {}) {}
  template <class Callable, class... Args>
  explicit Process(ProcessOptions options, Callable&& callable, Args&&... args)
      : Process(
            internal::make_target(std::forward<Callable>(callable), std::forward<Args>(args)...),
            std::move(options)) {}

  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;
  ~Process();

  // Makes the thread. Once only; on the thread that made the object, which is its parent.
  //
  // Errors: ProcessError if started before, made by another thread, or the system refuses; after
  // that it may be tried again.
  void start();

  // Waits until the thread has ended and is gone. Any number of times, on any thread.
  //
  // Blocks: for ever if it does not end.
  // Errors: ProcessError before start(), on that thread itself, and in a forked child.
  void join() { static_cast<void>(wait(std::nullopt)); }

  // Waits at most so long, and tells whether it has ended. Negative: does not wait.
  template <class Rep, class Period>
  bool join(std::chrono::duration<Rep, Period> timeout) {
    return wait(internal::to_timeout(timeout));
  }

  // Started, and not ended.
  bool is_alive() const;

  // nullopt until the thread has ended, then:
  //   0 after a return; the n of mp::exit(n), mod 256, which ends this thread alone;
  //   1 after an exception, whose text stands on standard error in the form
  //     `Process Thread-1: mp::ValueError: text`. (Python's says 0, and prints the text too.)
  std::optional<int> exitcode() const;

  // The kernel's id of the thread; nullopt before start().
  std::optional<int> ident() const;

  std::string name() const;
  void set_name(std::string name);

  bool daemon() const;

  // Errors: ProcessError after start().
  void set_daemon(bool daemon);

  // Lets go of it; afterwards every method but close() is a ValueError.
  //
  // Errors: ValueError while it runs.
  void close();

  // As mp::Process: <Process name='Thread-1' ident=72 parent=71 stopped exitcode=1>
  friend std::ostream& operator<<(std::ostream& out, const Process& process);

 private:
  friend class Waitable;
  friend std::vector<Process> active_children();

  Process(std::unique_ptr<internal::Target> call, ProcessOptions options);
  explicit Process(std::shared_ptr<internal::ThreadProcess> process);

  bool wait(internal::Timeout timeout);
  // Throws for an object that was closed or moved from.
  internal::ThreadProcess& state(const char* verb) const;
  const internal::ThreadRecord& record(const char* verb) const;

  std::shared_ptr<internal::ThreadProcess> process_;
  bool is_closed_ = false;
};

// The children of this thread that run, in the order of their start: second handles to them.
//
// Python: multiprocessing.dummy.active_children().
std::vector<Process> active_children();

}  // namespace threads
}  // namespace mp
