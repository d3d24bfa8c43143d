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
class EventMethods : public Proxy {
 protected:
  using Operation = wire::Operation;
  template <class T>
  using Result = typename Call::template Result<T>;

 public:
  explicit EventMethods(Proxy proxy, Call call = {})
      : Proxy(std::move(proxy)), call_(std::move(call)) {}

  // Sets the flag: everybody who waits goes on, even if it is cleared at once.
  Result<void> set() const { return plain(Operation::kEventSet, decode_nothing); }
  Result<void> clear() const { return plain(Operation::kEventClear, decode_nothing); }
  Result<bool> is_set() const { return plain(Operation::kEventIsSet, decode_flag); }

  // True once the flag is set, false after the timeout. Python: e.wait(timeout).
  // Blocks: until the flag is set, at most `timeout`.
  Result<bool> wait(TimeLimit timeout = None) const {
    wire::Scratch request;
    CallOptions options = this->options();
    options.may_wait = true;
    options.wait = timeout.nanoseconds();
    if (options.wait) request->duration(3, *options.wait);
    return call_(*this, Operation::kEventWait, *request, options, decode_flag);
  }

 private:
  template <class Decode>
  auto plain(Operation operation, Decode&& decode) const {
    wire::Scratch request;
    return call_(*this, operation, *request, options(), std::forward<Decode>(decode));
  }

  [[no_unique_address]] Call call_;
};

}  // namespace internal

// The asynchronous form of an EventProxy: the same methods, giving futures; see AsyncDict.
class AsyncEvent : public internal::EventMethods<internal::Later> {
 public:
  explicit AsyncEvent(Proxy proxy) : internal::EventMethods<internal::Later>(std::move(proxy)) {}

  void flush() const { remote()->flush(); }
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
    EventProxy fenced = *this;
    fenced.set_fence(lock, token);
    return fenced;
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
