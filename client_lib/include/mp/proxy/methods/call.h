#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "mp/codec.h"
#include "mp/exchange.h"
#include "mp/future.h"
#include "mp/internal/remote_object.h"
#include "mp/proxy/proxy.h"
#include "mp/time_limit.h"

namespace mp::internal {

// How an operation is called. A proxy's methods are written once, over one of these, in a class
// that stands on Methods.
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

// What the methods of each kind stand on.
template <class Call>
class Methods : public Proxy {
 public:
  explicit Methods(Proxy proxy) : Proxy(std::move(proxy)) {}

  // What was started on this thread leaves now.
  void flush() const requires std::same_as<Call, Later> { remote()->flush(); }

 protected:
  using Operation = wire::Operation;
  template <class T>
  using Result = typename Call::template Result<T>;

  template <class Decode>
  auto call(Operation operation, wire::Scratch& request, const CallOptions& options,
            Decode&& decode) const {
    return Call()(*this, operation, *request, options, std::forward<Decode>(decode));
  }
  template <class Decode>
  auto call(Operation operation, wire::Scratch& request, Decode&& decode) const {
    return call(operation, request, options(), std::forward<Decode>(decode));
  }

  // An operation without arguments.
  template <class Decode>
  auto ask(Operation operation, Decode&& decode) const {
    wire::Scratch request;
    return call(operation, request, std::forward<Decode>(decode));
  }

  // May wait so long.
  CallOptions waiting(TimeLimit timeout, ErrorCode tolerated = ErrorCode::kUnspecified) const {
    CallOptions options = tolerating(tolerated);
    options.may_wait = true;
    options.wait = timeout.nanoseconds();
    return options;
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

// Of a compare_exchange() or an update_if().
template <class V>
Exchange<V> decode_exchange(const Reply& reply) {
  Exchange<V> exchange{.exchanged = reply.boolean(1), .actual = {}};
  if (reply.has(2)) exchange.actual = reply.value<V>(2);
  return exchange;
}

// Calls `use` with each key and value of the reply.
template <class K, class V, class Use>
void for_each_entry(const Reply& reply, Use&& use) {
  for (wire::ValueReader::Entries entries(reply.fields()); entries.next();) {
    K key = Codec<K>::read(entries.key());
    use(std::move(key), Codec<V>::read(entries.value()));
  }
}

// As a T: itself, if it is one.
template <class T, class U>
decltype(auto) as_item(const U& item) {
  if constexpr (std::same_as<T, U>) {
    return (item);
  } else {
    return static_cast<T>(item);
  }
}

}  // namespace mp::internal
