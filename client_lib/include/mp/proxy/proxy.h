#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "mp/codec.h"
#include "mp/errors.h"
#include "mp/internal/remote_object.h"
#include "mp/life.h"

namespace mp {

// What all proxies share: a handle to an object of a manager.
//
// Python: BaseProxy. A copy is a second handle to the same object; a proxy can be stored in a
// container of the same manager, which then holds a reference to the object, and can go to another
// process of this host: as an argument of a Process of any start method, over a Connection, through
// a Queue. While a proxy lives or is on its way, so does its object. Destroying one never waits and
// never throws.
//
// Sending one takes a round trip, and fails as a call does. Receiving one takes another; it does
// not fail, and using the proxy tells what was wrong. It arrives without the demand of fenced_by().
//
// Two proxies are equal if they mean the same object. To compare contents, compare copies.
//
// Errors (of all operations, beside their own): ManagerUnavailable, OutcomeUnknown,
// ManagerShutDown, SessionExpired, TimeoutError of a read; NoSuchObject once the object was deleted
// or the manager restarted; StaleTokenError through fenced_by(). After an error nothing has
// changed, but for OutcomeUnknown and what an operation says itself. Blocks: for one round trip,
// and at most for the manager's default deadline, unless said. Atomic: each operation.
// Thread-safety: all methods, from any thread. After fork: works in the child.
class Proxy {
 public:
  explicit Proxy(std::shared_ptr<const internal::RemoteObject> object)
      : object_(std::move(object)) {}

  std::uint64_t id() const { return object_->id(); }
  const std::string& kind() const { return object_->kind(); }
  const std::string& name() const { return object_->name(); }  // empty: without a name

  // How long the object lives from now on; a Life without any time: until it is deleted.
  // Errors: ValueError for a time of zero or less.
  void set_life(const Life& life) const;
  // What was set, with what is left of the time to live.
  Life life() const;

  // How often the object has changed: each operation that changes it counts. See mp::Watch.
  std::uint64_t version() const;

  friend bool operator==(const Proxy& left, const Proxy& right) { return left.id() == right.id(); }

  // For the library.
  const std::shared_ptr<const internal::RemoteObject>& remote() const { return object_; }
  const std::optional<internal::Fence>& fence() const { return fence_; }
  Proxy through(std::shared_ptr<const internal::RemoteObject> object) const {
    Proxy other = *this;
    other.object_ = std::move(object);
    return other;
  }

 protected:
  // The same proxy, with this demand.
  template <class P>
  static P fenced(P proxy, const Proxy& lock, std::uint64_t token) {
    static_cast<Proxy&>(proxy).fence_ = {lock.id(), token};
    return proxy;
  }
  // A proxy of a part of the object, with the demand of this one.
  template <class P>
  P part(P proxy) const {
    static_cast<Proxy&>(proxy).fence_ = fence_;
    return proxy;
  }

  internal::CallOptions options() const {
    internal::CallOptions options;
    options.fence = fence_;
    return options;
  }
  // An outcome that the caller expects, and which is not to be thrown.
  internal::CallOptions tolerating(ErrorCode expected) const {
    internal::CallOptions options = this->options();
    options.tolerated = expected;
    return options;
  }

 private:
  std::shared_ptr<const internal::RemoteObject> object_;
  std::optional<internal::Fence> fence_;
};

namespace internal {

template <class P>
concept TypedProxy = std::derived_from<P, Proxy> && requires {
  { P::kKind } -> std::convertible_to<std::string_view>;
};

}  // namespace internal

// A proxy in a container is a reference to its object.
template <internal::TypedProxy P>
struct Codec<P> {
  static constexpr KindSet kKinds{ValueKind::kRef};

  template <class Sink>
  static void write(Sink& out, const P& proxy) {
    out.reference(ObjectRef(proxy.id(), proxy.kind(), proxy.remote()));
  }

  template <class Source>
  static P read(Source& in) {
    const ObjectRef ref = in.reference();
    if (ref.kind() != P::kKind) {
      throw TypeError("expected a reference to a " + std::string(P::kKind) + ", found one to a " +
                      ref.kind());
    }
    if (ref.object() == nullptr) {
      throw NoSession("a reference becomes a proxy only within a session with its manager");
    }
    return P(ref.object());
  }
};

}  // namespace mp
