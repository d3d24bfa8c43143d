#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "mp/any.h"
#include "mp/codec.h"
#include "mp/proxy/barrier.h"
#include "mp/proxy/condition.h"
#include "mp/proxy/count_down_latch.h"
#include "mp/proxy/dict.h"
#include "mp/proxy/event.h"
#include "mp/proxy/list.h"
#include "mp/proxy/lock.h"
#include "mp/proxy/namespace.h"
#include "mp/proxy/queue.h"
#include "mp/proxy/rlock.h"
#include "mp/proxy/semaphore.h"
#include "mp/proxy/set.h"
#include "mp/proxy/shared_array.h"
#include "mp/proxy/shared_value.h"
#include "mp/typecode.h"

namespace mp {

namespace internal {

// What a batch has gathered; the library's.
class BatchRecord {
 public:
  virtual ~BatchRecord() = default;
  // A stand-in for the object: what is started on it becomes an operation of the batch.
  virtual std::shared_ptr<const RemoteObject> recorder(const Proxy& proxy) = 0;
  // The operation, which only reads, must have this reply: the bytes of its message.
  virtual void require(const Proxy& proxy, wire::Operation operation, const wire::Message& request,
                       const wire::Message& reply) = 0;
  virtual bool commit() = 0;
};

}  // namespace internal

// Operations on several objects of one manager that happen together or not at all, in one round
// trip: if every condition holds, then all operations, in their order.
//
// Source: etcd's transactions; Python's managers have none. An operation that fails undoes those
// before it. Nothing in a batch waits: what would have to (an empty queue, a lock that is held)
// fails with WouldBlock, whatever its timeout; and what outside of one is an expected outcome, such
// as the get() of an absent key, fails the batch as KeyError does. Objects are not created or
// deleted in a batch.
//
// Atomic: others see all of it or nothing. Exactly-once, as every mutation. Thread-safety: one
// thread at a time. After fork: a batch that was begun before is the parent's.
//
//   mp::Batch transfer = manager.batch();
//   transfer.if_equal(accounts, "alice", 100);
//   mp::Future<int> left = transfer.on(accounts).add("alice", -30);
//   transfer.on(accounts).add("bob", 30);
//   transfer.on(journal).append("alice gives bob 30");
//   if (transfer.commit()) std::cout << left.get();
class Batch {
 public:
  // From Manager::batch().
  explicit Batch(std::shared_ptr<internal::BatchRecord> record) : record_(std::move(record)) {}

  // The methods of these are the next operations of the batch. Their futures have the results once
  // it is committed, and until then throw ValueError.
  // Errors: ValueError for a proxy of another manager.
  template <class K, class V>
  AsyncDict<K, V> on(const DictProxy<K, V>& dict) {
    return AsyncDict<K, V>(recording(dict));
  }
  template <class V>
  AsyncList<V> on(const ListProxy<V>& list) {
    return AsyncList<V>(recording(list));
  }
  template <class V>
  AsyncQueue<V> on(const QueueProxy<V>& queue) {
    return AsyncQueue<V>(recording(queue));
  }
  template <class T>
  AsyncSet<T> on(const SetProxy<T>& set) {
    return AsyncSet<T>(recording(set));
  }
  AsyncNamespace on(const NamespaceProxy& space) { return AsyncNamespace(recording(space)); }
  template <class T>
  AsyncValue<T> on(const ValueProxy<T>& value) {
    return AsyncValue<T>(recording(value));
  }
  template <class T>
  AsyncArray<T> on(const ArrayProxy<T>& array) {
    return AsyncArray<T>(recording(array));
  }
  // Of a read-write lock: on(lock.read_lock()), on(lock.write_lock()).
  AsyncLock on(const OwnedLockProxy& lock) { return lock.async(recording(lock)); }
  AsyncSemaphore on(const SemaphoreProxy& semaphore) {
    return semaphore.async(recording(semaphore));
  }
  // Of the lock: on(condition.get_lock()).
  AsyncCondition on(const ConditionProxy& condition) {
    return condition.async(recording(condition));
  }
  AsyncEvent on(const EventProxy& event) { return AsyncEvent(recording(event)); }
  AsyncBarrier on(const BarrierProxy& barrier) { return AsyncBarrier(recording(barrier)); }
  AsyncCountDownLatch on(const CountDownLatchProxy& latch) {
    return AsyncCountDownLatch(recording(latch));
  }

  // Conditions on what is there before the first operation. Values are equal if they are of one
  // type and equal; 1 and 1.0 are not.
  template <class K, class V>
  Batch& if_equal(const DictProxy<K, V>& dict, const std::type_identity_t<K>& key,
                  const std::type_identity_t<V>& value) {
    wire::Scratch request;
    request->value(kKeyOrIndex, key);
    return require_value(dict, wire::Operation::kDictGet, *request, value);
  }
  template <class K, class V>
  Batch& if_contains(const DictProxy<K, V>& dict, const std::type_identity_t<K>& key) {
    return require_contains(dict, wire::Operation::kDictContains, key, true);
  }
  template <class K, class V>
  Batch& if_absent(const DictProxy<K, V>& dict, const std::type_identity_t<K>& key) {
    return require_contains(dict, wire::Operation::kDictContains, key, false);
  }
  template <class K, class V>
  Batch& if_size(const DictProxy<K, V>& dict, std::size_t size) {
    return require_size(dict, wire::Operation::kDictLength, size);
  }

