#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "mp/codec.h"
#include "mp/future.h"
#include "mp/internal/remote_object.h"

namespace mp {

// What all proxies share: a handle to an object of a manager.
//
// Python: BaseProxy. A copy is a second handle to the same object; a proxy can be stored in a container of
// the same manager, which then holds a reference to the object, and can be handed to a child process.
// While a proxy lives, so does its object. Destroying one never waits and never throws.
//
// Two proxies are equal if they mean the same object. To compare contents, compare copies.
//
// Errors (of all operations, beside their own): ManagerUnavailable, OutcomeUnknown, ManagerShutDown,
// SessionExpired; NoSuchObject once the object was deleted or the manager restarted; StaleTokenError
// through fenced_by(). After an error nothing has changed, but for OutcomeUnknown.
// Blocks: for one round trip, and at most for the manager's default deadline, unless said.
// Atomic: each operation.
// Thread-safety: all methods, from any thread. After fork: works in the child.
class Proxy {
 public:
  explicit Proxy(std::shared_ptr<const internal::RemoteObject> object)
      : object_(std::move(object)) {}

  std::uint64_t id() const { return object_->id(); }
  const std::string& kind() const { return object_->kind(); }
  const std::string& name() const { return object_->name(); }  // empty: without a name

  friend bool operator==(const Proxy& left, const Proxy& right) { return left.id() == right.id(); }

  // For the library.
  const std::shared_ptr<const internal::RemoteObject>& remote() const { return object_; }
  const std::optional<internal::Fence>& fence() const { return fence_; }

 protected:
  void set_fence(const Proxy& lock, std::uint64_t token) { fence_ = {lock.id(), token}; }

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

// How an operation is called. A proxy's methods are written once, over one of these.
//
// Now waits for the outcome, and gives the result.
struct Now {
  template <class T>
  using Result = T;

  template <class Decode>
  auto operator()(const Proxy& proxy, wire::Operation operation, const wire::Message& request,
                  const CallOptions& options, Decode&& decode) const {
    return decode(proxy.remote()->call(operation, request, options));
  }
};

// Later gives a future.
struct Later {
  template <class T>
  using Result = Future<T>;

  template <class Decode>
  auto operator()(const Proxy& proxy, wire::Operation operation, const wire::Message& request,
                  const CallOptions& options, Decode&& decode) const {
    using T = decltype(decode(std::declval<const Reply&>()));
    return Future<T>(proxy.remote()->start(operation, request, options),
                     std::forward<Decode>(decode));
  }
};

// What replies hold. As proto3 has it, a number or flag that is absent is 0.
inline void decode_nothing(const Reply&) {}
inline bool decode_flag(const Reply& reply) { return reply.boolean(1); }
inline std::size_t decode_count(const Reply& reply) { return reply.uint(1); }
inline bool decode_success(const Reply& reply) { return reply.ok(); }

template <class V>
V decode_value(const Reply& reply) {
  return reply.value<V>(1);
}

template <class V>
std::optional<V> decode_optional_value(const Reply& reply) {
  if (!reply.ok()) return std::nullopt;
  return reply.value<V>(1);
}

template <class V>
std::vector<V> decode_values(const Reply& reply) {
  std::vector<V> values;
  for (wire::Fields fields = reply.fields(); fields.next();) {
    if (fields.field() == 1) values.push_back(fields.value<V>());
  }
  return values;
}

// Calls `use` with each key and value of the reply.
template <class K, class V, class Use>
void for_each_entry(const Reply& reply, Use&& use) {
  for (wire::ValueReader::Entries entries(reply.fields()); entries.next();) {
    K key = Codec<K>::read(entries.key());
    use(std::move(key), Codec<V>::read(entries.value()));
  }
}

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
