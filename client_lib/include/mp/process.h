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

#include "mp/current_process.h"
#include "mp/errors.h"
#include "mp/internal/target.h"
#include "mp/internal/timeout.h"
#include "mp/start_method.h"

namespace mp {

class Process;

struct ProcessOptions {
  // Empty: `Process-1`, and for its second child `Process-1:2`.
  std::string name = {};
  // A daemon is ended, not awaited, when its parent process ends, also when that is killed; the end
  // of the thread that started it does not matter. It may have no children. Without a value: as the
  // process is that makes the object.
  std::optional<bool> daemon = {};
  // Without a value: get_start_method() at the start.
  std::optional<StartMethod> start_method = {};
};

namespace internal {
struct ProcessState;

template <class T>
concept Startable = !std::derived_from<std::remove_cvref_t<T>, Process> &&
                    !std::same_as<std::remove_cvref_t<T>, ProcessOptions>;

template <class T>
concept SubclassOfProcess = std::derived_from<T, Process> && !std::same_as<T, Process>;
}  // namespace internal

// A call that runs in a child of this process.
//
// Python: multiprocessing.Process.
//
// How the child comes to be is its StartMethod (mp/start_method.h). A forked child is a copy of
// this process at the moment of start(): it sees every variable as it was, and other threads of
// the parent do not exist in it. Any other begins anew and gets what can be sent: a function, a
// captureless lambda or a function object without state, called with numbers, text, containers,
// structs, functions, proxies and all else that has an mp::Codec; and the name, the daemon flag,
// the working directory and the standard output of its parent, and no other descriptors. What it
// changes nobody else sees, and its standard input is /dev/null, in every case.
//
// It ends when the callable returns, in this order: destructors of the callable and its arguments;
// its at_exit() handlers; its own children (daemons ended, the others joined); a flush of the
// standard streams and of stdio; _exit(). Destructors of static objects, and of what lay on the
// parent's stack, do not run in it. std::exit() in the child takes the same way.
//
// Destroying the object does not wait. A child that runs then is joined when this program ends by
// return from main or by std::exit(); a daemon is sent SIGTERM instead and, after 5 s, SIGKILL.
// When this program is killed, the same is done to its daemons by its guardian, a small process
// that there is while there are daemons, and which no wait() sees. The other children live on.
//
// A subclass that overrides run() is a process that does that. A forked child runs it on its copy
// of this very object, of which no destructor runs there; for the other start methods see
// mp/sendable_process.h. Such an object is moved as itself or not at all: to move it into a mere
// Process, which would run something else, does not compile. active_children() gives handles that
// are not of the subclass, and of which run() is never asked.
//
// Errors: ProcessError for a step out of turn, ValueError after close(); the object is then as it
// was. Only the process that made the object can use it, save that a child may ask its own.
// Thread-safety: any thread, also at once.
// After fork: siblings and the parent's other children are strangers to a child (ProcessError).
//
//   mp::Process p([](std::string name) { std::cout << "hello " << name << '\n'; }, "bob");
//   p.start();
//   p.join();
class Process {
 public:
  // Does nothing, unless a subclass says what.
  Process() : Process(ProcessOptions()) {}
  explicit Process(ProcessOptions options);

  // Keeps decayed copies of the callable and its arguments, as std::thread does; the child calls it
  // once, with rvalues. The parent's copies are destroyed by start(). std::ref(x) refers, in the
  // child, to the child's copy of x. What the callable returns is ignored.
  template <internal::Startable Callable, class... Args>
  explicit Process(Callable&& callable, Args&&... args)
      : Process(
            internal::make_target(std::forward<Callable>(callable), std::forward<Args>(args)...),
            {}) {}

