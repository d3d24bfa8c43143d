#pragma once

#include <chrono>
#include <optional>

namespace mp {

class Manager;

namespace internal {
struct RunningCall;
}  // namespace internal

// What a method of a user's own type is told of the call that it serves; see mp/custom_type.h.
//
// Thread-safety: any thread, until the method returns.
class CallContext {
 public:
  // For the library.
  explicit CallContext(const internal::RunningCall& call) : call_(call) {}
  CallContext(const CallContext&) = delete;
  CallContext& operator=(const CallContext&) = delete;

  // When the caller's timeout is over, if there is one. The method may go on, and its caller waits;
  // within() says how long.
  std::optional<std::chrono::steady_clock::time_point> deadline() const;

  // Nobody waits for the result any more: the caller has given up or ended, the object was deleted,
  // or the manager is shutting down. Meant to be asked now and then by what takes long.
  bool cancelled() const;

  // The manager that hosts the object, for proxies to whatever else it holds. Calls of other
  // objects' methods that are made through it are inside this one: one that would wait for this
  // call, in however long a chain, is a DeadlockError.
  // Errors: those of Manager::connect.
  const Manager& manager() const;

 private:
  const internal::RunningCall& call_;
};

// Of the method, or constructor, that runs on this thread. Errors: ValueError where none does.
const CallContext& this_call();

}  // namespace mp