  template <class V>
  Batch& if_equal(const ListProxy<V>& list, std::int64_t index,
                  const std::type_identity_t<V>& value) {
    wire::Scratch request;
    request->sint(kKeyOrIndex, index);
    return require_value(list, wire::Operation::kListGet, *request, value);
  }
  template <class V>
  Batch& if_size(const ListProxy<V>& list, std::size_t size) {
    return require_size(list, wire::Operation::kListLength, size);
  }

  template <class T>
  Batch& if_contains(const SetProxy<T>& set, const std::type_identity_t<T>& item) {
    return require_contains(set, wire::Operation::kSetContains, item, true);
  }
  template <class T>
  Batch& if_absent(const SetProxy<T>& set, const std::type_identity_t<T>& item) {
    return require_contains(set, wire::Operation::kSetContains, item, false);
  }
  template <class T>
  Batch& if_size(const SetProxy<T>& set, std::size_t size) {
    return require_size(set, wire::Operation::kSetLength, size);
  }

  Batch& if_equal(const NamespaceProxy& space, std::string_view attribute, const Any& value) {
    wire::Scratch request;
    request->str(kKeyOrIndex, attribute);
    return require_value(space, wire::Operation::kNamespaceGet, *request, value);
  }
  template <Codable V>
  Batch& if_equal(const NamespaceProxy& space, std::string_view attribute, const V& value) {
    wire::Scratch request;
    request->str(kKeyOrIndex, attribute);
    return require_value(space, wire::Operation::kNamespaceGet, *request, value);
  }
  Batch& if_contains(const NamespaceProxy& space, std::string_view attribute) {
    return require_attribute(space, attribute, true);
  }
  Batch& if_absent(const NamespaceProxy& space, std::string_view attribute) {
    return require_attribute(space, attribute, false);
  }

  template <class T>
  Batch& if_equal(const ValueProxy<T>& value, std::type_identity_t<T> number) {
    constexpr char kTypecode = typecode_of<T>();
    wire::Scratch request;
    wire::Scratch reply;
    internal::write_number(*reply, 1, number);
    reply->str(2, std::string_view(&kTypecode, 1));
    record_->require(value, wire::Operation::kSharedValueGet, *request, *reply);
    return *this;
  }
  template <class T>
  Batch& if_equal(const ArrayProxy<T>& array, std::int64_t index, std::type_identity_t<T> number) {
    wire::Scratch request;
    wire::Scratch reply;
    request->sint(kKeyOrIndex, index);
    internal::write_number(*reply, 1, number);
    record_->require(array, wire::Operation::kSharedArrayGet, *request, *reply);
    return *this;
  }

  // Runs it, once. False if a condition does not hold; then nothing has changed, and the futures
  // throw ConditionFailed.
  //
  // Blocks: for one round trip.
  // Errors: the first failing operation's, and nothing has changed: KeyError, IndexError,
  // WouldBlock, StaleTokenError …; OutcomeUnknown. The futures throw the same. ValueError if it
  // was committed before.
  bool commit() { return record_->commit(); }

 private:
  static constexpr std::uint32_t kKeyOrIndex = 3;

  Proxy recording(const Proxy& proxy) { return proxy.through(record_->recorder(proxy)); }

  template <class V>
  Batch& require_value(const Proxy& proxy, wire::Operation read, const wire::Message& request,
                       const V& value) {
    wire::Scratch reply;
    reply->value(1, value);
    record_->require(proxy, read, request, *reply);
    return *this;
  }
  template <class K>
  Batch& require_contains(const Proxy& proxy, wire::Operation read, const K& key, bool contains) {
    wire::Scratch request;
    request->value(kKeyOrIndex, key);
    return require_flag(proxy, read, *request, contains);
  }
  Batch& require_attribute(const Proxy& space, std::string_view attribute, bool contains) {
    wire::Scratch request;
    request->str(kKeyOrIndex, attribute);
    return require_flag(space, wire::Operation::kNamespaceContains, *request, contains);
  }
  Batch& require_flag(const Proxy& proxy, wire::Operation read, const wire::Message& request,
                      bool flag) {
    wire::Scratch reply;
    reply->boolean(1, flag);
    record_->require(proxy, read, request, *reply);
    return *this;
  }
  Batch& require_size(const Proxy& proxy, wire::Operation read, std::size_t size) {
    wire::Scratch request;
    wire::Scratch reply;
    reply->uint(1, size);
    record_->require(proxy, read, *request, *reply);
    return *this;
  }

  std::shared_ptr<internal::BatchRecord> record_;
};

}  // namespace mp
