#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "mp/any.h"
#include "mp/codec.h"
#include "mp/object_options.h"
#include "mp/proxy/barrier.h"
#include "mp/proxy/condition.h"
#include "mp/proxy/count_down_latch.h"
#include "mp/proxy/custom.h"
#include "mp/proxy/dict.h"
#include "mp/proxy/event.h"
#include "mp/proxy/list.h"
#include "mp/proxy/lock.h"
#include "mp/proxy/namespace.h"
#include "mp/proxy/queue.h"
#include "mp/proxy/rlock.h"
#include "mp/proxy/rwlock.h"
#include "mp/proxy/semaphore.h"
#include "mp/proxy/set.h"
#include "mp/proxy/shared_array.h"
#include "mp/proxy/shared_value.h"
#include "mp/watch.h"
#include "mp/wire/message.h"
#include "mp/wire/operation.h"

namespace mp {

namespace internal {

class ManagerState;

// The items of a container that is made of these: text is kept as std::string.
template <class T>
using Kept = std::conditional_t<OneOf<T, const char*, char*, std::string_view>, std::string, T>;

}  // namespace internal

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
class ObjectFactory {
 public:
  // Python: manager.dict().
  template <class K = Any, class V = Any>
  DictProxy<K, V> dict() const {
    return DictProxy<K, V>(create(wire::Operation::kDictCreate, "dict", {}, {}));
  }
  template <class K = Any, class V = Any>
  DictProxy<K, V> dict(std::initializer_list<std::pair<K, V>> entries) const {
    return dict<K, V, std::initializer_list<std::pair<K, V>>&>(entries);
  }
  template <class K = Any, class V = Any, std::ranges::input_range Entries>
  requires(!std::convertible_to<Entries, std::string_view>) DictProxy<K, V> dict(Entries&& entries)
  const {
    wire::Scratch contents;
    for (auto&& [key, value] : entries)
      contents->entry(kContents, internal::as_item<K>(key), internal::as_item<V>(value));
    return DictProxy<K, V>(create(wire::Operation::kDictCreate, "dict", {}, {}, *contents));
  }
  template <class K = Any, class V = Any>
  DictProxy<K, V> dict(std::string_view name, CreateOptions options = {}) const {
    return DictProxy<K, V>(create(wire::Operation::kDictCreate, "dict", name, options));
  }

  // Python: manager.list().
  template <class T = Any>
  ListProxy<T> list() const {
    return ListProxy<T>(create(wire::Operation::kListCreate, "list", {}, {}));
  }
  template <class T = Any>
  ListProxy<internal::Kept<T>> list(std::initializer_list<T> values) const {
    using Item = internal::Kept<T>;
    return ListProxy<Item>(create_with<Item>(wire::Operation::kListCreate, "list", values));
  }
  template <class T = Any, std::ranges::input_range Values>
  requires(!std::convertible_to<Values, std::string_view>) ListProxy<T> list(Values&& values)
  const { return ListProxy<T>(create_with<T>(wire::Operation::kListCreate, "list", values)); }
  template <class T = Any>
  ListProxy<T> list(std::string_view name, CreateOptions options = {}) const {
    return ListProxy<T>(create(wire::Operation::kListCreate, "list", name, options));
  }

  // Python: manager.set().
  template <class T = Any>
  SetProxy<T> set() const {
    return SetProxy<T>(create(wire::Operation::kSetCreate, "set", {}, {}));
  }
  template <class T = Any>
  SetProxy<internal::Kept<T>> set(std::initializer_list<T> items) const {
    using Item = internal::Kept<T>;
    return SetProxy<Item>(create_with<Item>(wire::Operation::kSetCreate, "set", items));
  }
  template <class T = Any, std::ranges::input_range Items>
  requires(!std::convertible_to<Items, std::string_view>) SetProxy<T> set(Items&& items)
  const { return SetProxy<T>(create_with<T>(wire::Operation::kSetCreate, "set", items)); }
  template <class T = Any>
  SetProxy<T> set(std::string_view name, CreateOptions options = {}) const {
    return SetProxy<T>(create(wire::Operation::kSetCreate, "set", name, options));
  }