  //   mp::Process p({.name = "worker", .daemon = true}, work, queue);
  template <class Callable, class... Args>
  explicit Process(ProcessOptions options, Callable&& callable, Args&&... args)
      : Process(
            internal::make_target(std::forward<Callable>(callable), std::forward<Args>(args)...),
            std::move(options)) {}

  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;
  template <internal::SubclassOfProcess Subclass>
  // NOLINTNEXTLINE(bugprone-forwarding-reference-overload): to hide the others is its purpose
  Process(Subclass&&) = delete;  // it would lose its run()
  template <internal::SubclassOfProcess Subclass>
  Process& operator=(Subclass&&) = delete;
  virtual ~Process();

  // Makes the child. Once only.
  //
  // Flushes the standard streams and stdio first.
  // Errors: ProcessError if started before, made by another process, in a daemon, if the system
  // refuses (no memory, no process, no descriptor), or, for kSpawn and kForkserver, if main() has
  // not called mp::init(); TypeError, for these two, if the callable or an argument can't be sent,
  // and what its Codec throws. There is no child then, and it may be tried again.
  void start();

  // Waits until the child has ended. Any number of times.
  //
  // Blocks: for ever if the child does.
  // Errors: ProcessError before start(), in another process than start(), or in the child itself.
  void join() { static_cast<void>(wait(std::nullopt)); }

  // Waits at most so long, and tells whether the child has ended (Python: None; ask is_alive()).
  // Negative: does not wait.
  template <class Rep, class Period>
  bool join(std::chrono::duration<Rep, Period> timeout) {
    return wait(internal::to_timeout(timeout));
  }

  // Started, and not ended. True in the child itself.
  bool is_alive() const;

  // nullopt until the child has ended, then:
  //   0 after a return; the n of mp::exit(n), mod 256;
  //   1 after an exception, whose text stands on the child's standard error in the form
  //     `Process Process-1: mp::ValueError: text`;
  //   120 in place of 0 if it could not deliver its output (as Python's interpreter);
  //   -N if signal N killed it;
  //   255 if nobody knows: SIGCHLD is ignored, another part of the program has reaped it, or the
  //     helper of kForkserver was killed before a signal ended the child.
  std::optional<int> exitcode() const;

  // nullopt before start(). Python: pid, ident.
  std::optional<int> pid() const;
  std::optional<int> ident() const { return pid(); }

  std::string name() const;
  void set_name(std::string name);

  bool daemon() const;

  // Errors: ProcessError after start().
  void set_daemon(bool daemon);

  // SIGTERM, SIGKILL, SIGINT. Nothing happens if the child has ended; its process id, used again,
  // is never hit. Handlers of at_exit() do not run in a child that a signal ends, and its own
  // children become orphans.
  //
  // Errors: ProcessError before start().
  void terminate();
  void kill();
  void interrupt();

  // Gives back the descriptor; afterwards every method but close() is a ValueError.
  //
  // Errors: ValueError while the child runs.
  void close();

  // A descriptor that poll() finds readable once the child has ended. It stays this object's.
  //
  // Errors: ValueError before start().
  int sentinel() const;

  // As Python: <Process name='Process-1' pid=71 parent=70 stopped exitcode=-SIGTERM>
  friend std::ostream& operator<<(std::ostream& out, const Process& process);

 protected:
  // What the child does: the callable, unless overridden. Called in the child only, once.
  virtual void run();

  // For the library: what a child that shares no memory with this process does in its place.
  // Errors: TypeError if it can't be sent.
  virtual internal::Parcel pack() const;

  // For the library: from here on this object means the process that it is in.
  void become_this_process();

 private:
  friend std::vector<Process> active_children();

  Process(std::unique_ptr<internal::Target> target, ProcessOptions options);
  explicit Process(std::shared_ptr<internal::ProcessState> state);

  bool wait(internal::Timeout timeout);
  void send(int signal, const char* verb);
  // Throws for an object that was moved from.
  internal::ProcessState& state(const char* verb) const;

  std::shared_ptr<internal::ProcessState> state_;
};

// The children of this process that run, in the order of their start: second handles to them. Reaps
// those that have ended.
//
// Python: multiprocessing.active_children().
std::vector<Process> active_children();

}  // namespace mp
