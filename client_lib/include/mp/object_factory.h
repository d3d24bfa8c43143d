#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "mp/any.h"
#include "mp/codec.h"
#include "mp/object_options.h"
#include "mp/proxy/custom.h"
#include "mp/proxy/queue.h"
#include "mp/synchronisation_factory.h"
#include "mp/watch.h"
#include "mp/wire/message.h"

namespace mp {

// What a Manager makes: objects of every kind, and proxies to them.
//
// Python: the methods of SyncManager. An object without a name belongs to the processes that have a
// proxy to it, and goes when the last of them lets go; an object with a name stays until it is
// deleted or its life is over, and whoever asks for the name gets it.
//
// Errors: what mp::Proxy says of all operations; WrongKind if the name is another kind of object's,
// or one made otherwise: a value or an array of another type or length, another number of parties,
// another lock, bounded or not, delivering until confirmed or closing with its producers or not,
// another order, maximum of deliveries or queue for dead letters (a queue's maxsize, a latch's
// count and first contents are not compared); AlreadyExists where it must not exist. Blocks: each
// for one round trip. Thread-safety: all methods, from any thread. After fork: works in the child.
class ObjectFactory : public SynchronisationFactory {
 public:
  // Python: manager.Queue(maxsize), manager.JoinableQueue(maxsize).
  template <class T = Any>
  QueueProxy<T> queue(const QueueOptions& options = {}) const {
    return queue<T>(std::string_view(), options);
  }
  template <class T = Any>
  QueueProxy<T> queue(std::string_view name, const QueueOptions& options = {}) const {
    return QueueProxy<T>(make_queue(name, options));
  }
  template <class T = Any>
  JoinableQueueProxy<T> joinable_queue(const QueueOptions& options = {}) const {
    return joinable_queue<T>(std::string_view(), options);
  }
  template <class T = Any>
  JoinableQueueProxy<T> joinable_queue(std::string_view name,
                                       const QueueOptions& options = {}) const {
    return JoinableQueueProxy<T>(make_queue(name, options));
  }

  // An object of a type of the user's own (mp/custom_type.h), made from these arguments; with a
  // name, the one that has it, if there is one. Python: manager.Counter(5), of a registered type.
  // Blocks: until the constructor has run. Errors: UnknownType if this program, or the manager, has
  // not registered it; TypeError if the arguments are none of its constructors'; MethodError if
  // that throws.
  //
  //   auto hits = manager.create<Counter>(mp::named("hits"), 5);
  template <class T, class... Args>
  CustomProxy<T> create(const Args&... arguments) const {
    return create<T>(Named{}, arguments...);
  }
  template <class T, class... Args>
  CustomProxy<T> create(const Named& name, const Args&... arguments) const {
    static_assert(std::is_constructible_v<T, const Args&...>);
    wire::Scratch request;
    (request->value(kCustomArguments, arguments), ...);
    return CustomProxy<T>(create_custom(internal::registered_type(typeid(T)).name, name, *request));
  }
  // The same of a type that this program need not know.
  template <Codable... Args>
  CustomProxy<> create(std::string_view type, const Args&... arguments) const {
    return create(type, Named{}, arguments...);
  }
  template <Codable... Args>
  CustomProxy<> create(std::string_view type, const Named& name, const Args&... arguments) const {
    wire::Scratch request;
    (request->value(kCustomArguments, arguments), ...);
    return CustomProxy<>(create_custom(type, name, *request));
  }
  // One that exists. Errors: NoSuchObject; WrongKind if the name belongs to something else.
  template <class T = void>
  CustomProxy<T> custom(std::string_view name) const {
    return CustomProxy<T>(find_custom(name));
  }

  // The events of an object's changes, from now on or from where a watch ended: see mp::Watch.
  //
  //   auto watch = manager.watch(d, {.keys = {"alice"}, .new_values = true});
  template <class P>
  requires std::derived_from<P, Proxy> internal::WatchOf<P> watch(
      const P& proxy, const WatchOptions<typename internal::WatchedTypes<P>::Key>& options = {})
  const { return internal::watch(proxy, options); }

 protected:
  using SynchronisationFactory::SynchronisationFactory;

 private:
  static constexpr std::uint32_t kCustomArguments = 4;

  Object create_custom(std::string_view type, const Named& name,
                       const wire::Message& arguments) const;
  Object find_custom(std::string_view name) const;
  Object make_queue(std::string_view name, const QueueOptions& options) const;
};

}  // namespace mp