  // Python: manager.Namespace(), a word that C++ keeps for itself.
  NamespaceProxy namespace_() const {
    return NamespaceProxy(create(wire::Operation::kNamespaceCreate, "namespace", {}, {}));
  }
  NamespaceProxy namespace_(
      std::initializer_list<std::pair<std::string_view, Any>> attributes) const {
    wire::Scratch contents;
    for (const auto& [name, value] : attributes) {
      wire::Scratch attribute;
      attribute->str(1, name);
      attribute->value(2, value);
      contents->message(kContents, *attribute);
    }
    return NamespaceProxy(
        create(wire::Operation::kNamespaceCreate, "namespace", {}, {}, *contents));
  }
  NamespaceProxy namespace_(std::string_view name, CreateOptions options = {}) const {
    return NamespaceProxy(create(wire::Operation::kNamespaceCreate, "namespace", name, options));
  }

  // One number; what it is at first counts if it is made now. Python: manager.Value(typecode, v).
  // Errors: ValueError if a whole number is out of T's range.
  template <internal::SharedNumber T>
  ValueProxy<T> value() const {
    return value<T>(std::string_view(), T());
  }
  template <internal::SharedNumber T, internal::SharedNumber Number>
  ValueProxy<T> value(Number first) const {
    return value<T>(std::string_view(), first);
  }
  template <internal::SharedNumber T, internal::SharedNumber Number = T>
  ValueProxy<T> value(std::string_view name, Number first = {}, CreateOptions options = {}) const {
    wire::Scratch contents;
    contents->str(3, std::string_view(&kTypecode<T>, 1));
    internal::write_number<T>(*contents, 4, internal::number_cast<T>(first));
    return ValueProxy<T>(
        create(wire::Operation::kSharedValueCreate, "value", name, options, *contents));
  }

  // So many numbers, all 0 at first; or these. Python: manager.Array(typecode, sequence).
  template <internal::SharedNumber T>
  ArrayProxy<T> array(std::size_t length) const {
    return array<T>(std::string_view(), length);
  }
  template <internal::SharedNumber T>
  ArrayProxy<T> array(std::initializer_list<T> numbers) const {
    return array<T, std::initializer_list<T>&>(numbers);
  }
  template <internal::SharedNumber T, std::ranges::input_range Numbers>
  requires(!std::convertible_to<Numbers, std::string_view>) ArrayProxy<T> array(Numbers&& numbers)
  const { return array<T>(std::string_view(), std::forward<Numbers>(numbers)); }
  template <internal::SharedNumber T>
  ArrayProxy<T> array(std::string_view name, std::initializer_list<T> numbers,
                      CreateOptions options = {}) const {
    return array<T, std::initializer_list<T>&>(name, numbers, options);
  }
  template <internal::SharedNumber T>
  ArrayProxy<T> array(std::string_view name, std::size_t length, CreateOptions options = {}) const {
    wire::Scratch contents;
    contents->str(3, std::string_view(&kTypecode<T>, 1));
    contents->uint(4, length);
    return ArrayProxy<T>(
        create(wire::Operation::kSharedArrayCreate, "array", name, options, *contents));
  }
  template <internal::SharedNumber T, std::ranges::input_range Numbers>
  requires(!std::convertible_to<Numbers, std::string_view>)
      ArrayProxy<T> array(std::string_view name, Numbers&& numbers, CreateOptions options = {})
  const {
    wire::Scratch contents;
    contents->str(3, std::string_view(&kTypecode<T>, 1));
    internal::write_packed<T>(*contents, 5, numbers);
    return ArrayProxy<T>(
        create(wire::Operation::kSharedArrayCreate, "array", name, options, *contents));
  }

  // Python: manager.Lock(), manager.RLock().
  LockProxy lock(std::string_view name = {}, CreateOptions options = {}) const {
    return LockProxy(create(wire::Operation::kLockCreate, "lock", name, options));
  }
  RLockProxy rlock(std::string_view name = {}, CreateOptions options = {}) const {
    return RLockProxy(create(wire::Operation::kRLockCreate, "rlock", name, options));
  }

  // Many readers, or one writer. Python has none.
  RWLockProxy rwlock(std::string_view name = {}, CreateOptions options = {}) const {
    return RWLockProxy(create(wire::Operation::kRWLockCreate, "rwlock", name, options));
  }

  // Python: manager.Semaphore(value), manager.BoundedSemaphore(value).
  SemaphoreProxy semaphore(std::uint64_t value = 1) const {
    return semaphore(std::string_view(), {.value = value});
  }
  SemaphoreProxy semaphore(std::string_view name, SemaphoreOptions options = {}) const {
    return make_semaphore(name, options, /*bounded=*/false);
  }
  SemaphoreProxy bounded_semaphore(std::uint64_t value = 1) const {
    return bounded_semaphore(std::string_view(), {.value = value});
  }
  SemaphoreProxy bounded_semaphore(std::string_view name, SemaphoreOptions options = {}) const {
    return make_semaphore(name, options, /*bounded=*/true);
  }

