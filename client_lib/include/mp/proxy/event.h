#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "mp/proxy/methods/call.h"
#include "mp/proxy/proxy.h"
#include "mp/time_limit.h"

namespace mp {

namespace internal {

// The methods of an EventProxy (which has their common rules) and of its async() view, whose
// results are futures.
template <class Call>
class EventMethods : public Methods<Call> {
 protected:
  using Base = Methods<Call>;
  using Base::ask, Base::call, Base::waiting;
  using typename Base::Operation;
  template <class T>
  using Result = typename Base::template Result<T>;

 public:
  using Base::Base;

  // Sets the flag: everybody who waits goes on, even if it is cleared at once.
  Result<void> set() const { return ask(Operation::kEventSet, decode_nothing); }
  Result<void> clear() const { return ask(Operation::kEventClear, decode_nothing); }
  Result<bool> is_set() const { return ask(Operation::kEventIsSet, decode_flag); }

  // True once the flag is set, false after the timeout. Python: e.wait(timeout).
  // Blocks: until the flag is set, at most `timeout`.
  Result<bool> wait(TimeLimit timeout = None) const {
    wire::Scratch request;
    if (const Timeout limit = timeout.nanoseconds()) request->duration(3, *limit);
    return call(Operation::kEventWait, request, waiting(timeout), decode_flag);
  }
};

}  // namespace internal

// The asynchronous form of an EventProxy: the same methods, giving futures; see AsyncDict.
class AsyncEvent : public internal::EventMethods<internal::Later> {
 public:
  explicit AsyncEvent(Proxy proxy) : internal::EventMethods<internal::Later>(std::move(proxy)) {}
};

// A flag of a manager that many can wait for.
//
// Python: EventProxy. What is common to all proxies is said at mp::Proxy. The methods are those of
// internal::EventMethods with results at once: set clear is_set wait.
//
//   auto ready = manager.event("ready");
//   if (ready.wait(10s)) go();                // and elsewhere: ready.set();
class EventProxy : public internal::EventMethods<internal::Now> {
 public:
  static constexpr std::string_view kKind = "event";

  explicit EventProxy(std::shared_ptr<const internal::RemoteObject> object)
      : internal::EventMethods<internal::Now>(Proxy(std::move(object))) {}

  // The same event, for operations that run only while this very grant of the lock is held.
  // Errors: StaleTokenError, from the operations.
  EventProxy fenced_by(const Proxy& lock, std::uint64_t token) const {
    return fenced(*this, lock, token);
  }

  // The same event, for calls that do not wait.
  AsyncEvent async() const { return AsyncEvent(*this); }
};

// As Python prints it: <Event at 0x7 set>. Blocks: for one round trip.
inline std::string str(const EventProxy& event) {
  std::ostringstream text;
  text << "<Event at 0x" << std::hex << event.id() << (event.is_set() ? " set>" : " unset>");
  return std::move(text).str();
}

inline std::ostream& operator<<(std::ostream& out, const EventProxy& event) {
  return out << str(event);
}

}  // namespace mp
