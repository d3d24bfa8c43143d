#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include "mp/any.h"
#include "mp/comparison.h"
#include "mp/dict.h"
#include "mp/exchange.h"
#include "mp/proxy/methods/call.h"
#include "mp/proxy/proxy.h"

namespace mp::internal {

template <class K, class V>
Dict<K, V> decode_dict(const Reply& reply) {
  Dict<K, V> dict;
  for_each_entry<K, V>(
      reply, [&](K key, V value) { dict.insert_or_assign(std::move(key), std::move(value)); });
  return dict;
}

// The methods of a DictProxy (which has their common rules) and of its async() view, whose results
// are futures.
template <class K, class V, class Call>
class DictMethods : public Methods<Call> {
 protected:
  using Base = Methods<Call>;
  using Base::ask, Base::call, Base::tolerating;
  using typename Base::Operation;
  template <class T>
  using Result = typename Base::template Result<T>;

  // Fields of the requests.
  static constexpr std::uint32_t kKey = 3;
  static constexpr std::uint32_t kValue = 4;
  static constexpr std::uint32_t kDesired = 5;
  static constexpr std::uint32_t kCondition = 4;
  static constexpr std::uint32_t kReplacement = 5;
  static constexpr std::uint32_t kEntries = 3;

 public:
  using key_type = K;
  using mapped_type = V;

  using Base::Base;

  // The value of a key. Python: d[key].
  // Errors: KeyError if absent.
  Result<V> at(const K& key) const {
    wire::Scratch request;
    request->value(kKey, key);
    return call(Operation::kDictGet, request, decode_value<V>);
  }

  // nullopt if absent. Python: d.get(key).
  Result<std::optional<V>> get(const K& key) const {
    wire::Scratch request;
    request->value(kKey, key);
    return call(Operation::kDictGet, request, tolerating(ErrorCode::kKeyError),
                decode_optional_value<V>);
  }

  // `otherwise` if absent. Python: d.get(key, otherwise).
  Result<V> get(const K& key, V otherwise) const {
    wire::Scratch request;
    request->value(kKey, key);
    return call(Operation::kDictGet, request, tolerating(ErrorCode::kKeyError),
                [otherwise = std::move(otherwise)](const Reply& reply) {
                  return reply.ok() ? decode_value<V>(reply) : otherwise;
                });
  }

  // Python: d[key] = value.
  // Errors: TypeError for a key that cannot be hashed, ValueError for NaN as a key.
  Result<void> set(const K& key, const V& value) const {
    wire::Scratch request;
    request->value(kKey, key);
    request->value(kValue, value);
    return call(Operation::kDictSet, request, decode_nothing);
  }

  // False if it was absent. Python: del d[key].
  Result<bool> erase(const K& key) const {
    wire::Scratch request;
    request->value(kKey, key);
    return call(Operation::kDictDelete, request, tolerating(ErrorCode::kKeyError), decode_success);
  }

  // Python: key in d.
  Result<bool> contains(const K& key) const {
    wire::Scratch request;
    request->value(kKey, key);
    return call(Operation::kDictContains, request, decode_flag);
  }

  // Python: len(d).
  Result<std::size_t> size() const { return ask(Operation::kDictLength, decode_count); }
  Result<bool> empty() const {
    return ask(Operation::kDictLength, [](const Reply& reply) { return decode_count(reply) == 0; });
  }

  Result<void> clear() const { return ask(Operation::kDictClear, decode_nothing); }

  // Everything at one moment, in order of insertion, in one round trip. Python: list(d.items()),
  // ...
  Result<std::vector<std::pair<K, V>>> items() const {
    return ask(Operation::kDictItems, [](const Reply& reply) {
      std::vector<std::pair<K, V>> items;
      for_each_entry<K, V>(
          reply, [&](K key, V value) { items.emplace_back(std::move(key), std::move(value)); });
      return items;
    });
  }
  Result<std::vector<K>> keys() const { return ask(Operation::kDictKeys, decode_values<K>); }
  Result<std::vector<V>> values() const { return ask(Operation::kDictValues, decode_values<V>); }
  Result<Dict<K, V>> copy() const { return ask(Operation::kDictItems, decode_dict<K, V>); }