  // Over an RLock of its own, or over this lock: a Lock, an RLock, or what get_lock() of a Value,
  // an Array or another Condition gives. Python: manager.Condition(lock).
  // Errors: WrongKind if there is one of this name over another lock.
  ConditionProxy condition() const {
    const Object object = create(wire::Operation::kConditionCreate, "condition", {}, {});
    return ConditionProxy(object, RLockProxy(object));
  }
  ConditionProxy condition(std::string_view name, CreateOptions options = {}) const {
    return ConditionProxy(create(wire::Operation::kConditionCreate, "condition", name, options));
  }
  ConditionProxy condition(const OwnedLockProxy& lock) const {
    return condition(std::string_view(), lock);
  }
  ConditionProxy condition(std::string_view name, const OwnedLockProxy& lock,
                           CreateOptions options = {}) const {
    wire::Scratch contents;
    contents->fixed64(4, lock.id());
    return ConditionProxy(
        create(wire::Operation::kConditionCreate, "condition", name, options, *contents), lock);
  }

  // Python: manager.Event().
  EventProxy event(EventOptions options = {}) const { return event(std::string_view(), options); }
  EventProxy event(std::string_view name, EventOptions options = {}) const {
    wire::Scratch contents;
    contents->boolean(3, options.set);
    return EventProxy(create(wire::Operation::kEventCreate, "event", name,
                             {options.create, options.life}, *contents));
  }

  // For so many parties. The action is run by one of them each time all have come; see
  // BarrierProxy. Python: manager.Barrier(parties, action, timeout).
  // Errors: ValueError for 0 parties.
  BarrierProxy barrier(std::uint64_t parties, std::function<void()> action = {},
                       BarrierOptions options = {}) const {
    return barrier(std::string_view(), parties, std::move(action), options);
  }
  BarrierProxy barrier(std::string_view name, std::uint64_t parties,
                       std::function<void()> action = {}, BarrierOptions options = {}) const {
    wire::Scratch contents;
    contents->uint(3, parties);
    if (const internal::Timeout timeout = options.timeout.nanoseconds())
      contents->duration(4, *timeout);
    return BarrierProxy(create(wire::Operation::kBarrierCreate, "barrier", name,
                               {options.create, options.life}, *contents),
                        std::move(action));
  }

  // With this count; one of this name that exists keeps its own. With 0 there is nothing to wait
  // for until try_set_count(). Python has none.
  CountDownLatchProxy count_down_latch(std::uint64_t count) const {
    return count_down_latch(std::string_view(), count);
  }
  CountDownLatchProxy count_down_latch(std::string_view name, std::uint64_t count,
                                       CreateOptions options = {}) const {
    wire::Scratch contents;
    contents->uint(3, count);
    return CountDownLatchProxy(
        create(wire::Operation::kCountDownLatchCreate, "latch", name, options, *contents));
  }

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
  using Object = std::shared_ptr<const internal::RemoteObject>;

  explicit ObjectFactory(std::shared_ptr<internal::ManagerState> state);
  ~ObjectFactory();
  ObjectFactory(ObjectFactory&&) noexcept;
  ObjectFactory& operator=(ObjectFactory&&) noexcept;

  std::shared_ptr<internal::ManagerState> state_;

 private:
  static constexpr std::uint32_t kCustomArguments = 4;
  static constexpr std::uint32_t kContents = 3;  // first contents, in a container's request
  template <class T>
  static constexpr char kTypecode = typecode_of<T>();

  // `contents`: further fields of the request.
  Object create(wire::Operation operation, std::string_view kind, std::string_view name,
                const CreateOptions& options, const wire::Message& contents = {},
                const internal::CallOptions& call = {}) const;
  Object create_custom(std::string_view type, const Named& name,
                       const wire::Message& arguments) const;
  Object find_custom(std::string_view name) const;
  SemaphoreProxy make_semaphore(std::string_view name, const SemaphoreOptions& options,
                                bool bounded) const;
  Object make_queue(std::string_view name, const QueueOptions& options) const;

  template <class T, class Values>
  Object create_with(wire::Operation operation, std::string_view kind, Values&& values) const {
    wire::Scratch contents;
    for (auto&& value : values) contents->value(kContents, internal::as_item<T>(value));
    return create(operation, kind, {}, {}, *contents);
  }
};

}  // namespace mp