  // Removes a key and gives its value.
  // Errors: KeyError if absent.
  Result<V> pop(const K& key) const {
    wire::Scratch request;
    request->value(kKey, key);
    return call(Operation::kDictPop, request, decode_value<V>);
  }

  // `otherwise` if absent.
  Result<V> pop(const K& key, const V& otherwise) const {
    wire::Scratch request;
    request->value(kKey, key);
    request->value(kValue, otherwise);
    return call(Operation::kDictPop, request, decode_value<V>);
  }

  // Removes and gives the entry that was inserted last.
  // Errors: KeyError if empty.
  Result<std::pair<K, V>> popitem() const {
    return ask(Operation::kDictPopItem, [](const Reply& reply) {
      return std::pair<K, V>(reply.value<K>(1), reply.value<V>(2));
    });
  }

  // The value of a key, which is set to `value` first if it is absent.
  Result<V> setdefault(const K& key, const V& value = V()) const {
    wire::Scratch request;
    request->value(kKey, key);
    request->value(kValue, value);
    return call(Operation::kDictSetDefault, request, decode_value<V>);
  }

  // Sets all entries of a range of pairs: a map, a Dict, another proxy. All or none, in one round
  // trip.
  template <std::ranges::input_range Entries>
  Result<void> update(Entries&& entries) const {
    wire::Scratch request;
    for (const auto& [key, value] : entries) {
      request->entry(kEntries, as_item<K>(key), as_item<V>(value));
    }
    return call(Operation::kDictUpdate, request, decode_nothing);
  }
  Result<void> update(std::initializer_list<std::pair<K, V>> entries) const {
    return update<std::initializer_list<std::pair<K, V>>&>(entries);
  }

  // d[key] += operand, from zero if the key is absent; gives the sum. Strings and lists are
  // appended to. Errors: TypeError for what cannot be added.
  template <Codable Operand>
  Result<V> add(const K& key, const Operand& operand) const {
    wire::Scratch request;
    request->value(kKey, key);
    request->value(kValue, operand);
    return call(Operation::kDictAdd, request, decode_value<V>);
  }

  // Sets d[key] to `desired` if it is `expected`. nullopt for `expected` means "absent", for
  // `desired` "remove it".
  //
  //   if (!owners.compare_exchange("task 7", std::nullopt, my_name)) skip();
  Result<Exchange<V>> compare_exchange(const K& key, const std::optional<V>& expected,
                                       const std::optional<V>& desired) const {
    wire::Scratch request;
    request->value(kKey, key);
    if (expected) request->value(kValue, *expected);
    if (desired) request->value(kDesired, *desired);
    return call(Operation::kDictCompareExchange, request, decode_exchange<V>);
  }

  // Sets d[key] to `value` if what is there meets the condition; an absent key meets mp::absent
  // only. Errors: TypeError if the two have no order.
  //
  //   best.update_if("alice", mp::less_than(score), score);
  Result<Exchange<V>> update_if(const K& key, const Comparison& condition, const V& value) const {
    wire::Scratch request;
    request->value(kKey, key);
    write_condition(*request, kCondition, condition);
    request->value(kReplacement, value);
    return call(Operation::kDictUpdateIf, request, decode_exchange<V>);
  }

  // The entries of these keys at one moment, in the order asked for, without those of absent keys.
  // Python: {key: d[key] for key in keys if key in d}, in one round trip.
  //
  //   for (const auto& [name, score] : scores.get_many({"alice", "bob"})) ...
  template <std::ranges::input_range Keys = std::initializer_list<K>>
  Result<Dict<K, V>> get_many(Keys&& keys) const {
    return with_keys(Operation::kDictGetMany, keys, decode_dict<K, V>);
  }

  // Removes those of these keys that are there; gives their number.
  template <std::ranges::input_range Keys = std::initializer_list<K>>
  Result<std::size_t> erase_many(Keys&& keys) const {
    return with_keys(Operation::kDictDeleteMany, keys, decode_count);
  }

 protected:
 private:
  template <class Keys, class Decode>
  auto with_keys(Operation operation, Keys& keys, Decode&& decode) const {
    wire::Scratch request;
    for (const auto& key : keys) request->value(kKey, as_item<K>(key));
    return call(operation, request, std::forward<Decode>(decode));
  }
};

}  // namespace mp::internal
